/** What senders are answered, over real connections. */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { InletError } from '../../src/core/errors.ts'
import type { EventEntry, NoteEntry } from '../../src/journal/entry.ts'
import {
  apiKey,
  hmacSource,
  oldSecret,
  overWriter,
  secret,
  signature,
  type TestIngressChange,
  withIngress,
} from '../support/ingress.ts'

async function answerOf(response: Response) {
  const text = await response.text()
  assert.equal(response.headers.get('content-length'), String(Buffer.byteLength(text)))
  return [response.status, JSON.parse(text)]
}

/** Status and code of a refusal, which is a problem document. */
async function problemOf(response: Response) {
  assert.equal(response.headers.get('content-type'), 'application/problem+json')
  const [status, problem] = await answerOf(response)
  assert.equal(problem.status, status)
  assert.equal(problem.type, 'about:blank')
  return [status, problem.code]
}

const signed = (body: string | Uint8Array, key = secret) => ({
  method: 'POST',
  body,
  headers: { 'Content-Type': 'application/json', 'X-Genesys-Signature': signature(body, key) },
})

const event = (id: string) => JSON.stringify({ notificationId: id, data: {} })

test('a delivery is stored once, and told to be a duplicate when it is one', async () => {
  await withIngress({}, async ({ url, kept }) => {
    const first = await fetch(`${url}/signed`, signed(event('1')))
    assert.equal(first.headers.get('content-type'), 'application/json')
    assert.deepEqual(await answerOf(first), [200, { outcome: 'stored' }])
    const again = await fetch(`${url}/signed?attempt=2`, signed(event('1'), oldSecret))
    assert.deepEqual(await answerOf(again), [200, { outcome: 'duplicate' }])
    const entries = await kept()
    assert.deepEqual(
      entries.map(({ kind }) => kind),
      ['event', 'repeat'],
    )
    const { envelope } = entries[0] as EventEntry
    assert.equal(envelope.sender, 'hmac:signed')
    assert.equal(Buffer.from(envelope.body).toString(), event('1'))
    const headers = JSON.parse(envelope.headers)
    assert.equal(headers['content-type'], 'application/json')
    assert.equal(headers['x-genesys-signature'], undefined)
  })
})

test('bodies that come in pieces at the same time are each kept as they were sent', async () => {
  await withIngress({}, async ({ url, kept }) => {
    const bodies = Array.from({ length: 36 }, (_, n) =>
      Array.from({ length: 120 + 15 * (n % 9) }, (_, line) => event(`${n}-${line}`.repeat(24))),
    )
    const post = async (lines: string[], n: number) => {
      const bytes = Buffer.from(lines.join('\n'))
      const isGzip = n % 4 === 3
      const stream = new Blob([isGzip ? gzipSync(bytes, { level: 0 }) : bytes]).stream()
      const headers = isGzip ? { 'Content-Encoding': 'gzip' } : {}
      const request = { method: 'POST', body: stream, duplex: 'half', headers } as const
      assert.equal((await fetch(`${url}/open`, request)).status, 200)
    }
    for (let wave = 0; wave < 3; wave++)
      await Promise.all(bodies.slice(12 * wave, 12 * (wave + 1)).map(post))
    const texts = (await kept()).map((entry) =>
      entry.kind === 'event' ? Buffer.from(entry.envelope.body).toString() : entry.kind,
    )
    assert.deepEqual(texts.sort(), bodies.flat().sort())
  })
})

test('a batch is answered with its counts, an unreadable body is quarantined', async () => {
  await withIngress({}, async ({ url }) => {
    const lines = `${event('1')}\n{"broken\n${event('2')}`
    const batch = await fetch(`${url}/open`, { method: 'POST', body: lines })
    const counts = { outcome: 'batch', stored: 2, duplicate: 0, quarantined: 1 }
    assert.deepEqual(await answerOf(batch), [200, counts])
    const unreadable = await fetch(`${url}/open`, { method: 'POST', body: 'not JSON' })
    assert.deepEqual(await answerOf(unreadable), [202, { outcome: 'quarantined' }])
  })
})

