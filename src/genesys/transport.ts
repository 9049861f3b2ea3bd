/**
 * One request over HTTPS and its whole answer, whatever the status.
 *
 * Guarantee: it ends within `timeoutMs`, holds no more than `bodyBytes` of an answer, and follows
 * no redirect, so that credentials reach nobody but who they are for. It rejects with
 * INL_GEN_UNREACHABLE where no answer came and INL_GEN_ANSWER where it cannot be one of Genesys.
 */
import type { Clock } from '../core/clock.ts'
import { errorText, InletError } from '../core/errors.ts'
import { formatSize } from '../core/units.ts'
import type { Method } from './client.ts'

export interface TransportDeps {
  readonly clock: Clock
  readonly fetch: typeof fetch
}

export interface TransportOptions {
  readonly timeoutMs: number
  /** Of an answer, decompressed. */
  readonly bodyBytes: number
}

export interface Request {
  readonly method: Method
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal?: AbortSignal | undefined
}

export interface RawAnswer {
  readonly status: number
  readonly headers: Headers
  readonly bytes: Buffer
}

export type Transport = (request: Request) => Promise<RawAnswer>

export function openTransport(deps: TransportDeps, options: TransportOptions): Transport {
  return async (request) => {
    const late = new AbortController()
    const done = new AbortController()
    const expire = () => late.abort(new Error(`no answer within ${options.timeoutMs} ms`))
    deps.clock.sleep(options.timeoutMs, done.signal).then(expire, () => undefined)
    const signals = request.signal ? [late.signal, request.signal] : [late.signal]
    try {
      return await exchange(deps, { ...request, signal: AbortSignal.any(signals) }, options)
    } catch (error) {
      request.signal?.throwIfAborted()
      if (error instanceof InletError) throw error
      const reason = late.signal.aborted ? late.signal.reason : error
      const details = { host: request.url.host, reason: reasonOf(reason) }
      throw new InletError('INL_GEN_UNREACHABLE', details, error)
    } finally {
      done.abort()
    }
  }
}

async function exchange(
  deps: TransportDeps,
  { url, ...request }: Request,
  { bodyBytes }: TransportOptions,
): Promise<RawAnswer> {
  const { body, signal, ...rest } = request
  const response = await deps.fetch(url, {
    ...rest,
    ...(body !== undefined && { body }),
    ...(signal && { signal }),
    redirect: 'manual',
  })
  const { status, headers } = response
  const refuse = async (reason: string) => {
    await response.body?.cancel().catch(() => undefined)
    throw new InletError('INL_GEN_ANSWER', { host: url.host, reason })
  }
  if (status >= 300 && status < 400) return refuse(`a redirect (${status})`)
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of response.body ?? []) {
    length += piece.length
    if (length > bodyBytes) return refuse(`more than ${formatSize(bodyBytes)}`)
    pieces.push(piece)
  }
  return { status, headers, bytes: Buffer.concat(pieces, length) }
}

/** `fetch failed` says nothing; what is behind it does. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  const inner = cause instanceof AggregateError ? cause.errors[0] : cause
  return errorText(inner ?? error)
}
