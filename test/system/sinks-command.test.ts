/** The command as users run it: from a request, through the lake, into a database. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Postgres, startPostgres } from '../support/postgres.ts'
import { until } from './inlet-output.ts'
import { runInlet } from './inlet-process.ts'
import { openYard, runIsUp, type Yard } from './several-gateways.ts'

let yard: Yard
let server: Postgres

before(async () => {
  yard = await openYard()
  server = await startPostgres()
})
after(async () => {
  await yard.dispose()
  await server.dispose()
})

test('sinks sends what silver has, once, also where it is asked again', async () => {
  const inlet = yard.start('run', 1)
  await until(inlet, runIsUp)
  for (const id of ['a', 'b', 'a']) assert.equal(await yard.post(id), 200)
  inlet.signal('SIGTERM')
  assert.equal(await inlet.ended, 0, inlet.stderr())
  const config = join(yard.folder, 'sinks.yaml')
  writeFileSync(
    config,
    `listen: { host: 127.0.0.1, port: ${yard.port} }
sources: [{ name: trial, path: /events, auth: none }]
journal: { minFree: 0B, ephemeral: true }
sinks: [{ name: warehouse, kind: postgres, url: { env: WAREHOUSE_URL } }]
`,
  )
  const env = { WAREHOUSE_URL: server.url }
  for (let time = 0; time < 2; time++)
    await runInlet(['sinks', '--once', '--config', config], { cwd: yard.folder, env })
  const rows = await server.query(
    'SELECT source, event_id, event_type FROM inlet.interactions ORDER BY event_id',
  )
  assert.deepEqual(rows, [
    { source: 'trial', event_id: 'a', event_type: 'call.event' },
    { source: 'trial', event_id: 'b', event_type: 'call.event' },
  ])
})
