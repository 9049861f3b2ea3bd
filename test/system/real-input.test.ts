/**
 * Every sample that is an event, posted as it stands to a running Inlet, comes back from the lake
 * byte for byte, recognised as samples/constructed/expected.ndjson says.
 */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { openQueryAt } from '../../src/app/lake-access.ts'
import { realMachine } from '../../src/app/machine.ts'
import { freePort } from '../../src/core/free-port.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { type InletProcess, runInlet, startInlet } from './inlet-process.ts'

const samples = fileURLToPath(new URL('../../samples/constructed/', import.meta.url))
const env = { KEY: 'sesame' }

interface Expected {
  readonly file: string
  /** From 1; 0 for a file that is one body. */
  readonly line: number
  readonly dialect: string
  readonly event_id: string | null
  readonly event_type?: string
  readonly event_time?: string
  readonly topic?: string
  readonly conversation_id: string | null
}

const expected = readFileSync(join(samples, 'expected.ndjson'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Expected)

function bodyOf({ file, line }: Expected): Buffer {
  const bytes = readFileSync(join(samples, file))
  return line === 0 ? bytes : Buffer.from(bytes.toString().split('\n')[line - 1] ?? '')
}

let folder: { path: string; dispose: () => Promise<void> }
let inlet: InletProcess
let base: string
let config: string

before(async () => {
  folder = await temporaryFolder()
  const port = await freePort()
  base = `http://127.0.0.1:${port}`
  config = join(folder.path, 'inlet.yaml')
  writeFileSync(
    config,
    `listen: { host: 127.0.0.1, port: ${port} }
sources:
  - name: genesys
    path: /events
    auth: { apiKey: { header: X-Api-Key, secrets: [{ env: KEY }] } }
    contract: eventbridge
journal: { dir: ./journal, minFree: 1MiB, ephemeral: true }
lake: { url: ./lake, commitEvery: 500ms }
ops: { port: 0 }
`,
  )
  inlet = startInlet(['gateway', '--config', config], { env })
  while (!inlet.stderr().includes('process_started')) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    assert.equal(inlet.child.exitCode, null, inlet.stderr())
  }
})

after(async () => {
  inlet.signal('SIGKILL')
  await inlet.ended
  await folder.dispose()
})

async function post(body: Uint8Array, type = 'application/json') {
  const headers = { 'x-api-key': env.KEY, 'content-type': type }
  const answer = await fetch(`${base}/events`, { method: 'POST', headers, body })
  return { status: answer.status, text: await answer.text() }
}

async function rows(sql: string) {
  await runInlet(['loader', '--config', config, '--once'], { env })
  const session = await openQueryAt(realMachine, join(folder.path, 'lake'))
  try {
    return (await session.query(sql)).rows
  } finally {
    session.close()
  }
}

/** The samples are of two organisations, and some name none. */
function orgNamedIn(body: string): string | null {
  const named = /(?:\/cloud\/|"organizationId": ?")([0-9a-f-]{36})/.exec(body)
  return named?.[1] ?? null
}

test('every sample comes back byte for byte, as what it is', async () => {
  for (const sample of expected) {
    const answer = await post(bodyOf(sample))
    assert.deepEqual(answer, { status: 200, text: '{"outcome":"stored"}' }, JSON.stringify(sample))
  }
  const found = await rows(`
    SELECT body, dialect, event_id, event_type, event_time, topic, conversation_id, outcome,
      body_sha256 = sha256(body), org_id, source
    FROM bronze.arrivals WHERE outcome <> 'note' ORDER BY position`)
  assert.equal(found.length, expected.length)
  for (const [index, sample] of expected.entries()) {
    const row = found[index] ?? []
    const told = JSON.stringify(sample)
    assert.equal(row[0], bodyOf(sample).toString(), told)
    assert.equal(row[1], sample.dialect, told)
    // Two of the real samples carry one id: the second is kept beside the first as id#hash.
    if (sample.event_id !== null) assert.equal(String(row[2]).split('#')[0], sample.event_id, told)
    else assert.match(String(row[2]), /^[0-9a-f]{64}$/, told)
    if (sample.event_type !== undefined) assert.equal(row[3], sample.event_type, told)
    if (sample.event_time !== undefined) assert.equal(row[4], sample.event_time, told)
    if (sample.topic !== undefined) assert.equal(row[5], sample.topic, told)
    assert.equal(row[6], sample.conversation_id, told)
    assert.deepEqual(row.slice(7, 9), ['event', true], told)
    assert.equal(row[9], orgNamedIn(bodyOf(sample).toString()), told)
    assert.equal(row[10], 'genesys', told)
  }
  const ids = new Set(found.map((row) => row[2]))
  assert.equal(ids.size, expected.length)
})

test('the same samples again are duplicates, alone and in batches of every shape', async () => {
  const lines = expected.filter(({ line }) => line > 0).map(bodyOf)
  for (const sample of expected) {
    const { status, text } = await post(bodyOf(sample))
    assert.equal(status, 200)
    assert.match(text, /stored|duplicate/)
  }
  const batches = [`[${lines.join(',')}]`, lines.join('\n'), lines.join('')]
  for (const batch of batches) {
    const { status, text } = await post(Buffer.from(batch))
    const counts = JSON.parse(text) as Record<string, number | string>
    assert.equal(status, 200)
    assert.equal(counts['outcome'], 'batch')
    assert.equal(Number(counts['stored']) + Number(counts['duplicate']), lines.length)
  }
  const [events, duplicates] = (
    await rows(`SELECT count(*) FILTER (outcome = 'event'), count(*) FILTER (outcome = 'duplicate')
      FROM bronze.arrivals`)
  )[0]?.map(Number) ?? [0, 0]
  // Observations without a time of their own are the same event while they are repeated at once.
  assert.equal(events, expected.length)
  assert.equal(duplicates, expected.length + 3 * lines.length)
})

test('rubbish that was proven is kept whole, and the audit is clean', async () => {
  const rubbish = [
    Buffer.from('{"cut": '),
    Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
    Buffer.from('42'),
    Buffer.from('null'),
    Buffer.from('"text"'),
    Buffer.from('['.repeat(100_000)),
  ]
  for (const body of rubbish) {
    assert.deepEqual(await post(body), { status: 202, text: '{"outcome":"quarantined"}' })
  }
  const deep = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
  assert.equal((await post(Buffer.from(deep))).status, 200)
  const kept = await rows(`
    SELECT coalesce(encode(body), body_bytes) FROM bronze.dead_letters ORDER BY position`)
  assert.deepEqual(
    kept.map(([bytes]) => Buffer.from(bytes as Uint8Array).toString('hex')),
    rubbish.map((body) => body.toString('hex')),
  )
  const { stdout } = await runInlet(['audit', '--config', config, '--json'], { env })
  assert.equal(JSON.parse(stdout).clean, true)
})
