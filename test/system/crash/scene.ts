/**
 * The place of a crash test: a configuration, a sender with a ledger, and what the lake says of it.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compareArrivals } from '../../../src/app/demo/findings.ts'
import { openQueryAt } from '../../../src/app/lake-access.ts'
import { realMachine } from '../../../src/app/machine.ts'
import { type IssuedCertificate, makeCertificateAuthority } from '../../../src/core/certificate.ts'
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
const CLIENT = 'crash-sender'
const FOREVER = 10_000_000

/** Read by every process that is started. */
export const environment = { CRASH_SECRET: SECRET }

export interface Scene {
  readonly folder: string
  readonly port: number
  readonly workers: number
  /** Null speaks plain HTTP. */
  readonly identities: Identities | null
}

/** Of the server and of its only client. */
export interface Identities {
  readonly authority: string
  readonly server: IssuedCertificate
  readonly client: IssuedCertificate
}

export function makeIdentities(): Identities {
  const authority = makeCertificateAuthority(
    { random: systemRandom, now: () => systemClock.now() },
    { commonName: 'Crash test', days: 2 },
  )
  const altNames = ['127.0.0.1']
  return {
    authority: authority.certificate,
    server: authority.issue({ commonName: 'inlet', altNames, days: 1, use: 'server' }),
    client: authority.issue({ commonName: CLIENT, altNames: [], days: 1, use: 'client' }),
  }
}

export function writeConfig({ folder, port, workers, identities }: Scene): string {
  const path = join(folder, 'inlet.yaml')
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text)
  if (identities !== null) {
    write('clients.pem', identities.authority)
    write('server.pem', identities.server.certificate)
    write('server.key', identities.server.key)
  }
  const tls = ', tls: { certFile: server.pem, keyFile: server.key, clientCaFile: clients.pem }'
  const certificates = `clientCertificates: [{ commonName: ${CLIENT} }], `
  const text = `
listen: { host: 127.0.0.1, port: ${port}, workers: ${workers}${identities === null ? '' : tls} }
sources:
  - name: ${SOURCE}
    path: /events
    auth:
      { ${identities === null ? '' : certificates}hmac:
        { header: X-Signature, encoding: hex, secrets: [{ env: CRASH_SECRET }] } }
    contract: guide-webhook
journal: { dir: ./journal, segmentBytes: 1MiB, minFree: 64MiB, ephemeral: true }
lake: { url: ./lake, commitEvery: 250ms, silverEvery: 500ms }
ops: { port: 0 }
`
  write('inlet.yaml', text)
  return path
}

/** Sends until the signal aborts; a delivery that was begun is tried until it is acknowledged. */
export async function sendTraffic(
  { port, identities, seed, perSecond }: Scene & { seed: number; perSecond: number },
  ledger: Ledger,
  signal: AbortSignal,
): Promise<SendReport> {
  const random = seededRandom(seed)
  const route: Route = {
    url: new URL(`${identities === null ? 'http' : 'https'}://127.0.0.1:${port}/events`),
    contract: {
      ...guideWebhook,
      backoff: { baseMs: 20, maxMs: 400 },
      tries: 10_000,
      giveUpAfterMs: FOREVER,
    },
    hmac: { header: 'X-Signature', secret: SECRET },
    ...(identities && {
      tls: {
        ca: identities.authority,
        cert: identities.client.certificate,
        key: identities.client.key,
      },
    }),
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
      pace: { kind: 'rate', perSecond },
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
