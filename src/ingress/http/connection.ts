/**
 * A connection that speaks HTTP/1.1, or 1.0: requests come one after the other, and answers go out
 * in their order (RFC 9112, section 9).
 *
 * Guarantee: what is not plainly HTTP closes the connection without another answer, because nobody
 * knows where the next request would begin. Nothing more is read while the sender does not take its
 * answers, so that what is held is bounded by a head, a read, and the answers to both.
 *
 * A request that lies in one read is not copied: its body is a part of what was read.
 */
import type { Socket } from 'node:net'
import type { Clock } from '../../core/clock.ts'
import { type AnswerTexts, continueText } from './answer.ts'
import { Chunks } from './chunks.ts'
import { mayBecomeHead, readHead } from './head.ts'
import { Malformed } from './malformed.ts'
import type { HttpRequest } from './request.ts'
import { Turn, type TurnPlace } from './turn.ts'

export interface HttpLimits {
  readonly headerBytes: number
  readonly headerCount: number
  readonly headersMs: number
  readonly requestMs: number
  /** Requests that may wait for their answers. */
  readonly pipelined: number
}

export type ClosedFor = 'malformed' | 'timeout' | 'pipelined'

/** What all connections of a listener share. */
export interface HttpDeps {
  readonly clock: Clock
  readonly limits: HttpLimits
  readonly texts: AnswerTexts
  /** Called once a head is complete. */
  serve(request: HttpRequest): void
  /** A connection is closed without an answer. */
  closed(reason: ClosedFor): void
}

/** What a sender whose connection is ended may take to end it too, and send meanwhile. */
const ENDING_MS = 5000
const FORGOTTEN_BYTES = 2 ** 20

const CR = 0x0d
const LF = 0x0a
const headEnd = Buffer.from('\r\n\r\n')

export class Connection implements TurnPlace {
  readonly socket: Socket
  readonly texts: AnswerTexts
  readonly #deps: HttpDeps
  /** What was read and does not make a head yet, or waits until answers are taken. */
  #held: Buffer | null = null
  /** The request whose body is on its way: how much of it is left, or its chunks. */
  #coming: Turn | null = null
  #left = 0
  #chunks: Chunks | null = null
  /** Bytes of a head that is not complete that were looked at. */
  #seen = 0
  /** Requests that wait for their turn to be answered, the first of them first. */
  #first: Turn | null = null
  #last: Turn | null = null
  #waiting = 0
  /** When what is incomplete began, or when it was ended; null where nothing is awaited. */
  #since: number | null
  #isBlankSkipped = false
  /** False once no further request is wanted. */
  #isReading = true
  #isEnded = false
  #forgotten = 0

