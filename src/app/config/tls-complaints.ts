/** What `check-config` says of the files of a listener's tls, at the keys that name them. */
import { hasCode } from '../../core/errors.ts'
import type { Machine } from '../machine.ts'
import { readTls, type TlsConfig } from '../tls/files.ts'
import { judgeTls, type TlsRemark } from '../tls/judgement.ts'
import type { Complaint } from './problem.ts'

export interface TlsComplaints {
  readonly complaints: readonly Complaint[]
  /** What serves, but not for long. */
  readonly warnings: readonly Complaint[]
}

/** Files that are not there may be on another machine: they are warned of. */
export async function tlsComplaints(
  { files, clock }: Pick<Machine, 'files' | 'clock'>,
  { section, config }: { section: 'listen' | 'ops'; config: TlsConfig | undefined },
): Promise<TlsComplaints> {
  if (config === undefined) return { complaints: [], warnings: [] }
  try {
    const tls = await readTls(files, config)
    const remarks = tls === null ? [] : judgeTls(tls, clock.now())
    const at = (wanted: TlsRemark['level']) =>
      remarks
        .filter(({ level }) => level === wanted)
        .map(({ key, what, remedy }) => ({ path: [section, 'tls', key], what, remedy }))
    return { complaints: at('fail'), warnings: at('warn') }
  } catch (error) {
    if (!hasCode(error, 'INL_APP_TLS_FILE')) throw error
    const { key, path, reason } = error.details
    const remedy = 'Put it there before a gateway starts, readable for its user.'
    const what = `${path} cannot be read: ${reason}`
    const warning = { path: [section, 'tls', String(key)], what, remedy }
    return { complaints: [], warnings: [warning] }
  }
}
