/**
 * Any JSON in any place that silver reads: the event reaches its table, and what stands there its
 * column or a violation. Bodies go many at once, as they do in the loader.
 */
import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import fc from 'fast-check'
import { type Mapping, routesOf } from '../../../../src/loader/silver/mapping.ts'
import { mappings } from '../../../../src/loader/silver/mappings.ts'
import type { Arrival } from '../../../../src/tables/arrivals.ts'
import { arrivalOf, openSilver, type Silver, type SilverRow } from '../../../support/silver-rows.ts'

const silver: Silver = await openSilver()
after(() => silver.close())

/** JSON texts, of which JavaScript could not write all. */
const strange = [
  ...[
    'null',
    'true',
    'false',
    '0',
    '-0',
    '-1',
    '12',
    '12.0',
    '1e3',
    '-1.5',
    '0.5',
    '2.5',
    '61.4999',
  ],
  ...['1e400', '-1e400', '1e-400', '12345678901234567890123', '1767225600000', '1767225600000.7'],
  ...['1767225600', '"1767225600"', '"0001767225600"', '1767225600.5'],
  ...['253402300800000', '-62135596800001', '9007199254740993', '0.1234567890123456789'],
  ...['""', '" "', '"61.5"', '"-3"', '"NaN"', '"Infinity"', '"1_000"', '"0x10"', '" 12 "', '"+5"'],
  ...['"null"', '"true"', '"[x"', '"{x"', '"[]"', '"{}"', '"|"', '"~"', '"é\\ud83d\\ude00"'],
  ...['"A_B_"', '"_"', '"__"', '"TRANSPORT_FAILURE"', '"On Queue"', '"\'; DROP TABLE x; --"'],
  ...['"2021-04-2T15:30:51.418Z"', '"2021-02-30T00:00:00Z"', '"0000-01-01T00:00:00.000Z"'],
  ...['"2021-04-02T24:00:00.000Z"', '"2021-04-02T15:30"', '"2021-04-02T15:30:51,25+02"'],
  ...['"9999-12-31T23:59:59-14:00"', '"infinity"', '"2021-04-02T15:30:51.418Z/2021-04-02"'],
  ...['[]', '{}', '[null]', '[[]]', '[{}]', '[1,"2",true,null]', '["a",["b"]]', '[{"x":1}]'],
  ...['{"__proto__":{"a":1}}', '{"id":{"id":[]}}', '{"a":1,"a":"2"}', '{"":""}', '{"\\"":[1]}'],
  ...['[{"name":{}}]', '[{"name":"tTalk","value":"x"}]', '[{"id":1,"role":null,"name":"n"}]'],
]

const isReadable = (text: string) => text.isWellFormed() && !text.includes('\0')

const anyJson = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...strange) },
  { weight: 1, arbitrary: fc.json({ maxDepth: 3 }) },
  {
    weight: 1,
    arbitrary: fc
      .string({ unit: 'binary' })
      .filter(isReadable)
      .map((text) => JSON.stringify(text)),
  },
)

interface Place {
  readonly mapping: Mapping
  readonly dialect: string
  readonly root: string
  readonly eventType: string
  readonly path: string
  /** Null for what holds other fields. */
  readonly column: string | null
}

function placesOf(mapping: Mapping): Place[] {
  const fields = mapping.fields.flatMap(({ column, paths }) =>
    paths.map((path) => ({ path, column: column as string | null })),
  )
  const outer = fields.flatMap(({ path }) => {
    const names = path.replaceAll('[]', '').split('.')
    return names.slice(1).map((_, index) => names.slice(0, index + 1).join('.'))
  })
  const all = [...fields, ...[...new Set(outer)].map((path) => ({ path, column: null }))]
  return routesOf(mapping).flatMap(({ dialect, root }) =>
    mapping.eventTypes.flatMap((eventType) =>
      all.map((one) => ({ mapping, dialect, root, eventType, ...one })),
    ),
  )
}

const places = mappings.flatMap(placesOf)

function placeAt(index: number): Place {
  const place = places[index]
  assert.ok(place !== undefined)
  return place
}

/** A body with `json` at a path and nothing else: lists have one element. */
function bodyWith({ root, path }: Place, json: string): string {
  const steps = [...(root === '' ? [] : root.split('.')), ...path.split('.')]
  return steps.reduceRight((inner, step) => {
    const value = step.endsWith('[]') ? `[${inner}]` : inner
    const name = step === '*' ? 'count' : step.replace('[]', '')
    return `{${JSON.stringify(name)}:${value}}`
  }, json)
}

const cases = fc.array(fc.tuple(fc.nat(places.length - 1), anyJson), {
  minLength: 400,
  maxLength: 400,
})

describe('any JSON in any place', () => {
  it('reaches its table, and its column or a violation', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (chosen) => {
        const arrivals = chosen.map(([index, json], position): Arrival => {
          const place = placeAt(index)
          const { dialect, eventType } = place
          const topic = null
          return arrivalOf(bodyWith(place, json), { dialect, eventType, topic, position })
        })
        const rows = Map.groupBy(await silver.rows(arrivals), ({ position }) => Number(position))
        for (const [position, [index, json]] of chosen.entries())
          assertTold(rows.get(position) ?? [], placeAt(index), json)
      }),
      { numRuns: 6, endOnFailure: true },
    )
  })
})

function assertTold(rows: readonly SilverRow[], { mapping, column, path }: Place, json: string) {
  const told = rows.filter(({ table }) => table === 'silver.violations')
  const own = rows.filter(({ table }) => table !== 'silver.violations')
  const what = `${mapping.table.name} ${path}: ${json}`
  assert.ok(own.length > 0, `${what} is nowhere`)
  assert.deepEqual(
    own.map(({ table }) => table),
    own.map(() => mapping.table.name),
    what,
  )
  if (column === null || json === 'null') return
  const isColumn = mapping.table.columns.some(({ name }) => name === column)
  const isKept = isColumn && own.some((row) => row[column] !== undefined)
  if (isColumn) assert.ok(isKept || told.length > 0, `${what} is in no column and no violation`)
  for (const violation of told) assert.notEqual(violation['rule'], undefined)
}