test('every sample is taken as it is', async () => {
  await withIngress({}, async ({ url, kept }) => {
    let events = 0
    for (const path of sampleFiles()) {
      const body = readFileSync(path)
      const response = await fetch(`${url}/signed`, signed(body))
      const [status, { outcome, stored, quarantined }] = await answerOf(response)
      assert.equal(status, 200, path)
      if (outcome === 'batch') assert.equal(quarantined, 0, path)
      events += outcome === 'batch' ? stored : 1
    }
    const entries = await kept()
    assert.equal(entries.length, events)
    assert.ok(events > 30)
  })
})

function sampleFiles(): string[] {
  const folder = join(import.meta.dirname, '../../samples')
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(nd)?json$/.test(path) && !path.endsWith('expected.ndjson'))
    .map((path) => join(folder, path))
}

test('a wrong or missing proof is 401, and leaves nothing but a count', async () => {
  await withIngress({}, async ({ ingress, url, entries, kept }) => {
    const body = event('1')
    const key = { 'X-Api-Key': apiKey }
    const sign = createHmac('sha256', secret).update(body).digest('base64')
    const wrong: [string, Record<string, string>][] = [
      ['/signed', {}],
      ['/signed', { 'X-Genesys-Signature': signature(body, 'wrong') }],
      ['/signed', { 'X-Genesys-Signature': signature('other') }],
      ['/signed', key],
      ['/keyed', {}],
      ['/keyed', { 'X-Api-Key': 'wrong' }],
      ['/both', key],
      ['/both', { 'X-Sign': sign }],
      ['/both', { 'X-Sign': sign, 'X-Api-Key': 'wrong' }],
    ]
    for (const [path, headers] of wrong) {
      const response = await fetch(`${url}${path}`, { method: 'POST', body, headers })
      assert.match(response.headers.get('www-authenticate') ?? '', /realm="inlet"/)
      assert.deepEqual(await problemOf(response), [401, 'INL_ING_PROOF'])
    }
    const right = { method: 'POST', body, headers: { ...key, 'X-Sign': sign } }
    assert.equal((await fetch(`${url}/both`, right)).status, 200)
    await ingress.drain(new AbortController().signal)
    assert.equal((await kept()).length, 1)
    const notes = (await entries()).filter((entry): entry is NoteEntry => entry.kind === 'note')
    const refused = notes.map(({ source, detail }) => [source, JSON.parse(detail).refused])
    const of = (wrong: number, missing: number) => ({ 401: wrong, missing_proof: missing })
    const expected = { signed: of(2, 2), keyed: of(1, 1), both: of(1, 2) }
    assert.deepEqual(Object.fromEntries(refused), expected)
  })
})

