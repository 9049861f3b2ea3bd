/** The latest pull of a record, as whoever asks silver finds it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestGold } from '../../support/gold.ts'
import type { SilverRow } from '../../support/silver.ts'

const day = '2026-03-01'
const at = (time: string) => `${day}T${time}:00Z`

function pull(event: string, receivedAt: string, sessions: readonly SilverRow[]): SilverRow[] {
  const common = { event_id: event, event_time: at('09:00'), received_at: receivedAt }
  return sessions.map((session) => ({ ...common, conversation_id: 'c', org_id: 'o', ...session }))
}

test('of each conversation the latest pull alone is there, with all its sessions', async () => {
  const gold = await openTestGold()
  const found = async () => {
    const { rows } = await gold.query(`SELECT conversation_id, session_id, talk_ms
      FROM silver.latest_conversation_details ORDER BY ALL`)
    return rows.map((row) =>
      row.map((value) => (typeof value === 'bigint' ? Number(value) : value)),
    )
  }
  try {
    const early = pull('1', at('10:00'), [
      { session_id: 'a', talk_ms: 1 },
      { session_id: 'gone', talk_ms: 1 },
    ])
    const late = pull('2', at('11:00'), [
      { session_id: 'a', talk_ms: 2 },
      { session_id: 'b', talk_ms: 3 },
    ])
    const other = pull('3', at('09:30'), [{ conversation_id: 'd', session_id: 'x', talk_ms: 4 }])
    // What comes last was not necessarily pulled last.
    await gold.landSilver({ conversation_details: [...late, ...other] })
    await gold.landSilver({ conversation_details: early })
    const latest = [
      ['c', 'a', 2],
      ['c', 'b', 3],
      ['d', 'x', 4],
    ]
    assert.deepEqual(await found(), latest)
    const unowned = pull('4', at('08:00'), [{ session_id: 'a', talk_ms: 9, org_id: null }])
    const nameless = ['5', '6'].flatMap((event) =>
      pull(event, at('08:00'), [{ conversation_id: null, session_id: event, talk_ms: 5 }]),
    )
    await gold.landSilver({ conversation_details: [...unowned, ...nameless] })
    assert.deepEqual(await found(), [...latest, [null, '5', 5], [null, '6', 5]])
  } finally {
    await gold.dispose()
  }
})
