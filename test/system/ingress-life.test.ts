/** When ingress answers, how it stops, and how it is reached over TLS. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { connect } from 'node:tls'
import { promisify } from 'node:util'
import { makeCertificateAuthority } from '../../src/core/certificate.ts'
import { systemClock } from '../../src/core/clock.ts'
import { hasCode } from '../../src/core/errors.ts'
import { systemRandom } from '../../src/core/random.ts'
import { createSeenCache } from '../../src/dedup/seen-cache.ts'
import { openIngress } from '../../src/ingress/ingress.ts'
import { defaultLimits } from '../../src/ingress/options.ts'
import type { NoteEntry } from '../../src/journal/entry.ts'
import { createMemoryJournal } from '../../src/journal/memory-journal.ts'
import {
  hmacSource,
  openSource,
  overWriter,
  signature,
  startIngress,
  type TestIngressChange,
  withLooks,
} from '../support/ingress.ts'
import { openRaw, post } from '../support/raw-request.ts'
import { temporaryFolder } from '../support/temporary.ts'

const event = '{"notificationId":"1","data":{}}'
const never = new AbortController().signal

/** A journal that makes nothing durable until it is told to. */
function heldJournal() {
  const waiting: (() => void)[] = []
  let isHeld = true
  const wrap: TestIngressChange['wrap'] = (writer) =>
    overWriter(writer, {
      append: async (entries) => {
        if (isHeld) await new Promise<void>((resolve) => waiting.push(resolve))
        return writer.append(entries)
      },
    })
  return {
    wrap,
    waiting,
    release() {
      isHeld = false
      for (const resolve of waiting) resolve()
    },
  }
}

test('nothing is answered before it is durable', async () => {
  const held = heldJournal()
  const { port, stop } = await startIngress({ wrap: held.wrap })
  const connection = await openRaw(port)
  let text = ''
  connection.socket.on('data', (piece: string) => {
    text += piece
  })
  connection.write(post('/open', event))
  while (held.waiting.length === 0) await systemClock.sleep(1)
  // An answer that did not wait would be here long before another connection has been served.
  await (await openRaw(port)).socket.destroy()
  const health = await openRaw(port)
  health.write('GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n')
  await health.received(/ok/)
  assert.equal(text, '')
  held.release()
  await connection.received(/stored/)
  await stop()
})

test('draining finishes what has begun, takes nothing new, writes the last tallies', async () => {
  const held = heldJournal()
  const limits = { lingerMs: 50 }
  const { ingress, port, entries, stop } = await startIngress({ wrap: held.wrap, limits })
  const idle = await openRaw(port)
  const used = await openRaw(port)
  used.write('GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n')
  await used.received(/ok/)
  const waiting = await openRaw(port)
  waiting.write(post('/open', event))
  const sending = await openRaw(port)
  sending.write(post('/open', event, ['Expect: 100-continue']).slice(0, -5))
  await sending.received(/100 Continue/)
  while (held.waiting.length === 0) await systemClock.sleep(1)
  const drained = ingress.drain(never)
  assert.equal(await idle.closed, '')
  await used.closed
  await assert.rejects(openRaw(port), /ECONNREFUSED/)
  sending.write(event.slice(-5))
  while (held.waiting.length < 2) await systemClock.sleep(1)
  held.release()
  assert.match(await waiting.closed, /Connection: close.*stored/is)
  assert.match(await sending.closed, /Connection: close.*stored/is)
  await drained
  const notes = (await entries()).filter((entry): entry is NoteEntry => entry.kind === 'note')
  const acknowledged = notes.map(({ detail }) => JSON.parse(detail).acknowledged)
  assert.equal(
    acknowledged.reduce((sum, count) => sum + count, 0),
    2,
  )
  await ingress.drain(never)
  await stop()
  await stop()
})

function isRefused(port: number): Promise<boolean> {
  return openRaw(port).then(
    ({ socket }) => {
      socket.destroy()
      return false
    },
    () => true,
  )
}

test('a connection that is open may bring one more request, whose answer is its last', async () => {
  for (const secured of [null, tls]) {
    const limits = { lingerMs: 600_000 }
    const { ingress, port, kept, stop } = await startIngress({ tls: secured, limits })
    const open = async () => {
      if (secured === null) return (await openRaw(port)).socket
      const socket = connect({ port, host: '127.0.0.1', ca: authority.certificate })
      await new Promise((resolve) => socket.once('secureConnect', resolve))
      return socket.setEncoding('latin1')
    }
    const [fresh, used] = [await open(), await open()]
    used.write('GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n')
    assert.match(String(await once(used, 'data')), /ok/)
    const drained = ingress.drain(never)
    while (!(await isRefused(port))) await systemClock.sleep(1)
    for (const socket of [fresh, used]) {
      socket.write(post('/open', event))
      const [answer] = await once(socket, 'data')
      assert.match(answer, /Connection: close.*(stored|duplicate)/is)
      await once(socket, 'end')
    }
    await drained
    assert.equal((await kept()).length, 2)
    await stop()
  }
})

test('a deadline ends the draining, and stopping closes what is left', async () => {
  const held = heldJournal()
  const { ingress, port, stop } = await startIngress({ wrap: held.wrap })
  const waiting = await openRaw(port)
  waiting.write(post('/open', event))
  while (held.waiting.length === 0) await systemClock.sleep(1)
  const deadline = new AbortController()
  const drained = ingress.drain(deadline.signal)
  deadline.abort()
  await drained
  await stop()
  assert.equal(await waiting.closed, '')
})

