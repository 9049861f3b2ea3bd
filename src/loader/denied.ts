/** What the operating system refuses this user, and goes on to refuse until someone grants it. */
import { InletError } from '../core/errors.ts'
import { isSystemError } from '../core/files.ts'

export function isDenied(error: unknown): error is Error {
  return ['EACCES', 'EPERM', 'EROFS'].some((code) => isSystemError(error, code))
}

/** An error that names the path, and what to do; any other as it is. */
export function deniedError(error: unknown): unknown {
  if (!isDenied(error)) return error
  const path = 'path' in error ? String(error.path) : 'a file'
  return new InletError('INL_LDR_DENIED', { path, reason: error.message }, error)
}
