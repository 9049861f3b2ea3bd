/**
 * One request, from its path to its answer: the order in which a sender meets the door.
 *
 *   path → method → proof → room → encoding → framing → urgency → seen-cache → journal → answer
 *
 * Guarantee: an outcome is answered only after everything it speaks of is durable (I1). Whatever
 * fails on the way is one refusal: counted, and a 4xx only where the sender is at fault. Before the
 * proof nothing is created but that count (I6).
 */
import type { Socket } from 'node:net'
import type { Clock } from '../core/clock.ts'
import { InletError } from '../core/errors.ts'
import type { Random } from '../core/random.ts'
import { histogramOf, type Measured, type Reading } from '../observe/metrics.ts'
import { healthy, unhealthy } from './answers.ts'
import { BodyMemory } from './body-memory.ts'
import { type BodyBounds, BodyReader, SenderGone } from './body-reader.ts'
import type { Guest, Peers } from './clients/peers.ts'
import { ComingBodies, type RateLimits } from './coming-bodies.ts'
import { decompress, isGzip } from './content-encoding.ts'
import type { Failures } from './failures.ts'
import type { HealthCheck } from './health-check.ts'
import type { Headers } from './http/field-lines.ts'
import type { Head } from './http/head.ts'
import type { HttpRequest } from './http/request.ts'
import type { Delivery, Intake, Receipt } from './intake.ts'
import { deferralReason } from './overload/deferral.ts'
import type { InFlight } from './overload/in-flight.ts'
import type { UnprovenPool } from './overload/unproven-pool.ts'
import { type Claim, judgeAll, type Proof, type Verdict } from './proofs/proof.ts'
import { type Protocol, plain } from './protocols/protocol.ts'
import { protocolOf } from './protocols/spoken.ts'
import { pathOf, type Route, type Source } from './sources.ts'
import type { Tally } from './tally.ts'
import type { TokenDesk } from './token-desk.ts'
import { answerUnread } from './unread.ts'

export interface ExchangeDeps {
  readonly intake: Intake
  readonly clock: Clock
  readonly random: Random
  readonly unproven: UnprovenPool
  readonly inFlight: InFlight
  readonly peers: Peers
  /** What is refused before a source is known. */
  readonly strangers: Tally
  readonly failures: Failures
  /** Told once for each connection on which somebody has proven who it is. */
  readonly proven: (socket: Socket) => void
  /** Null where there is no handshake to be made. */
  readonly health: HealthCheck | null
}

export interface ExchangeOptions {
  readonly routes: ReadonlyMap<string, Route>
  readonly healthPath: string
  readonly limits: RateLimits & {
    readonly retryAfterSeconds: number
  }
}

const notGzip = {
  reason: 'invalid_gzip',
  detail: 'the body is not gzip, as its Content-Encoding says',
}

export class Exchanges implements Measured {
  /** True to have every connection closed after its answer. */
  closing = false
  readonly #deps: ExchangeDeps
  readonly #options: ExchangeOptions
  readonly #answerSeconds = histogramOf('inlet_answer_seconds')
  readonly #coming: ComingBodies
  readonly #memory = new BodyMemory()

  constructor(deps: ExchangeDeps, options: ExchangeOptions) {
    this.#deps = deps
    this.#options = options
    this.#coming = new ComingBodies(options.limits)
  }

  /** To be called every second or so. */
  closeSlow(): void {
    const { clock, strangers } = this.#deps
    const closed = this.#coming.closeSlow(clock.elapsed())
    for (let n = 0; n < closed; n++) strangers.refuse('slow')
  }

