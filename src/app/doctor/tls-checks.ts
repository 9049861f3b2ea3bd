/** What the listener will present: certificate, key, chain, and how long they are good. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { createSecureContext, rootCertificates } from 'node:tls'
import type { Clock } from '../../core/clock.ts'
import { errorText, hasCode } from '../../core/errors.ts'
import type { Config } from '../config/schema.ts'
import type { Machine } from '../machine.ts'
import { commonName, daysUntil, parseChain, RENEW_DAYS } from '../tls/certificates.ts'
import { readTls, type TlsConfig } from '../tls/files.ts'
import { judgeClients } from '../tls/judgement.ts'
import { type Finding, fail, ok, warn } from './finding.ts'

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
  return [
    ...judgeTls({ cert, key, minVersion, certFile }, machine.clock),
    ...(await checkClients(machine, tls)),
  ]
}

/** What client certificates are judged by. */
async function checkClients({ files, clock }: Machine, config: TlsConfig): Promise<Finding[]> {
  if (config.clientCaFile === undefined) return []
  const name = 'client certificates'
  const clients = await readTls(files, config).then(
    (tls) => tls?.clients ?? null,
    (error: unknown) =>
      hasCode(error, 'INL_APP_TLS_FILE')
        ? `${error.details['path']} cannot be read: ${error.details['reason']}`
        : errorText(error),
  )
  if (clients === null || typeof clients === 'string')
    return [fail(name, String(clients), 'Put the PEM files there, readable for this user.')]
  const remarks = judgeClients(clients, clock.now())
  const revoked = clients.crl === null ? 'nothing is ever revoked' : 'with revocation lists'
  if (remarks.length === 0) return [ok(name, `${config.clientCaFile}, ${revoked}`)]
  return remarks.map(({ key, level, what, remedy }) =>
    (level === 'fail' ? fail : warn)(name, `${config[key] ?? key} ${what}`, remedy),
  )
}

export interface TlsTexts {
  readonly cert: string
  readonly key: string
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3'
  readonly certFile: string
}

/** `roots`: those that senders know. */
export function judgeTls(
  texts: TlsTexts,
  clock: Clock,
  roots: readonly X509Certificate[] = publicRoots(),
): Finding[] {
  let looksAt = texts.certFile
  try {
    const chain = parseChain(texts.cert)
    const [leaf] = chain
    if (leaf === undefined) {
      const remedy = 'It must begin with -----BEGIN CERTIFICATE-----.'
      return [fail('TLS certificate', `${texts.certFile} holds no certificate`, remedy)]
    }
    looksAt = 'listen.tls.keyFile'
    return [keyMatches(leaf, texts), daysLeft(leaf, texts, clock), chainHolds(chain, roots)]
  } catch (error) {
    const remedy = 'Write certificate, chain and key as PEM, the key without a passphrase.'
    return [fail('TLS files', `${looksAt} cannot be used: ${errorText(error)}`, remedy)]
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
  const days = daysUntil(leaf.validToDate.getTime(), clock.now())
  const until = leaf.validToDate.toISOString().slice(0, 10)
  const name = 'TLS certificate'
  const detail = `${days} days left, until ${until} (${certFile})`
  const remedy = 'Renew it and replace the file; no restart is needed.'
  if (new Date(leaf.validFrom).getTime() > clock.now())
    return fail(name, `not good before ${leaf.validFrom}`, 'Wait, or correct the clock.')
  if (days < 0) return fail(name, `expired on ${until}`, remedy)
  return days < RENEW_DAYS ? warn(name, detail, remedy) : ok(name, detail)
}

/** Each must be issued by the next, and the last by a root that senders know. */
function chainHolds(chain: readonly X509Certificate[], roots: readonly X509Certificate[]): Finding {
  const name = 'TLS chain'
  for (const [index, certificate] of chain.entries()) {
    const issuer = chain[index + 1]
    if (issuer !== undefined && !issued(certificate, issuer)) {
      const names = [certificate, issuer].map(({ subject }) => commonName(subject))
      const detail = `${names.join(' was not issued by ')}, which follows it`
      return fail(name, detail, 'Write the chain in order: each followed by its issuer.')
    }
  }
  return publicTrust(chain, roots)
}

/** Genesys Cloud and the cloud services behind it trust public roots, and no other. */
function publicTrust(
  chain: readonly X509Certificate[],
  roots: readonly X509Certificate[],
): Finding {
  const name = 'TLS chain'
  const last = chain.at(-1)
  if (last === undefined) return fail(name, 'is empty', 'Write the chain.')
  const names = chain.map(({ subject }) => commonName(subject)).join(' < ')
  const root = roots.find((one) => issued(last, one))
  if (root !== undefined)
    return ok(name, `${names} < ${commonName(root.subject)}, publicly trusted`)
  const remedy = 'Use a certificate of a public authority where senders know no other.'
  if (issued(last, last))
    return warn(name, `${names} is signed by itself, and no public root`, remedy)
  const detail = `${names}; no public root is its issuer ${commonName(last.issuer)}`
  return warn(name, detail, `Append the intermediate certificates, if some are missing. ${remedy}`)
}

function publicRoots(): X509Certificate[] {
  return rootCertificates.map((pem) => new X509Certificate(pem))
}

function issued(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)
}

async function readPem({ files }: Machine, path: string): Promise<string | null> {
  return files.readAll(path).then(String, () => null)
}
