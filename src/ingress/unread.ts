/**
 * Answers a request whose body may still be on its way.
 *
 * A connection that is closed with bytes unread is reset, and a reset can overtake the answer. So
 * what follows the answer is read and forgotten, up to a limit; only then, or when the sender is
 * through, is the connection closed or used again.
 */
import type { Answer } from './http/answer.ts'
import { type BodySink, discarding, type HttpRequest } from './http/request.ts'

/** What a sender may have on its way before it reads an answer. */
const FORGOTTEN_BYTES = 2 ** 20

export function answerUnread(request: HttpRequest, answer: Answer): void {
  const { isComplete, awaitsContinue, head } = request
  // Of a body in chunks nobody knows how much is to come.
  const isShort = head.length !== null && head.length <= FORGOTTEN_BYTES
  if (awaitsContinue) {
    request.keepsAlive = false
    request.answer(answer)
    request.abandon()
  } else if (isComplete || isShort) {
    request.giveBodyTo(discarding)
    request.answer(answer)
  } else {
    request.keepsAlive = false
    request.giveBodyTo(new Forgetting(request))
    request.answer(answer)
  }
}

/** Waits no longer for the end of a body that has gone on for too long. */
class Forgetting implements BodySink {
  readonly #request: HttpRequest
  #left = FORGOTTEN_BYTES

  constructor(request: HttpRequest) {
    this.#request = request
  }

  take(piece: Buffer): void {
    this.#left -= piece.length
    if (this.#left < 0) this.#request.abandon()
  }

  end(): void {}

  gone(): void {}
}
