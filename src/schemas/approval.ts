/**
 * How an approved schema is kept: as a note in the journal, which lands as a row of `bronze.notes`
 * like everything else that happens. So every loader, and `rebuild`, reads the same ones in the
 * same order, and the lake alone is enough to judge as it was judged.
 */
import { isObject, type JsonValue, parseJson } from '../event/json.ts'
import { normaliseSchema } from './normalise.ts'
import { type Approval, versionOf } from './registry.ts'

/** The reason of the note, by which it is found. */
export const approvalReason = 'schema_approved'

/** What the note says, as a JSON object; who approved it is told by the account of the system. */
export function approvalDetail(
  { topic, document, number }: Omit<Approval, 'origin'>,
  who: string,
): Readonly<Record<string, unknown>> {
  return { topic, version: versionOf(number, document), schema: document, who }
}

/** Null for a note that says something else, or of a later version of this product. */
export function readApproval(detail: string): Approval | null {
  return approvalOf(parseJson(detail), 'approved')
}

/**
 * A schema that an operator keeps in a file: `{"topic":"...","version":2,"schema":{...}}`. Null
 * where it is none.
 */
export function readSchemaFile(text: string): Approval | null {
  return approvalOf(parseJson(text), 'file')
}

function approvalOf(value: JsonValue | undefined, origin: Approval['origin']): Approval | null {
  if (!isObject(value)) return null
  const { topic, version, schema } = value
  const number = Number.parseInt(String(version), 10)
  const document = normaliseSchema(schema)
  if (typeof topic !== 'string' || topic === '' || document === null) return null
  if (!Number.isSafeInteger(number) || number < 1) return null
  return { topic, document, number, origin }
}

/**
 * Files and approvals in the order in which the registry lays them over its seed: by number, an
 * approval after a file of the same, since the lake is what all loaders share; among approvals of
 * one number, which two operators may make at once, the one that landed last.
 */
export function inOrder(
  files: readonly Approval[],
  approvals: readonly Approval[],
): readonly Approval[] {
  return [...files, ...approvals].sort((a, b) => a.number - b.number)
}

export interface SchemaConflict {
  readonly topic: string
  readonly number: number
}

/** The same version of a topic with other content, which one of two places must give up. */
export function conflictsOf(all: readonly Approval[]): readonly SchemaConflict[] {
  const versions = new Map<string, Set<string>>()
  for (const { topic, number, document } of all) {
    const key = JSON.stringify([topic, number])
    versions.set(key, (versions.get(key) ?? new Set()).add(versionOf(number, document)))
  }
  return [...versions].flatMap(([key, found]) => {
    const [topic, number] = JSON.parse(key) as [string, number]
    return found.size > 1 ? [{ topic, number }] : []
  })
}
