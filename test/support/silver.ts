/** Relations with the columns of silver, made of what the simulator tells. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { seededRandom } from '../../src/core/random.ts'
import type { JsonObject } from '../../src/event/json.ts'
import { openSqlEngine, type SqlEngine } from '../../src/lake/sql/duckdb.ts'
import { identifier, literal } from '../../src/lake/sql/quote.ts'
import type { Conversation } from '../../src/simulator/centre/conversation.ts'
import { type AgentHappening, isDetail } from '../../src/simulator/centre/happening.ts'
import { lowerCamel } from '../../src/simulator/render/rendered.ts'
import {
  agentStates,
  conversationDetails,
  conversationEvents,
  interactions,
} from '../../src/tables/silver.ts'
import type { Table } from '../../src/tables/table.ts'
import { sqlOptions } from './lake.ts'
import { temporaryFolder } from './temporary.ts'

export type SilverRow = Readonly<Record<string, unknown>>

export interface Silver {
  readonly conversation_events?: readonly SilverRow[]
  readonly conversation_details?: readonly SilverRow[]
  readonly interactions?: readonly SilverRow[]
  readonly agent_states?: readonly SilverRow[]
}

const tables = { conversationEvents, conversationDetails, interactions, agentStates }

/** An engine with these relations, each row where it stands, times as ISO 8601 texts. */
export async function openSilver(
  silver: Silver,
): Promise<{ engine: SqlEngine; dispose: () => Promise<void> }> {
  const folder = await temporaryFolder()
  const engine = await openSqlEngine(sqlOptions(folder.path))
  for (const table of Object.values(tables)) {
    const name = table.name.replace('silver.', '')
    const rows = silver[name as keyof Silver] ?? []
    await load(engine, { table, rows, path: join(folder.path, `${name}.ndjson`), name })
  }
  return {
    engine,
    async dispose() {
      engine.close()
      await folder.dispose()
    },
  }
}

async function load(
  engine: SqlEngine,
  given: { table: Table; rows: readonly SilverRow[]; path: string; name: string },
): Promise<void> {
  const { table, rows, path, name } = given
  await writeFile(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  const columns = table.columns.map((column) => `${literal(column.name)}: ${literal(column.type)}`)
  const from = `read_json(${literal(path)}, format = 'newline_delimited', columns = {${columns}})`
  await engine.run(`CREATE OR REPLACE TABLE ${identifier(name)} AS FROM ${from}`)
}

const iso = (time: number) => new Date(time).toISOString()
const spelt = (text: string | undefined) => (text === undefined ? null : lowerCamel(text))

/** The detail events of a conversation as rows of `conversation_events`. */
export function eventRows({ contact, happenings }: Conversation, orgId: string): SilverRow[] {
  return happenings.filter(isDetail).map(({ type, time, party, fields }) => ({
    org_id: orgId,
    event_type: type,
    event_time: iso(time),
    conversation_id: contact.conversationId,
    participant_id: party.participantId,
    session_id: type === 'attributes' ? null : party.sessionId,
    media_type: type === 'attributes' ? null : contact.mediaType.toLowerCase(),
    direction: type === 'attributes' ? null : contact.direction.toLowerCase(),
    queue_id: fields.queueId,
    user_id: fields.userId,
    disconnect_type: spelt(fields.disconnectType),
    acd_outcome: spelt(fields.acdOutcome),
    answered_user_id: fields.answeredUserId,
    wrap_up_code: fields.wrapupCode,
    interacting_ms: fields.interactingDurationMs,
    held_ms: fields.heldDurationMs,
    alerting_ms: fields.alertingDurationMs,
    contacting_ms: fields.contactingDurationMs,
    dialing_ms: fields.dialingDurationMs,
    callback_ms: fields.callbackDurationMs,
    connected_ms: fields.connectedDurationMs,
    wrap_up_ms: fields.wrapupDurationMs,
    voicemail_ms: fields.voicemailDurationMs,
  }))
}

interface DetailSession {
  readonly sessionId: string
  readonly mediaType: string
  readonly direction: string
  readonly segments: readonly (Readonly<Record<string, string>> & { segmentStart: string })[]
  readonly metrics: readonly { readonly name: string; readonly value: number }[]
}

interface DetailRecord {
  readonly conversationId: string
  readonly conversationStart: string
  readonly conversationEnd?: string
  readonly participants: readonly {
    readonly participantId: string
    readonly purpose: string
    readonly userId?: string
    readonly sessions: readonly DetailSession[]
  }[]
}

/** The sessions of an Analytics record as rows of `conversation_details`. */
export function detailRows(value: JsonObject, orgId: string): SilverRow[] {
  const record = value as unknown as DetailRecord
  return record.participants.flatMap((participant) =>
    participant.sessions.map((session) => ({
      org_id: orgId,
      event_id: `record of ${record.conversationId}`,
      event_type: 'conversation.detail',
      event_time: record.conversationStart,
      conversation_id: record.conversationId,
      conversation_start: record.conversationStart,
      conversation_end: record.conversationEnd,
      participant_id: participant.participantId,
      purpose: participant.purpose,
      user_id: participant.userId,
      ...sessionFields(session),
    })),
  )
}

function sessionFields({ segments, metrics, ...session }: DetailSession): SilverRow {
  const sum = (name: string) => {
    const values = metrics.filter((metric) => metric.name === name).map(({ value }) => value)
    return values.length === 0 ? null : values.reduce((one, other) => one + other)
  }
  return {
    session_id: session.sessionId,
    media_type: session.mediaType,
    direction: session.direction,
    queue_id: segments.find(({ queueId }) => queueId !== undefined)?.['queueId'],
    wrap_up_codes: segments.flatMap(({ wrapUpCode }) => wrapUpCode ?? []),
    session_start: segments.map(({ segmentStart }) => segmentStart).toSorted()[0],
    session_end: segments
      .map(({ segmentEnd }) => segmentEnd)
      .toSorted()
      .at(-1),
    acd_ms: sum('tAcd'),
    answered_ms: sum('tAnswered'),
    abandon_ms: sum('tAbandon'),
    talk_ms: sum('tTalk'),
    held_ms: sum('tHeld'),
    acw_ms: sum('tAcw'),
    dialing_ms: sum('tDialing'),
    contacting_ms: sum('tContacting'),
    offered: sum('nOffered'),
    transferred: sum('nTransferred'),
  }
}

/** A change of an agent's presence or routing status as a row of `agent_states`. */
export function agentRow(happening: AgentHappening, orgId: string): SilverRow {
  const { type, time, agent } = happening
  const common = { org_id: orgId, event_time: iso(time), state_at: iso(time), user_id: agent.id }
  if (type === 'presence') return { ...common, kind: type, state: spelt(happening.presence) }
  if (type === 'routingStatus') return { ...common, kind: type, state: spelt(happening.status) }
  return { ...common, kind: type === 'agent.login' ? 'login' : 'logout' }
}

/** In another order, which follows from the seed. */
export function shuffled<T>(rows: readonly T[], seed: number): T[] {
  const random = seededRandom(seed)
  const keyed = rows.map((row) => ({ row, key: random.next() }))
  return keyed.toSorted((one, other) => one.key - other.key).map(({ row }) => row)
}
