/**
 * What TLS and mutual TLS add to taking an event over connections that are kept, beside plain HTTP.
 * Certificates are ECDSA P-256, the session TLS 1.3 with what OpenSSL prefers.
 *
 * The last line of the output is the figures, for ./bench.ts.
 */
import { makeCertificateAuthority } from '../src/core/certificate.ts'
import { systemClock } from '../src/core/clock.ts'
import { systemRandom } from '../src/core/random.ts'
import { startServer } from './children.ts'
import type { ServerSettings } from './inlet-server.ts'
import { benchClient } from './load/requests.ts'
import { formatRow, type Row } from './row.ts'
import { takeTurns } from './turns.ts'

const plans = [
  { what: 'single events', requests: 15_000, batch: 1, owed: { atMost: 1.5 } },
  { what: 'batches of 500', requests: 100, batch: 500, owed: null },
] as const

export async function benchTls(): Promise<Row[]> {
  const authority = makeCertificateAuthority(
    { random: systemRandom, now: () => systemClock.now() },
    { commonName: 'A measurement', days: 2 },
  )
  const ca = authority.certificate
  const own = authority.issue({ commonName: 'inlet', altNames: ['127.0.0.1'], days: 1 })
  const client = authority.issue({ commonName: benchClient, altNames: [], days: 1 })
  const plain = { cert: own.certificate, key: own.key, minVersion: 'TLSv1.2' } as const
  const once: ServerSettings = { tls: plain }
  const mutual: ServerSettings = { tls: { ...plain, clients: { ca, crl: null } } }
  const shown = { ca, cert: client.certificate, key: client.key }
  const servers = [
    await startServer('inlet-server.ts'),
    await startServer('inlet-server.ts', { settings: once, tls: { ca } }),
    await startServer('inlet-server.ts', { settings: mutual, tls: shown }),
  ]
  const names = ['plain HTTP', 'TLS', 'mutual TLS']
  try {
    const rows: Row[] = []
    for (const { what, owed, ...plan } of plans) {
      for (const [index, { cpu, perSecond, ratio }] of (await takeTurns(servers, plan)).entries()) {
        const name = `${what}, ${names[index]}`
        rows.push({ what: `${name}, CPU an event`, value: cpu, unit: 'us', owed: null })
        rows.push({ what: `${name}, at most`, value: perSecond, unit: 'events/s', owed: null })
        if (index > 0) rows.push({ what: `${name} to plain`, value: ratio, unit: 'times', owed })
      }
    }
    return rows
  } finally {
    await Promise.all(servers.map((server) => server.stop()))
  }
}

if (import.meta.main) {
  const rows = await benchTls()
  for (const each of rows) console.log(formatRow(each))
  console.log(JSON.stringify(rows))
}
