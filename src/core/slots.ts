/** Bounds how many tasks run at once; those that wait are taken in the order they came. */

export type Slots = <T>(task: () => Promise<T>) => Promise<T>

export function openSlots(count: number): Slots {
  const waiting: (() => void)[] = []
  let free = count
  return async (task) => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await task()
    } finally {
      const next = waiting.shift()
      if (next === undefined) free++
      else next()
    }
  }
}
