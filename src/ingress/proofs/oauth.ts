/**
 * Tokens of our own, for senders that prove themselves by OAuth client credentials (RFC 6749, 4.4):
 * the end of their life in seconds, a full stop, and an HMAC-SHA-256 by the client's secret over
 * both that time and whom the token is for.
 *
 * Guarantee: nothing is kept of a token, so that any gateway knows those of any other, before and
 * after a restart. One is good until its time, or until its secret is taken out of the
 * configuration. Whoever overhears one can use it as long: it is worth what TLS is worth.
 */
import { hash, timingSafeEqual } from 'node:crypto'
import type { OAuthOptions } from '../options.ts'
import { createSigner, DIGEST_BYTES, type Signer } from './hmac-sha256.ts'
import { Keyring } from './keyring.ts'
import type { Proof, Verdict } from './proof.ts'

export const REALM = 'realm="inlet"'
const shape = /^bearer +(\d{1,11})\.([\w-]{43})$/i

/** A token for `about` that is good until `end`, in seconds since the epoch. */
function tokenOf(sign: Signer, about: Buffer, end: number): string {
  const digest = Buffer.alloc(DIGEST_BYTES)
  sign(`${end}.`, about, digest)
  return `${end}.${digest.toString('base64url')}`
}

/** Of no other source and no other client, though they have the same secret. */
const aboutOf = (source: string, clientId: string) =>
  Buffer.from(JSON.stringify(['inlet-token', source, clientId]))

export function oauthProof(source: string, { clientId, secrets }: OAuthOptions): Proof {
  const about = aboutOf(source, clientId)
  const keys = new Keyring(secrets, createSigner)
  return {
    name: 'oauth',
    challenge: `Bearer ${REALM}`,
    headers: ['authorization'],
    coversBody: false,
    judge({ headers, at }) {
      const authorization = headers.get('authorization')
      const [, end = '', digest = ''] = shape.exec(authorization ?? '') ?? []
      const given = Buffer.from(`${end}.${digest}`)
      const verdict = keys.judge((sign) => {
        const wanted = Buffer.from(tokenOf(sign, about, Number(end)))
        return wanted.length === given.length && timingSafeEqual(wanted, given)
      })
      if (verdict === 'holds') return at < Number(end) * 1000 ? 'holds' : 'stale'
      return verdict === 'wrong' && authorization === undefined ? 'missing' : verdict
    },
  }
}

/** What a client shows of itself where it asks for a token. */
export interface Credentials {
  readonly id: string
  readonly secret: string
}

export type Issued =
  | { readonly verdict: 'holds'; readonly token: string }
  | { readonly verdict: Exclude<Verdict, 'holds'> }

/** Gives tokens to the client, signed with that secret which it has shown. */
export class TokenIssuer {
  readonly #about: Buffer
  readonly #clientId: string
  readonly #lifetimeMs: number
  readonly #keys: Keyring<{ readonly digest: Buffer; readonly sign: Signer }>

  constructor(source: string, { clientId, lifetimeMs, secrets }: OAuthOptions) {
    this.#about = aboutOf(source, clientId)
    this.#clientId = clientId
    this.#lifetimeMs = lifetimeMs
    this.#keys = new Keyring(secrets, (secret) => ({
      digest: digestOf({ id: clientId, secret }),
      sign: createSigner(secret),
    }))
  }

  get lifetimeSeconds(): number {
    return Math.floor(this.#lifetimeMs / 1000)
  }

  issue(shown: Credentials | null, at: number): Issued {
    const given = digestOf(shown ?? { id: this.#clientId, secret: '' })
    let signer: Signer | null = null
    const verdict = this.#keys.judge(({ digest, sign }) => {
      const fits = shown !== null && timingSafeEqual(digest, given)
      if (fits) signer = sign
      return fits
    })
    if (signer !== null) {
      const end = Math.floor(at / 1000) + this.lifetimeSeconds
      return { verdict: 'holds', token: tokenOf(signer, this.#about, end) }
    }
    return { verdict: verdict !== 'unknown' && shown === null ? 'missing' : asRefusal(verdict) }
  }
}

function asRefusal(verdict: Verdict): Exclude<Verdict, 'holds'> {
  return verdict === 'holds' ? 'wrong' : verdict
}

function digestOf({ id, secret }: Credentials): Buffer {
  return hash('sha256', `${id}:${secret}`, 'buffer')
}
