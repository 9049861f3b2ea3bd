/**
 * Lets the door have the processor first, for processes that work behind the journal.
 *
 * Where processors are short, a busy thread of such a process gets a seventieth of what one at the
 * door does, so that it goes on however busy the door is; where they are not, it gets all that it
 * asks for.
 *
 * On Linux a priority is that of a thread, and threads that are made later inherit it
 * (setpriority(2), "C library/kernel differences"): so a process calls this before it opens an
 * engine, and those that Node has made already are told one by one. To go back takes a right that
 * not every process has: CAP_SYS_NICE, or an RLIMIT_NICE.
 */
import { readdirSync } from 'node:fs'
import { getPriority, setPriority } from 'node:os'

/** The nice value behind all others: Linux weighs it 15, and 0, at which processes start, 1024. */
export const behindTheDoor = 19

/** Where this process stood before it gave way. */
let stood: number | null = null

export function giveWay(): void {
  stood ??= getPriority()
  // Whoever started this process may have put it behind others already.
  standAt(Math.max(stood, behindTheDoor))
}

/** Stands where it stood, if that is allowed: for when there is no door to give way to. */
export function stopGivingWay(): void {
  if (stood !== null) standAt(stood)
}

function standAt(priority: number): void {
  for (const thread of threads()) {
    try {
      if (getPriority(thread) !== priority) setPriority(thread, priority)
    } catch {
      // A thread that has ended, or a sandbox that forbids it: it works all the same.
    }
  }
}

/** Their ids, or 0, which is this process, where priorities are those of processes. */
function threads(): number[] {
  try {
    return readdirSync('/proc/self/task').map(Number)
  } catch {
    return [0]
  }
}
