/**
 * The place of a crash test: a configuration, a sender with a ledger, and what the lake says of it.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compareArrivals } from '../../../src/app/demo/findings.ts'
import { openQueryAt } from '../../../src/app/lake-access.ts'
import { realMachine } from '../../../src/app/machine.ts'
import { systemClock } from '../../../src/core/clock.ts'
import { type Random, seededRandom, systemRandom } from '../../../src/core/random.ts'
import { makeWorld } from '../../../src/simulator/centre/world.ts'
import type { Comparison } from '../../../src/simulator/ledger/compare.ts'
import type { Ledger } from '../../../src/simulator/ledger/ledger.ts'
import { guideWebhook } from '../../../src/simulator/sending/contract.ts'
import type { Route } from '../../../src/simulator/sending/route.ts'
import { send } from '../../../src/simulator/sending/sender.ts'
import type { SendReport } from '../../../src/simulator/sending/tally.ts'
import { harmlessFaults } from '../../../src/simulator/traffic/faults.ts'
import { usualBatches } from '../../../src/simulator/traffic/packing.ts'
import { traffic } from '../../../src/simulator/traffic/traffic.ts'

const SECRET = 'secret of the crash test'
const SOURCE = 'crash'
const FOREVER = 10_000_000

export const environment = { CRASH_SECRET: SECRET }

export function writeConfig(folder: string, port: number): string {
  const path = join(folder, 'inlet.yaml')
  const text = `
listen: { host: 127.0.0.1, port: ${port} }
sources:
  - name: ${SOURCE}
    path: /events
    auth: { hmac: { header: X-Signature, encoding: hex, secrets: [{ env: CRASH_SECRET }] } }
    contract: guide-webhook
journal: { dir: ./journal, segmentBytes: 1MiB, minFree: 64MiB, ephemeral: true }
lake: { url: ./lake, commitEvery: 250ms }
ops: { port: 0 }
`
  writeFileSync(path, text)
  return path
}

/** Sends until the signal aborts; a delivery that was begun is tried until it is acknowledged. */
export async function sendTraffic(
  place: { port: number; seed: number; perSecond: number },
  ledger: Ledger,
  signal: AbortSignal,
): Promise<SendReport> {
  const random = seededRandom(place.seed)
  const route: Route = {
    url: new URL(`http://127.0.0.1:${place.port}/events`),
    contract: {
      ...guideWebhook,
      backoff: { baseMs: 20, maxMs: 400 },
      tries: 10_000,
      giveUpAfterMs: FOREVER,
    },
    hmac: { header: 'X-Signature', secret: SECRET },
  }
  const deliveries = traffic(
    { world: makeWorld(random), random },
    {
      events: FOREVER,
      startAt: systemClock.now(),
      conversationsPerSecond: 5,
      mix: {
        eventbridge: 4,
        notification: 3,
        'analytics-notification': 1,
        'event-subscription': 1,
      },
      faults: harmlessFaults,
      batches: usualBatches,
    },
  )
  // What is under way when the traffic ends is tried to its end: only new deliveries stop.
  const until = untilAborted(deliveries, signal)
  return await send(
    { clock: systemClock, random: systemRandom, ledger },
    {
      deliveries: until,
      routeOf: () => route,
      concurrency: 16,
      pace: { kind: 'rate', perSecond: place.perSecond },
      signal: new AbortController().signal,
    },
  )
}

function* untilAborted<T>(items: Iterable<T>, signal: AbortSignal): Generator<T> {
  for (const item of items) {
    if (signal.aborted) return
    yield item
  }
}

export async function compareLake(folder: string, ledger: Ledger): Promise<Comparison> {
  const session = await openQueryAt(realMachine, join(folder, 'lake'))
  try {
    return await compareArrivals(session, ledger)
  } finally {
    session.close()
  }
}

export function between(random: Random, from: number, to: number): number {
  return from + random.below(to - from)
}
