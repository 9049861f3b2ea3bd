import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { systemClock } from '../../../../src/core/clock.ts'
import { clientTrust } from '../../../../src/ingress/clients/trust.ts'
import { openDesk } from '../../../support/shell.ts'

async function trustIn(folder: string) {
  const read = async (name: string) => (await readFile(join(folder, name))).toString()
  const trust = clientTrust({ ca: await read('ca.pem'), crl: await read('revoked.pem') })
  return async (name: string) =>
    trust.refusal(new X509Certificate(await read(name)), { others: [], at: systemClock.now() })
}

suite('certificates make', () => {
  test('makes what mutual TLS needs, for this user alone', async () => {
    const desk = await openDesk()
    const made = await desk.run('certificates', 'make', 'tls', '--client', 'genesys', '--json')
    assert.equal(made.code, 0, made.stderr)
    const folder = join(desk.folder, 'tls')
    const names = (await readdir(folder)).filter((name) => name !== 'revoked')
    const pairs = ['ca', 'genesys', 'server'].flatMap((name) => [`${name}.key`, `${name}.pem`])
    assert.deepEqual(names.toSorted(), [...pairs, 'revoked.pem'].toSorted())
    for (const name of names) assert.equal((await stat(join(folder, name))).mode & 0o777, 0o600)
    const refusal = await trustIn(folder)
    assert.equal(await refusal('genesys.pem'), null)
    assert.match(String(await refusal('server.pem')), /not for clients/)
    const server = new X509Certificate(await readFile(join(folder, 'server.pem')))
    for (const host of ['localhost']) assert.equal(server.checkHost(host), host)
    for (const address of ['127.0.0.1', '::1']) assert.equal(server.checkIP(address), address)
    await desk.dispose()
  })

  test('names the folder that cannot be made', async () => {
    const desk = await openDesk()
    await desk.write('file', '')
    const { code, stderr } = await desk.run('certificates', 'make', 'file/tls')
    assert.equal(code, 1)
    assert.match(stderr, /the folder \S+file\/tls\/revoked cannot be made: ENOTDIR/)
    await desk.dispose()
  })

  test('adds clients of the same authority, and overwrites nothing', async () => {
    const desk = await openDesk()
    const folder = join(desk.folder, 'tls')
    await desk.run('certificates', 'make', 'tls', '--client', 'one')
    const before = await readFile(join(folder, 'one.key'))
    assert.equal((await desk.run('certificates', 'make', 'tls', '--client', 'two')).code, 0)
    const again = await desk.run('certificates', 'make', 'tls', '--client', 'one')
    assert.equal(again.code, 1)
    assert.match(again.stderr, /one\.key is there already/)
    assert.deepEqual(await readFile(join(folder, 'one.key')), before)
    assert.equal(await (await trustIn(folder))('two.pem'), null)
    await desk.dispose()
  })

  test('revokes a client, and makes another of its name', async () => {
    const desk = await openDesk()
    const folder = join(desk.folder, 'tls')
    await desk.run('certificates', 'make', 'tls', '--client', 'one', '--client', 'two')
    const revoked = await desk.run('certificates', 'make', 'tls', '--revoke', 'one')
    assert.equal(revoked.code, 0)
    assert.match(revoked.stdout, /tls\/revoked\/[0-9A-F]+\.pem\n/)
    const [out] = (await readdir(join(folder, 'revoked'))).filter((name) => name.endsWith('.pem'))
    const refusal = await trustIn(folder)
    assert.match(String(await refusal(join('revoked', String(out)))), /revoked/)
    assert.equal(await refusal('two.pem'), null)
    assert.equal((await desk.run('certificates', 'make', 'tls', '--client', 'one')).code, 0)
    assert.equal(await (await trustIn(folder))('one.pem'), null)
    const both = ['--revoke', 'one', '--client', 'one']
    assert.equal((await desk.run('certificates', 'make', 'tls', ...both)).code, 0)
    assert.equal(await (await trustIn(folder))('one.pem'), null)
    assert.equal((await readdir(join(folder, 'revoked'))).length, 4)
    assert.match((await desk.run('certificates', 'make', 'tls', '--revoke', 'x')).stderr, /no /)
    await desk.dispose()
  })

  test('takes no name that leads out of the folder', async () => {
    const desk = await openDesk()
    for (const name of ['../one', 'ca', 'server', '.hidden', 'a/b', ''])
      assert.equal((await desk.run('certificates', 'make', 'tls', '--client', name)).code, 1, name)
    await desk.dispose()
  })
})
