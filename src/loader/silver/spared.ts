/**
 * Events that DuckDB cannot take: each is kept as a small object of the lake, so that every loader
 * and every rebuild knows of it. They stay in bronze, and silver tells of them as violations.
 */
import type { ObjectStore } from '../../lake/store/object-store.ts'
import type { PositionRange } from '../progress/standing.ts'

/** Other engines and vacuum leave alone what begins with `_`. */
const folder = 'silver/_spared/'

/** `killed`: the process ended over it. `failed`: DuckDB raised, and a newer one may not. */
export type Cause = 'killed' | 'failed'

export interface Spared {
  readonly place: PositionRange
  readonly cause: Cause
}

export async function readSpared(store: ObjectStore): Promise<Spared[]> {
  const spared: Spared[] = []
  for (const { key } of await store.list(folder)) {
    const bytes = await store.get(key)
    if (bytes !== null) spared.push(JSON.parse(bytes.toString()) as Spared)
  }
  return spared
}

export async function spare(store: ObjectStore, spared: Spared): Promise<void> {
  const { journalId, partition, from } = spared.place
  const key = `${folder}${journalId}/${encodeURIComponent(partition)}/${from}.json`
  await store.putIfAbsent(key, Buffer.from(JSON.stringify(spared)))
}
