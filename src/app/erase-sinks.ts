/**
 * What an erasure comes to in the sinks of a configuration: PostgreSQL is followed, a server that
 * takes JSON is not, for nobody knows what it has made of its rows.
 *
 * A sink is brought up to date before it is erased in: rows that another process has read before
 * the erasure then come too late.
 */
import { errorText } from '../core/errors.ts'
import { type ErasedEvents, eraseInPostgres } from '../sinks/postgres-erase.ts'
import type { Config } from './config/schema.ts'
import type { SinkConfig } from './config/sinks.ts'
import { openSinksRole, postgresOptions, type SinksRoleDeps, tablesOf } from './sinks-role.ts'

export interface ErasedSink {
  readonly name: string
  /** That changed; null where nothing is known to have. */
  readonly rows: number | null
  /** What is left to do there; null for nothing. */
  readonly left: string | null
  /** True where it could not be reached and should have been. */
  readonly failed: boolean
}

const MOST_TRIES = 3

const select = `SELECT event_id FROM bronze.arrivals WHERE ends_with(detail, '"erased":true}')`

export async function eraseInSinks(
  deps: SinksRoleDeps,
  config: Config,
  erased: ErasedEvents,
): Promise<ErasedSink[]> {
  const all: ErasedSink[] = []
  for (const sink of config.sinks) {
    if (sink.kind !== 'postgres') {
      all.push(notFollowed(sink))
      continue
    }
    try {
      await bringUpToDate(deps, config, sink)
      const rows = await eraseInPostgres(postgresOptions(deps, sink), tablesOf(sink), erased)
      all.push({ name: sink.name, rows, left: null, failed: false })
    } catch (error) {
      const left = `it was not reached (${errorText(error)}): erase again once it is there`
      all.push({ name: sink.name, rows: null, left, failed: true })
    }
  }
  return all
}

/** What can be said of them before. */
export function sinksToErase({ sinks }: Config): ErasedSink[] {
  return sinks.map((sink) =>
    sink.kind === 'postgres'
      ? { name: sink.name, rows: null, left: null, failed: false }
      : notFollowed(sink),
  )
}

function notFollowed({ name }: SinkConfig): ErasedSink {
  const ids = `inlet query "${select}"`
  const left = `its rows are not followed: erase there what has one of the ids of \`${ids}\``
  return { name, rows: null, left, failed: false }
}

/** Another process may be quicker with a stretch, whatever it had read: then once more. */
async function bringUpToDate(deps: SinksRoleDeps, config: Config, sink: SinkConfig): Promise<void> {
  const { forwarders, components } = openSinksRole(deps, { ...config, sinks: [sink] })
  try {
    for (let tries = 1; ; tries++) {
      try {
        for (const forwarder of forwarders)
          await forwarder.bringUpToDate(new AbortController().signal)
        return
      } catch (error) {
        if (tries === MOST_TRIES) throw error
      }
    }
  } finally {
    for (const component of components) await component.stop()
  }
}
