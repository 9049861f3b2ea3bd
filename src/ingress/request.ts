/**
 * A request whose body goes straight to who wants it.
 *
 * Node's parser hands a body over with `push`. Taking it there spares the buffering and the events
 * of a stream, which cost a fifth of a whole small request. Where nobody takes it, it is a stream
 * like any other, and Node discards what is left of it after the answer.
 */
import { IncomingMessage } from 'node:http'

/**
 * Takes a body in the order it comes. One of `end` and `gone` is called, once, after the last
 * piece.
 */
export interface BodySink {
  take(piece: Buffer): void
  end(): void
  /** The connection is closed and the body is not complete. */
  gone(): void
}

export class IngressRequest extends IncomingMessage {
  /** To be set before the handler of the request returns: the body comes after that. */
  sink: BodySink | null = null
  /**
   * True while the sender waits to be told whether it should send the body (Expect: 100-continue).
   */
  awaitsContinue = false

  override push(piece: Buffer | null): boolean {
    const { sink } = this
    if (sink === null) return super.push(piece)
    if (piece !== null) {
      sink.take(piece)
      return true
    }
    this.sink = null
    sink.end()
    return super.push(null)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const { sink } = this
    this.sink = null
    sink?.gone()
    super._destroy(error, done)
  }
}