const quicker: typeof systemClock.every = (ms, task) => systemClock.every(ms / 50, task)

test('tallies are written while it runs', async () => {
  const clock = { ...systemClock, every: quicker }
  const { port, entries, stop } = await startIngress({ clock })
  const connection = await openRaw(port)
  connection.write(post('/open', event))
  await connection.received(/stored/)
  let notes: NoteEntry[] = []
  while (notes.length === 0) {
    await systemClock.sleep(20)
    notes = (await entries()).filter((entry): entry is NoteEntry => entry.kind === 'note')
  }
  assert.deepEqual(
    notes.map(({ source, reason }) => [source, reason]),
    [['open', 'tally']],
  )
  await stop()
})

test('an address that is taken is told, and stopping what never started is nothing', async () => {
  const { ingress, stop } = await startIngress()
  const journal = createMemoryJournal({ journalId: 'j', partition: 'p' }).openWriter()
  const second = openIngress(
    {
      journal,
      seenCache: createSeenCache({ maxBytes: 1024 }),
      clock: systemClock,
      random: systemRandom,
      observer: () => undefined,
    },
    {
      ...ingress.address,
      tls: null,
      healthPath: '/healthz',
      sources: [hmacSource],
      limits: defaultLimits,
    },
  )
  await assert.rejects(second.start(never), (error) => hasCode(error, 'INL_ING_LISTEN'))
  await second.stop()
  await second.drain(never)
  await stop()
})

const authority = makeCertificateAuthority(
  { random: systemRandom, now: () => systemClock.now() },
  { commonName: 'A test authority', days: 2 },
)
const issued = authority.issue({ commonName: 'inlet', altNames: ['127.0.0.1'], days: 1 })
const tls = { cert: issued.certificate, key: issued.key, minVersion: 'TLSv1.2' } as const

test('curl delivers over HTTPS, and trusts nobody else', async () => {
  const { url, kept, stop } = await startIngress({ tls })
  const folder = await temporaryFolder()
  const ca = join(folder.path, 'ca.pem')
  await writeFile(ca, authority.certificate)
  const curl = async (...more: string[]) =>
    (await promisify(execFile)('curl', ['--silent', '--show-error', '--max-time', '600', ...more]))
      .stdout
  const delivery = ['-H', `X-Genesys-Signature: sha256=${signature(event)}`, '--data', event]
  const target = `${url}/signed`
  assert.equal(await curl('--cacert', ca, ...delivery, target), '{"outcome":"stored"}')
  const large = join(folder.path, 'large.json')
  await writeFile(large, 'x'.repeat(5 * 2 ** 20))
  const refused = await curl('--cacert', ca, '--data-binary', `@${large}`, target)
  assert.match(refused, /INL_ING_BODY_SIZE/)
  await assert.rejects(curl(...delivery, target), /certificate/)
  assert.equal((await kept()).length, 1)
  await folder.dispose()
  await stop()
})

test('a connection that brings nothing any longer is closed, one in use is not', async () => {
  for (const secured of [null, tls]) {
    const { change, look } = withLooks()
    const { port, stop } = await startIngress({ ...change, tls: secured })
    const open = async () => {
      if (secured === null) return (await openRaw(port)).socket
      const socket = connect({ port, host: '127.0.0.1', ca: authority.certificate })
      await new Promise((resolve) => socket.once('secureConnect', resolve))
      return socket
    }
    const [used, idle] = [await open(), await open()]
    const closed = new Promise((resolve) => idle.once('close', resolve))
    idle.on('error', () => undefined)
    for (let asked = 0; asked < 5; asked++) {
      used.write('GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n')
      await once(used, 'data')
      look()
    }
    await closed
    assert.equal(used.destroyed, false)
    used.destroy()
    await stop()
  }
})

test('too old a TLS is refused, and so is a key that cannot be read', async () => {
  const { port, stop } = await startIngress({ tls: { ...tls, minVersion: 'TLSv1.3' } })
  const old = connect({ port, host: '127.0.0.1', ca: authority.certificate, maxVersion: 'TLSv1.2' })
  const refused = await new Promise((resolve) => old.once('error', resolve))
  assert.match(String(refused), /protocol version|handshake/i)
  const modern = connect({ port, host: '127.0.0.1', ca: authority.certificate })
  await new Promise((resolve) => modern.once('secureConnect', resolve))
  const { raw } = modern.getPeerCertificate()
  assert.equal(new X509Certificate(raw).subject, 'CN=inlet')
  modern.destroy()
  await stop()
  const broken = startIngress({ tls: { ...tls, key: 'no key' }, sources: [openSource] })
  await assert.rejects(broken, (error) => hasCode(error, 'INL_ING_LISTEN'))
})

test('a connection that never speaks TLS does not hold up the draining of the others', async () => {
  const { ingress, port, stop } = await startIngress({ tls, limits: { lingerMs: 50 } })
  const silent = await openRaw(port)
  const shaken = connect({ port, host: '127.0.0.1', ca: authority.certificate })
  await new Promise((resolve) => shaken.once('secureConnect', resolve))
  const over = new Promise((resolve) => shaken.once('close', resolve))
  shaken.on('error', () => undefined)
  const drained = ingress.drain(never)
  await over
  silent.socket.destroy()
  await drained
  await stop()
})
