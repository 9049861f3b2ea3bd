/** A request as the door sees it: its head, whoever takes its body, and one answer. */
import type { Socket } from 'node:net'
import type { Answer } from './answer.ts'
import type { Head } from './head.ts'

/** Takes a body in the order it comes. After the last piece `end` or `gone` is called, once. */
export interface BodySink {
  take(piece: Buffer): void
  end(): void
  /** The connection is closed and the body is not complete. */
  gone(): void
}

export const discarding: BodySink = {
  take: () => undefined,
  end: () => undefined,
  gone: () => undefined,
}

export interface HttpRequest {
  readonly head: Head
  readonly socket: Socket
  /** True while the sender waits to be told whether to send the body. */
  readonly awaitsContinue: boolean
  /** True once the body has come. */
  readonly isComplete: boolean
  /** The body, where it came with the head; then it goes nowhere else. Only while it is served. */
  readonly whole: Buffer | null
  /** False where the connection ends with the answer, or with the body if that takes longer. */
  keepsAlive: boolean
  /**
   * To be called before the handler of the request returns: the body comes after that, and goes
   * nowhere where nobody wants it. Called again while it comes, the rest goes to the other one.
   */
  giveBodyTo(sink: BodySink): void
  /** Has the sender send its body. */
  sendContinue(): void
  /** To be called once. It goes out when every request before has been answered. */
  answer(answer: Answer): void
  /** Ends the connection with the answer, whatever of the body has not come. */
  abandon(): void
}
