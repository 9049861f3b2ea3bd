/**
 * What is wrong with certificate files, before they are served. Pure.
 *
 * A revocation list is wanted of every authority or of none, because OpenSSL refuses whoever has an
 * issuer without one. A list past its next update is worthless, because the newest revocations are
 * not in it: then nobody is let in by certificate.
 */
import { createPrivateKey, type X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { errorText, InletError } from '../../core/errors.ts'
import { isListOf, type RevocationList } from '../../core/revocation-list.ts'
import { secureContext } from '../../ingress/clients/tls.ts'
import { type ClientTrust, clientTrust } from '../../ingress/clients/trust.ts'
import type { ClientTrustOptions, TlsOptions } from '../../ingress/options.ts'
import { commonName, DAY_MS, daysUntil, parseChain, RENEW_DAYS } from './certificates.ts'
import type { TlsConfig, TlsFileKey } from './files.ts'

export interface TlsRemark {
  readonly key: TlsFileKey
  readonly level: 'fail' | 'warn'
  readonly what: string
  readonly remedy: string
}

export function judgeTls(tls: TlsOptions, now: number): TlsRemark[] {
  const { clients } = tls
  return [...judgeServer(tls, now), ...(clients === undefined ? [] : judgeClients(clients, now))]
}

function judgeServer(tls: TlsOptions, now: number): TlsRemark[] {
  const damage = serverDamage(tls)
  if (damage !== null) return [damage]
  const [leaf] = parseChain(tls.cert)
  return leaf === undefined ? [] : judgeTime(leaf, { key: 'certFile', now })
}

/** What makes it impossible to speak TLS with certificate and key; null where nothing does. */
function serverDamage(tls: TlsOptions): TlsRemark | null {
  const remark = (what: string, remedy: string, key: TlsFileKey = 'certFile') => {
    return { key, level: 'fail' as const, what, remedy }
  }
  try {
    const [leaf] = parseChain(tls.cert)
    if (leaf === undefined)
      return remark('holds no certificate', 'It must begin with -----BEGIN CERTIFICATE-----.')
    if (!leaf.checkPrivateKey(createPrivateKey(tls.key))) {
      const remedy = 'Give it the key that the certificate was made for.'
      return remark('does not belong to the certificate', remedy, 'keyFile')
    }
    const { clients: _, ...own } = tls
    createSecureContext(secureContext(own))
    return null
  } catch (error) {
    const remedy = 'Write certificate, chain and key as PEM, the key without a passphrase.'
    return remark(`cannot be used: ${errorText(error)}`, remedy)
  }
}

/** Throws INL_APP_TLS_UNUSABLE, which names the file, where nobody could be served with it. */
export function requireServable(tls: TlsOptions | null, config: TlsConfig | undefined): void {
  const damage = tls === null ? null : serverDamage(tls)
  if (damage === null) return
  const { key, what: reason } = damage
  throw new InletError('INL_APP_TLS_UNUSABLE', { key, path: config?.[key] ?? '', reason })
}

function judgeTime(
  certificate: X509Certificate,
  { key, now }: { key: TlsFileKey; now: number },
): TlsRemark[] {
  const { subject, validFromDate, validToDate } = certificate
  const name = commonName(subject)
  const until = validToDate.toISOString().slice(0, 10)
  const remedy = 'Renew it and replace the file; no restart is needed.'
  if (validToDate.getTime() < now)
    return [{ key, level: 'fail', what: `${name} expired on ${until}`, remedy }]
  if (validFromDate.getTime() > now) {
    const what = `${name} is not good before ${validFromDate.toISOString()}`
    return [{ key, level: 'fail', what, remedy: 'Wait, or correct the clock.' }]
  }
  const days = daysUntil(validToDate.getTime(), now)
  if (days >= RENEW_DAYS) return []
  return [{ key, level: 'warn', what: `${name} has ${days} days left, until ${until}`, remedy }]
}

export function judgeClients(clients: ClientTrustOptions, now: number): TlsRemark[] {
  let trust: ClientTrust
  try {
    trust = clientTrust(clients)
  } catch (error) {
    const what = `cannot be used: ${errorText(error)}`
    const key = isReadable({ ...clients, crl: null }) ? 'clientCrlFile' : 'clientCaFile'
    return [{ key, level: 'fail', what, remedy: 'Write certificates and lists as PEM.' }]
  }
  const { authorities, lists } = trust
  return [
    ...judgeAuthorities(authorities),
    ...authorities.flatMap((one) => judgeTime(one, { key: 'clientCaFile', now })),
    ...(lists === null ? [] : judgeLists({ authorities, lists }, now)),
  ]
}

function isReadable(clients: ClientTrustOptions): boolean {
  try {
    clientTrust(clients)
    return true
  } catch {
    return false
  }
}

function judgeAuthorities(authorities: readonly X509Certificate[]): TlsRemark[] {
  const key = 'clientCaFile'
  const leaf = authorities.find(({ ca }) => !ca)
  if (leaf !== undefined) {
    const what = `${commonName(leaf.subject)} is no authority`
    const remedy = 'Write the authorities into it that issue client certificates, not the clients.'
    return [{ key, level: 'fail', what, remedy }]
  }
  if (authorities.some((one) => one.checkIssued(one))) return []
  const what = authorities.length === 0 ? 'holds no certificate' : 'holds no root'
  const remedy = 'Write the root into it, and the authorities between it and the clients.'
  return [{ key, level: 'fail', what, remedy }]
}

interface Bundle {
  readonly authorities: readonly X509Certificate[]
  readonly lists: readonly RevocationList[]
}

function judgeLists({ authorities, lists }: Bundle, now: number): TlsRemark[] {
  const key = 'clientCrlFile'
  if (lists.length === 0) {
    const remedy = 'It must begin with -----BEGIN X509 CRL-----; leave the key out for none.'
    return [{ key, level: 'fail', what: 'holds no revocation list', remedy }]
  }
  return authorities.flatMap((authority): TlsRemark[] => {
    const name = commonName(authority.subject)
    const own = lists.filter((list) => isListOf(list, authority))
    if (own.length > 0) return judgeFreshness(own, { name, now })
    const what = `holds no revocation list of ${name}: OpenSSL then refuses all its clients`
    const remedy = 'Add one of every authority in clientCaFile, or leave clientCrlFile out.'
    return [{ key, level: 'fail', what, remedy }]
  })
}

function judgeFreshness(
  lists: readonly RevocationList[],
  { name, now }: { name: string; now: number },
): TlsRemark[] {
  const key = 'clientCrlFile'
  const remedy = 'Fetch the next list and replace the file; no restart is needed.'
  const ends = lists.map(({ nextUpdate }) => nextUpdate ?? Infinity)
  const end = Math.max(...ends)
  if (end === Infinity) return []
  const began = lists[ends.indexOf(end)]?.thisUpdate ?? now
  const until = new Date(end).toISOString()
  if (end < now) {
    const what = `the list of ${name} was to be renewed by ${until}`
    return [{ key, level: 'fail', what: `${what}: every client certificate is refused`, remedy }]
  }
  // Lists live for a day or for a year: what counts is how much of that is left.
  const isLate = end - now < (end - began) / 4 && end - now < 7 * DAY_MS
  if (!isLate) return []
  const what = `the list of ${name} is to be renewed by ${until}`
  return [{ key, level: 'warn', what: `${what}, or all client certificates are refused`, remedy }]
}
