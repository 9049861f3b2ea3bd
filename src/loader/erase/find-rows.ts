/**
 * The rows of `bronze.arrivals` that name somebody, and what they become.
 *
 * DuckDB finds those that might, by the digits or letters of the name, given as a parameter; each
 * is then looked at as a person is looked for. Limit: candidates of one file are held in memory.
 */
import type { DuckDBConnection } from '@duckdb/node-api'
import { isId, type Subject } from '../../privacy/subject.ts'
import { erasedDetail, names, redactedBody, redactedTopic, type Seek, sha256 } from './seek.ts'

export interface ErasedRow {
  readonly journalId: string
  readonly partition: string
  readonly position: bigint
  readonly outcome: string
  readonly eventType: string | null
  readonly conversationId: string | null
  readonly topic: string | null
  readonly body: string | null
  readonly bodySha256: string | null
  readonly detail: string
  /** As it stood. */
  readonly row: Readonly<Record<string, unknown>>
}

/** `from` is SQL that gives rows with the columns of the table. */
export async function findRows(
  connection: DuckDBConnection,
  from: string,
  seek: Seek,
): Promise<ErasedRow[]> {
  const { condition, parameter } = candidateSql(seek.subject)
  const reader = await connection.runAndReadAll(
    `SELECT * FROM (SELECT *, concat_ws(' ', body, body_bytes::VARCHAR, conversation_id, topic,
        headers, CASE WHEN outcome = 'dead_letter' THEN detail END) AS searched FROM (${from}))
     WHERE outcome <> 'note' AND ${condition}`,
    [parameter],
  )
  return reader.getRowObjectsJS().flatMap((row) => {
    const found = names(seek, String(row['searched'])) || mentionsId(seek, row)
    return found ? [erasedRow(row, seek)] : []
  })
}

type Row = Readonly<Record<string, unknown>>

/** More than those who are sought, never fewer. */
function candidateSql({ kind, value }: Subject): { condition: string; parameter: string } {
  const digits = "regexp_replace(searched, '[^0-9]', '', 'g')"
  if (kind === 'phone') return { condition: `contains(${digits}, $1)`, parameter: value.slice(-8) }
  if (isId(kind)) return { condition: 'contains(searched, $1)', parameter: value }
  const [local = ''] = value.split('@')
  const longest = local.match(/[a-z0-9]+/g)?.sort((a, b) => b.length - a.length)[0] ?? ''
  return { condition: 'contains(lower(searched), $1)', parameter: longest }
}

/** An id counts where it stands in a column by itself. */
function mentionsId({ isSought, subject, rules }: Seek, row: Row): boolean {
  if (!isId(subject.kind)) return wholeTexts(row).some((text) => names({ isSought, rules }, text))
  return row['conversation_id'] === subject.value || String(row['topic']).includes(subject.value)
}

/** Bodies that are no JSON, and what was found about them, as texts without quotes around them. */
function wholeTexts(row: Row): string[] {
  return ['body', 'body_bytes', 'detail', 'headers'].flatMap((name) => {
    const value = row[name]
    if (value === null || value === undefined) return []
    const text = value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value)
    return [JSON.stringify(text)]
  })
}

function shown({ searched: _, ...row }: Row): Row {
  return row
}

function erasedRow(row: Row, seek: Seek): ErasedRow {
  const text = (name: string) => (typeof row[name] === 'string' ? row[name] : null)
  const [body, outcome] = [text('body'), String(row['outcome'])]
  const facts = {
    dialect: text('dialect') ?? '',
    topic: text('topic'),
    eventType: text('event_type') ?? '',
  }
  const hasBody = body !== null || row['body_bytes'] instanceof Uint8Array
  const kept = hasBody ? redactedBody(seek, body ?? '', facts) : null
  const conversationId = text('conversation_id')
  return {
    journalId: String(row['journal_id']),
    partition: String(row['journal_partition']),
    position: BigInt(String(row['position'])),
    outcome,
    eventType: text('event_type'),
    conversationId: conversationId === seek.subject.value ? null : conversationId,
    topic: redactedTopic(seek, facts.topic),
    body: kept === null ? null : kept.toString('utf8'),
    bodySha256: kept === null ? null : sha256(kept),
    detail: erasedDetail(outcome, text('detail')),
    row: shown(row),
  }
}
