/** Certificates for tests: an authority, and what it issues and revokes. */
import type { RequestOptions } from 'node:https'
import {
  type CertificateRequest,
  type IssuedCertificate,
  makeCertificateAuthority,
} from '../../src/core/certificate.ts'
import { systemClock } from '../../src/core/clock.ts'
import { systemRandom } from '../../src/core/random.ts'

export interface TestPki {
  readonly ca: string
  readonly server: IssuedCertificate
  client(commonName: string, more?: Partial<CertificateRequest>): IssuedCertificate
  /** A list that is good for a day, or for `days`. */
  crl(revoked?: readonly IssuedCertificate[], days?: number): string
}

/** `name`: of the authority. `days`: how long the server's certificate is good. */
export function testPki(name = 'Test authority', { days: own = 5 } = {}): TestPki {
  const at = systemClock.now()
  const authority = makeCertificateAuthority(
    { random: systemRandom, now: () => at },
    { commonName: name, days: 10 * own },
  )
  return {
    ca: authority.certificate,
    server: authority.issue({ commonName: 'localhost', altNames: ['localhost'], days: own }),
    client: (commonName, more = {}) =>
      authority.issue({ commonName, altNames: [], days: 2, use: 'client', ...more }),
    crl: (revoked = [], days = 1) =>
      authority.revoke(
        revoked.map(({ certificate }) => ({ certificate, at })),
        days,
      ),
  }
}

/** What a client shows. */
export function shown(issued: IssuedCertificate): Pick<RequestOptions, 'cert' | 'key'> {
  return { cert: issued.certificate, key: issued.key }
}