  constructor(socket: Socket, deps: HttpDeps) {
    this.socket = socket
    this.texts = deps.texts
    this.#deps = deps
    this.#since = deps.clock.elapsed()
    socket.on('data', (piece: Buffer) => this.#receive(piece))
    socket.on('end', () => this.#receiveEnd())
    socket.on('drain', () => this.#resume())
    socket.on('close', () => this.#coming?.sink.gone())
  }

  /** True where neither a request nor an answer is on its way. */
  get isIdle(): boolean {
    if (this.#isEnded) return true
    return this.#first === null && this.#coming === null && this.#held === null
  }

  /** Closes it where a head, a body or its end takes too long. */
  closeLate(now: number): void {
    if (this.#since === null) return
    const { headersMs, requestMs } = this.#deps.limits
    const isLate = (ms: number) => now - (this.#since ?? now) > ms
    if (this.#isEnded) {
      if (isLate(ENDING_MS)) this.socket.destroy()
    } else if (isLate(this.#coming === null ? headersMs : requestMs)) this.#abort('timeout')
  }

  flush(): void {
    const { socket } = this
    for (let turn = this.#first; turn !== null; turn = this.#first) {
      if (this.#isEnded || socket.destroyed) return
      if (turn.owesContinue) socket.write(continueText, 'latin1')
      turn.owesContinue = false
      if (turn.text === null) return
      if (!turn.isSent) socket.write(turn.text)
      turn.isSent = true
      if (!turn.keepsAlive) {
        this.#isReading = false
        if (turn.isComplete || turn.isAbandoned) this.#end()
        return
      }
      this.#first = turn.next
      this.#waiting--
    }
    this.#last = null
    if (!this.#isReading && !this.#isEnded) this.#end()
  }

  /** What is answered goes out; what still comes is forgotten until the sender ends it too. */
  #end(): void {
    this.#isEnded = true
    this.#since = this.#deps.clock.elapsed()
    this.socket.end()
    this.socket.resume()
  }

  #abort(reason: ClosedFor): void {
    this.#deps.closed(reason)
    this.socket.destroy()
  }

  #receive(piece: Buffer): void {
    const held = this.#held
    if (this.#isEnded) this.#forget(piece)
    else this.#read(held === null ? piece : Buffer.concat([held, piece]))
  }

  #forget(piece: Buffer): void {
    this.#forgotten += piece.length
    if (this.#forgotten > FORGOTTEN_BYTES) this.socket.destroy()
  }

  /** Half of the connection is closed: what was asked on it is answered (RFC 9112, 9.6). */
  #receiveEnd(): void {
    if (this.#isEnded) return
    if (this.#coming !== null || (this.#held !== null && this.#isReading)) {
      this.#abort('malformed')
      return
    }
    this.#isReading = false
    if (this.#first === null) this.#end()
  }

  #resume(): void {
    if (this.#isEnded) return
    const held = this.#held
    if (held !== null) this.#read(held)
    if (!this.socket.writableNeedDrain) this.socket.resume()
  }

  #read(bytes: Buffer): void {
    this.#held = null
    try {
      const at = this.#readAll(bytes)
      // A copy, so that a part of what was read does not keep all of it.
      if (at < bytes.length) this.#held = at === 0 ? bytes : Buffer.from(bytes.subarray(at))
    } catch (error) {
      if (!(error instanceof Malformed)) throw error
      this.#abort('malformed')
      return
    }
    if (this.socket.writableNeedDrain) return
    if (this.#coming !== null || this.#held !== null) this.#since ??= this.#deps.clock.elapsed()
  }

  /** How many of the bytes are read; the others come again with those that follow them. */
  #readAll(bytes: Buffer): number {
    const { socket } = this
    for (let at = 0; at < bytes.length; ) {
      if (socket.destroyed || this.#isEnded) return bytes.length
      const before = at
      if (this.#coming !== null) at = this.#readBody(this.#coming, bytes, at)
      else if (!this.#isReading) return bytes.length
      else if (socket.writableNeedDrain) {
        socket.pause()
        return at
      } else at = this.#readHead(bytes, at)
      if (at === before) return at
    }
    return bytes.length
  }

  #readHead(bytes: Buffer, start: number): number {
    if (bytes[start] === CR) return this.#skipBlank(bytes, start)
    const { headerBytes, headerCount, pipelined } = this.#deps.limits
    const seen = start === 0 ? this.#seen : start
    const end = bytes.indexOf(headEnd, Math.max(start, seen - headEnd.length)) + headEnd.length
    if (end < headEnd.length) {
      if (bytes.length - start > headerBytes) throw new Malformed()
      const isJudged = seen > start && bytes.indexOf(LF, seen) === -1
      if (!isJudged && !mayBecomeHead(bytes.toString('latin1', start))) throw new Malformed()
      this.#seen = bytes.length - start
      return start
    }
    this.#seen = 0
    if (end - start > headerBytes) throw new Malformed()
    if (++this.#waiting > pipelined) {
      this.#abort('pipelined')
      return end
    }
    const head = readHead(bytes.toString('latin1', start, end), headerCount)
    const turn = new Turn(head, this)
    this.#enqueue(turn)
    if (head.length === null || end + head.length > bytes.length) {
      this.#await(turn)
      return end
    }
    this.#serveWhole(turn, bytes.subarray(end, end + head.length))
    return end + head.length
  }

  /** One empty line before a request is a habit of old senders (RFC 9112, 2.2). */
  #skipBlank(bytes: Buffer, start: number): number {
    const next = bytes[start + 1]
    if (next === undefined) return start
    if (next !== LF || this.#isBlankSkipped) throw new Malformed()
    this.#isBlankSkipped = true
    return start + 2
  }

  #enqueue(turn: Turn): void {
    if (this.#first === null) this.#first = turn
    else if (this.#last !== null) this.#last.next = turn
    this.#last = turn
    this.#isBlankSkipped = false
    if (!turn.keepsAlive) this.#isReading = false
  }

  #serveWhole(turn: Turn, body: Buffer): void {
    this.#since = null
    turn.isComplete = true
    turn.whole = body
    turn.awaitsContinue = false
    this.#deps.serve(turn)
    // It waits for its answer, and its body need not.
    turn.whole = null
  }

  #await(turn: Turn): void {
    const { length } = turn.head
    this.#coming = turn
    this.#left = length ?? 0
    this.#chunks =
      length === null ? new Chunks(this.#deps.limits, (piece) => turn.sink.take(piece)) : null
    this.#deps.serve(turn)
  }

  #readBody(turn: Turn, bytes: Buffer, start: number): number {
    if (this.#chunks !== null) {
      const at = this.#chunks.read(bytes, start)
      if (this.#chunks.isDone) this.#complete(turn)
      return at
    }
    const end = Math.min(start + this.#left, bytes.length)
    this.#left -= end - start
    turn.sink.take(bytes.subarray(start, end))
    if (this.#left === 0) this.#complete(turn)
    return end
  }

  #complete(turn: Turn): void {
    this.#coming = null
    this.#chunks = null
    this.#since = null
    turn.isComplete = true
    turn.sink.end()
    this.flush()
  }
}
