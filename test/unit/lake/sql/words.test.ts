import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestLake } from '../../../support/lake.ts'

test('values come as words, the lowest first, in any number of chunks', async () => {
  const lake = await openTestLake()
  try {
    const seen: number[][] = []
    const sql = `SELECT n::UINTEGER, (-1 - n)::BIGINT, (1::UHUGEINT << 64) + n::UHUGEINT,
      left('abcdefghijkl', (n % 13)::INTEGER) FROM range(5000) AS rows(n)`
    await lake.engine.eachChunkOfWords(sql, [1, 2, 4, 4], ([small, long, huge, text], rows) => {
      for (let row = 0; row < rows; row++) {
        const words = [small?.subarray(row, row + 1), long?.subarray(2 * row, 2 * row + 2)]
        words.push(huge?.subarray(4 * row, 4 * row + 4), text?.subarray(4 * row, 4 * row + 4))
        seen.push(words.flatMap((one) => [...(one ?? [])]))
      }
    })
    const expected = Array.from({ length: 5000 }, (_, n) => {
      const negative = [2 ** 32 - 1 - n, 2 ** 32 - 1]
      const text = Buffer.alloc(12)
      text.write('abcdefghijkl'.slice(0, n % 13))
      const letters = [0, 4, 8].map((at) => text.readUInt32LE(at))
      return [n, ...negative, n, 0, 1, 0, n % 13, ...letters]
    })
    assert.deepEqual(seen, expected)
  } finally {
    await lake.dispose()
  }
})
