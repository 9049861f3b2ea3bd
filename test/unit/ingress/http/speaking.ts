/** A connection without a network: bytes in, cut as one likes; requests and answers out. */
import type { Socket } from 'node:net'
import { type Duplex, duplexPair } from 'node:stream'
import type { Clock } from '../../../../src/core/clock.ts'
import { type Answer, AnswerTexts } from '../../../../src/ingress/http/answer.ts'
import { Connection, type HttpLimits } from '../../../../src/ingress/http/connection.ts'
import type { HttpRequest } from '../../../../src/ingress/http/request.ts'
import { movableClock } from '../../../support/clock.ts'

/** A request whose body has come. */
export interface Heard {
  readonly method: string
  readonly target: string
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
}

export const limits: HttpLimits = {
  headerBytes: 2048,
  headerCount: 20,
  headersMs: 1000,
  requestMs: 5000,
  pipelined: 10,
}

export const ok: Answer = { status: 200, headers: ['Content-Length', '2'], body: 'ok' }

/** What a sender has before it, and what becomes of what it sends. */
export interface Speaking {
  readonly sender: Duplex
  readonly connection: Connection
  readonly heard: Heard[]
  /** Why connections were closed without an answer. */
  readonly closed: string[]
  /** All that was answered. */
  answers(): string
}

export interface SpeakingChange {
  /** Answers once the body is there, unless it does otherwise. */
  readonly serve?: (request: HttpRequest) => void
  readonly clock?: Clock
}

export function startSpeaking({ serve, clock = movableClock() }: SpeakingChange = {}): Speaking {
  const [sender, ours] = duplexPair()
  const heard: Heard[] = []
  const closed: string[] = []
  let answers = ''
  sender.setEncoding('latin1')
  sender.on('data', (piece: string) => {
    answers += piece
  })
  sender.on('error', () => undefined)
  ours.on('error', () => undefined)
  const connection = new Connection(ours as Socket, {
    clock,
    limits,
    texts: new AnswerTexts(clock),
    serve: serve ?? ((request) => hear(request, (one) => void heard.push(one))),
    closed: (reason) => void closed.push(reason),
  })
  return { sender, connection, heard, closed, answers: () => answers }
}

function hear(request: HttpRequest, tell: (one: Heard) => void): void {
  const { method, target, headers } = request.head
  const pieces: Buffer[] = []
  const end = () => {
    const body = Buffer.concat(pieces).toString('latin1')
    tell({ method, target, headers: Object.fromEntries(headers.entries()), body })
    request.answer(ok)
  }
  if (request.whole === null)
    request.giveBodyTo({ take: (piece) => void pieces.push(piece), end, gone: () => undefined })
  else {
    pieces.push(request.whole)
    end()
  }
}

/** Writes the pieces one by one, each read by itself, and lets what follows settle. */
export async function send(to: Pick<Speaking, 'sender'>, pieces: readonly Uint8Array[]) {
  for (const piece of pieces) {
    if (to.sender.destroyed || !to.sender.writable) break
    to.sender.write(piece)
    await settled()
  }
  await settled()
}

export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
