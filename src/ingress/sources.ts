/** Sources and their paths, resolved once so that a request only looks things up. */
import { InletError } from '../core/errors.ts'
import type { SeenCache } from '../dedup/seen-cache.ts'
import { openFilter } from './accept.ts'
import type { Peer } from './clients/peer.ts'
import type { SeenClients } from './clients/seen-clients.ts'
import type { IntakeSource } from './intake.ts'
import type { AuthOptions, SourceOptions } from './options.ts'
import { Admission, type AdmissionDeps } from './overload/admission.ts'
import { addressProof } from './proofs/address.ts'
import { apiKeyProof } from './proofs/api-key.ts'
import { basicProof } from './proofs/basic.ts'
import { bearerProof } from './proofs/bearer.ts'
import { clientCertificateProof, type OnMatch } from './proofs/client-certificate.ts'
import { firehoseKeyProof } from './proofs/firehose-key.ts'
import { hmacProof } from './proofs/hmac.ts'
import { oauthProof } from './proofs/oauth.ts'
import type { Proof } from './proofs/proof.ts'
import type { Spoken } from './protocols/spoken.ts'
import { StoredHeaders } from './stored-headers.ts'
import { Tally } from './tally.ts'
import { TokenDesk } from './token-desk.ts'

export interface Source extends IntakeSource {
  readonly path: string
  readonly bodyLimit: number
  readonly speaks: Spoken
  /** Judged before the body is read. */
  readonly headProofs: readonly Proof[]
  /** Judged with the body; empty where the head proves everything. */
  readonly bodyProofs: readonly Proof[]
  readonly challenges: readonly string[]
  /** Where its client asks for tokens; null where it asks elsewhere, or for none. */
  readonly desk: TokenDesk | null
  /**
   * The identity of whoever passed its proofs: their names, what they held by, and the source, such
   * as `apikey+certificate(CN=genesys):genesys-prod`, or `none:local` where nothing is asked for.
   */
  senderOf(peer: Peer): string
  readonly storedHeaders: StoredHeaders
  readonly tally: Tally
  readonly admission: Admission
  readonly deferStatus: 429 | 503
}

export interface SourceDeps extends AdmissionDeps {
  readonly seenCache: SeenCache
  readonly seenClients: SeenClients
  readonly startedAt: number
}

export function resolveSource(options: SourceOptions, deps: SourceDeps): Source {
  const { name, path, orgId, recognise, bodyLimit, accept } = options
  const proofs =
    options.auth === 'none'
      ? []
      : proofsOf(name, options.auth, (mapping, certificate, at) =>
          deps.seenClients.note({ source: name, mapping }, certificate, at),
        )
  const oauth = options.auth === 'none' ? undefined : options.auth.oauth
  if (options.auth !== 'none' && proofs.length === 0)
    throw new InletError('INL_ING_SOURCES', { source: name, reason: 'it names no proof' })
  return {
    name,
    path,
    orgId,
    recognise,
    bodyLimit,
    speaks: options.speaks ?? 'either',
    filter: accept === undefined ? null : openFilter(accept),
    seen: deps.seenCache.scope(scopeOf(options)),
    headProofs: proofs.filter(({ coversBody }) => !coversBody),
    bodyProofs: proofs.filter(({ coversBody }) => coversBody),
    challenges: proofs.flatMap(({ challenge }) => challenge ?? []),
    desk: oauth === undefined ? null : new TokenDesk(name, oauth),
    senderOf: senders(name, proofs),
    storedHeaders: new StoredHeaders(proofs.flatMap(({ headers }) => headers)),
    tally: new Tally(name, deps.startedAt),
    admission: admissionOf(options, deps),
    deferStatus: options.deferStatus ?? 503,
  }
}

function admissionOf(options: SourceOptions, deps: AdmissionDeps): Admission {
  const { name: source, rate = null, overload = 'defer' } = options
  const { priorities = { high: [], low: [] } } = options
  return new Admission(deps, { source, priorities, rate, overload })
}

/** In the order of their names, which is that of the sender's identity too. */
function proofsOf(source: string, auth: AuthOptions, onMatch: OnMatch): Proof[] {
  const { allow, apiKey, basic, bearer, clientCertificates, firehoseKey, hmac, oauth } = auth
  return [
    allow === undefined ? [] : addressProof(allow),
    apiKey === undefined ? [] : apiKeyProof(apiKey),
    basic === undefined ? [] : basicProof(basic),
    bearer === undefined ? [] : bearerProof(bearer),
    clientCertificates === undefined ? [] : clientCertificateProof(clientCertificates, onMatch),
    firehoseKey === undefined ? [] : firehoseKeyProof(firehoseKey),
    hmac === undefined ? [] : hmacProof(hmac),
    oauth === undefined ? [] : oauthProof(source, oauth),
  ].flat()
}

function senders(source: string, proofs: readonly Proof[]): (peer: Peer) => string {
  const nameFor = (peer: Peer) => {
    const names = proofs.map((proof) => {
      const by = proof.proven?.(peer) ?? null
      return by === null ? proof.name : `${proof.name}(${by})`
    })
    return `${names.join('+') || 'none'}:${source}`
  }
  const found = new WeakMap<Peer, string>()
  return (peer) => {
    const known = found.get(peer)
    if (known !== undefined) return known
    const sender = nameFor(peer)
    found.set(peer, sender)
    return sender
  }
}

/** Ids that are made in different ways are different ids, even of the same bytes. */
function scopeOf({ name, dedupGroup, recognise }: SourceOptions): string {
  const { compositeIdentity = false, dialects = [], generic = null } = recognise
  const identity = JSON.stringify([compositeIdentity, dialects, generic])
  return dedupGroup === null ? `source:${identity}:${name}` : `group:${identity}:${dedupGroup}`
}

/** A source, at the path where it takes events or at that where its client asks for tokens. */
export interface Route {
  readonly source: Source
  readonly desk: TokenDesk | null
}

/** Throws INL_ING_SOURCES where two of them share a path. */
export function routeSources(
  sources: readonly Source[],
  healthPath: string,
): ReadonlyMap<string, Route> {
  const routes = new Map<string, Route>()
  const add = (path: string, route: Route) => {
    const details = { source: route.source.name, reason: `${path} is taken` }
    if (routes.has(path) || path === healthPath) throw new InletError('INL_ING_SOURCES', details)
    routes.set(path, route)
  }
  for (const source of sources) {
    add(source.path, { source, desk: null })
    if (source.desk !== null) add(source.desk.path, { source, desk: source.desk })
  }
  return routes
}

/** The path of a request target, without its query. */
export function pathOf(target: string): string {
  const query = target.indexOf('?')
  return query === -1 ? target : target.slice(0, query)
}
