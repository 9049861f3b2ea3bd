import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatCsv, formatJson, formatTable } from '../../../src/lake/format-result.ts'
import type { PlainValue, QueryResult } from '../../../src/lake/query-result.ts'

function result(names: readonly string[], ...rows: PlainValue[][]): QueryResult {
  return { columns: names.map((name) => ({ name, type: 'VARCHAR' })), rows }
}

test('a table is aligned, numbers to the right, null as nothing', () => {
  const text = formatTable(result(['name', 'n'], ['a', 5n], ['längst', 1234], ['', null]))
  assert.equal(text, 'name       n\n------  ----\na          5\nlängst  1234\n\n')
})

test('a table shows control characters instead of sending them to the terminal', () => {
  const text = formatTable(result(['a'], ['\u001b[31mred\u0007\n\u202e']))
  for (const raw of ['\u001b', '\u0007', '\u202e']) assert.ok(!text.includes(raw))
  assert.ok(text.includes('\\u001b[31mred\\u0007\\u000a\\u202e'))
})

test('a long cell of a table is cut', () => {
  const [, , line] = formatTable(result(['a'], ['x'.repeat(1000)])).split('\n')
  assert.equal(line, `${'x'.repeat(63)}…`)
  const [, , hash] = formatTable(result(['a'], ['f'.repeat(64)])).split('\n')
  assert.equal(hash, 'f'.repeat(64))
})

test('a plan is shown line by line, and no control character of what it quotes', () => {
  const plan = '┌────┐\n│ \u001b │\n└────┘\n'
  const text = formatTable(result(['explain_key', 'explain_value'], ['physical_plan', plan]))
  assert.equal(text, '┌────┐\n│ \\u001b │\n└────┘\n\n')
})

test('CSV quotes what needs it and tells null from an empty text', () => {
  const text = formatCsv(result(['a', 'b,c'], ['x"y', null], ['', 'two\nlines'], [1n, true]))
  assert.equal(text, 'a,"b,c"\n"x""y",\n"","two\nlines"\n1,true\n')
})

test('JSON gives texts exactly, and values that it lacks as texts', () => {
  const body = '{"a":"\u0000\u2028Grüße 😀\\n"}'
  const row = [body, 2n ** 53n, 2n ** 53n - 1n, Number.NaN, Buffer.from([0xff]), null, [1n, 'x']]
  const text = formatJson(result(['body', 'big', 'safe', 'nan', 'blob', 'none', 'list'], row))
  assert.deepEqual(JSON.parse(text), [
    {
      body,
      big: '9007199254740992',
      safe: 9007199254740991,
      nan: 'NaN',
      blob: '/w==',
      none: null,
      list: [1, 'x'],
    },
  ])
})

test('JSON of nothing is an empty array, and of many rows one object a line', () => {
  assert.equal(formatJson(result(['a'])), '[]\n')
  assert.equal(formatJson(result(['a'], [1], [2])), '[\n{"a":1},\n{"a":2}\n]\n')
})
