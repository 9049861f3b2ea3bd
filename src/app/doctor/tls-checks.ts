/** What the listener will present: certificate, key, chain, and how long they are good. */
import { createPrivateKey, type X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import type { Clock } from '../../core/clock.ts'
import { errorText } from '../../core/errors.ts'
import { certificateStatus, commonName, parseChain } from '../certificates.ts'
import type { Config } from '../config/schema.ts'
import type { Machine } from '../machine.ts'
import { type Finding, fail, ok, warn } from './finding.ts'

/** Renewal takes people: this leaves them a month. */
const renewDays = 30

export async function checkTls(machine: Machine, config: Config): Promise<Finding[]> {
  const { tls, host } = config.listen
  if (tls === undefined) return [ok('TLS', `none: plain HTTP on ${host}`)]
  const { certFile, keyFile, minVersion } = tls
  const cert = await readPem(machine, certFile)
  const key = await readPem(machine, keyFile)
  if (cert === null || key === null) {
    const missing = [cert === null ? certFile : '', key === null ? keyFile : ''].filter(Boolean)
    const remedy = 'Put the PEM files there, readable for this user.'
    return [fail('TLS files', `${missing.join(' and ')} cannot be read`, remedy)]
  }
  return judgeTls({ cert, key, minVersion, certFile }, machine.clock)
}

export interface TlsTexts {
  readonly cert: string
  readonly key: string
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3'
  readonly certFile: string
}

export function judgeTls(texts: TlsTexts, clock: Clock): Finding[] {
  try {
    const chain = parseChain(texts.cert)
    const [leaf] = chain
    if (leaf === undefined) {
      const remedy = 'It must begin with -----BEGIN CERTIFICATE-----.'
      return [fail('TLS certificate', `${texts.certFile} holds no certificate`, remedy)]
    }
    return [keyMatches(leaf, texts), daysLeft(leaf, texts, clock), chainHolds(chain)]
  } catch (error) {
    const remedy = 'Write certificate, chain and key as PEM, the key without a passphrase.'
    return [fail('TLS files', errorText(error), remedy)]
  }
}

function keyMatches(leaf: X509Certificate, { cert, key, minVersion }: TlsTexts): Finding {
  if (!leaf.checkPrivateKey(createPrivateKey(key))) {
    const remedy = 'Give listen.tls.keyFile the key that the certificate was made for.'
    return fail('TLS key', 'the key does not belong to the certificate', remedy)
  }
  createSecureContext({ cert, key, minVersion })
  return ok('TLS key', `belongs to ${commonName(leaf.subject)}`)
}

function daysLeft(leaf: X509Certificate, { certFile }: TlsTexts, clock: Clock): Finding {
  const { daysLeft: days, notAfter } = certificateStatus(leaf, certFile, clock)
  const name = 'TLS certificate'
  const detail = `${days} days left, until ${notAfter.slice(0, 10)}`
  const remedy = 'Renew it and replace the file; then restart the gateway.'
  if (new Date(leaf.validFrom).getTime() > clock.now())
    return fail(name, `not good before ${leaf.validFrom}`, 'Wait, or correct the clock.')
  if (days < 0) return fail(name, `expired on ${notAfter.slice(0, 10)}`, remedy)
  return days < renewDays ? warn(name, detail, remedy) : ok(name, detail)
}

/** Each must be issued by the next; the last may be a root, or issued by one that senders know. */
function chainHolds(chain: readonly X509Certificate[]): Finding {
  const name = 'TLS chain'
  for (const [index, certificate] of chain.entries()) {
    const issuer = chain[index + 1]
    if (issuer !== undefined && !issued(certificate, issuer)) {
      const names = [certificate, issuer].map(({ subject }) => commonName(subject))
      const detail = `${names.join(' was not issued by ')}, which follows it`
      return fail(name, detail, 'Write the chain in order: each followed by its issuer.')
    }
  }
  const [leaf] = chain
  const last = chain.at(-1)
  if (leaf === undefined || last === undefined) return fail(name, 'is empty', 'Write the chain.')
  if (chain.length > 1 || !issued(leaf, leaf)) {
    const names = chain.map(({ subject }) => commonName(subject)).join(' < ')
    if (chain.length > 1) return ok(name, names)
    const detail = `only ${names}; its issuer ${commonName(leaf.issuer)} is not in the file`
    const remedy = 'Append the intermediate certificates, unless a root has issued it directly.'
    return warn(name, detail, remedy)
  }
  const remedy = 'Senders that do not know it refuse it; use one that they trust.'
  return warn(name, `${commonName(leaf.subject)} is signed by itself`, remedy)
}

function issued(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)
}

async function readPem({ files }: Machine, path: string): Promise<string | null> {
  return files.readAll(path).then(String, () => null)
}
