/**
 * One seeded history of a whole Inlet on one disk that forgets: gateways that acknowledge, loaders
 * that move the journal into the lake, each killed and started again at random calls, until the
 * power fails or all are killed; then a look at what is left. At the end everything is landed.
 */
import { type Random, seededRandom } from '../../src/core/random.ts'
import type { JournalReader } from '../../src/journal/journal.ts'
import { appId } from '../../src/loader/places.ts'
import { arrivals } from '../../src/tables/arrivals.ts'
import { movableClock } from '../support/clock.ts'
import { memoryLocks, type ProcessLocks } from '../support/memory-locks.ts'
import { type Ending, endAt, isGone, together, waitSome } from './ending.ts'
import { ForgetfulDisk, type Hooks } from './forgetful-files.ts'
import type { History } from './history.ts'
import { openLineLake } from './line-lake.ts'
import { refuseSome } from './refusal.ts'
import {
  drain,
  lakeRoot,
  openReaders,
  runGateway,
  runLoader,
  type WorldProcess,
} from './world-process.ts'
import { type PartitionState, WorldTruth } from './world-truth.ts'

const LIVES = 3
const CALLS_OF_A_LIFE = 700
const all = { records: 100_000, bytes: 2 ** 30 }

type Role = (process: WorldProcess) => Promise<never>
type Process = WorldProcess & { readonly locks: ProcessLocks }

const gateway =
  (number: number): Role =>
  (process) =>
    runGateway(process, `gateway-${number}`)
const casts: readonly (readonly Role[])[] = [
  [gateway(0), runLoader],
  [gateway(0), gateway(1), runLoader],
  [gateway(0), runLoader, runLoader],
  [gateway(0), gateway(1), runLoader, runLoader],
]

export const worldHistory: History = async (seed, skipSync) => {
  const world = new World(seededRandom(seed))
  const { disk, random, truth } = world
  for (let life = 0; life < LIVES && truth.faults.length === 0; life++) {
    await world.live(casts[random.below(casts.length)] ?? [], skipSync)
    disk.hooks = { skipSync }
    world.clock.advance(random.below(4) * 900_000)
    // A gateway or a loader may be the first to see what was left, or an inspection.
    if (random.below(2) === 0) continue
    // Once as the successor finds it, and once more after the power failed as well.
    for (const _moment of ['after the end', 'after a loss of power']) {
      await world.inspect()
      disk.crash(random)
    }
  }
  if (truth.faults.length === 0) await world.inspect({ drained: true })
  return { faults: truth.faults, crashes: world.crashes, promises: truth.acknowledged.size }
}

/** A place for a process of one role, with the one that runs there. */
interface Slot {
  readonly role: Role
  process: Process | null
}

class World {
  readonly random: Random
  readonly clock = movableClock()
  readonly disk: ForgetfulDisk
  readonly truth = new WorldTruth()
  crashes = 0
  readonly #locks = memoryLocks()

  constructor(random: Random) {
    this.random = random
    this.disk = new ForgetfulDisk(random, this.clock.now)
  }

  /** Resolves when all processes are gone. */
  async live(roles: readonly Role[], skipSync: Hooks['skipSync']): Promise<void> {
    const { disk, random } = this
    const slots = roles.map((role): Slot => ({ role, process: null }))
    const life = { over: false }
    const hooks = [endAt(this.#drawEndings(slots, life)), waitSome(random)]
    if (random.below(2) === 0) hooks.push(refuseSome(random, 40))
    disk.hooks = { ...together(hooks), skipSync }
    await Promise.all(slots.map((slot) => this.#keepRunning(slot, life)))
  }

  async inspect(how = { drained: false }): Promise<void> {
    const process = this.#newProcess()
    try {
      if (how.drained) await drain(process)
      const { lake, rows } = await openLineLake(process, lakeRoot)
      const table = await lake.find(arrivals)
      const landed = table === null ? [] : await rows(table)
      const partitions: PartitionState[] = []
      for (const reader of await openReaders(process)) {
        const stands = table?.txn(appId(reader)) ?? 0
        partitions.push({ ...placeOf(reader), stands, records: await reader.read(stands, all) })
        await reader.close()
      }
      this.truth.inspect(landed, partitions)
      if (how.drained) this.truth.inspectDrained(landed, partitions)
    } catch (error) {
      this.truth.faults.push(`unreadable: ${error}`)
    }
    process.locks.free()
  }

  /** A process that ended is started again, or not. */
  async #keepRunning(slot: Slot, life: { readonly over: boolean }): Promise<void> {
    for (let again = true; again && !life.over; again = this.random.below(2) === 0) {
      const process = this.#newProcess()
      slot.process = process
      const error: unknown = await slot.role(process).catch((reason: unknown) => reason)
      slot.process = null
      process.locks.free()
      // The end of a process shows in many ways; one that is still there must meet no error.
      if (await isGone(process.files)) continue
      this.truth.faults.push(`a process stopped: ${error}`)
      return
    }
  }

  /** Some processes are killed, each at a moment of its own; then all, or the power fails. */
  #drawEndings(slots: readonly Slot[], life: { over: boolean }): Ending[] {
    const { disk, random } = this
    const draw = (end: () => void): Ending => ({
      ordinal: disk.calls + random.below(CALLS_OF_A_LIFE),
      when: random.below(2) === 0 ? 'before' : 'after',
      end,
    })
    const kill = ({ process }: Slot) => {
      if (process === null) return
      this.crashes++
      disk.kill(process.files)
    }
    const crash = () => {
      this.crashes++
      disk.crash(random)
    }
    const finish = random.below(2) === 0 ? () => slots.forEach(kill) : crash
    const last = draw(() => {
      life.over = true
      finish()
    })
    const some = [...slots, ...slots].filter(() => random.below(2) === 0)
    return [...some.map((slot) => draw(() => kill(slot))), last]
  }

  #newProcess(): Process {
    const { clock, random, truth, disk } = this
    return { files: disk.mount(), locks: this.#locks.process(), clock, random, truth }
  }
}

function placeOf({ journalId, partition }: JournalReader) {
  return { journalId, partition }
}
