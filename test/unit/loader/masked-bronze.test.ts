/** `bronze: masked`: what is kept of bodies, and that identities hold all the same. */
import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import type { Entry } from '../../../src/journal/entry.ts'
import { audit } from '../../../src/loader/audit.ts'
import { bodyMask } from '../../../src/loader/body-mask.ts'
import { PrivacyKey } from '../../../src/privacy/key.ts'
import { compilePolicy } from '../../../src/privacy/policy.ts'
import { openSchemas } from '../../../src/schemas/registry.ts'
import { builtInSeed } from '../../../src/schemas/seed/seed.ts'
import { arrivals } from '../../../src/tables/arrivals.ts'
import { event, repeat } from '../../support/deliveries.ts'
import { type Landing, openLanding } from '../../support/loader.ts'

const policy = compilePolicy({ rules: [], key: new PrivacyKey('k'.repeat(32)), country: 'US' })
const masked = { bodyMask: bodyMask({ policy, schemas: openSchemas(builtInSeed()) }) }

async function scenario(run: (landing: Landing) => Promise<void>): Promise<void> {
  const landing = await openLanding({}, masked)
  try {
    await run(landing)
  } finally {
    await landing.dispose()
  }
}

const body = (more: object) =>
  JSON.stringify({
    messageId: 'm-1',
    contact: { id: 'c-1', phoneNumber: '+13175551234', customerName: 'Planted Person' },
    ...more,
  })

async function stored(landing: Landing): Promise<string> {
  const { rows } = await landing.lake.query(
    `SELECT coalesce(body, decode(body_bytes)), body_sha256, detail, reason, outcome
     FROM bronze.arrivals ORDER BY position`,
  )
  return JSON.stringify(rows)
}

test('a body is kept masked, with the hash of what is kept', () =>
  scenario(async (landing) => {
    await landing.land([event('a', body({ unheard: 'Planted Person' }))])
    const text = await stored(landing)
    assert.doesNotMatch(text, /Planted|3175551234/)
    const expected = JSON.stringify({
      messageId: 'm-1',
      contact: {
        id: 'c-1',
        phoneNumber: policy.maskText('ani', '+13175551234'),
        customerName: policy.maskText('ani', 'Planted Person'),
      },
      unheard: '***',
    })
    assert.deepEqual(JSON.parse(text)[0].slice(0, 2), [expected, hash('sha256', expected)])
  }))

test('the same delivery is a duplicate, before and after a restart, and keeps no hash of it', () =>
  scenario(async (landing) => {
    await landing.land([event('a', body({})), event('a', body({}))])
    await landing.restart()
    await landing.land([event('a', body({})), repeat(event('a', body({})), 0)])
    assert.deepEqual(await landing.rows(), [
      '0 event a',
      '1 duplicate a same_bytes 0',
      '2 duplicate a same_bytes 0',
      '3 duplicate a same_bytes 0',
    ])
    const { rows } = await landing.lake.query(
      `SELECT count(*) FROM bronze.arrivals WHERE body IS NULL AND body_sha256 IS NOT NULL`,
    )
    assert.equal(String(rows[0]?.[0]), '0')
    const table = await landing.lake.lake.table(arrivals)
    assert.ok((await audit(landing.lake, table, { scopes: new Map(), most: 9 })).clean)
  }))

test('another content under the id is an event of its own', () =>
  scenario(async (landing) => {
    await landing.land([event('a', body({ direction: 'inbound' }))])
    await landing.land([event('a', body({ direction: 'outbound' }))])
    const [, second] = await landing.rows()
    assert.match(second ?? '', /^1 event a#[0-9a-f]{16} id_reused$/)
  }))

test('what cannot be read is a dead letter without its body', () =>
  scenario(async (landing) => {
    const bytes = Buffer.from('{"name":"Planted Person", 13175551234')
    const entry: Entry = {
      kind: 'unreadable',
      source: 'test',
      sender: 'tester',
      headers: '{}',
      receivedAt: 1_760_000_000_000,
      reason: 'invalid_json',
      detail: 'at byte 28',
      body: bytes,
      bodySha256: hash('sha256', bytes, 'buffer'),
    }
    await landing.land([entry, { ...entry, body: Buffer.from(body({})) }])
    const text = await stored(landing)
    assert.doesNotMatch(text, /Planted|3175551234/)
    assert.match(text, /invalid_json.*dead_letter/)
    assert.match(text, /h1:[0-9a-f]{8}/)
  }))
