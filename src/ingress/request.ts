/**
 * A request whose body goes straight to who wants it.
 *
 * Node's parser hands a body over with `push`. Taking it there spares the buffering, the ticks and
 * the events of a stream, which cost a fifth of a whole small request; such a request never ends as
 * a stream. Where nobody takes it, it is a stream like any other, and Node discards what is left of
 * it after the answer.
 */
import { IncomingMessage } from 'node:http'

/** Takes a body in the order it comes. After the last piece `end` or `gone` is called, once. */
export interface BodySink {
  take(piece: Buffer): void
  end(): void
  /** The connection is closed and the body is not complete. */
  gone(): void
}

export class IngressRequest extends IncomingMessage {
  /** True while the sender waits to be told whether to send the body (Expect: 100-continue). */
  awaitsContinue = false
  #sink: BodySink | null = null

  /**
   * To be called before the handler of the request returns: the body comes after that. Called again
   * while it comes, the rest goes to the other one.
   */
  giveBodyTo(sink: BodySink): void {
    this.#sink = sink
    // Nothing is there to be read: it tells Node that the body is taken care of.
    this.read(0)
  }

  override push(piece: Buffer | null): boolean {
    const sink = this.#sink
    if (sink === null) return super.push(piece)
    if (piece === null) {
      this.#sink = discarding
      sink.end()
    } else sink.take(piece)
    return true
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const sink = this.#sink
    this.#sink = null
    sink?.gone()
    super._destroy(error, done)
  }
}

export const discarding: BodySink = {
  take: () => undefined,
  end: () => undefined,
  gone: () => undefined,
}
