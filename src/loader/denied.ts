/** What the operating system refuses this user, and goes on to refuse until someone mends it. */
import { InletError } from '../core/errors.ts'
import { isSystemError } from '../core/files.ts'

function isDenied(error: unknown): boolean {
  return ['EACCES', 'EPERM', 'EROFS'].some((code) => isSystemError(error, code))
}

/** A folder that is none stays so as well. */
export function isLasting(error: unknown): boolean {
  return isDenied(error) || isSystemError(error, 'ENOTDIR')
}

/** An error that names the path, and what to do; any other as it is. */
export function deniedError(error: unknown): unknown {
  if (!(error instanceof Error) || !isLasting(error)) return error
  const path = 'path' in error ? String(error.path) : 'a file'
  const code = isDenied(error) ? 'INL_LDR_DENIED' : 'INL_LDR_NO_FOLDER'
  return new InletError(code, { path, reason: error.message }, error)
}
