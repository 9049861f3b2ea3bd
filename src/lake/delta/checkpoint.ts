/**
 * Checkpoints: the state of a table as one Parquet file, so that nobody reads the log from its
 * start.
 *
 * Made beside the commits, of a version that is already durable. The file is published whole before
 * `_last_checkpoint` names it; a crash between leaves a checkpoint that readers find by listing.
 * Source: PROTOCOL.md, "Checkpoints" (classic naming, V1 spec).
 */
import { join } from 'node:path'
import type { Clock } from '../../core/clock.ts'
import type { Files } from '../../core/files.ts'
import type { Random } from '../../core/random.ts'
import type { SqlRunner } from '../sql/duckdb.ts'
import { literal } from '../sql/quote.ts'
import type { ObjectStore } from '../store/object-store.ts'
import type { Action, LogLine } from './actions.ts'
import { checkpointKey, lastCheckpointKey } from './log-names.ts'
import { pathOfKey } from './partition-values.ts'
import type { TableState } from './table-state.ts'

export interface CheckpointDeps {
  readonly store: ObjectStore
  readonly engine: SqlRunner
  readonly files: Files
  readonly clock: Clock
  readonly random: Random
}

/** How long a removed file is kept for readers of older versions. */
export const removedFileRetentionMs = 2 * 86_400_000

const text = 'VARCHAR'
const map = 'MAP(VARCHAR, VARCHAR)'
/** The columns of a checkpoint, in DuckDB's types. */
const columns: Readonly<Record<Exclude<keyof LogLine, 'commitInfo'>, string>> = {
  protocol: 'STRUCT(minReaderVersion INTEGER, minWriterVersion INTEGER)',
  metaData:
    `STRUCT(id ${text}, name ${text}, description ${text}, ` +
    `format STRUCT(provider ${text}, options ${map}), schemaString ${text}, ` +
    `partitionColumns ${text}[], configuration ${map}, createdTime BIGINT)`,
  txn: `STRUCT(appId ${text}, version BIGINT, lastUpdated BIGINT)`,
  add:
    `STRUCT(path ${text}, partitionValues ${map}, size BIGINT, modificationTime BIGINT, ` +
    `dataChange BOOLEAN, stats ${text})`,
  remove:
    `STRUCT(path ${text}, deletionTimestamp BIGINT, dataChange BOOLEAN, ` +
    `extendedFileMetadata BOOLEAN, partitionValues ${map}, size BIGINT)`,
}

/**
 * Everything that a reader needs of the state. Tombstones that have had their time are left out.
 */
export function checkpointActions(state: TableState, now: number): Action[] {
  const { protocol, metaData } = state
  const kept = [...state.tombstones.values()].filter(
    ({ deletionTimestamp }) => deletionTimestamp > now - removedFileRetentionMs,
  )
  return [
    ...(protocol ? [{ protocol }] : []),
    ...(metaData ? [{ metaData }] : []),
    ...[...state.txns].map(([appId, version]) => ({ txn: { appId, version } })),
    ...[...state.files.values()].map(({ key, partitionValues, size, modificationTime, stats }) => ({
      add: {
        path: pathOfKey(key),
        partitionValues,
        size,
        modificationTime,
        dataChange: false,
        ...(stats === null ? {} : { stats }),
      },
    })),
    ...kept.map((remove) => ({ remove: { ...remove, dataChange: false } })),
  ]
}

/**
 * `actions` are those of the state at `version`; `scratch` is a folder on the store's file system.
 */
export async function writeCheckpoint(
  deps: CheckpointDeps,
  at: { table: string; version: number; scratch: string },
  actions: readonly Action[],
): Promise<void> {
  const { table, version, scratch } = at
  const key = checkpointKey(table, version)
  if (!(await isStored(deps.store, key))) {
    const source = join(scratch, `${deps.random.uuid()}.ndjson`)
    const target = join(scratch, `${deps.random.uuid()}.parquet`)
    await writeLines(deps.files, source, actions)
    const types = Object.entries(columns).map(([name, type]) => `${name}: ${literal(type)}`)
    await deps.engine.run(
      `COPY (FROM read_json(${literal(source)}, format = 'newline_delimited',
        columns = {${types.join(', ')}})) TO ${literal(target)} (FORMAT parquet, COMPRESSION zstd)`,
    )
    await deps.files.remove(source)
    await deps.store.publish(target, key).catch(async (error: unknown) => {
      // Another process was quicker with the same version: its checkpoint is as good, and vacuum
      // finds this one.
      if (!(await isStored(deps.store, key))) throw error
    })
  }
  const hint = JSON.stringify({ version, size: actions.length })
  await deps.store.put(lastCheckpointKey(table), Buffer.from(hint))
}

async function isStored(store: ObjectStore, key: string): Promise<boolean> {
  return (await store.list(key)).length > 0
}

/** What a checkpoint file says, this one's or another engine's. */
export async function readCheckpoint(engine: SqlRunner, localPath: string): Promise<LogLine[]> {
  const rows = await engine.rows(
    `SELECT to_json(c)::VARCHAR AS line FROM read_parquet(${literal(localPath)}) AS c`,
  )
  return rows.map(({ line }): LogLine => JSON.parse(String(line)))
}

async function writeLines(files: Files, path: string, actions: readonly Action[]): Promise<void> {
  const file = await files.open(path, 'create')
  try {
    let offset = 0
    for (let from = 0; from < actions.length; from += 1000) {
      const lines = actions.slice(from, from + 1000).map((one) => `${JSON.stringify(one)}\n`)
      const bytes = Buffer.from(lines.join(''))
      await file.write(bytes, offset)
      offset += bytes.length
    }
  } finally {
    await file.close()
  }
}