  measure(reading: Reading): void {
    reading.histogram('inlet_answer_seconds', this.#answerSeconds, {})
  }

  /** Answers, unless the sender goes away. Never rejects. */
  async serve(request: HttpRequest): Promise<void> {
    const { headers, target } = request.head
    const path = pathOf(target)
    if (path === this.#options.healthPath) return this.#serveHealth(request)
    const { source, desk = null } = this.#options.routes.get(path) ?? {}
    if (source !== undefined && desk !== null) return this.#serveToken(request, source, desk)
    const { clock, peers } = this.#deps
    const began = clock.elapsed()
    const protocol = protocolOf(source?.speaks ?? 'plain', headers, clock)
    const guest = peers.enter(request.socket)
    let held = 0
    try {
      if (source === undefined) throw new InletError('INL_ING_PATH')
      const claim = this.#claimOf(headers, guest)
      judgeHead(source, claim, request.head)
      const { whole } = request
      const body = whole ?? (await this.#bodyOf(request, this.#boundsOf(source, request), began))
      prove(source, source.bodyProofs, { ...claim, body })
      if (!guest.isProven) this.#hasProven(guest)
      const delivery = deliveryOf(source, claim, body)
      const gzip = isGzip(headers.get('content-encoding'))
      held = source.admission.enter(gzip ? unpackedBytes(source, body) : body.length)
      const receipt = await (gzip
        ? this.#takeCompressed(protocol, delivery, source.bodyLimit)
        : protocol.take(this.#deps.intake, delivery))
      // All of it is in the journal. Where it is not, nobody can be sure who still reads the body.
      if (whole === null) this.#memory.giveBack(body)
      source.tally.acknowledge(receipt)
      if (this.closing || guest.isExpelled) request.keepsAlive = false
      request.answer(protocol.answerTo(receipt))
      this.#answerSeconds.observe((clock.elapsed() - began) / 1000)
    } catch (error) {
      if (guest.isExpelled) request.keepsAlive = false
      if (!(error instanceof SenderGone)) this.#refuse(request, { source, protocol, error })
    } finally {
      source?.admission.leave(held)
      peers.leave(guest)
    }
  }

  #hasProven(guest: Guest): void {
    guest.isProven = true
    this.#deps.proven(guest.socket)
  }

  /** A body that did not come with its head. */
  async #bodyOf(
    request: HttpRequest,
    bounds: Pick<BodyBounds, 'limit' | 'pool'>,
    since: number,
  ): Promise<Buffer> {
    const { length: announced } = request.head
    const reader = new BodyReader({ ...bounds, announced, memory: this.#memory })
    request.giveBodyTo(reader)
    if (request.awaitsContinue) request.sendContinue()
    this.#coming.add(reader, { socket: request.socket, since })
    try {
      return await reader.whole
    } finally {
      this.#coming.delete(reader)
    }
  }

  #boundsOf({ bodyLimit: limit, bodyProofs }: Source, { head }: HttpRequest) {
    const { unproven, inFlight } = this.#deps
    const pool = bodyProofs.length === 0 ? inFlight.roomFor(head.length ?? limit) : unproven
    return { limit, pool }
  }

  /** Gives a token to whoever proves to be the client of a source. */
  async #serveToken(request: HttpRequest, source: Source, desk: TokenDesk): Promise<void> {
    const { clock, peers, unproven: pool } = this.#deps
    const since = clock.elapsed()
    const guest = peers.enter(request.socket)
    const { bodyLimit: limit, challenges } = desk
    try {
      const { headers, method, length } = request.head
      if (method !== 'POST') throw new InletError('INL_ING_METHOD', { allowed: 'POST' })
      if (length !== null && length > limit) throw new InletError('INL_ING_BODY_SIZE', { limit })
      const claim = this.#claimOf(headers, guest)
      const { whole } = request
      const body = whole ?? (await this.#bodyOf(request, { limit, pool }, since))
      const issued = desk.judge({ ...claim, body })
      if (whole === null) this.#memory.giveBack(body)
      if (issued.verdict !== 'holds') throw refusalOf(issued.verdict, source)
      if (!guest.isProven) this.#hasProven(guest)
      if (this.closing || guest.isExpelled) request.keepsAlive = false
      request.answer(desk.answerWith(issued.token))
    } catch (error) {
      if (guest.isExpelled) request.keepsAlive = false
      if (!(error instanceof SenderGone))
        this.#refuse(request, { source, protocol: plain, challenges, error })
    } finally {
      peers.leave(guest)
    }
  }

  #claimOf(headers: Headers, guest: Guest): Claim {
    const { clock, peers } = this.#deps
    const at = clock.now()
    return { headers, peer: peers.peerOf(guest, headers, at), body: noBody, at }
  }

  async #takeCompressed(protocol: Protocol, delivery: Delivery, limit: number): Promise<Receipt> {
    const { intake } = this.#deps
    const body = await decompress(delivery.body, limit)
    return body === null
      ? intake.takeUnreadable(delivery, notGzip)
      : protocol.take(intake, { ...delivery, body })
  }

  async #serveHealth(request: HttpRequest): Promise<void> {
    const { health } = this.#deps
    const { method } = request.head
    if (method === 'GET' || method === 'HEAD') {
      const isWell = health === null || (await health.isWell())
      if (this.closing) request.keepsAlive = false
      request.answer(isWell ? healthy : unhealthy)
    } else {
      const error = new InletError('INL_ING_METHOD', { allowed: 'GET' })
      this.#refuse(request, { source: undefined, protocol: plain, error })
    }
  }

  #refuse(
    request: HttpRequest,
    refused: {
      readonly source: Source | undefined
      readonly protocol: Protocol
      readonly challenges?: readonly string[]
      readonly error: unknown
    },
  ): void {
    const { random, failures, strangers } = this.#deps
    const { source, protocol } = refused
    const error = failures.note(refused.error)
    const facts = {
      allow: source === undefined ? 'GET, HEAD' : 'POST',
      challenges: refused.challenges ?? source?.challenges ?? [],
      deferStatus: source?.deferStatus ?? 503,
      retryAfterSeconds: this.#options.limits.retryAfterSeconds,
    }
    const answer = protocol.refusal(error, facts, random)
    const tally = source?.tally ?? strangers
    tally.refuse(deferralReason(error) ?? proofReason(error) ?? String(answer.status))
    if (this.closing) request.keepsAlive = false
    answerUnread(request, answer)
  }
}

