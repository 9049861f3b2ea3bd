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

const routes = mappings.flatMap(routesOf)

const usual = ['"VOICE"', '"x"', '12', '1767225600000', '"2026-01-01T00:00:00.000Z"', 'true']
const unusual = ['null', '-1', '1.5', '18446744073709551615', '"[x"', '"12"', '["a"]', '[{"b":[]}]']
const lists = [
  '[{"name":"tTalk","value":12},{"name":"tTalk","value":30},{"name":"nError","value":1}]',
  '[{"segmentStart":"2026-01-01T00:00:00.000Z","queueId":"q"},{"segmentEnd":1767225600000}]',
  '[{"name":"tHeld","value":1.5},{"name":"tAcw","value":-1}]',
  '[{"segmentStart":"24","wrapUpCode":"w"},null,{"disconnectType":"PEER"}]',
  ...['[5,{"name":"tTalk"}]', '[{}]', '[]', '[{"name":"[x","queueId":{}}]', '[{"other":1}]'],
]
const value = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...usual) },
  { weight: 1, arbitrary: fc.constantFrom(...unusual, '{}', '{"a":"b","c":{"d":1}}') },
  { weight: 1, arbitrary: fc.constantFrom(...lists) },
)

/** Where a value is put: a path of the mapping, in this case or another. */
type Told = readonly [path: string, json: string]
const event = fc.nat(routes.length - 1).chain((index) => {
  const paths = (routes[index]?.mapping.fields ?? []).flatMap(({ paths }) => paths)
  const path = fc
    .tuple(fc.constantFrom(...paths), fc.nat(9))
    .map(([path, turn]) => (turn === 0 ? path.toUpperCase() : path))
  const told = fc.array(fc.tuple(path, value), { maxLength: 12 })
  return fc.tuple(fc.constant(index), fc.nat(), told)
})
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never

/** Some names come twice; of a list, the second element lacks what is told first. */
function objectOf(told: readonly Told[]): string {
  const isLeaf = ([path]: Told) => !path.includes('.')
  const leaves = told.filter(isLeaf).map(([path, json]) => memberOf(path, json))
  const inner = Map.groupBy(
    told.filter((one) => !isLeaf(one)),
    ([path]) => path.slice(0, path.indexOf('.')),
  )
  const nested = [...inner].map(([first, all]) => {
    const rest = all.map(([path, json]) => [path.slice(first.length + 1), json] as const)
    const [whole, part] = [objectOf(rest), objectOf(rest.slice(1))]
    return memberOf(first, first.endsWith('[]') ? `[${whole},${part}]` : whole)
  })
  return `{${[...leaves, ...nested].join(',')}}`
}

function memberOf(step: string, json: string): string {
  const name = step === '*' ? 'count' : step.replace('[]', '')
  return `${JSON.stringify(name)}:${json}`
}

function bodyOf(root: string, told: readonly Told[]): string {
  const names = root === '' ? [] : root.split('.')
  return names.reduceRight((json, step) => `{"${step}":${json}}`, objectOf(told))
}

const parted = (rows: readonly SilverRow[]) =>
  [
    rows.filter(({ table }) => table === 'silver.violations'),
    rows.filter(({ table }) => table !== 'silver.violations'),
  ] as const

function arrivalsOf(events: readonly Event[]): Arrival[] {
  return events.map(([index, turn, told], position) => {
    const route = routes[index]
    assert.ok(route !== undefined)
    const { mapping, dialect, root } = route
    const eventType = mapping.eventTypes[turn % mapping.eventTypes.length] ?? ''
    return arrivalOf(bodyOf(root, told), { dialect, eventType, topic: null, position })
  })
}

interface Violation {
  readonly path: string
  readonly rule: string
  readonly type_seen: string
}

interface Read {
  readonly position: number
  readonly violations: readonly Violation[] | null
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

const ruleOf = (told: object) => {
  const { path, rule } = told as Violation
  return `${path} ${rule}`
}
const wordsOf = (told: object) => `${ruleOf(told)} ${(told as Violation).type_seen}`
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
          // What rows of an event share is told once, with one of the types that they have there.
          const rules = exact.flatMap(({ violations }) => violations ?? [])
          assert.deepEqual(sorted(told.map(ruleOf)), sorted([...new Set(rules.map(ruleOf))]))
          const words = new Set(rules.map(wordsOf))
          assert.deepEqual(
            told.map(wordsOf).filter((one) => !words.has(one)),
            [],
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
    const seen = [{ dialect, eventType, name: 'queueId', type: 'VARCHAR' }]
    const { fields } = narrowedTo(route, seen).mapping
    assert.deepEqual(
      fields.map(({ column }) => column),
      ['queue_id'],
    )
  })
})
