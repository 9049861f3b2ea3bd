/**
 * One seeded history of a table in a folder, on a disk that forgets: lives of one process or of two
 * that race, each ended by SIGKILL or by a loss of power at a random call, each followed by a look
 * at what is left.
 */
import { type Random, seededRandom } from '../../src/core/random.ts'
import { findDeltaTable } from '../../src/lake/delta/delta-table.ts'
import { movableClock } from '../support/clock.ts'
import { type Ending, endAt, isGone, together, waitSome } from './ending.ts'
import { ForgetfulDisk } from './forgetful-files.ts'
import type { History } from './history.ts'
import { type LakeProcessDeps, positions, startLakeProcess, work } from './lake-process.ts'
import { LakeTruth } from './lake-truth.ts'
import { refuseSome } from './refusal.ts'

const LIVES = 3
const CALLS_OF_A_LIFE = 300

export const lakeHistory: History = async (seed, skipSync) => {
  const random = seededRandom(seed)
  const clock = movableClock()
  const disk = new ForgetfulDisk(random, clock.now)
  const truth = new LakeTruth()
  const newProcess = () => ({ files: disk.mount(), clock, random, truth })
  for (let life = 0; life < LIVES && truth.faults.length === 0; life++) {
    const processes = Array.from({ length: 1 + random.below(2) }, newProcess)
    const alone = processes.length === 1
    const hooks = [endAt(drawEndings(disk, random, processes))]
    if (!alone) hooks.push(waitSome(random))
    if (random.below(2) === 0) hooks.push(refuseSome(random, 40))
    disk.hooks = { ...together(hooks), skipSync }
    await Promise.all(processes.map((process) => live(process, alone)))
    disk.hooks = { skipSync }
    // A writer may be the first to see what a killed one left, or a reader.
    if (random.below(2) === 0) continue
    // Once as the successor finds it, and once more after the power failed as well.
    for (const _moment of ['after the end', 'after a loss of power']) {
      await inspect(newProcess())
      disk.crash(random)
    }
  }
  return { faults: truth.faults, crashes: LIVES, promises: truth.committed }
}

/** Some are killed, each at a moment of its own; then all that are left, or the power fails. */
function drawEndings(
  disk: ForgetfulDisk,
  random: Random,
  processes: readonly LakeProcessDeps[],
): Ending[] {
  const draw = (end: () => void): Ending => ({
    ordinal: disk.calls + random.below(CALLS_OF_A_LIFE * processes.length),
    when: random.below(2) === 0 ? 'before' : 'after',
    end,
  })
  const kill = ({ files }: LakeProcessDeps) => disk.kill(files)
  const some = processes.filter(() => random.below(2) === 0)
  const last = random.below(2) === 0 ? () => processes.forEach(kill) : () => disk.crash(random)
  return [...some.map((process) => draw(() => kill(process))), draw(last)]
}

async function live(process: LakeProcessDeps, alone: boolean): Promise<void> {
  const error: unknown = await work(process, { alone }).catch((reason: unknown) => reason)
  // The end of a process shows in many ways; a process that is still there must meet no error.
  if (!(await isGone(process.files))) process.truth.faults.push(`a process stopped: ${error}`)
}

async function inspect(process: LakeProcessDeps): Promise<void> {
  try {
    const deps = await startLakeProcess(process)
    await process.truth.inspect(await findDeltaTable(deps, positions), deps.store)
  } catch (error) {
    process.truth.faults.push(`unreadable: ${error}`)
  }
}
