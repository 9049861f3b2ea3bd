/** Views of JSON, made from values and compared with them. */
import assert from 'node:assert/strict'
import { ArrayView, type JsonView, ObjectView, viewJson } from '../../../src/event/json-view.ts'

/** The view of an object that is given as a value, or as its text. */
export function objectView(value: object | string): ObjectView {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const view = viewJson(Buffer.from(text))
  assert.ok(view instanceof ObjectView)
  return view
}

const absent = ['constructor', '__proto__', 'toString', 'absent', '', 'a', '"', '\\', 'é', '\u00c3']

/** Holds where a view says of a value all that it can. */
export function assertShows(view: JsonView | undefined, value: unknown): void {
  if (view instanceof ArrayView) {
    assert.ok(Array.isArray(value))
    const elements = [...view.elements()]
    assert.equal(elements.length, value.length)
    for (const [index, element] of elements.entries()) {
      assertShows(element.value, value[index])
      assert.deepEqual(JSON.parse(element.slice.toString()), value[index])
    }
  } else if (view instanceof ObjectView) {
    assert.ok(typeof value === 'object' && value !== null && !Array.isArray(value))
    const members = new Map(Object.entries(value))
    for (const name of [...members.keys(), ...absent]) {
      assert.equal(view.has(name), members.has(name), name)
      assertShows(view.member(name), members.get(name))
    }
  } else assert.deepEqual(view, value)
}
