/**
 * What a body is once its Content-Encoding is undone: gzip or nothing.
 *
 * Bounded in what comes out, both absolutely and as a multiple of what came in.
 */
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { InletError } from '../core/errors.ts'

/** JSON that repeats itself comes to 60; deflate can do 1,032. */
const MAX_RATIO = 200
/** Whatever its ratio, a body of that size does no harm. */
const ALWAYS_BYTES = 64 * 1024

const gunzipAsync = promisify(gunzip)

/** False where nothing is to be undone; throws INL_ING_ENCODING for any other encoding. */
export function isGzip(header: string | undefined): boolean {
  if (header === undefined) return false
  const name = header.trim().toLowerCase()
  if (name === 'gzip' || name === 'x-gzip') return true
  if (name === '' || name === 'identity') return false
  throw new InletError('INL_ING_ENCODING')
}

/**
 * Null where the bytes are no gzip. Rejects with INL_ING_BODY_SIZE or INL_ING_BODY_RATIO where too
 * much would come out.
 */
export async function decompress(wire: Uint8Array, limit: number): Promise<Buffer | null> {
  const byRatio = Math.max(ALWAYS_BYTES, MAX_RATIO * wire.length)
  try {
    return await gunzipAsync(wire, { maxOutputLength: Math.min(limit, byRatio) })
  } catch (error) {
    const isTooLarge =
      error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
    if (!isTooLarge) return null
    throw byRatio < limit
      ? new InletError('INL_ING_BODY_RATIO', { ratio: MAX_RATIO })
      : new InletError('INL_ING_BODY_SIZE', { limit })
  }
}
