import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bronzeSelect } from '../../../../src/loader/bronze-files.ts'
import { booksSql } from '../../../../src/loader/gold/books.ts'
import type { Arrival } from '../../../../src/tables/arrivals.ts'
import { arrival, openTestLake } from '../../../support/lake.ts'

const at = (text: string) => Date.parse(`2026-01-01T${text}Z`)

async function books(rows: readonly Arrival[]): Promise<Record<string, Record<string, number>>> {
  const lake = await openTestLake()
  try {
    await lake.load(rows)
    const bronze = await bronzeSelect(lake.store, lake.table)
    const found = await lake.engine.rows(
      `WITH bronze AS (${bronze}) SELECT * FROM (${booksSql}) ORDER BY hour, source`,
    )
    return Object.fromEntries(
      found.map(({ hour, source, date: _, ...counts }) => [
        `${(hour as Date).toISOString().slice(11, 13)} ${source}`,
        Object.fromEntries(
          Object.entries(counts)
            .map(([name, count]) => [name, Number(count)] as const)
            .filter(([, count]) => count !== 0),
        ),
      ]),
    )
  } finally {
    await lake.dispose()
  }
}

function tally(position: number, time: string, detail: object): Arrival {
  return arrival(position, {
    outcome: 'note',
    eventId: null,
    body: null,
    bodySha256: null,
    receivedAt: at(time),
    reason: 'tally',
    detail: JSON.stringify({ refused: {}, ...detail }),
  })
}
const landed = (position: number, time: string, changes: Partial<Arrival> = {}) =>
  arrival(position, { receivedAt: at(time), ...changes })

test('every outcome counts in its hour, what was not kept in that of its tally', async () => {
  const told = { acknowledged: 3, filtered: 4, shed: 2, refused: { 401: 5, busy: 1 } }
  const rows = [
    landed(0, '10:00:00'),
    landed(1, '10:10:00', { outcome: 'duplicate', body: null, firstPosition: 0 }),
    landed(2, '10:20:00', { outcome: 'dead_letter' }),
    tally(3, '10:20:01', { ...told, from: 0, to: 3 }),
    landed(4, '11:30:00'),
    tally(5, '11:30:01', { acknowledged: 1, from: 3, to: 5 }),
  ]
  assert.deepEqual(await books(rows), {
    '10 genesys-prod': {
      ...{ events: 1, duplicates: 1, dead_letters: 1, notes: 1 },
      ...{ acknowledged: 3, filtered: 4, shed: 2, refused: 6 },
    },
    '11 genesys-prod': { events: 1, notes: 1, acknowledged: 1 },
  })
})

test('what a tally of the next hour covers was acknowledged when it was received', async () => {
  const other = { source: 'other' }
  const rows = [
    landed(0, '10:59:59.8'),
    landed(1, '10:59:59.9', other),
    landed(2, '11:00:00.1'),
    tally(3, '11:00:00.5', { acknowledged: 2, from: 0, to: 3 }),
    { ...tally(4, '11:00:00.5', { acknowledged: 1, from: 0, to: 3 }), ...other },
  ]
  assert.deepEqual(await books(rows), {
    '10 genesys-prod': { events: 1, acknowledged: 1 },
    '10 other': { events: 1, acknowledged: 1 },
    '11 genesys-prod': { events: 1, notes: 1, acknowledged: 1 },
    '11 other': { notes: 1 },
  })
})

test('what no tally covers counts as acknowledged, what never landed as a difference', async () => {
  const rows = [
    landed(0, '10:00:00'),
    tally(1, '10:00:01', { acknowledged: 3, from: 0, to: 1 }),
    landed(2, '10:00:02'),
  ]
  assert.deepEqual(await books(rows), {
    '10 genesys-prod': { events: 2, notes: 1, acknowledged: 4, difference: 2 },
  })
})

test('a note that is no tally is a note, whatever it says', async () => {
  const rows = [{ ...tally(0, '10:00:00', {}), reason: 'gap', detail: 'no JSON', source: null }]
  assert.deepEqual(await books(rows), { '10 ': { notes: 1 } })
})
