/**
 * The transformation of an Amazon Data Firehose stream that writes to a bucket by itself: its
 * records are masked as `bronze: masked` keeps bodies, by the same rules.
 *
 * Guarantee: every record is answered, once. Each event of it is one line of JSON, masked. Where
 * anything in a record cannot be read, none of it can be masked: it is answered ProcessingFailed,
 * and Firehose keeps it as it came under the error prefix, where `inlet import` reads it.
 *
 * Limits: schemas are those that Inlet knows itself and those of `schemas.dir`; approvals stand in
 * a lake, which is not asked. Records that an answer has no room for are answered ProcessingFailed.
 *
 * Source: "Transform source data in Amazon Data Firehose" and "Data transformation status model" of
 * its developer guide.
 */
import type { Files } from '../core/files.ts'
import { frame } from '../event/frame.ts'
import { recognise } from '../event/recognise.ts'
import { bodyMask } from '../loader/body-mask.ts'
import { inOrder } from '../schemas/approval.ts'
import { readSchemaFolder } from '../schemas/folder.ts'
import { openSchemas } from '../schemas/registry.ts'
import { builtInSeed } from '../schemas/seed/seed.ts'
import type { Config } from './config/schema.ts'
import type { Source } from './config/sources.ts'
import { requirePrivacy } from './privacy-policy.ts'
import type { SecretSource } from './secrets/read-secret.ts'
import { sourceRules } from './source-rules.ts'

/** As Firehose sends it; it has more members. */
export interface TransformRequest {
  readonly records: readonly { readonly recordId: string; readonly data: string }[]
}

type Result = 'Ok' | 'Dropped' | 'ProcessingFailed'

export interface TransformedRecord {
  readonly recordId: string
  readonly result: Result
  /** Base64. */
  readonly data: string
}

export interface TransformAnswer {
  readonly records: readonly TransformedRecord[]
}

export interface TransformDeps {
  readonly files: Files
  readonly secretSource: SecretSource
}

/** Lambda takes 6 MB of an answer, its JSON included. */
const MOST_ANSWER_BYTES = 5_900_000
/** Of a record, beside its id and data. */
const RECORD_BYTES = 64

/** Rejects with INL_PRV_KEY and INL_SCH_FILE. */
export async function openTransform(
  { files, secretSource }: TransformDeps,
  config: Config,
  source: Source,
): Promise<(request: TransformRequest) => TransformAnswer> {
  const { policy } = await requirePrivacy(config, secretSource)
  const own = await readSchemaFolder(files, config.schemas.dir)
  const approvals = own.map(({ approval }) => approval)
  const schemas = openSchemas(builtInSeed(), inOrder(approvals, []))
  const mask = bodyMask({ policy, schemas })
  const reading = sourceRules(source, config).recognise

  /** Null where it cannot be masked. */
  const masked = (body: Buffer): Buffer | null => {
    const { elements } = frame(body, (value, slice) =>
      mask(slice, recognise(value, slice, reading)),
    )
    const lines: Uint8Array[] = []
    for (const element of elements) {
      if (element.kind === 'object' && element.value.length > 0) lines.push(element.value, newline)
      else if (element.kind === 'object' || element.reason !== 'empty') return null
    }
    return Buffer.concat(lines)
  }

  return ({ records }) => {
    let room = MOST_ANSWER_BYTES
    const answered = (recordId: string, result: Result, data: string): TransformedRecord => {
      const fits = data.length <= room
      room -= RECORD_BYTES + recordId.length + (fits ? data.length : 0)
      return fits ? { recordId, result, data } : { recordId, result: 'ProcessingFailed', data: '' }
    }
    return {
      records: records.map(({ recordId, data }) => {
        const lines = masked(Buffer.from(data, 'base64'))
        if (lines === null) return answered(recordId, 'ProcessingFailed', data)
        return answered(recordId, lines.length === 0 ? 'Dropped' : 'Ok', lines.toString('base64'))
      }),
    }
  }
}

const newline = Buffer.from('\n')
