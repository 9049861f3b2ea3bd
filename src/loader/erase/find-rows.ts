/**
 * The rows of `bronze.arrivals` that name somebody, and what they become.
 *
 * DuckDB finds those that might, by the digits or letters of the name, given as a parameter; each
 * is then looked at as a person is looked for. Limit: candidates of one file are held in memory.
 */
import type { DuckDBConnection } from '@duckdb/node-api'
import { isId, type Subject } from '../../privacy/subject.ts'
import {
  erasedDetail,
  holdsId,
  isNamedBy,
  names,
  redactedBody,
  redactedTopic,
  type Seek,
  sha256,
} from './seek.ts'

export interface ErasedRow {
  readonly journalId: string
  readonly partition: string
  readonly position: bigint
  readonly outcome: string
  readonly eventType: string | null
  readonly conversationId: string | null
  readonly topic: string | null
  readonly headers: string | null
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
  const { condition, parameters } = candidateSql(seek)
  const reader = await connection.runAndReadAll(
    `SELECT * FROM (SELECT *, concat_ws(' ', body, body_bytes::VARCHAR, conversation_id, topic,
        headers, CASE WHEN outcome = 'dead_letter' THEN detail END) AS searched FROM (${from}))
     WHERE outcome <> 'note' AND ${condition}`,
    [...parameters],
  )
  return reader.getRowObjectsJS().flatMap((row) => {
    const found = names(seek, String(row['searched'])) || mentionsId(seek, row)
    const erased = found ? erasedRow(row, seek) : null
    return erased !== null && isChanged(erased) ? [erased] : []
  })
}

/** What cannot be said with less is left as it is, so that an erasure comes to an end. */
function isChanged({ row, ...erased }: ErasedRow): boolean {
  const { body, conversationId, topic, headers, detail } = erased
  const before = ['body', 'conversation_id', 'topic', 'headers', 'detail'].map((name) => row[name])
  const after = [body, conversationId, topic, headers, detail]
  return row['body_bytes'] !== null || before.some((value, index) => value !== after[index])
}

type Row = Readonly<Record<string, unknown>>

/** More than those who are sought, never fewer. */
function candidateSql({ subject, pseudonyms }: Seek) {
  const { text, parameter } = candidate(subject)
  const masked = pseudonyms.map((_, index) => `OR contains(searched, $${index + 2})`)
  return {
    condition: `(contains(${text}, $1) ${masked.join(' ')})`,
    parameters: [parameter, ...pseudonyms],
  }
}

function candidate({ kind, value }: Subject): { text: string; parameter: string } {
  const digits = "regexp_replace(searched, '[^0-9]', '', 'g')"
  if (kind === 'phone') return { text: digits, parameter: value.slice(-8) }
  if (isId(kind)) return { text: 'searched', parameter: value }
  const [local = ''] = value.split('@')
  const longest = local.match(/[a-z0-9]+/g)?.sort((a, b) => b.length - a.length)[0] ?? ''
  return { text: 'lower(searched)', parameter: longest }
}

/** An id counts where it stands in a column by itself. */
function mentionsId(seek: Seek, row: Row): boolean {
  if (!isId(seek.subject.kind)) return wholeTexts(row).some((text) => names(seek, text))
  return row['conversation_id'] === seek.subject.value || holdsId(seek, String(row['topic']))
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
  const [conversationId, headers] = [text('conversation_id'), text('headers')]
  const isNamed = (value: string | null) =>
    value !== null && (isNamedBy(seek, value) || names(seek, value))
  return {
    journalId: String(row['journal_id']),
    partition: String(row['journal_partition']),
    position: BigInt(String(row['position'])),
    outcome,
    eventType: text('event_type'),
    conversationId: isNamed(conversationId) ? null : conversationId,
    topic: redactedTopic(seek, facts.topic),
    headers: isNamed(headers) ? null : headers,
    body: kept === null ? null : kept.toString('utf8'),
    bodySha256: kept === null ? null : sha256(kept),
    detail: erasedDetail(outcome, text('detail')),
    row: shown(row),
  }
}