const noBody = Buffer.alloc(0)

/** Everything that the head decides; the body comes only to a sender that has passed it. */
function judgeHead(source: Source, claim: Claim, { method, length }: Head): void {
  const { bodyLimit: limit, headProofs } = source
  if (method !== 'POST') throw new InletError('INL_ING_METHOD', { allowed: 'POST' })
  prove(source, headProofs, claim)
  if (length !== null && length > limit) throw new InletError('INL_ING_BODY_SIZE', { limit })
}

function deliveryOf(source: Source, { headers, peer }: Claim, body: Buffer): Delivery {
  const stored = source.storedHeaders.textOf(headers)
  return { source, sender: source.senderOf(peer), headers: stored, body }
}

/** How much of memory a compressed body takes, as a multiple: events compress to about a tenth. */
const GZIP_ABOUT = 10

function unpackedBytes({ bodyLimit }: Source, body: Buffer): number {
  return Math.min(bodyLimit, GZIP_ABOUT * body.length)
}

/** What is wrong with a proof, for whoever operates this, and not for who sent it. */
const PROOF = 'proof'

/** Throws INL_ING_PROOF, INL_ING_FORBIDDEN or INL_ING_PROOF_UNKNOWN. */
function prove(source: Source, proofs: readonly Proof[], claim: Claim): void {
  const verdict = judgeAll(proofs, claim)
  if (verdict !== 'holds') throw refusalOf(verdict, source)
}

function refusalOf(verdict: Exclude<Verdict, 'holds'>, { name }: Source): InletError {
  if (verdict === 'forbidden') return new InletError('INL_ING_FORBIDDEN')
  if (verdict === 'unknown') return new InletError('INL_ING_PROOF_UNKNOWN', { source: name })
  return new InletError('INL_ING_PROOF', { [PROOF]: verdict })
}

/** Null where it is not right, or nothing of the kind: the status says it. */
function proofReason({ details }: InletError): string | null {
  const verdict = details[PROOF]
  return verdict === 'missing' || verdict === 'stale' ? `${verdict}_proof` : null
}
