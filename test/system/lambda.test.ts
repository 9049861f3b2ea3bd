/** The entry that Lambda calls, in a process of its own, with what Lambda gives it. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, suite, test } from 'node:test'
import { promisify } from 'node:util'
import type { TransformAnswer } from '../../src/app/firehose-transform.ts'
import { temporaryFolder } from '../support/temporary.ts'

const entry = new URL('../../src/cli/lambda.ts', import.meta.url)
const body =
  '{"messageId":"m-1","eventType":"call.event","contact":{"id":"c","phoneNumber":"3175551234"}}'

/** The engine of the lake is no part of the function: it would not fit into it. */
const script = `
const { registerHooks } = await import('node:module')
registerHooks({
  resolve(name, context, next) {
    if (name.startsWith('@duckdb/')) throw new Error(name + ' is imported')
    return next(name, context)
  },
})
const { handler } = await import(${JSON.stringify(entry.href)})
const ask = () => handler(JSON.parse(process.env.REQUEST)).catch(({ message }) => ({ message }))
const first = await ask()
process.env.INLET_SOURCE = 'stream'
console.log(JSON.stringify([first, await ask()]))
`

suite('the function of Lambda', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  beforeEach(async () => {
    folder = await temporaryFolder()
    writeFileSync(
      join(folder.path, 'inlet.yaml'),
      `listen: { host: 127.0.0.1 }
sources:
  - { name: stream, path: /stream, auth: none }
  - { name: another, path: /another, auth: none }
privacy: { key: { env: INLET_PRIVACY_KEY }, country: US }
`,
    )
  })
  afterEach(() => folder.dispose())

  test('masks what Firehose sends, and says what it lacks until it has it', async () => {
    const records = [{ recordId: 'r-1', data: Buffer.from(body).toString('base64') }]
    const request = { invocationId: 'i', region: 'eu-central-1', records }
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '--eval', script],
      {
        cwd: folder.path,
        env: {
          ...process.env,
          REQUEST: JSON.stringify(request),
          INLET_PRIVACY_KEY: 'a-key-that-is-long-enough-to-be-one',
        },
      },
    )
    const [first, second]: [{ message: string }, TransformAnswer] = JSON.parse(stdout)
    assert.match(first.message, /has no source .*INLET_SOURCE/)
    const [record = assert.fail()] = second.records
    assert.deepEqual([record.recordId, record.result], ['r-1', 'Ok'])
    const text = Buffer.from(record.data, 'base64').toString()
    assert.equal(JSON.parse(text).contact.id, 'c')
    assert.ok(!text.includes('5551234'), text)
  })
})
