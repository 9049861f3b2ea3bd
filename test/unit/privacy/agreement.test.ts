import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import {
  blobValue,
  type DuckDBConnection,
  DuckDBInstance,
  LIST,
  listValue,
  VARCHAR,
} from '@duckdb/node-api'
import fc from 'fast-check'
import { PrivacyKey } from '../../../src/privacy/key.ts'
import { compilePolicy, type Policy } from '../../../src/privacy/policy.ts'

/** Texts near everything that a pattern looks at, and any others. */
const spaces = fc.constantFrom('', ' ', '\t', ' \r\n', '\u00a0')
const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 17 })
const number = fc
  .tuple(
    spaces,
    fc.constantFrom('', 'tel:', 'sip:', 'SIPS:', 'Tel:', 'mailto:'),
    fc.constantFrom('', '+', '00', '011', '0', '1', '49', '810'),
    fc.constantFrom('', '(0)', ' ', '-', '(', '.'),
    digits,
    fc.constantFrom('', ' 12', '-34', ')5', '.6.7', '/8'),
    fc.constantFrom('', '@host', ';ext=5', ';phone-context=\u00e9', 'x'),
    spaces,
  )
  .map((parts) => parts.join(''))
const address = fc.oneof(
  fc.ipV4(),
  fc.emailAddress(),
  fc.emailAddress().map((one) => ` ${one.toUpperCase()} `),
)
const masked = fc.constantFrom(
  '***',
  '+49***12',
  '***@example.com',
  'h1:0123abcd:0123456789abcdef0123456789abcdef',
  'h1:0123abcd:0123456789abcdef0123456789abcdeg',
  '***@Example.com',
)
const text = fc.oneof(
  number,
  address,
  masked,
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom(...'aA1 @.+(0)-\n\t\0\u2028\u0130\u00df') }),
)

const rules = [{ field: 'kept', action: 'keep' }] as const
const key = new PrivacyKey(
  'a key of more than sixty-four bytes, which HMAC hashes before it is used',
)

suite('SQL and JavaScript mask alike', () => {
  let instance: DuckDBInstance
  let connection: DuckDBConnection
  before(async () => {
    instance = await DuckDBInstance.create(':memory:')
    connection = await instance.connect()
  })
  after(() => {
    connection.closeSync()
    instance.closeSync()
  })

  for (const country of [null, 'US', 'DE', 'ES', 'HU', 'IT', 'RU']) {
    test(`any text, with numbers of ${country ?? 'no country'}`, async () => {
      const policy = compilePolicy({ rules, key, country })
      await prepare(connection, policy)
      await fc.assert(
        fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 200 }), async (texts) => {
          for (const field of ['ani', 'attributes.any', 'subject', 'kept']) {
            const expected = texts.map((one) => policy.maskText(field, one))
            assert.deepEqual(await maskedBySql(connection, policy, { field, texts }), expected)
            const list = field === 'subject' ? null : expected
            assert.deepEqual(await maskedList(connection, policy, { field, texts }), list)
          }
        }),
        { numRuns: 40 },
      )
    })
  }

  test('what was masked before is left as it is', async () => {
    const policy = compilePolicy({ rules: [], key, country: 'US' })
    await prepare(connection, policy)
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1 }), async (texts) => {
        for (const field of ['ani', 'attributes.any']) {
          const once = texts.map((one) => policy.maskText(field, one) ?? '')
          assert.deepEqual(await maskedBySql(connection, policy, { field, texts: once }), once)
        }
      }),
      { numRuns: 20 },
    )
  })

  test('no plan, error or setting of the engine shows the key', async () => {
    const secret = 'PLANTEDPLANTEDPLANTEDPLANTEDPLANTED'
    const policy = compilePolicy({ rules: [], key: new PrivacyKey(secret), country: null })
    await prepare(connection, policy)
    const masked = policy.sqlMask('ani', 'v')
    const seen: unknown[] = policy.sqlPreparation.map(({ sql }) => sql)
    for (const sql of [
      `EXPLAIN SELECT ${masked} FROM (SELECT 'x' || i AS v FROM range(9) t(i))`,
      `EXPLAIN ANALYZE SELECT ${masked} FROM (SELECT 'x' || i AS v FROM range(9) t(i))`,
      "SELECT * FROM duckdb_functions() WHERE function_name LIKE 'inlet%'",
      'SELECT * FROM duckdb_tables()',
      'SELECT * FROM duckdb_settings()',
    ])
      seen.push(await rows(connection, sql))
    const failed = await rows(connection, `SELECT ${masked} FROM (SELECT error('no') AS v)`).then(
      () => assert.fail('it should have failed'),
      (error: unknown) => String(error),
    )
    const { inner, outer } = new PrivacyKey(secret).pads()
    const printable = (value: unknown) => (typeof value === 'bigint' ? String(value) : value)
    const all = JSON.stringify([...seen, failed], (_, value: unknown) => printable(value))
    for (const pad of [Buffer.from(secret), Buffer.from(inner), Buffer.from(outer)])
      for (const form of ['latin1', 'hex', 'base64'] as const)
        assert.ok(!all.includes(pad.toString(form).slice(0, 16)))
  })
})

async function prepare(connection: DuckDBConnection, { sqlPreparation }: Policy): Promise<void> {
  for (const { sql, parameters } of sqlPreparation)
    await connection.run(
      sql,
      parameters.map((bytes) => blobValue(bytes)),
    )
}

async function maskedBySql(
  connection: DuckDBConnection,
  policy: Policy,
  { field, texts }: { field: string; texts: readonly string[] },
): Promise<unknown[]> {
  const masked = policy.sqlMask(field, 'v')
  const sql = `SELECT ${masked} FROM (SELECT unnest($1) AS v)`
  return (await rows(connection, sql, texts)).map(([value]) => value)
}

async function maskedList(
  connection: DuckDBConnection,
  policy: Policy,
  { field, texts }: { field: string; texts: readonly string[] },
): Promise<unknown> {
  const sql = `SELECT ${policy.sqlMaskList(field, 'v')} FROM (SELECT $1 AS v)`
  return (await rows(connection, sql, texts))[0]?.[0]
}

async function rows(
  connection: DuckDBConnection,
  sql: string,
  texts: readonly string[] | null = null,
): Promise<unknown[][]> {
  const list = listValue(texts?.map((one) => one.toWellFormed()) ?? [])
  const reader =
    texts === null
      ? await connection.runAndReadAll(sql)
      : await connection.runAndReadAll(sql, [list], [LIST(VARCHAR)])
  return reader.getRowsJS()
}
