import assert from 'node:assert/strict'
import { isUtf8 } from 'node:buffer'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Element } from '../../../src/event/frame.ts'
import { frame, unreadableReasons } from '../../../src/event/frame.ts'
import { batches, damagedBatches, jsonObjects, noise } from './arbitraries.ts'
import { assertShows } from './views.ts'

const anyBody = fc.oneof(noise, damagedBatches)

function values(elements: readonly Element<unknown>[]): unknown[] {
  return elements.map((element) =>
    element.kind === 'object' ? JSON.parse(element.slice.toString()) : element.reason,
  )
}

/** What stands in the body between, before and after the slices. */
function gaps(body: Buffer, elements: readonly Element<unknown>[]): string[] {
  const found: string[] = []
  let at = 0
  for (const { slice } of elements) {
    const from = slice.byteOffset - body.byteOffset
    assert.equal(slice.buffer, body.buffer, 'a slice is a view of the body')
    assert.ok(from >= at, 'slices stand in the order of the body and do not overlap')
    found.push(body.toString('latin1', at, from))
    at = from + slice.length
  }
  found.push(body.toString('latin1', at))
  return found
}

describe('framing any body', () => {
  it('loses nothing but separators and the brackets of one array', () => {
    fc.assert(
      fc.property(anyBody, (body) => {
        const between = gaps(body, frame(body).elements).join('')
        assert.match(
          between.replaceAll('\xef\xbb\xbf', ''),
          /^[ \t\r\n,]*\[?[ \t\r\n,]*\]?[ \t\r\n,]*$/,
        )
      }),
      { numRuns: 1000 },
    )
  })

  it('gives every object the value of its own slice', () => {
    fc.assert(
      fc.property(anyBody, (body) => {
        frame(body, (value, slice) => {
          const text = Buffer.from(slice)
            .toString()
            .replace(/^\ufeff/, '')
          assert.ok(isUtf8(slice))
          assertShows(value, JSON.parse(text))
        })
      }),
      { numRuns: 1000 },
    )
  })

  it('takes the whole body as one element unless it is a batch', () => {
    fc.assert(
      fc.property(anyBody, (body) => {
        const { batch, elements } = frame(body)
        if (!batch)
          assert.deepEqual(
            elements.map(({ slice }) => slice.length),
            [body.length],
          )
      }),
    )
  })
})

describe('framing well-formed bodies', () => {
  it('finds every object of a batch, however it is written', () => {
    fc.assert(
      fc.property(batches, ({ objects, body }) => {
        const { batch, elements } = frame(body)
        assert.equal(batch, true)
        assert.deepEqual(values(elements), JSON.parse(JSON.stringify(objects)))
      }),
      { numRuns: 500 },
    )
  })

  it('posts one object through byte for byte', () => {
    fc.assert(
      fc.property(jsonObjects, fc.nat(4), (object, indent) => {
        const body = Buffer.from(` ${JSON.stringify(object, null, indent)}\n`)
        const { batch, elements } = frame(body)
        assert.equal(batch, false)
        assert.deepEqual(
          elements.map(({ kind, slice }) => [kind, slice]),
          [['object', body]],
        )
      }),
    )
  })

  it('accepts a Uint8Array that is a window of a larger buffer', () => {
    const window = new Uint8Array(Buffer.from('xx[{"a":1},{"b":2}]xx')).subarray(2, -2)
    assert.deepEqual(values(frame(window).elements), [{ a: 1 }, { b: 2 }])
  })
})

describe('framing damaged NDJSON', () => {
  it('costs the bad line only, wherever it was cut', () => {
    const good = { detail: { eventBody: { text: '}{][,"' } }, id: '1' }
    const line = JSON.stringify(good)
    for (let cut = 1; cut < line.length; cut++) {
      const body = Buffer.from(`${line}\n${line.slice(0, cut)}\n${line}\n${line}\n`)
      const { elements } = frame(body)
      assert.deepEqual(values(elements), [good, 'invalid_json', good, good], `cut at ${cut}`)
    }
  })

  it('costs the bad line only when its beginning is missing', () => {
    const good = { detail: { eventBody: { a: 1 } }, id: '1' }
    const line = JSON.stringify(good)
    for (const start of [1, 3, 10, 11, 25]) {
      const { elements } = frame(Buffer.from(`${line}\n${line.slice(start)}\n${line}\n`))
      assert.deepEqual(
        values(elements).filter((one) => typeof one !== 'string'),
        [good, good],
      )
    }
  })
})

