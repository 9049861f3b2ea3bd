/** How complete and how true gold is, held against what happened in the contact centre. */
import type { Truth } from '../../simulator/centre/truth.ts'
import { openQueryAt, openReadableLake } from '../lake-access.ts'
import type { LakePlace } from '../lake-store.ts'
import type { Machine } from '../machine.ts'
import { watermarksOf } from '../reconcile/watermarks.ts'
import type { Centre } from './centre.ts'

export interface Standing {
  /** Up to when all is known to be here, ISO 8601; null where nobody has compared. */
  readonly watermark: string | null
  readonly provisional: number
  /** Conversations that gold lacks or has otherwise than they were. */
  readonly untrue: readonly string[]
}

export type Row = Readonly<Record<string, unknown>>

const numbers = {
  start_ms: 'start',
  end_ms: 'end',
  wait_ms: 'waitMs',
  talk_ms: 'talkMs',
  hold_ms: 'holdMs',
  acw_ms: 'acwMs',
  handle_ms: 'handleMs',
  transfers: 'transfers',
} as const satisfies Readonly<Record<string, keyof Truth>>
const lists = { queue_ids: 'queueIds', user_ids: 'userIds', wrap_up_codes: 'wrapUpCodes' } as const
/** What the webhooks of the guides carry of a conversation, where they carry it. */
const carried = ['end_ms', 'wait_ms', 'talk_ms', 'hold_ms', 'acw_ms'] as const

const rowsSql = `SELECT conversation_id, told_by, provisional, abandoned, transfers,
  epoch_ms(start_time) AS start_ms, epoch_ms(end_time) AS end_ms,
  wait_ms, talk_ms, hold_ms, acw_ms, handle_ms, queue_ids, user_ids, wrap_up_codes
  FROM gold.conversations`

export async function standingOf(
  machine: Machine,
  place: LakePlace,
  { truths, cloud }: Pick<Centre, 'truths' | 'cloud'>,
): Promise<Standing> {
  const lake = await openReadableLake(machine, place)
  const session = await openQueryAt(machine, place)
  try {
    const at = (await watermarksOf(machine, lake)).get(cloud.orgId)
    const { columns, rows } = await session.query(rowsSql)
    const found = new Map<string, Row[]>()
    for (const values of rows) {
      const row = Object.fromEntries(columns.map(({ name }, index) => [name, values[index]]))
      const id = String(row['conversation_id'])
      found.set(id, [...(found.get(id) ?? []), row])
    }
    const told = [...truths].map(([id, truth]) => ({ id, truth, rows: found.get(id) ?? [] }))
    return {
      watermark: at === undefined ? null : new Date(at).toISOString(),
      provisional: told.filter((one) => one.rows.some((row) => row['provisional'] === true)).length,
      untrue: told.filter((one) => !areTrue(one.rows, one.truth)).map(({ id }) => id),
    }
  } finally {
    session.close()
    lake.close()
  }
}

/** A conversation is one row of gold, whatever it came by. */
export function areTrue([row, ...others]: readonly Row[], truth: Truth): boolean {
  if (row === undefined || others.length > 0) return false
  const isSame = (name: keyof typeof numbers) => Number(row[name]) === truth[numbers[name]]
  if (row['told_by'] === 'interactions')
    return carried.every((name) => row[name] === null || isSame(name))
  const areListed = Object.entries(lists).every(
    ([name, told]) => String(row[name]) === String(truth[told]),
  )
  const all = Object.keys(numbers) as (keyof typeof numbers)[]
  return all.every(isSame) && areListed && row['abandoned'] === truth.abandoned
}
