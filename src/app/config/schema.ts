/**
 * The configuration as one schema: exactly the keys that this version serves. A key that is not
 * here is an error, so that nothing in a file is silently ignored.
 */
import { z } from 'zod'
import { alerts } from './alerts.ts'
import { audit } from './audit.ts'
import { channels } from './channels.ts'
import { gold } from './gold.ts'
import { listen } from './listen.ts'
import { names } from './names.ts'
import { ops } from './ops.ts'
import { privacy } from './privacy.ts'
import { provision } from './provision.ts'
import { reconcile } from './reconcile.ts'
import { schemas } from './schemas.ts'
import { sinks } from './sinks.ts'
import { orgs, sources } from './sources.ts'
import { dedup, journal, lake } from './storage.ts'

export const configSchema = z
  .strictObject({
    listen: listen.prefault({}),
    orgs: orgs.prefault([]),
    sources,
    channels: channels.prefault([]),
    journal: journal.prefault({}),
    dedup: dedup.prefault({}),
    lake: lake.prefault({}),
    gold: gold.prefault({}),
    names: names.prefault({}),
    reconcile: reconcile.exactOptional(),
    provision: provision.prefault({}),
    privacy: privacy.prefault({}),
    audit: audit.prefault({}),
    sinks: sinks.prefault([]),
    schemas: schemas.prefault({}),
    alerts: alerts.prefault({}),
    ops: ops.prefault({}),
  })
  .meta({ title: 'Configuration of Inlet' })

export type Config = z.output<typeof configSchema>
export type JsonSchema = z.core.JSONSchema.BaseSchema

/** The published JSON Schema, for editors: what a file may hold, before defaults. */
export function configJsonSchema(): JsonSchema {
  return z.toJSONSchema(configSchema, { io: 'input', override: withExamples })
}

/** They are left out of what holds a quantity, because of a value that is read into another. */
function withExamples({ zodSchema, jsonSchema }: Overridden): void {
  const examples = z.globalRegistry.get(zodSchema)?.['examples']
  if (Array.isArray(examples)) jsonSchema.examples = examples
}

interface Overridden {
  readonly zodSchema: z.core.$ZodType
  readonly jsonSchema: JsonSchema
}