describe('unreadable elements', () => {
  it('say why without quoting the body', () => {
    fc.assert(
      fc.property(anyBody, (body) => {
        for (const element of frame(body).elements) {
          if (element.kind === 'object') continue
          const meaning = unreadableReasons[element.reason]
          const rest = element.detail.replace(meaning, '')
          assert.match(rest, /^$|^ but (null|an array|a (string|number|boolean))$/)
        }
      }),
    )
  })
})

describe('framing hostile sizes', () => {
  const million = 1_000_000

  it('reads an object nested 100,000 deep, alone and in a batch', () => {
    const deep = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
    assert.deepEqual(kinds(deep), ['object'])
    assert.deepEqual(kinds(`[${deep},1]`), ['object', 'not_an_object'])
    assert.deepEqual(kinds(`${deep}${deep}`), ['object', 'object'])
  })

  it('finishes on 5 MB of opening brackets', () => {
    assert.deepEqual(kinds('['.repeat(5 * million)), ['invalid_json'])
    assert.deepEqual(kinds('{'.repeat(5 * million)), ['invalid_json'])
  })

  it('finishes where every line opens something and nothing closes', () => {
    assert.equal(kinds(`{}\n${'{"a":[\n'.repeat(million / 8)}`).length, million / 8 + 1)
    assert.deepEqual(kinds(`{}\n${'[\n'.repeat(million / 2)}`), ['object', 'boundaries_lost'])
    assert.deepEqual(kinds(`{}\n ${'{"a":\n '.repeat(million / 8)}`), ['object', 'boundaries_lost'])
  })

  it('finishes where everything closes and nothing is JSON', () => {
    const nested = `${'{"a":\n'.repeat(million / 16)}x${'}\n'.repeat(million / 16)}`
    assert.equal(kinds(`{}\n${nested}`).at(0), 'object')
    assert.equal(kinds(`{}\n${'{x}'.repeat(million / 20)}`).length, million / 20 + 1)
  })

  it('finishes on strings that never end', () => {
    assert.deepEqual(kinds(`[{},${'"\\'.repeat(million / 2)}`), ['object', 'boundaries_lost'])
    assert.equal(kinds(`{}\n${'{"\n'.repeat(million / 20)}`).length, million / 20 + 1)
  })

  function kinds(text: string): string[] {
    return frame(Buffer.from(text)).elements.map((element) =>
      element.kind === 'object' ? 'object' : element.reason,
    )
  }
})

describe('showing a body to a reader', () => {
  it('shows every object once, in its order, also after ones with very many members', () => {
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, { a: at }]))
    const objects = Array.from({ length: 60 }, (_, at) => many(at % 20 === 19 ? 5000 : 5))
    const bodies = [
      objects.map((one) => JSON.stringify(one)).join('\n'),
      JSON.stringify(objects),
      `${JSON.stringify(objects).slice(0, -1)},]`,
    ]
    for (const body of bodies) {
      let next = 0
      frame(Buffer.from(body), (value) => assertShows(value, objects[next++]))
      assert.equal(next, objects.length)
    }
  })

  it('reads a body of any size alike, behind a larger one too', () => {
    const sized = (length: number) => `{"a":"${'x'.repeat(length - 8)}"}`
    for (const size of [8193, 8192, 8191, 20_000, 9]) {
      const [text, cut] = [sized(size), sized(size).slice(0, -1)]
      assert.deepEqual(values(frame(Buffer.from(text)).elements), [JSON.parse(text)])
      assert.deepEqual(values(frame(Buffer.from(cut)).elements), ['invalid_json'])
    }
  })

  it('shows an object until the reader is done with it, even one that frames other bodies', () => {
    const { elements } = frame(Buffer.from('{"a":1}\n{"a":2}'), (value) => {
      frame(Buffer.from('[{"b":3},{"b":4}]'), (inner) => assert.equal(inner.has('a'), false))
      return value.member('a')
    })
    assert.deepEqual(
      elements.map((element) => element.kind === 'object' && element.value),
      [1, 2],
    )
  })
})
