/**
 * Golden cases: a folder `test/golden/<dialect or framing>/<case>/` holds a body as it is posted
 * (`in.json`, `in.ndjson` or `in.bin`) and `expected.json`, everything that framing and recognising
 * it gives. A new case is a new folder. Byte ranges are `[from, to)` of the body; ids by content
 * are written out because they must never change.
 */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { type Dialect, dialects } from '../../../src/event/envelope.ts'
import type { Element } from '../../../src/event/frame.ts'
import { frame } from '../../../src/event/frame.ts'
import { type GenericPointers, genericMapping } from '../../../src/event/generic-mapping.ts'
import { recognise } from '../../../src/event/recognise.ts'

const root = join(import.meta.dirname, '../../golden')

interface Expected {
  readonly options?: {
    readonly eventTypes?: string[]
    readonly compositeIdentity?: boolean
    readonly dialects?: Dialect[]
    readonly generic?: GenericPointers
  }
  readonly batch: boolean
  readonly elements: readonly unknown[]
}

for (const group of [...dialects, 'framing']) {
  describe(`golden: ${group}`, () => {
    for (const name of readdirSync(join(root, group))) {
      it(name, () => check(group, name))
    }
  })
}

function check(group: string, name: string): void {
  const folder = join(root, group, name)
  const expected: Expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'))
  const { eventTypes = [], generic, ...rest } = expected.options ?? {}
  const options = {
    eventTypes: new Set(eventTypes),
    ...(generic && { generic: genericMapping(generic) }),
    ...rest,
  }
  const body = readBody(folder)
  const { batch, elements } = frame(body, (value, slice) => {
    const { eventTime, ...rest } = recognise(value, slice, options)
    const time = eventTime === null ? null : new Date(eventTime).toISOString()
    return { eventTime: time, ...rest }
  })
  const found = elements.map((element) => ({
    ...framed(body, element),
    ...(group !== 'framing' && element.kind === 'object' && element.value),
  }))
  assert.deepEqual(
    { batch, elements: found },
    { batch: expected.batch, elements: expected.elements },
  )
}

function framed(body: Buffer, element: Element<unknown>): object {
  const from = element.slice.byteOffset - body.byteOffset
  const { kind } = element
  const bytes = [from, from + element.slice.length]
  return kind === 'object' ? { bytes, kind } : { bytes, kind, reason: element.reason }
}

function readBody(folder: string): Buffer {
  const names = ['in.json', 'in.ndjson', 'in.bin'].filter((name) => existsSync(join(folder, name)))
  assert.equal(names.length, 1, `${folder} must hold one body`)
  return readFileSync(join(folder, names[0] ?? ''))
}
