/** `inlet erase` follows rows into PostgreSQL, and says what it did not follow. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { freePort } from '../../src/core/free-port.ts'
import { type Postgres, startPostgres } from '../support/postgres.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { until } from './inlet-output.ts'
import { runInlet, startInlet } from './inlet-process.ts'
import { writeOneSource } from './one-source.ts'
import { runIsUp } from './several-gateways.ts'

const contact = '2f7bf00a-0fc2-4d6a-9b56-92238191433e'
let folder: { path: string; dispose: () => Promise<void> }
let server: Postgres
let port: number

before(async () => {
  folder = await temporaryFolder()
  server = await startPostgres()
  port = await freePort()
})
after(async () => {
  await server.dispose()
  await folder.dispose()
})

const surroundings = () => ({
  cwd: folder.path,
  env: { INLET_PRIVACY_KEY: 'a-key-that-is-long-enough-to-be-one', WAREHOUSE_URL: server.url },
  expected: [0, 1],
})

function configure(sinks: string): void {
  const privacy = 'privacy: { key: { env: INLET_PRIVACY_KEY } }'
  const sections = ['lake: { commitEvery: 100ms }', privacy, `sinks: [${sinks}]`]
  writeOneSource(folder.path, port, sections.join('\n'))
}

async function erase() {
  const asked = ['erase', '--contact', contact, '--json']
  const { stdout, code } = await runInlet(asked, surroundings())
  return { ...JSON.parse(stdout), code }
}

const rows = () =>
  server.query(`SELECT event_id, conversation_id, contact_id, customer_name IS NULL AS unnamed
    FROM inlet.interactions ORDER BY event_id`)

test('erase reaches the rows of a database, at once or later, and names the rest', async () => {
  const warehouse = '{ name: warehouse, kind: postgres, url: { env: WAREHOUSE_URL } }'
  configure('')
  const inlet = startInlet(['run'], surroundings())
  await until(inlet, runIsUp)
  for (const [id, of] of Object.entries({ one: contact, two: 'another' })) {
    const contactOf = { id: of, customerName: 'Planted Person' }
    const body = JSON.stringify({ messageId: id, eventType: 'call.event', contact: contactOf })
    const answer = await fetch(`http://127.0.0.1:${port}/events`, { method: 'POST', body })
    assert.equal(answer.status, 200)
    await answer.text()
  }
  inlet.signal('SIGTERM')
  assert.equal(await inlet.ended, 0, inlet.stderr())
  const crm = '{ name: crm, kind: https, url: "http://127.0.0.1:9/" }'
  configure(`${warehouse}, ${crm}`)
  const only = join(folder.path, 'only.yaml')
  writeFileSync(
    only,
    `listen: { host: 127.0.0.1, port: ${port} }
sources: [{ name: trial, path: /events, auth: none }]
journal: { minFree: 0B, ephemeral: true }
sinks: [${warehouse}]
`,
  )
  await runInlet(['sinks', '--once', '--config', only], surroundings())
  const two = { event_id: 'two', conversation_id: 'another', contact_id: 'another' }
  assert.deepEqual(await rows(), [
    { event_id: 'one', conversation_id: contact, contact_id: contact, unnamed: false },
    { ...two, unnamed: false },
  ])

  await server.kill()
  const missed = await erase()
  assert.equal(missed.code, 1)
  const [away, left] = missed.sinks
  assert.deepEqual([away.name, away.rows, away.failed], ['warehouse', null, true])
  assert.match(away.left, /not reached/)
  assert.deepEqual([left.name, left.failed], ['crm', false])
  assert.match(left.left, /inlet query/)

  await server.start()
  const reached = await erase()
  assert.equal(reached.code, 0, JSON.stringify(reached))
  assert.deepEqual([reached.arrivals.rows, reached.sinks[0].failed], [0, false])
  assert.ok(reached.sinks[0].rows >= 1)
  assert.deepEqual(await rows(), [
    { event_id: 'one', conversation_id: null, contact_id: null, unnamed: true },
    { ...two, unnamed: false },
  ])
})
