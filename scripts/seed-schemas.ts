/**
 * Writes src/schemas/seed/topics.json, the schemas that Inlet knows from the start:
 * `node scripts/seed-schemas.ts FOLDER`, where FOLDER holds the `*.derived.json` files made from
 * the official SDK for Python. What is written is checked in; the folder is needed for a newer SDK
 * only. Descriptions fall away, and definitions that say the same become one.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
type Schema = { readonly [key: string]: Json }
type Definitions = ReadonlyMap<string, Schema>

const files = ['notification-topics-core', 'notification-topics-extended', 'analytics-rest']
/** The record of a details query is no topic. */
const added = { 'conversation.detail': '#/definitions/AnalyticsConversation' }
const place = '#/definitions/'

const folder = process.argv[2]
if (folder === undefined) throw new Error('name the folder of the *.derived.json files')
const read = files.map((name) => readDerived(join(folder, `${name}.derived.json`)))
const all = new Map(read.flatMap(({ definitions }) => Object.entries(definitions)))
const names = namesOfClasses(new Map([...all].map(([name, schema]) => [name, withoutText(schema)])))
const topics = Object.assign({}, ...read.map((one) => one.topics ?? {}), added)
const roots = Object.entries<string>(topics).map(
  ([topic, ref]) => [topic, standIn(nameOf(ref))] as const,
)
const used = reached(roots.map(([, name]) => name))

const lines = (entries: readonly (readonly [string, Json])[]) =>
  [...entries]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `    ${JSON.stringify(key)}: ${JSON.stringify(value)}`)
    .join(',\n')
const source =
  'MyPureCloud/platform-client-sdk-python at f80f2db2c783b8d9500b54a9e7e8077e1fa87367 (257.1.0), build/PureCloudPlatformClientV2/models: types, names, formats and enumerations of its classes'
const text = `{
  "source": ${JSON.stringify(source)},
  "licence": "MIT, (c) Genesys Cloud Services",
  "topics": {
${lines(roots)}
  },
  "definitions": {
${lines([...used])}
  }
}
`
writeFileSync(new URL('../src/schemas/seed/topics.json', import.meta.url), text)
console.log(`${roots.length} topics, ${used.size} definitions, ${text.length} bytes`)

function readDerived(path: string): {
  readonly topics?: Record<string, string>
  readonly definitions: Record<string, Schema>
} {
  return JSON.parse(readFileSync(path, 'utf8'))
}

function withoutText(schema: Schema): Schema {
  return mapped(schema, ({ description: _, ...rest }) => rest)
}

/** Does something with a schema and all in it, the innermost first. */
function mapped(schema: Schema, change: (schema: Schema) => Schema): Schema {
  const inner = Object.entries(schema).map(([key, value]): [string, Json] => {
    if (key === 'properties') {
      const members = Object.entries(value as Record<string, Schema>)
      return [key, Object.fromEntries(members.map(([name, one]) => [name, mapped(one, change)]))]
    }
    const nested = key === 'items' || key === 'additionalProperties'
    return [key, nested && typeof value === 'object' ? mapped(value as Schema, change) : value]
  })
  return change(Object.fromEntries(inner))
}

/**
 * Definitions by name, where equal ones have the same name. Two are equal when they say the same
 * and what they refer to is equal: found by parting them until nothing parts any more.
 */
function namesOfClasses(definitions: Definitions): {
  readonly nameOf: ReadonlyMap<string, string>
  readonly schemas: Definitions
} {
  const refer = (schema: Schema, to: (name: string) => string) =>
    mapped(schema, (one) => {
      const ref = one['$ref']
      return typeof ref === 'string' ? { $ref: `${place}${to(nameOf(ref))}` } : one
    })
  let classes = new Map([...definitions.keys()].map((name) => [name, '']))
  for (;;) {
    const signatures = [...definitions].map(([name, schema]) => {
      const text = JSON.stringify(refer(schema, (other) => classes.get(other) ?? ''))
      return [name, text] as const
    })
    const numbers = new Map([...new Set(signatures.map(([, text]) => text))].map((t, i) => [t, i]))
    const parted = new Map(signatures.map(([name, text]) => [name, String(numbers.get(text))]))
    const stands = numbers.size === new Set(classes.values()).size
    classes = parted
    if (stands) break
  }
  const shortest = new Map<string, string>()
  for (const [name, id] of classes) {
    const before = shortest.get(id)
    if (before === undefined || rank(name) < rank(before)) shortest.set(id, name)
  }
  const chosen = (name: string) => shortest.get(classes.get(name) ?? '') ?? name
  return {
    nameOf: new Map([...definitions.keys()].map((name) => [name, chosen(name)])),
    schemas: new Map([...definitions].map(([name, schema]) => [name, refer(schema, chosen)])),
  }
}

function rank(name: string): string {
  return `${String(name.length).padStart(4, '0')}${name}`
}

function reached(from: readonly string[]): Definitions {
  const found = new Map<string, Schema>()
  const waiting = [...from]
  for (let ref = waiting.pop(); ref !== undefined; ref = waiting.pop()) {
    const name = standIn(ref)
    const schema = names.schemas.get(name)
    if (schema === undefined) throw new Error(`${name} is defined nowhere`)
    if (found.has(name)) continue
    found.set(name, schema)
    mapped(schema, (one) => {
      const inner = one['$ref']
      if (typeof inner === 'string') waiting.push(nameOf(inner))
      return one
    })
  }
  return found
}

function standIn(name: string): string {
  return names.nameOf.get(name) ?? name
}

function nameOf(ref: string): string {
  return ref.slice(place.length)
}
