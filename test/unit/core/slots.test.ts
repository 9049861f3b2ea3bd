import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSlots } from '../../../src/core/slots.ts'

test('tasks run so many at once, in their order, and one that fails frees its slot', async () => {
  const slots = openSlots(2)
  const began: number[] = []
  const gates = [0, 1, 2, 3].map(() => Promise.withResolvers<void>())
  const tasks = gates.map(({ promise }, index) =>
    slots(async () => {
      began.push(index)
      await promise
      return index
    }),
  )
  await Promise.resolve()
  assert.deepEqual(began, [0, 1])
  gates[1]?.reject(new Error('no'))
  await assert.rejects(tasks[1] ?? Promise.resolve(), /no/)
  await Promise.resolve()
  assert.deepEqual(began, [0, 1, 2])
  for (const { resolve } of gates) resolve()
  assert.deepEqual(await Promise.all(tasks.filter((_, index) => index !== 1)), [0, 2, 3])
})
