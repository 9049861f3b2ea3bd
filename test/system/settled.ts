import { setTimeout as sleep } from 'node:timers/promises'

type Json = ReturnType<typeof JSON.parse>

/** Waits until gold has all that is durable; `json` runs a command and tells what it told. */
export async function settled(json: (...args: string[]) => Promise<Json>): Promise<void> {
  for (;;) {
    const { journal, silver, gold } = await json('status')
    if (journal.lag === 0 && silver.behind === 0 && gold.behind === 0) return
    await sleep(100)
  }
}
