/**
 * What stands before every call of the simulated Genesys Cloud: tokens that expire, a limit of
 * requests a minute, permissions that may be missing, and failures on demand.
 */
import type { Clock } from '../../core/clock.ts'
import type { Random } from '../../core/random.ts'
import { type Reply, type Route, refusal } from './exchange.ts'

export interface Client {
  readonly clientId: string
  readonly clientSecret: string
}

/** What goes wrong on demand; a test or the control call changes it while the server runs. */
export interface Faults {
  /** Requests a minute and token. */
  perMinute: number
  tokenSeconds: number
  missingPermissions: readonly string[]
  /** How far the data lake that jobs read is behind, and how long a job takes. */
  jobLagMs: number
  jobTakesMs: number
  /** The next so many calls are answered with the status. */
  failing: { readonly status: number; readonly retryAfter?: number; times: number }
}

export function noFaults(): Faults {
  return {
    perMinute: 300,
    tokenSeconds: 86_400,
    missingPermissions: [],
    jobLagMs: 3_600_000,
    jobTakesMs: 2000,
    failing: { status: 503, times: 0 },
  }
}

export interface GateDeps {
  readonly clock: Clock
  readonly random: Random
  readonly faults: Faults
  readonly clients: readonly Client[]
}

interface Token {
  readonly clientId: string
  readonly expiresAt: number
  windowFrom: number
  count: number
}

const WINDOW_MS = 60_000
/** Enough for any test; the oldest is forgotten beyond. */
const MOST_TOKENS = 1000

export class Gate {
  readonly #deps: GateDeps
  readonly #tokens = new Map<string, Token>()

  constructor(deps: GateDeps) {
    this.#deps = deps
  }

  /** `POST /oauth/token` */
  login(authorization: string, form: URLSearchParams): Reply {
    const { clock, random, faults, clients } = this.#deps
    const [, encoded = ''] = /^Basic (.+)$/i.exec(authorization) ?? []
    const [id, ...secret] = Buffer.from(encoded, 'base64').toString().split(':')
    const client = clients.find(({ clientId }) => clientId === id)
    if (form.get('grant_type') !== 'client_credentials')
      return loginRefusal('unsupported_grant_type', 'unsupported grant type')
    if (client === undefined) return loginRefusal('invalid_client', `client not found: ${id}`)
    if (client.clientSecret !== secret.join(':'))
      return loginRefusal('invalid_client', 'authentication failed')
    const text = Buffer.from(random.bytes(48)).toString('base64url')
    const now = clock.now()
    const expiresAt = now + faults.tokenSeconds * 1000
    for (const oldest of this.#tokens.keys()) {
      if (this.#tokens.size < MOST_TOKENS) break
      this.#tokens.delete(oldest)
    }
    this.#tokens.set(text, { clientId: client.clientId, expiresAt, windowFrom: now, count: 0 })
    const body = { access_token: text, token_type: 'bearer', expires_in: faults.tokenSeconds }
    return { status: 200, body }
  }

  expireTokens(): void {
    this.#tokens.clear()
  }

  /** Who asks; a refusal where nothing may be asked. Headers tell the limit either way. */
  enter(authorization: string): { clientId: string; headers: Headers } | Reply {
    const { clock, faults } = this.#deps
    const [, text = ''] = /^Bearer (.+)$/i.exec(authorization) ?? []
    const token = this.#tokens.get(text)
    const now = clock.now()
    if (token === undefined || token.expiresAt <= now)
      return refusal(401, 'bad.credentials', 'Invalid login credentials.')
    if (now >= token.windowFrom + WINDOW_MS) Object.assign(token, { windowFrom: now, count: 0 })
    token.count++
    const reset = Math.ceil((token.windowFrom + WINDOW_MS - now) / 1000)
    const headers = {
      'inin-ratelimit-count': String(token.count),
      'inin-ratelimit-allowed': String(faults.perMinute),
      'inin-ratelimit-reset': String(reset),
    }
    if (token.count > faults.perMinute) {
      const most = `[${faults.perMinute}] requests within [60] seconds`
      const message = `Rate limit exceeded the maximum ${most}`
      const refused = refusal(429, 'too.many.requests', message)
      return { ...refused, headers: { ...headers, 'retry-after': String(reset) } }
    }
    return { clientId: token.clientId, headers }
  }

  /** Null where the call may be made. */
  stop({ permissions = [] }: Route): Reply | null {
    const { faults } = this.#deps
    const { failing, missingPermissions } = faults
    if (failing.times > 0) {
      failing.times--
      const failed = refusal(failing.status, 'on.demand', 'The simulator was told to fail.')
      if (failing.retryAfter === undefined) return failed
      return { ...failed, headers: { 'retry-after': String(failing.retryAfter) } }
    }
    if (permissions.length === 0 || permissions.some((one) => !missingPermissions.includes(one)))
      return null
    const message =
      'Unable to perform the requested action. You must have at least one of the following permissions assigned: '
    return refusal(403, 'missing.any.permissions', `${message}[${permissions.join(', ')}]`)
  }
}

type Headers = Readonly<Record<string, string>>

function loginRefusal(error: string, description: string): Reply {
  return { status: 400, body: { error, description, error_description: description } }
}
