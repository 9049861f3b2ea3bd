/** Schemas that come in by a file: one of an operator, or those that Genesys tells. */
import { Ajv } from 'ajv'
import { InletError } from '../core/errors.ts'
import { type Files, isSystemError } from '../core/files.ts'
import { isObject, type JsonObject, parseJson } from '../event/json.ts'
import { readAvailableTopics } from './available-topics.ts'
import type { SchemaDocument } from './json-schema.ts'
import { normaliseSchema } from './normalise.ts'

/**
 * A JSON Schema of draft 7, bare or as `{"topic","schema"}`. Rejects with INL_SCH_FILE for what is
 * none, or is one of another topic.
 */
export async function readForeignSchema(
  files: Files,
  file: string,
  topic: string,
): Promise<SchemaDocument> {
  const value = await readObject(files, file)
  const { topic: named = topic, schema = value } = isObject(value['schema']) ? value : {}
  if (named !== topic) throw notOne(file, `it is one of ${String(named)}`)
  const ajv = new Ajv({ strict: false, validateFormats: false })
  if (!isObject(schema)) throw notOne(file, 'it holds no object')
  // Which draft it says it is matters little: what is read is the same in all of them.
  const { $schema: _, ...plain } = schema
  if (ajv.validateSchema(plain) !== true) throw notOne(file, ajv.errorsText(ajv.errors))
  const document = normaliseSchema(schema)
  if (document === null || Object.keys(document).length === 0)
    throw notOne(file, 'it says nothing of any field')
  return document
}

/** By topic. Rejects with INL_SCH_FILE where the file is no such answer. */
export async function readAnswer(
  files: Files,
  file: string,
): Promise<ReadonlyMap<string, SchemaDocument>> {
  const topics = readAvailableTopics(await readObject(files, file))
  if (topics === null) throw notOne(file, 'it has no list "entities"')
  return topics
}

async function readObject(files: Files, file: string): Promise<JsonObject> {
  const text = await files.readAll(file).catch((error: unknown) => {
    if (isSystemError(error, 'ENOENT')) throw notOne(file, 'there is no such file')
    throw error
  })
  const value = parseJson(text.toString())
  if (!isObject(value)) throw notOne(file, 'it is no JSON object')
  return value
}

function notOne(file: string, reason: string): InletError {
  return new InletError('INL_SCH_FILE', { file, reason })
}
