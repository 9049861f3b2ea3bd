/** Which syncs of the code a scenario needs: takes each of them away and sees who notices. */
import type { SyncCall } from './forgetful-calls.ts'
import type { History } from './history.ts'

const SEEDS_TO_FIND_SITES = 50
const SEEDS_TO_CATCH = 300

/** All sites that sync, and those of them that no seed misses. */
export async function trySyncSites(
  history: History,
  siteOf: (call: SyncCall) => string,
): Promise<{ sites: string[]; unneeded: string[] }> {
  const sites = new Set<string>()
  for (let seed = 1; seed <= SEEDS_TO_FIND_SITES; seed++) {
    await history(seed, (call) => {
      sites.add(siteOf(call))
      return false
    })
  }
  const unneeded: string[] = []
  for (const site of sites) {
    const isMissed = await someSeedFails(history, (call) => siteOf(call) === site)
    if (!isMissed) unneeded.push(site)
  }
  return { sites: [...sites], unneeded }
}

async function someSeedFails(
  history: History,
  skipSync: (call: SyncCall) => boolean,
): Promise<boolean> {
  for (let seed = 1; seed <= SEEDS_TO_CATCH; seed++) {
    if ((await history(seed, skipSync)).faults.length > 0) return true
  }
  return false
}

/** The line of code that syncs, whoever called it. */
export const lineOf = ({ site }: SyncCall): string => site.split(' < ')[0] ?? site
