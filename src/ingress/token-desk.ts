/**
 * Where a client of a source asks for a token: `POST` of the token path with
 * `grant_type=client_credentials`, its id and secret as `Authorization: Basic` or in the body (RFC
 * 6749, 2.3.1 and 4.4.2), which is a form or, as some clients send it, a JSON object.
 *
 * Guarantee: it reads a few kilobytes and keeps nothing; what it refuses is counted as a wrong
 * proof of the source is.
 */
import { InletError } from '../core/errors.ts'
import { answer } from './answers.ts'
import type { Answer } from './http/answer.ts'
import type { OAuthOptions } from './options.ts'
import { type Credentials, type Issued, REALM, TokenIssuer } from './proofs/oauth.ts'
import type { Claim } from './proofs/proof.ts'
import type { Tally } from './tally.ts'

/** A form of a known client has less than 1 KiB. */
const BODY_BYTES = 8192
const basic = /^basic +([A-Za-z0-9+/]+={0,2})$/i

export interface TokenSource {
  readonly name: string
  readonly tally: Tally
  readonly deferStatus: 429 | 503
}

export class TokenDesk {
  readonly path: string
  readonly bodyLimit = BODY_BYTES
  readonly challenges: readonly string[] = [`Basic ${REALM}`]
  readonly #issuer: TokenIssuer

  constructor(source: string, options: OAuthOptions) {
    this.path = options.tokenPath
    this.#issuer = new TokenIssuer(source, options)
  }

  /** Throws INL_ING_GRANT for another grant than the one that there is. */
  judge({ headers, body, at }: Claim): Issued {
    const fields = fieldsOf(headers.get('content-type') ?? '', body.toString())
    const grant = fields.get('grant_type')
    if (grant !== undefined && grant !== 'client_credentials') throw new InletError('INL_ING_GRANT')
    return this.#issuer.issue(inHeader(headers.get('authorization')) ?? inBody(fields), at)
  }

  /** RFC 6749, 5.1. */
  answerWith(token: string): Answer {
    const content = {
      access_token: token,
      token_type: 'Bearer',
      expires_in: this.#issuer.lifetimeSeconds,
    }
    return answer(200, content, { headers: ['Cache-Control', 'no-store'] })
  }
}

function inHeader(authorization = ''): Credentials | null {
  const [, encoded = ''] = basic.exec(authorization) ?? []
  const text = Buffer.from(encoded, 'base64').toString()
  const colon = text.indexOf(':')
  return colon === -1 ? null : { id: text.slice(0, colon), secret: text.slice(colon + 1) }
}

function inBody(fields: ReadonlyMap<string, string>): Credentials | null {
  const [id, secret] = [fields.get('client_id'), fields.get('client_secret')]
  return id === undefined || secret === undefined ? null : { id, secret }
}

/** None where it is neither. */
function fieldsOf(type: string, text: string): ReadonlyMap<string, string> {
  if (!/^application\/json\b/i.test(type)) return new Map(new URLSearchParams(text))
  try {
    const value: unknown = JSON.parse(text)
    const isObject = typeof value === 'object' && value !== null
    const entries = isObject ? Object.entries(value) : []
    return new Map(entries.filter((entry) => typeof entry[1] === 'string'))
  } catch {
    return new Map()
  }
}
