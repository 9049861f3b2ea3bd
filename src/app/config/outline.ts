/**
 * The published JSON Schema, asked about one place in it: what belongs there, and how it is
 * written.
 */
import type { Path } from './problem.ts'
import type { JsonSchema } from './schema.ts'

/** What may stand at `path`: the schema of it, and where there is a choice, each of the choices. */
export function schemasAt(root: JsonSchema, path: Path): JsonSchema[] {
  let found = withChoices(root)
  for (const part of path) {
    found = found.flatMap((schema) => {
      const inner = typeof part === 'number' ? schema.items : schema.properties?.[part]
      return isSchema(inner) ? withChoices(inner) : []
    })
  }
  return found
}

/** The keys that a mapping at `path` may have. */
export function keysAt(root: JsonSchema, path: Path): string[] {
  return schemasAt(root, path).flatMap(({ properties }) => Object.keys(properties ?? {}))
}

/** The words that may stand at `path`, where it is a matter of words. */
export function wordsAt(root: JsonSchema, path: Path): string[] {
  const words = schemasAt(root, path).flatMap((schema) => [schema.const, ...(schema.enum ?? [])])
  return words.filter((word) => typeof word === 'string')
}

/** The kind of value that belongs at `path`, with its article. */
export function kindAt(root: JsonSchema, path: Path): string {
  const [schema] = schemasAt(root, path)
  if (schema?.title !== undefined) return schema.title
  return schema?.type === 'array' ? 'a list' : 'a mapping'
}

/** How it may be written, as YAML. */
export function examplesAt(root: JsonSchema, path: Path): string[] {
  const [schema] = schemasAt(root, path)
  return (schema?.examples ?? []).map(String)
}

function withChoices(schema: JsonSchema): JsonSchema[] {
  return [schema, ...(schema.anyOf ?? []).filter(isSchema).flatMap(withChoices)]
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
