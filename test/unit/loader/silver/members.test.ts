/** What is read of a slice is what the whole of each mapping reads, the exact way. */
import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import fc from 'fast-check'
import { routesOf } from '../../../../src/loader/silver/mapping.ts'
import { mappings } from '../../../../src/loader/silver/mappings.ts'
import { narrowedTo } from '../../../../src/loader/silver/members.ts'
import { readMapping } from '../../../../src/loader/silver/read-mapping.ts'
import type { Arrival } from '../../../../src/tables/arrivals.ts'
import {
  arrivalOf,
  openSilver,
  plain,
  type Silver,
  type SilverRow,
} from '../../../support/silver-rows.ts'

const silver: Silver = await openSilver()
after(() => silver.close())

const routes = mappings.filter(({ lists }) => lists === undefined).flatMap(routesOf)
const paths = [...new Set(routes.flatMap(({ mapping }) => mapping.fields.flatMap((f) => f.paths)))]

const usual = ['"VOICE"', '"x"', '12', '1767225600000', '"2026-01-01T00:00:00.000Z"', 'true']
const unusual = ['null', '-1', '1.5', '18446744073709551615', '"[x"', '"12"', '["a"]', '[{"b":[]}]']
const value = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...usual) },
  { weight: 1, arbitrary: fc.constantFrom(...unusual, '{}', '{"a":"b","c":{"d":1}}') },
)

/** Names of members in this case and others, some of them twice. */
const name = fc
  .tuple(fc.constantFrom(...paths), fc.nat(9))
  .map(([path, turn]) => (turn === 0 ? path.toUpperCase() : path))
const members = fc.array(fc.tuple(name, value), { maxLength: 8 })
const event = fc.tuple(fc.constantFrom(...routes), fc.nat(), members)
type Told = typeof event extends fc.Arbitrary<infer T> ? T : never

function bodyOf(root: string, told: readonly (readonly [string, string])[]): string {
  const inner = told.map(([path, json]) => {
    const [first = '', ...rest] = path.split('.')
    const below = rest.reduceRight((json, step) => `{${JSON.stringify(step)}:${json}}`, json)
    return `${JSON.stringify(first)}:${below}`
  })
  const names = root === '' ? [] : root.split('.')
  return names.reduceRight((json, step) => `{"${step}":${json}}`, `{${inner.join(',')}}`)
}

const parted = (rows: readonly SilverRow[]) =>
  [
    rows.filter(({ table }) => table === 'silver.violations'),
    rows.filter(({ table }) => table !== 'silver.violations'),
  ] as const

function arrivalsOf(events: readonly Told[]): Arrival[] {
  return events.map(([{ mapping, dialect, root }, turn, told], position) => {
    const eventType = mapping.eventTypes[turn % mapping.eventTypes.length] ?? ''
    return arrivalOf(bodyOf(root, told), { dialect, eventType, topic: null, position })
  })
}

interface Read {
  readonly position: number
  readonly violations: readonly { readonly path: string; readonly rule: string }[] | null
}

/** Of the arrivals that `silver` has read last, each route as a whole. */
async function exactRows(): Promise<ReadonlyMap<number, Read[]>> {
  const rows: Read[] = []
  for (const route of routes) {
    const exact = readMapping(route, { batch: 'batch', masks: plain, way: 'exact' })
    const lines = await silver.engine.rows(`
      SELECT to_json(told)::VARCHAR AS line
      FROM (SELECT * EXCLUDE (violations_topic, odd) FROM (${exact})) AS told`)
    for (const { line } of lines) rows.push(JSON.parse(String(line)))
  }
  return Map.groupBy(rows, ({ position }) => position)
}

const withoutNulls = (row: object) =>
  Object.fromEntries(Object.entries(row).filter(([, found]) => found !== null))
const sorted = (texts: readonly string[]) => texts.toSorted()

describe('a mapping that is narrowed to the members of a slice', () => {
  it('reads what the mapping itself does', async () => {
    const many = fc.array(event, { minLength: 30, maxLength: 30 })
    await fc.assert(
      fc.asyncProperty(many, async (events) => {
        const found = await silver.rows(arrivalsOf(events))
        const byPosition = Map.groupBy(found, ({ position }) => Number(position))
        for (const [position, exact] of await exactRows()) {
          const [told, own] = parted(byPosition.get(position) ?? [])
          assert.deepEqual(
            sorted(own.map(({ table: _, ...row }) => JSON.stringify(row))),
            sorted(exact.map(({ violations: _, ...row }) => JSON.stringify(withoutNulls(row)))),
          )
          const rules = exact.flatMap(({ violations }) => violations ?? [])
          assert.deepEqual(
            sorted(told.map(({ path, rule }) => `${path} ${rule}`)),
            sorted([...new Set(rules.map(({ path, rule }) => `${path} ${rule}`))]),
          )
        }
      }),
      { numRuns: 3, endOnFailure: true },
    )
  })

  it('leaves out what no body has', () => {
    const [route] = routes
    assert.ok(route !== undefined)
    const [eventType = ''] = route.mapping.eventTypes
    const { dialect } = route
    const seen = [{ dialect, eventType, name: 'queueid', type: 'VARCHAR' }]
    const { fields } = narrowedTo(route, seen).mapping
    assert.deepEqual(
      fields.map(({ column }) => column),
      ['queue_id'],
    )
  })
})
