import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { openSqlEngine, type SqlEngine } from '../../../../src/lake/sql/duckdb.ts'
import { prepareMasks } from '../../../../src/loader/silver/engine-masks.ts'
import type { Masks } from '../../../../src/loader/silver/masks.ts'
import { PrivacyKey } from '../../../../src/privacy/key.ts'
import { compilePolicy } from '../../../../src/privacy/policy.ts'
import { sqlOptions } from '../../../support/lake.ts'
import { temporaryFolder } from '../../../support/temporary.ts'

suite('an engine that masks', () => {
  const policy = compilePolicy({
    rules: [{ field: 'attributes.tier', action: 'keep' }],
    key: new PrivacyKey('0123456789abcdef0123456789abcdef'),
    country: 'US',
  })
  const known = (topic: string, path: string) => topic === 'v2.x.{id}' && path === 'state'
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let engine: SqlEngine
  let masks: Masks
  before(async () => {
    folder = await temporaryFolder()
    engine = await openSqlEngine(sqlOptions(folder.path))
    masks = await prepareMasks(engine, { policy, schemas: { isKnown: known, takesText: known } })
  })
  after(async () => {
    engine.close()
    await folder.dispose()
  })

  const masked = async (sql: string, values: string) => {
    const [row] = await engine.rows(`SELECT ${sql} AS masked FROM (VALUES ${values})
      AS batch (dialect, topic, event_type, body)`)
    return row?.['masked']
  }

  test('masks a body by the schema of its topic', async () => {
    const inner = '{"state":"IDLE","unheard":"Jane Doe","ani":"+13175551234","x":[1]}'
    const body = `'{"version":"2","eventBody":${inner},"jane":"Jane"}'`
    const sql = masks.maskJson?.('', 'body') ?? ''
    const id = '2f7bf00a-0fc2-4d6a-9b56-92238191433e'
    const ani = policy.maskText('ani', '3175551234')
    assert.equal(
      await masked(sql, `('notification', 'v2.x.${id}', 'x', ${body})`),
      `{"version":"2","eventBody":{"state":"IDLE","unheard":"***","ani":"${ani}","x":["***"]},"jane":"***"}`,
    )
    assert.equal(
      await masked(sql, `('generic', NULL, 'x', '${inner}')`),
      `{"state":"***","unheard":"***","ani":"${ani}","x":["***"]}`,
    )
  })

  test('masks a JSON column by the field that it is', async () => {
    const sql = masks.maskJson?.('attributes.*', 'body') ?? ''
    const body = `'{"tier":"gold","Jane Doe":"jane@example.com"}'`
    assert.equal(
      await masked(sql, `('notification', 'v2.y', 'x', ${body})`),
      '{"tier":"gold","***":"***@example.com"}',
    )
  })

  test('gives null for what is no JSON, and for nothing', async () => {
    const sql = masks.maskJson?.('', 'body') ?? ''
    assert.equal(await masked(sql, `('d', 't', 'x', '{"Jane')`), null)
    assert.equal(await masked(sql, `('d', 't', 'x', NULL::VARCHAR)`), null)
  })

  test('serves statements beside each other, of many rows', async () => {
    const sql = masks.maskJson?.('', 'body') ?? ''
    const count = `SELECT count(DISTINCT masked) AS n FROM (SELECT ${sql} AS masked FROM (
      SELECT 'd' AS dialect, 't' AS topic, 'x' AS event_type,
        '{"ani":' || (10000000 + i) || '}' AS body FROM range(5000) r(i)))`
    const counts = await Promise.all([engine.rows(count), engine.rows(count), engine.rows(count)])
    assert.deepEqual(
      counts.map(([row]) => row?.['n']),
      [5000n, 5000n, 5000n],
    )
  })
})
