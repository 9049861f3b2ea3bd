import assert from 'node:assert/strict'
import { mkdir, readlink, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { readTls } from '../../../../src/app/tls/files.ts'
import { tlsRenewal } from '../../../../src/app/tls/renewal.ts'
import { systemClock } from '../../../../src/core/clock.ts'
import { nodeFiles } from '../../../../src/core/node-files.ts'
import type { TlsOptions } from '../../../../src/ingress/options.ts'
import { testPki } from '../../../support/certificates.ts'
import { temporaryFolder } from '../../../support/temporary.ts'

const pki = testPki('Test authority', { days: 100 })
const pkiList = pki.crl()
const other = testPki('Other authority', { days: 100 })

async function open(t: TestContext, folder = '.') {
  const { path, dispose } = await temporaryFolder()
  t.after(dispose)
  const at = (name: string) => join(path, folder, name)
  const config = {
    certFile: at('server.pem'),
    keyFile: at('server.key'),
    clientCaFile: at('ca.pem'),
    clientCrlFile: at('crl.pem'),
    minVersion: 'TLSv1.2' as const,
  }
  const write = (into: string, from = pki) =>
    Promise.all([
      writeFile(join(path, into, 'server.pem'), from.server.certificate),
      writeFile(join(path, into, 'server.key'), from.server.key),
      writeFile(join(path, into, 'ca.pem'), from.ca),
      writeFile(join(path, into, 'crl.pem'), from === pki ? pkiList : from.crl()),
    ])
  return { path, config, write }
}

async function watch({ config }: Awaited<ReturnType<typeof open>>) {
  const taken: TlsOptions[] = []
  const said: string[] = []
  const renewal = tlsRenewal(
    {
      files: nodeFiles,
      clock: systemClock,
      observer: (event, fields) => void said.push(`${event} ${fields?.['reason'] ?? ''}`),
      ingress: { renewTls: async (tls) => taken.push(tls) },
    },
    { config, served: await readTls(nodeFiles, config) },
  )
  const look = async (times = 3) => {
    for (let time = 0; time < times; time++) await renewal.look()
  }
  await look()
  return { taken, said, look, renewal }
}

test('files that are written anew are taken once they stay the same', async (t) => {
  const place = await open(t)
  await place.write('.')
  const { taken, said, look } = await watch(place)
  assert.equal(taken.length, 0)
  await place.write('.', other)
  await look(1)
  assert.equal(taken.length, 0)
  await look()
  assert.deepEqual(
    taken.map(({ cert, clients }) => [cert, clients?.ca]),
    [[other.server.certificate, other.ca]],
  )
  assert.deepEqual(said, ['tls_renewed '])
})

test('a file that is renamed into place is taken, also of the same size and age', async (t) => {
  const place = await open(t)
  await place.write('.')
  const { taken, look } = await watch(place)
  const crl = pki.crl([pki.client('a')])
  await writeFile(join(place.path, 'next'), crl)
  await rename(join(place.path, 'next'), place.config.clientCrlFile)
  await look()
  assert.deepEqual(
    taken.map(({ clients }) => clients?.crl),
    [crl],
  )
})

test('the link that Kubernetes turns is followed', async (t) => {
  const place = await open(t)
  const turn = async (name: string, from: typeof pki) => {
    await mkdir(join(place.path, name))
    await place.write(name, from)
    await symlink(name, join(place.path, '..data_tmp'))
    await rename(join(place.path, '..data_tmp'), join(place.path, '..data'))
  }
  await turn('..one', pki)
  for (const name of ['server.pem', 'server.key', 'ca.pem', 'crl.pem'])
    await symlink(`..data/${name}`, join(place.path, name))
  const { taken, look } = await watch(place)
  await turn('..two', other)
  await rm(join(place.path, '..one'), { recursive: true })
  assert.equal(await readlink(join(place.path, '..data')), '..two')
  await look()
  assert.equal(taken.length, 1)
  assert.equal(taken[0]?.key, other.server.key)
})

test('files that cannot be used are told of once, and the ones before them stay', async (t) => {
  const place = await open(t)
  await place.write('.')
  const { taken, said, look } = await watch(place)
  const breaking: (() => Promise<unknown>)[] = [
    () => writeFile(place.config.certFile, pki.server.certificate.slice(0, 300)),
    () => writeFile(place.config.keyFile, other.server.key),
    () => writeFile(place.config.clientCrlFile, pki.crl([], -1)),
    () => writeFile(place.config.clientCrlFile, other.crl()),
    () => unlink(place.config.clientCaFile),
  ]
  for (const [index, breaks] of breaking.entries()) {
    await breaks()
    await look(6)
    assert.equal(said.length, index + 1, said.join('\n'))
    assert.match(said.at(-1) ?? '', /^tls_renewal_failed ./)
    await place.write('.')
    await look()
  }
  const told = said.length
  const renewed = taken.length
  await place.write('.', other)
  await look()
  assert.equal(taken.length, renewed + 1)
  assert.deepEqual(said.slice(told), ['tls_renewed '])
})

test('what is served since the start and should not be is shown until it is renewed', async (t) => {
  const place = await open(t)
  await place.write('.')
  await writeFile(place.config.clientCrlFile, other.crl())
  const { said, look, renewal } = await watch(place)
  await renewal.start(new AbortController().signal)
  t.after(() => renewal.stop())
  assert.match(said.at(-1) ?? '', /^tls_files_doubtful holds no revocation list/)
  const shown = () => {
    const values: number[] = []
    renewal.measure({
      number: (_name, value) => void values.push(value),
      histogram: () => undefined,
    })
    return values
  }
  assert.deepEqual(shown(), [1])
  await place.write('.')
  await look()
  assert.deepEqual(shown(), [0])
})

test('a revocation list may be DER, as authorities publish it', async (t) => {
  const place = await open(t)
  await place.write('.')
  const { taken, look } = await watch(place)
  const pem = pki.crl([pki.client('a')]).replace(/-----[^-]+-----/g, '')
  await writeFile(place.config.clientCrlFile, Buffer.from(pem, 'base64'))
  await look()
  assert.equal(taken[0]?.clients?.crl?.replace(/-----[^-]+-----|\n/g, ''), pem.replaceAll('\n', ''))
})
