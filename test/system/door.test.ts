/** The table of ./door-table.ts, against Inlet itself and through a real NGINX. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { systemClock } from '../../src/core/clock.ts'
import type { Entry } from '../../src/journal/entry.ts'
import { shown } from '../support/certificates.ts'
import { httpsClient } from '../support/https-client.ts'
import { startIngress, type TestIngress, type TestIngressChange } from '../support/ingress.ts'
import { type Nginx, startNginx } from '../support/nginx.ts'
import { certificates, crl, type DoorRow, pki, rows, sources } from './door-table.ts'

const { certificate: cert, key } = pki.server
const clients = { ca: pki.ca, crl }
const served: TestIngressChange = {
  sources,
  tls: { cert, key, minVersion: 'TLSv1.2', clients },
}
let direct: TestIngress
let behind: TestIngress
let nginx: Nginx
let count = 0

/** Another address than that of NGINX, which is believed what it says of addresses. */
const sender = '127.0.0.3'

before(async () => {
  direct = await startIngress(served)
  behind = await startIngress({
    ...served,
    tls: { cert, key, minVersion: 'TLSv1.2' },
    trustedProxy: { kind: 'nginx', mode: 'verify', addresses: ['127.0.0.1'] },
  })
  nginx = await startNginx(behind.port, {
    server: pki.server,
    clients: pki.ca,
    revoked: crl,
    inletCa: pki.ca,
  })
})

after(async () => {
  await nginx.stop()
  await Promise.all([direct.stop(), behind.stop()])
})

/** The answer, and what of the body that was sent has come into the journal. */
async function deliver(row: DoorRow, port: number, into: TestIngress) {
  const body = JSON.stringify({ notificationId: `door-${count++}`, given: row.given })
  const own = row.certificate === undefined ? {} : shown(certificates[row.certificate])
  const client = httpsClient(port, { ca: pki.ca, localAddress: sender, ...own })
  const headers = row.headers?.(body, systemClock.now()) ?? {}
  const reply = await client.post(`/${row.source}`, body, headers).catch(() => null)
  client.close()
  const entries = await into.entries()
  return { answer: reply?.status ?? 'closed', reply, body, kept: entries.filter(holds(body)) }
}

const holds = (body: string) => (entry: Entry) =>
  entry.kind === 'event' && entry.envelope.body.toString() === body

for (const way of ['direct', 'nginx'] as const) {
  suite(`at the door, ${way === 'direct' ? 'without' : 'with'} NGINX before it`, () => {
    for (const row of rows) {
      const answer = row[way]
      test(`${row.source}, ${row.given}: ${answer}`, async () => {
        const into = way === 'direct' ? direct : behind
        const port = way === 'direct' ? direct.port : nginx.port
        const delivered = await deliver(row, port, into)
        assert.equal(delivered.answer, answer)
        assert.equal(delivered.kept.length, answer === 200 ? 1 : 0)
        const asks = delivered.reply?.headers['www-authenticate'] !== undefined
        assert.equal(asks, answer === 401)
        // Had it been remembered, a proven sender would be told of a duplicate.
        if (answer !== 200) await assertForgotten(delivered.body, port)
      })
    }

    test('of who was refused, nothing is kept but numbers', async () => {
      const into = way === 'direct' ? direct : behind
      const wanted = rows.filter((row) => row[way] === 200).length
      const entries = await into.entries()
      const proven = wanted + rows.filter((row) => row[way] !== 200).length
      assert.equal(entries.filter(({ kind }) => kind === 'event').length, proven)
      const notes = entries.flatMap((one) => (one.kind === 'note' ? one : []))
      assert.ok(notes.every(({ reason }) => reason === 'tally'))
      const labels = new Set(notes.map(({ source }) => source))
      for (const label of labels)
        assert.ok(label === '' || sources.some(({ name }) => name === label), label)
      assert.doesNotMatch(JSON.stringify(into.said), /somebody|another/)
    })
  })
}

/** The same body, from who may send it, is new. */
async function assertForgotten(body: string, port: number): Promise<void> {
  const client = httpsClient(port, { ca: pki.ca })
  const reply = await client.post('/apikey', body, { 'X-Api-Key': 'a live key' })
  client.close()
  assert.deepEqual([reply.status, reply.body], [200, '{"outcome":"stored"}'])
}

test('a delivery that is overheard and replayed is a duplicate, told by its identity', async () => {
  const right = rows.find(({ source, given }) => source === 'hmac-at' && given === 'right')
  assert.ok(right?.headers !== undefined)
  const body = '{"notificationId":"overheard"}'
  const headers = right.headers(body, systemClock.now())
  const client = httpsClient(direct.port, { ca: pki.ca })
  const answers = [await client.post('/hmac-at', body, headers)]
  answers.push(await client.post('/hmac-at', body, headers))
  client.close()
  const outcomes = answers.map((answer) => JSON.parse(answer.body).outcome)
  assert.deepEqual(outcomes, ['stored', 'duplicate'])
})

test('who connects to a port behind a proxy, and is none, is believed nothing', async () => {
  const elsewhere = await startIngress({
    ...served,
    trustedProxy: { kind: 'nginx', mode: 'verify', addresses: ['127.0.0.2'] },
  })
  const spoof = rows.find(({ given }) => given === 'in headers of its own')
  assert.ok(spoof !== undefined)
  const delivered = await deliver(spoof, elsewhere.port, elsewhere)
  assert.equal(delivered.answer, 403)
  await elsewhere.stop()
})

test('who is a proxy and says two things is answered 400, and nothing is kept', async () => {
  const client = httpsClient(behind.port, { ca: pki.ca })
  const leaf = encodeURIComponent(certificates.mapped.certificate)
  const before = (await behind.kept()).length
  const status = await client.outcome('/certificate', {
    'X-Inlet-Client-Verify': ['SUCCESS', 'SUCCESS'],
    'X-Inlet-Client-Certificate': leaf,
  })
  client.close()
  assert.equal(status, 400)
  assert.equal((await behind.kept()).length, before)
})
