/** A request of a connection until it is answered, and its place among the others. */
import type { Socket } from 'node:net'
import type { Answer, AnswerTexts } from './answer.ts'
import type { Head } from './head.ts'
import { type BodySink, discarding, type HttpRequest } from './request.ts'

/** What a turn needs of its connection. */
export interface TurnPlace {
  readonly socket: Socket
  readonly texts: AnswerTexts
  /** Sends what is due. */
  flush(): void
}

export class Turn implements HttpRequest {
  readonly head: Head
  keepsAlive: boolean
  awaitsContinue: boolean
  isComplete = false
  whole: Buffer | null = null
  sink: BodySink = discarding
  /** True where the sender is to be told to send its body. */
  owesContinue = false
  /** The bytes of the answer; null until it is there. */
  text: string | null = null
  isSent = false
  /** True where the rest of its body is not waited for. */
  isAbandoned = false
  next: Turn | null = null
  readonly #place: TurnPlace

  constructor(head: Head, place: TurnPlace) {
    this.head = head
    this.keepsAlive = head.keepsAlive
    this.awaitsContinue = head.awaitsContinue
    this.#place = place
  }

  get socket(): Socket {
    return this.#place.socket
  }

  giveBodyTo(sink: BodySink): void {
    this.sink = sink
  }

  sendContinue(): void {
    this.awaitsContinue = false
    this.owesContinue = true
    this.#place.flush()
  }

  answer(answer: Answer): void {
    const { isOld, method } = this.head
    const kept = isOld ? 'keep-alive' : ''
    const connection = this.keepsAlive ? kept : 'close'
    this.text = this.#place.texts.textOf(answer, { isBodyless: method === 'HEAD', connection })
    this.#place.flush()
  }

  abandon(): void {
    this.keepsAlive = false
    this.isAbandoned = true
    this.#place.flush()
  }
}
