/**
 * A folder of certificates for development and tests:
 *
 *   ca.pem ca.key            the authority
 *   server.pem server.key    the server, its chain included
 *   <client>.pem .key        each client
 *   revoked.pem              the revocation list
 *   revoked/<serial>.pem     what is in it
 *
 * Guarantee: nothing that is there is overwritten but the revocation list, which is put in place
 * whole. Files are readable for this user alone.
 */
import { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import {
  type CertificateAuthority,
  type IssuedCertificate,
  makeCertificateAuthority,
  openCertificateAuthority,
  type RevokedCertificate,
} from '../../core/certificate.ts'
import { errorText, InletError } from '../../core/errors.ts'
import type { Files } from '../../core/files.ts'
import { isSystemError } from '../../core/files.ts'
import { replaceFile } from '../../core/replace-file.ts'
import type { Machine } from '../machine.ts'

export interface MakeRequest {
  readonly folder: string
  /** Names and addresses; the first is the common name. */
  readonly server: readonly string[]
  /** Common names. */
  readonly clients: readonly string[]
  /** Of clients in the folder. */
  readonly revoked: readonly string[]
  readonly days: number
}

type MakeMachine = Pick<Machine, 'files' | 'clock' | 'random'>

/** Resolves to the files that were written or moved. Rejects with INL_APP_CERTIFICATES. */
export async function makeCertificates(
  machine: MakeMachine,
  request: MakeRequest,
): Promise<string[]> {
  const { files } = machine
  const { folder, server, clients, revoked, days } = request
  checkNames([...clients, ...revoked])
  await makeFolder(files, join(folder, 'revoked'))
  const made: string[] = []
  const write = async (name: string, text: string) => {
    await create(files, join(folder, name), text)
    made.push(join(folder, name))
  }
  const pair = async (name: string, { certificate, key }: IssuedCertificate) => {
    await write(`${name}.key`, key)
    await write(`${name}.pem`, certificate)
  }
  const authority = await authorityIn(machine, request, pair)
  if (!(await isThere(files, join(folder, 'server.pem'))))
    await pair('server', issueServer(authority, server, days))
  // Of one name both may be asked: the old one goes, another takes its place.
  for (const name of revoked) made.push(...(await revoke(machine, folder, name)))
  for (const name of clients) {
    const issued = authority.issue({ commonName: name, altNames: [], days, use: 'client' })
    await pair(name, issued)
  }
  const list = authority.revoke(await revokedIn(files, join(folder, 'revoked')), days)
  await replaceFile(files, join(folder, 'revoked.pem'), list)
  return [...made, join(folder, 'revoked.pem')]
}

function issueServer(
  authority: CertificateAuthority,
  names: readonly string[],
  days: number,
): IssuedCertificate {
  const [commonName = 'localhost'] = names
  return authority.issue({ commonName, altNames: names, days, use: 'server' })
}

async function authorityIn(
  { files, clock, random }: MakeMachine,
  { folder, days }: MakeRequest,
  pair: (name: string, issued: IssuedCertificate) => Promise<void>,
): Promise<CertificateAuthority> {
  const deps = { random, now: () => clock.now() }
  if (await isThere(files, join(folder, 'ca.pem'))) {
    const certificate = (await files.readAll(join(folder, 'ca.pem'))).toString()
    const key = (await files.readAll(join(folder, 'ca.key'))).toString()
    return openCertificateAuthority(deps, { certificate, key })
  }
  // It outlives what it issues in the last days of others.
  const request = { commonName: 'Inlet development authority', days: 2 * days }
  const authority = makeCertificateAuthority(deps, request)
  await pair('ca', authority)
  return authority
}

/** Moves a client to those that are revoked, so that one of its name can be made again. */
async function revoke({ files }: MakeMachine, folder: string, name: string): Promise<string[]> {
  const path = join(folder, `${name}.pem`)
  if (!(await isThere(files, path))) {
    const reason = `there is no ${path} to revoke`
    throw new InletError('INL_APP_CERTIFICATES', { reason })
  }
  const { serialNumber } = new X509Certificate(await files.readAll(path))
  const moved = join(folder, 'revoked', serialNumber)
  await files.rename(path, `${moved}.pem`)
  await files.rename(join(folder, `${name}.key`), `${moved}.key`)
  return [`${moved}.key`, `${moved}.pem`]
}

async function revokedIn(files: Files, folder: string): Promise<RevokedCertificate[]> {
  const revoked: RevokedCertificate[] = []
  for (const name of await files.list(folder)) {
    if (!name.endsWith('.pem')) continue
    const path = join(folder, name)
    const at = (await files.stat(path))?.modifiedAt ?? 0
    revoked.push({ certificate: (await files.readAll(path)).toString(), at })
  }
  return revoked
}

/** Names become names of files. */
function checkNames(names: readonly string[]): void {
  const reserved = ['ca', 'server', 'revoked']
  const bad = names.find((name) => !/^[\w][\w.@-]{0,63}$/.test(name) || reserved.includes(name))
  if (bad === undefined) return
  const reason = `"${bad}" cannot be the name of a client here: use letters, digits, "-", "_", "."`
  throw new InletError('INL_APP_CERTIFICATES', { reason })
}

async function makeFolder(files: Files, folder: string): Promise<void> {
  try {
    await files.makeFolder(folder)
  } catch (error) {
    const reason = `the folder ${folder} cannot be made: ${errorText(error)}`
    throw new InletError('INL_APP_CERTIFICATES', { reason }, error)
  }
}

async function isThere(files: Files, path: string): Promise<boolean> {
  return (await files.stat(path)) !== null
}

async function create(files: Files, path: string, text: string): Promise<void> {
  try {
    const file = await files.open(path, 'create')
    await file.write(Buffer.from(text), 0)
    await file.close()
  } catch (error) {
    if (!isSystemError(error, 'EEXIST')) throw error
    const reason = `${path} is there already, and nothing is overwritten`
    throw new InletError('INL_APP_CERTIFICATES', { reason }, error)
  }
}
