/** How long everything is good that TLS relies on: certificates, and lists of revoked ones. */
import type { X509Certificate } from 'node:crypto'
import { errorText, hasCode } from '../../core/errors.ts'
import { type RevocationList, revocationListsIn } from '../../core/revocation-list.ts'
import { certificateFields } from '../../core/x509.ts'
import type { SeenClient } from '../../ingress/clients/seen-clients.ts'
import type { Config } from '../config/schema.ts'
import type { Machine } from '../machine.ts'
import { commonName, daysUntil, parseChain } from './certificates.ts'
import { readPem, type TlsConfig, type TlsFileKey, tlsFiles } from './files.ts'
import { readAllSeen } from './seen-file.ts'

export type CertificateRole = 'server' | 'client-ca' | 'revocations' | 'client'

export interface CertificateStatus {
  readonly role: CertificateRole
  /** Null for a client, whose file is its own. */
  readonly file: string | null
  /** Of a client: its source and what it is mapped by. Of revocations: the authority. */
  readonly subject: string
  /** ISO 8601; of revocations, when the next list is due. */
  readonly notAfter: string
  /** Whole days, rounded down; negative once it has expired. */
  readonly daysLeft: number
}

/** Of a client that was seen, which certificate and when. */
export interface SeenCertificate extends CertificateStatus {
  readonly source: string
  readonly fingerprint256: string
  readonly seenAt: string
}

type Row = CertificateStatus | SeenCertificate

export interface CertificateReport {
  readonly certificates: readonly Row[]
  /** Which files cannot be read or used, and why, or null. */
  readonly trouble: string | null
}

export async function certificateReport(
  { files, clock }: Pick<Machine, 'files' | 'clock'>,
  { listen, ops, journal }: Pick<Config, 'listen' | 'ops' | 'journal'>,
): Promise<CertificateReport> {
  const now = clock.now()
  const seen = (await readAllSeen(files, journal.dir)).map((one) => seenRow(one, now))
  const own: CertificateStatus[] = []
  const troubles: string[] = []
  for (const { tls } of [listen, ops]) {
    if (tls === undefined) continue
    const held: Partial<Record<TlsFileKey, Held>> = {}
    for (const [key, path] of tlsFiles(tls)) {
      if (key === 'keyFile') continue
      try {
        held[key] = heldIn(key, await readPem(files, key, path))
      } catch (error) {
        troubles.push(`${path} ${whyOf(error)}`)
      }
    }
    own.push(...termsOf(held).map((term) => rowOf(term, tls, now)))
  }
  return { certificates: [...own, ...seen], trouble: troubles.join('; ') || null }
}

/** What a file holds that expires. */
interface Held {
  readonly certificates: readonly X509Certificate[]
  readonly lists: readonly RevocationList[]
}

/** Throws where it is damaged, or holds none of what it is for. */
function heldIn(key: TlsFileKey, text: string): Held {
  const held =
    key === 'clientCrlFile'
      ? { certificates: [], lists: revocationListsIn(text) }
      : { certificates: parseChain(text), lists: [] }
  if (held.certificates.length + held.lists.length > 0) return held
  throw new RangeError(`no ${key === 'clientCrlFile' ? 'revocation list' : 'certificate'} in it`)
}

function whyOf(error: unknown): string {
  return hasCode(error, 'INL_APP_TLS_FILE')
    ? `cannot be read: ${error.details['reason']}`
    : `cannot be used: ${errorText(error)}`
}

interface Term {
  readonly key: TlsFileKey
  readonly subject: string
  /** Milliseconds since the epoch. */
  readonly end: number
}

const roles = {
  certFile: 'server',
  keyFile: 'server',
  clientCaFile: 'client-ca',
  clientCrlFile: 'revocations',
} as const satisfies Readonly<Record<TlsFileKey, CertificateRole>>

function rowOf({ key, subject, end }: Term, tls: TlsConfig, now: number) {
  const notAfter = new Date(end).toISOString()
  return {
    role: roles[key],
    file: tls[key] ?? null,
    subject,
    notAfter,
    daysLeft: daysUntil(end, now),
  }
}

function seenRow(seen: SeenClient, now: number): SeenCertificate {
  const { source, mapping, fingerprint256, notAfter, seenAt } = seen
  return {
    role: 'client',
    file: null,
    subject: `${mapping} of ${source}`,
    notAfter: new Date(notAfter).toISOString(),
    daysLeft: daysUntil(notAfter, now),
    source,
    fingerprint256,
    seenAt: new Date(seenAt).toISOString(),
  }
}

function termsOf(held: Partial<Record<TlsFileKey, Held>>): Term[] {
  const termsIn = (key: TlsFileKey) =>
    (held[key]?.certificates ?? []).map(({ subject, validToDate }) => ({
      key,
      subject: commonName(subject),
      end: validToDate.getTime(),
    }))
  const authorities = held.clientCaFile?.certificates ?? []
  const lists = held.clientCrlFile?.lists ?? []
  return [
    ...termsIn('certFile'),
    ...termsIn('clientCaFile'),
    ...lists.flatMap(({ issuer, nextUpdate }) => {
      if (nextUpdate === null) return []
      const signer = authorities.find(({ raw }) => certificateFields(raw).subject.equals(issuer))
      const subject = commonName(signer?.subject ?? 'an authority that is not trusted')
      return [{ key: 'clientCrlFile' as const, subject, end: nextUpdate }]
    }),
  ]
}
