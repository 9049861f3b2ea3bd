/** The page of configuration keys, a section for each key of the file. */
import { code, heading, notice, table } from './markdown.ts'

/** The parts of JSON Schema that the configuration uses. */
export interface KeySchema {
  readonly title?: string | undefined
  readonly description?: string | undefined
  readonly default?: unknown
  readonly examples?: readonly unknown[] | undefined
  readonly properties?: Readonly<Record<string, KeySchema | boolean>> | undefined
  readonly items?: unknown
  readonly anyOf?: readonly (KeySchema | boolean)[] | undefined
  readonly oneOf?: readonly (KeySchema | boolean)[] | undefined
  readonly required?: readonly string[] | undefined
}

export function configPage(schema: KeySchema): string {
  const sections = childrenOf(schema, '').map(({ key, schema: section }) => {
    const rows = childrenOf(section, key).flatMap(rowsOf)
    return [
      heading(2, code(key)),
      `${section.description ?? ''}\n`,
      table(['Key', 'What it is', 'Default', 'What it does', 'Example'], rows),
    ].join('\n')
  })
  return [
    heading(1, 'Configuration'),
    `${notice('src/app/config/')}\n`,
    introduction,
    ...sections,
  ].join('\n')
}

const introduction = `\`inlet.yaml\` holds these keys and no others; an unknown key is an error.
Sizes carry a unit: \`B\`, \`KiB\`, \`MiB\`, \`GiB\` or \`TiB\`; so do durations: \`ms\`, \`s\`,
\`m\`, \`h\` or \`d\`. Relative paths start at the folder of the file. Secrets are references and
never stand in it. \`inlet check-config\` tells all that is wrong with a file. Editors are helped by
the [JSON Schema](inlet.schema.json).
`

interface Key {
  /** Such as `sources[].auth`. */
  readonly key: string
  readonly schema: KeySchema
  readonly required: boolean
}

function rowsOf(entry: Key): string[][] {
  const { key, schema, required } = entry
  const { title, description = '', examples = [] } = schema
  const inner = childrenOf(schema, key).flatMap(rowsOf)
  const isGroup = title === undefined && inner.length > 0
  const fallback = schema.default
  const otherwise = required ? 'required' : fallback === undefined ? '' : code(written(fallback))
  const row = [
    code(key),
    isGroup ? 'a mapping' : (title ?? ''),
    isGroup ? '' : otherwise,
    description,
    examples.map((one) => code(String(one))).join(' or '),
  ]
  return [row, ...inner]
}

/** The keys below, whether it is a mapping, a list of mappings, or a choice that has one. */
function childrenOf(schema: KeySchema, key: string): Key[] {
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, inner]) =>
    isSchema(inner)
      ? [
          {
            key: key === '' ? name : `${key}.${name}`,
            schema: inner,
            required: schema.required?.includes(name) ?? false,
          },
        ]
      : [],
  )
  const choices = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]
    .filter(isSchema)
    .flatMap((one) => childrenOf(one, key))
  const items = isSchema(schema.items) ? childrenOf(schema.items, `${key}[]`) : []
  return [...own, ...onceEach(choices), ...items]
}

/** What several choices have in common is told once. */
function onceEach(keys: readonly Key[]): Key[] {
  return [...new Map(keys.map((one) => [JSON.stringify(one), one])).values()]
}

function written(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function isSchema(value: unknown): value is KeySchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