test('paths and methods are exact', async () => {
  await withIngress({}, async ({ url }) => {
    for (const path of ['/', '/signed/', '/Signed', '/signed/x', '/%73igned', '//signed']) {
      const response = await fetch(`${url}${path}`, signed(event('1')))
      assert.deepEqual(await problemOf(response), [404, 'INL_ING_PATH'], path)
    }
    for (const method of ['GET', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
      const response = await fetch(`${url}/signed`, { method })
      assert.equal(response.headers.get('allow'), 'POST')
      assert.deepEqual(await problemOf(response), [405, 'INL_ING_METHOD'])
    }
  })
})

test('health is open, and answers GET', async () => {
  await withIngress({}, async ({ url }) => {
    assert.deepEqual(await answerOf(await fetch(`${url}/healthz`)), [200, { status: 'ok' }])
    assert.equal((await fetch(`${url}/healthz`, { method: 'HEAD' })).status, 200)
    const posted = await fetch(`${url}/healthz`, { method: 'POST', body: '{}' })
    assert.equal(posted.headers.get('allow'), 'GET, HEAD')
    assert.deepEqual(await problemOf(posted), [405, 'INL_ING_METHOD'])
  })
})

test('gzip is undone after the proof, which covers what was sent', async () => {
  await withIngress({}, async ({ url, kept }) => {
    const zipped = gzipSync(event('1'))
    const request = signed(zipped)
    const headers = { ...request.headers, 'Content-Encoding': 'gzip' }
    const response = await fetch(`${url}/signed`, { ...request, headers })
    assert.deepEqual(await answerOf(response), [200, { outcome: 'stored' }])
    const [entry] = (await kept()) as EventEntry[]
    assert.equal(Buffer.from(entry?.envelope.body ?? []).toString(), event('1'))
    const plain = signed(event('1'))
    const lying = { ...plain, headers: { ...plain.headers, 'Content-Encoding': 'gzip' } }
    const quarantined = await fetch(`${url}/signed`, lying)
    assert.deepEqual(await answerOf(quarantined), [202, { outcome: 'quarantined' }])
    const other = { ...plain, headers: { ...plain.headers, 'Content-Encoding': 'br' } }
    const refused = await fetch(`${url}/signed`, other)
    assert.deepEqual(await problemOf(refused), [415, 'INL_ING_ENCODING'])
  })
})

test('a journal that refuses is 503 with a spread Retry-After, and said once a while', async () => {
  const failure = new InletError('INL_JRN_FULL', { path: '/where/it/lies', reason: 'it is full' })
  const wrap: TestIngressChange['wrap'] = (writer) =>
    overWriter(writer, { append: () => Promise.reject(failure) })
  await withIngress({ wrap }, async ({ url, ingress, said }) => {
    const waits = new Set<string | null>()
    for (let n = 0; n < 40; n++) {
      const response = await fetch(`${url}/signed`, signed(event('1')))
      waits.add(response.headers.get('retry-after'))
      assert.deepEqual(await problemOf(response), [503, 'INL_JRN_FULL'])
    }
    assert.ok(waits.size > 3)
    for (const wait of waits) assert.ok(Number(wait) >= 1 && Number(wait) <= 10)
    await ingress.drain(new AbortController().signal)
    const failed = said.filter(({ event: name }) => name === 'ingress_failed')
    const requests = failed.reduce((sum, { fields }) => sum + Number(fields?.['requests']), 0)
    assert.ok(failed.length >= 1 && failed.length < 10)
    assert.equal(requests, 40)
  })
})

test('an error that nobody foresaw is 503 too', async () => {
  const wrap: TestIngressChange['wrap'] = (writer) =>
    overWriter(writer, { append: () => Promise.reject(new TypeError('what a body says')) })
  await withIngress({ wrap }, async ({ url, ingress, said }) => {
    const response = await fetch(`${url}/signed`, signed(event('1')))
    assert.deepEqual(await problemOf(response), [503, 'INL_ING_FAILED'])
    await ingress.drain(new AbortController().signal)
    assert.doesNotMatch(JSON.stringify(said), /what a body says/)
  })
})

test('what a source does not want is answered filtered, counted, and not kept', async () => {
  const lists = { eventTypes: [], interactionTypes: [], queues: ['q1'], states: [], directions: [] }
  const accept = { ...lists, exclude: [{ field: 'data.internal', equals: true }] }
  const sources = [{ ...hmacSource, accept }]
  await withIngress({ sources }, async ({ url, ingress, entries, kept }) => {
    const of = (data: object) => JSON.stringify({ notificationId: '1', data })
    const other = await fetch(`${url}/signed`, signed(of({ queueId: 'q2' })))
    assert.deepEqual(await answerOf(other), [200, { outcome: 'filtered' }])
    const batch = `[${of({ queueId: 'q1' })},${of({ queueId: 'q2' })},${of({ internal: true })}]`
    const counts = { stored: 1, duplicate: 0, quarantined: 0, filtered: 2 }
    const answered = await fetch(`${url}/signed`, signed(batch))
    assert.deepEqual(await answerOf(answered), [200, { outcome: 'batch', ...counts }])
    assert.equal((await kept()).length, 1)
    await ingress.drain(new AbortController().signal)
    const notes = (await entries()).filter((one) => one.kind === 'note')
    assert.match(notes[0]?.detail ?? '', /"filtered":3,"filteredFor":{"queue":2,"excluded":1}/)
  })
})

test('sources tell one another nothing of what they have taken', async () => {
  const org = '32aa07aa-db1b-4987-abd0-9483601ec29d'
  const other = { ...hmacSource, name: 'other', path: '/other', orgId: org }
  await withIngress({ sources: [hmacSource, other] }, async ({ url, kept }) => {
    for (const path of ['/signed', '/other']) {
      const answer = await answerOf(await fetch(`${url}${path}`, signed(event('1'))))
      assert.deepEqual(answer, [200, { outcome: 'stored' }])
    }
    const foreign = '{"topicName":"v2.x","eventBody":{"organizationId":"another"}}'
    const answer = await answerOf(await fetch(`${url}/other`, signed(foreign)))
    assert.deepEqual(answer, [202, { outcome: 'quarantined' }])
    assert.deepEqual(
      (await kept()).map(({ kind }) => kind),
      ['event', 'event', 'unreadable'],
    )
  })
})
