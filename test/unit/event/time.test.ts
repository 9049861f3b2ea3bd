import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { findTime, readTime, timePlaces } from '../../../src/event/time.ts'
import { jsonValues } from './arbitraries.ts'
import { objectView } from './views.ts'

/** Without those that are read as seconds. */
const times = fc
  .integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 })
  .filter((at) => at < 1e9 || at >= 1e10)

describe('reading a time', () => {
  it('reads every millisecond of the years 1 to 9999, however it is written', () => {
    fc.assert(
      fc.property(times, (at) => {
        const text = new Date(at).toISOString()
        assert.equal(readTime(at), at)
        assert.equal(readTime(String(at)), at)
        assert.equal(readTime(text), at)
        assert.equal(readTime(text.replace('Z', '')), at)
        assert.equal(readTime(text.replace('Z', '000+00:00')), at)
      }),
      { numRuns: 500 },
    )
  })

  it('reads the usual form as it reads the others, whatever digits and signs stand in it', () => {
    const usual = fc.constantFrom('2026-01-02T03:04:05.678Z', '2024-02-29T23:59:59Z')
    const change = fc.tuple(fc.nat({ max: 23 }), fc.constantFrom(...'0123456789-:.TZ ,x'))
    fc.assert(
      fc.property(usual, fc.array(change, { maxLength: 3 }), (text, changes) => {
        const changed = [...text]
        for (const [at, character] of changes) if (at < text.length) changed[at] = character
        const found = changed.join('')
        // A lower-case zone is read by the rule for every form.
        const byRule = found.endsWith('Z') ? `${found.slice(0, -1)}z` : found
        assert.equal(readTime(found), readTime(byRule), found)
      }),
      { numRuns: 2000 },
    )
  })

  it('knows every day of four hundred years, and none besides', () => {
    for (let year = 1900; year < 2300; year++)
      for (let month = 0; month <= 13; month++)
        for (let day = 0; day <= 32; day++) {
          const at = new Date(Date.UTC(year, month - 1, day))
          const isDay = at.getUTCMonth() === month - 1 && at.getUTCDate() === day
          const text = [year, month, day].map((part) => String(part).padStart(2, '0')).join('-')
          assert.equal(readTime(text), isDay ? at.getTime() : null, text)
        }
  })

  it('reads ten digits as seconds, a number or a text, with a fraction or without', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1e9, max: 1e10 - 1 }), (seconds) => {
        assert.equal(readTime(seconds), 1000 * seconds)
        assert.equal(readTime(String(seconds)), 1000 * seconds)
        assert.equal(readTime(new Date(seconds).toISOString()), seconds, 'no number')
      }),
    )
    assert.equal(readTime(1_795_341_600.25), 1_795_341_600_250)
    assert.equal(readTime(1e9 - 1), 1e9 - 1, 'milliseconds')
    assert.equal(readTime(1e10), 1e10, 'milliseconds')
  })

  it('never throws', () => {
    fc.assert(
      fc.property(jsonValues, (value) => {
        const at = readTime(JSON.parse(JSON.stringify(value)))
        assert.ok(at === null || Number.isSafeInteger(at))
      }),
    )
  })

  it('reads the forms of ISO 8601 that senders use', () => {
    const at = Date.UTC(2023, 9, 27, 14, 30, 0)
    for (const [text, millis] of [
      ['2023-10-27T14:30:00Z', 0],
      ['2023-10-27T14:30Z', 0],
      ['2023-10-27 14:30:00', 0],
      ['2023-10-27t14:30:00z', 0],
      ['2023-10-27T14:30:00.5Z', 500],
      ['2023-10-27T14:30:00,123456789Z', 123],
      ['2023-10-27T16:30:00+02:00', 0],
      ['2023-10-27T16:30:00+0200', 0],
      ['2023-10-27T16:30:00+02', 0],
      ['2023-10-27T05:00:00-09:30', 0],
      ['2023-10-28T04:30:00+14:00', 0],
    ] as const)
      assert.equal(readTime(text), at + millis, text)
    assert.equal(readTime('2024-02-29'), Date.UTC(2024, 1, 29))
  })

  it('reads nothing into what is malformed', () => {
    for (const text of [
      ...[
        '2021-04-2T15:30:51.418Z',
        '2023-02-29T00:00:00Z',
        '2023-04-31',
        '2023-13-01',
        '2023-00-10',
      ],
      ...['2023-10-27T24:00:00Z', '2023-10-27T14:60:00Z', '2023-10-27T14:30:60Z', '2023-10-27T'],
      ...['2023-10-27T14:30:00+25:00', '2023-10-27T14:30:00+02:60', '2023-10-27T14:30:00 UTC'],
      ...['20231027T143000Z', '27 Oct 2023', '2023-10', '+002023-10-27T14:30:00Z', ' 2023-10-27'],
      ...[
        '2023-10-27T14:30:00.Z',
        '2023-10-27T14:30:00.0000000000Z',
        '1e12',
        '1649237504949.5',
        '',
        '-',
      ],
      ...['0000-12-31T23:59:59Z', '0001-01-01T00:00:00+00:01', '9999-12-31T23:59:59-00:01'],
      ...['253402300800000', '9'.repeat(15), '1'.repeat(100_000)],
    ])
      assert.equal(readTime(text), null, text.slice(0, 40))
  })

  it('reads no other type, and no number beyond the range', () => {
    for (const value of [null, true, objectView({}), 1e300, -1e300, 253402300800000])
      assert.equal(readTime(value), null)
    assert.equal(readTime(undefined), null)
  })

  it('cuts a fraction of a millisecond off', () => {
    assert.equal(readTime(1649237504949.9), 1649237504949)
  })
})

describe('finding the time of an event', () => {
  const places = timePlaces('a.time', ['b.first', 'b.second'], 'c')

  it('takes the first place that is readable', () => {
    const root = { a: { time: 'soon' }, b: { first: null }, c: 5 }
    assert.deepEqual(findTime(objectView(root), places), { at: 5, source: 'c' })
  })

  it('takes the latest of places that stand together', () => {
    assert.deepEqual(findTime(objectView({ b: { first: 7, second: 9 }, c: 5 }), places), {
      at: 9,
      source: 'b.second',
    })
    assert.deepEqual(findTime(objectView({ b: { first: 7, second: 3 } }), places), {
      at: 7,
      source: 'b.first',
    })
  })

  it('finds none where every place is null or of another type', () => {
    for (const root of [{}, { a: null, b: [1], c: {} }, { a: 'time', b: 5 }])
      assert.equal(findTime(objectView(root), places), null)
  })

  it('sees own members only', () => {
    assert.equal(findTime(objectView('{"__proto__":{"c":5}}'), places), null)
    assert.equal(findTime(objectView({}), timePlaces('constructor.length')), null)
  })
})
