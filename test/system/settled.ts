import { setTimeout as sleep } from 'node:timers/promises'
import { type Place, told } from './commands-in.ts'

/** Waits until gold has all that is durable. */
export async function settled(place: Place): Promise<void> {
  for (;;) {
    const { journal, silver, gold } = await told(place, 'status')
    if (journal.lag === 0 && silver.behind === 0 && gold.behind === 0) return
    await sleep(100)
  }
}
