/**
 * Answers a request whose body may still be on its way.
 *
 * A connection that is closed with bytes unread is reset, and a reset can overtake the answer. So
 * what follows the answer is read and forgotten, up to a limit; only then, or when the sender is
 * through, is the connection closed or used again.
 */
import type { ServerResponse } from 'node:http'
import { type Answer, send } from './answers.ts'
import { type BodySink, discarding, type IngressRequest } from './request.ts'

/** What a sender may have on its way before it reads an answer. */
const FORGOTTEN_BYTES = 2 ** 20

export function answerUnread(
  request: IngressRequest,
  response: ServerResponse,
  answer: Answer,
): void {
  const { 'content-length': length, 'transfer-encoding': coding } = request.headers
  // Of a body in chunks nobody knows how much is to come.
  const isShort = coding === undefined && Number(length ?? 0) <= FORGOTTEN_BYTES
  if (request.awaitsContinue) response.shouldKeepAlive = false
  if (request.complete || request.awaitsContinue || isShort) {
    request.giveBodyTo(discarding)
    send(response, answer)
    return
  }
  response.shouldKeepAlive = false
  response.writeHead(answer.status, answer.headers)
  response.write(answer.body)
  request.giveBodyTo(new Forgetting(response))
}

/** Ends the response once the body ends, or has gone on for too long. */
class Forgetting implements BodySink {
  readonly #response: ServerResponse
  #left = FORGOTTEN_BYTES

  constructor(response: ServerResponse) {
    this.#response = response
  }

  take(piece: Buffer): void {
    this.#left -= piece.length
    if (this.#left < 0) this.#response.end()
  }

  end(): void {
    this.#response.end()
  }

  gone(): void {
    this.#response.end()
  }
}
