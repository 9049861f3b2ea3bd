/** Ingress as a child process: HMAC on, a segment journal on the disk of the temporary folder. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../src/core/clock.ts'
import { sqliteLocks } from '../src/core/lock.ts'
import { nodeFiles } from '../src/core/node-files.ts'
import { systemRandom } from '../src/core/random.ts'
import { createSeenCache } from '../src/dedup/seen-cache.ts'
import { openIngress } from '../src/ingress/ingress.ts'
import { defaultLimits, type SourceOptions, type TlsOptions } from '../src/ingress/options.ts'
import { fixedSecrets } from '../src/ingress/proofs/live-secrets.ts'
import { openSegmentWriter } from '../src/journal/segment/writer.ts'
import { benchClient, benchPath, benchSecret } from './load/requests.ts'
import { serveParent } from './serve-parent.ts'

/** What the parent changes, as JSON in the only argument. */
export interface ServerSettings {
  readonly tls?: TlsOptions
  /** The file descriptor of a socket that it shares with others. */
  readonly door?: number
  /** Where its journal is kept, and left for the parent to read. */
  readonly dir?: string
  readonly source?: Pick<SourceOptions, 'priorities' | 'rate' | 'overload' | 'deferStatus'>
}

const settings: ServerSettings = JSON.parse(process.argv[2] ?? '{}')
const { tls = null, door, source } = settings
const dir = settings.dir ?? (await mkdtemp(join(tmpdir(), 'inlet-bench-')))
const deps = { files: nodeFiles, locks: sqliteLocks, clock: systemClock, random: systemRandom }
const { writer } = await openSegmentWriter(deps, {
  dir,
  partition: 'gateway-0',
  maxBytes: 20 * 2 ** 30,
  minFree: 2 ** 30,
  segmentBytes: 64 * 2 ** 20,
  maxWaitingBytes: 48 * 2 ** 20,
})

const ingress = openIngress(
  {
    journal: writer,
    seenCache: createSeenCache({ maxBytes: 32 * 2 ** 20 }),
    clock: systemClock,
    random: systemRandom,
    observer: () => undefined,
  },
  {
    host: '127.0.0.1',
    port: 0,
    tls,
    ...(door !== undefined && { door }),
    healthPath: '/healthz',
    limits: defaultLimits,
    sources: [
      {
        name: 'genesys',
        path: benchPath,
        orgId: null,
        dedupGroup: null,
        auth: {
          ...(tls?.clients && { clientCertificates: [{ commonName: benchClient }] }),
          hmac: {
            header: 'X-Genesys-Signature',
            encoding: 'hex',
            secrets: fixedSecrets(benchSecret),
          },
        },
        recognise: { eventTypes: new Set() },
        bodyLimit: 2 * 2 ** 20,
        ...source,
      },
    ],
  },
)
await ingress.start(new AbortController().signal)

serveParent(ingress.address.port, async () => {
  await ingress.drain(AbortSignal.timeout(10_000))
  await ingress.stop()
  await writer.close()
  if (settings.dir === undefined) await rm(dir, { recursive: true })
})
