/** Which bodies under several ids are told, and which are there by design. */
import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { suite, test } from 'node:test'
import { type AuditOptions, audit } from '../../../src/loader/audit.ts'
import type { SameBody } from '../../../src/loader/same-bodies.ts'
import type { Arrival } from '../../../src/tables/arrivals.ts'
import { DAY, event, NOON, observation } from '../../support/deliveries.ts'
import { arrival, openTestLake } from '../../support/lake.ts'
import { openLanding } from '../../support/loader.ts'

const options: AuditOptions = { scopes: new Map([['twin', 'genesys-prod']]), most: 10 }
const body = Buffer.from('{"said":"once"}')
const bodySha256 = hash('sha256', body, 'buffer')

/** Events of the same body. */
const same = (...changes: Partial<Arrival>[]) =>
  changes.map((change, position) => arrival(position, { body, bodySha256, ...change }))

async function told(rows: readonly Arrival[], more: Partial<AuditOptions> = {}) {
  const lake = await openTestLake()
  try {
    await lake.land(rows)
    const { clean, sameBodies } = await audit(lake, lake.table, { ...options, ...more })
    assert.equal(clean, true, 'it is a warning')
    return sameBodies
  } finally {
    await lake.dispose()
  }
}

const shape = (eventIds: [string, string], rows: number): SameBody => ({
  ...{ bodySha256: bodySha256.toString('hex'), scope: 'genesys-prod' },
  ...{ eventIds, rows },
})

suite('bodies under several event ids', () => {
  test('are told once a body and scope, with two ids and how many rows there are', async () => {
    const rows = same({ eventId: 'a' }, { eventId: 'c' }, { eventId: 'b', source: 'twin' })
    assert.deepEqual(await told([...rows, arrival(3), arrival(4)]), [shape(['a', 'c'], 3)])
  })

  test('are no more than were asked for', async () => {
    const pairs = Array.from({ length: 12 }, (_, position) => {
      const text = Buffer.from(`{"pair":${position >> 1}}`)
      return arrival(position, { body: text, bodySha256: hash('sha256', text, 'buffer') })
    })
    assert.equal((await told(pairs)).length, 6)
    assert.equal((await told(pairs, { most: 4 })).length, 4)
  })

  test('are nothing between scopes, nor beside what is no event or was erased', async () => {
    assert.deepEqual(await told(same({ eventId: 'a' }, { eventId: 'b', source: 'other' })), [])
    const others: Partial<Arrival>[] = [
      { eventId: 'b', outcome: 'duplicate', firstPosition: 0, detail: '{}' },
      { eventId: 'c', outcome: 'dead_letter', reason: 'other_org' },
      { eventId: 'd', detail: '{"erased":true}' },
      { eventId: 'e', detail: '{"erased":true}' },
    ]
    assert.deepEqual(await told(same({ eventId: 'a' }, ...others)), [])
  })

  test('are not asked for where bodies are masked, of which two may have differed', async () => {
    const rows = same({ eventId: 'a' }, { eventId: 'b' })
    assert.deepEqual(await told(rows, { areMasked: true }), [])
  })

  test('are not the variants of one id, whatever the loader calls them', async () => {
    const landing = await openLanding()
    try {
      const other = event('a', '{"n":2}')
      await landing.land([event('a', '{"n":1}'), other, observation(7, NOON)])
      await landing.land([observation(7, NOON + DAY), observation(7, NOON + 2 * DAY)])
      const { table } = landing.lake
      const isVariant = (row: string) => /[@#].* (id_reused|observed_again)/.test(row)
      assert.equal((await landing.rows()).filter(isVariant).length, 3)
      assert.deepEqual((await audit(landing.lake, table, options)).sameBodies, [])
      await landing.land([event('a@1', '{"n":1}'), event('z', '{"waiting":7}')])
      const found = (await audit(landing.lake, table, options)).sameBodies
      assert.deepEqual(found.map(({ eventIds, rows }) => [...eventIds, rows]).sort(), [
        ['a', 'a@1', 2],
        ['content-of-7', 'z', 4],
      ])
    } finally {
      await landing.dispose()
    }
  })
})
