/**
 * The parts of a file that are sound by themselves, so that what they mean together can be judged
 * although other parts are wrong, and all complaints come at once.
 */
import type { z } from 'zod'
import { type ChannelsConfig, channelsSchema } from './channels.ts'
import type { Config } from './schema.ts'
import { configSchema } from './schema.ts'
import { type SinkConfig, sinkSchema } from './sinks.ts'
import type { Org, Source } from './sources.ts'
import { orgSchema, sourceSchema } from './sources.ts'

export interface Sections {
  readonly listen: Config['listen'] | null
  readonly journal: Config['journal'] | null
  readonly dedup: Config['dedup'] | null
  readonly lake: Config['lake'] | null
  readonly privacy: Config['privacy'] | null
  readonly ops: Config['ops'] | null
  /** Also null where it is left out. */
  readonly reconcile: NonNullable<Config['reconcile']> | null
  /** Null in the place of one that is wrong, so that indexes are those of the file. */
  readonly orgs: readonly (Org | null)[]
  readonly sources: readonly (Source | null)[]
  readonly channels: readonly (ChannelsConfig | null)[]
  readonly sinks: readonly (SinkConfig | null)[]
}

export function soundSections(value: unknown): Sections {
  const part = (key: string): unknown =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).find(([name]) => name === key)?.[1]
      : undefined
  const { shape } = configSchema
  return {
    listen: sound(shape.listen, part('listen')),
    journal: sound(shape.journal, part('journal')),
    dedup: sound(shape.dedup, part('dedup')),
    lake: sound(shape.lake, part('lake')),
    privacy: sound(shape.privacy, part('privacy')),
    ops: sound(shape.ops, part('ops')),
    reconcile: sound(shape.reconcile, part('reconcile')) ?? null,
    orgs: listOf(part('orgs')).map((one) => sound(orgSchema, one)),
    sources: listOf(part('sources')).map((one) => sound(sourceSchema, one)),
    channels: listOf(part('channels')).map((one) => sound(channelsSchema, one)),
    sinks: listOf(part('sinks')).map((one) => sound(sinkSchema, one)),
  }
}

function sound<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> | null {
  const result = schema.safeParse(value)
  return result.success ? result.data : null
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
