/**
 * Secrets in AWS Secrets Manager and the Parameter Store, as a real server gives them: read at the
 * start, exchanged, gone, and back. Run by ./aws.sh, which brings the server.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { env } from 'node:process'
import { after, before, suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { SecretsManager } from '@aws-sdk/client-secrets-manager'
import { SSM } from '@aws-sdk/client-ssm'
import { parseConfig } from '../../src/app/config/load.ts'
import { awsSecrets } from '../../src/app/secrets/aws-secrets.ts'
import { openLiveStore } from '../../src/app/secrets/live-store.ts'
import { readSecret, type SecretSource } from '../../src/app/secrets/read-secret.ts'
import { freePort } from '../../src/core/free-port.ts'
import { seededRandom } from '../../src/core/random.ts'
import { steppedClock } from '../support/stepped-clock.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { type InletProcess, startInlet } from './inlet-process.ts'

const port = await freePort()
const surroundings = {
  AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'nobody',
  AWS_SECRET_ACCESS_KEY: 'nothing',
}
// As the chain of every AWS client finds them.
Object.assign(env, surroundings)

const manager = new SecretsManager()
const store = new SSM()
let server: ChildProcess | null = null

async function serve(): Promise<void> {
  const command = env['MOTO_SERVER']
  assert.ok(command !== undefined, 'run it by test/system/aws.sh')
  server = spawn(command, ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' })
  for (;;) {
    const answered = await fetch(surroundings.AWS_ENDPOINT_URL).then(
      () => true,
      () => false,
    )
    if (answered) break
    assert.equal(server.exitCode, null, 'the server has ended')
    await sleep(50)
  }
  await manager.createSecret({ Name: 'prod/genesys', SecretString: '{"hmac":"sesame"}' })
  await manager.createSecret({ Name: 'plain', SecretString: 'a plain one' })
  await store.putParameter({ Name: '/prod/key', Value: 'a parameter', Type: 'SecureString' })
}

async function stopServing(): Promise<void> {
  if (server === null || server.exitCode !== null) return
  const ended = once(server, 'exit')
  server.kill('SIGKILL')
  await ended
}

const from: SecretSource = {
  environment: (name) => env[name],
  file: () => Promise.reject(new Error('no files here')),
  aws: awsSecrets(),
}

after(stopServing)

suite('secrets in AWS', () => {
  before(serve)
  after(stopServing)

  test('are read by name, by ARN and by member; a SecureString is decrypted', async () => {
    const { ARN = '' } = await manager.describeSecret({ SecretId: 'plain' })
    const cases = [
      [{ awsSecret: 'plain' }, 'a plain one'],
      [{ awsSecret: ARN }, 'a plain one'],
      [{ awsSecret: { id: 'prod/genesys', key: 'hmac' } }, 'sesame'],
      [{ awsParameter: '/prod/key' }, 'a parameter'],
    ] as const
    for (const [reference, value] of cases)
      assert.deepEqual(await readSecret(reference, from), { ok: true, value })
  })

  test('that are not there, or not in that region, are told with the reason', async () => {
    const cases = [
      [{ awsSecret: 'nobody' }, /the AWS secret nobody cannot be read: ResourceNotFoundException/],
      [{ awsParameter: '/nobody' }, /the AWS parameter \/nobody cannot be read: ParameterNotFound/],
      [{ awsSecret: { id: 'plain', region: 'us-west-2' } }, /ResourceNotFoundException/],
    ] as const
    for (const [reference, complaint] of cases) {
      const found = await readSecret(reference, from)
      assert.ok(!found.ok)
      assert.match(found.what, complaint)
    }
  })

  test('are exchanged at run time, and stay what they were while AWS is away', async () => {
    const clock = steppedClock()
    const said: string[] = []
    const live = openLiveStore(
      { clock, random: seededRandom(3), observer: (event) => void said.push(event), from },
      configOf('[{ awsSecret: plain }, { awsParameter: /prod/key }]'),
    )
    const current = () => live.secrets.get('prod')?.hmac?.current()
    await live.start(new AbortController().signal)
    assert.deepEqual(current(), { values: ['a plain one', 'a parameter'], complete: true })
    await manager.putSecretValue({ SecretId: 'plain', SecretString: 'another' })
    await until(clock, () => current()?.values[0] === 'another')
    await stopServing()
    await until(clock, () => live.states().stale === 2)
    assert.deepEqual(current(), { values: ['another', 'a parameter'], complete: true })
    await serve()
    await until(clock, () => live.states().stale === 0 && current()?.values[0] !== 'another')
    assert.deepEqual(current(), { values: ['a plain one', 'a parameter'], complete: true })
    assert.deepEqual(
      new Set(said),
      new Set(['secret_exchanged', 'secret_stale', 'secret_recovered']),
    )
    await live.stop()
  })
})

/** Moves a clock minute by minute while real answers come. */
async function until(clock: ReturnType<typeof steppedClock>, done: () => boolean): Promise<void> {
  while (!done()) {
    await clock.advance(60_000)
    await sleep(20)
  }
}

function configOf(secrets: string) {
  const hmac = `hmac: { header: X-Sig, secrets: ${secrets} }`
  const listen = 'listen: { host: 127.0.0.1 }'
  const text = `${listen}\nsources: [{ name: prod, path: /events, auth: { ${hmac} } }]`
  const loaded = parseConfig(text, '/etc/inlet/inlet.yaml')
  assert.ok(loaded.ok)
  return loaded.file.config
}

suite('a gateway whose secrets are in AWS', () => {
  let gateway: InletProcess
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let url: string
  before(async () => {
    folder = await temporaryFolder()
    const listening = await freePort()
    url = `http://127.0.0.1:${listening}`
    writeFileSync(
      join(folder.path, 'inlet.yaml'),
      `listen: { host: 127.0.0.1, port: ${listening} }
sources:
  - name: prod
    path: /prod
    auth:
      hmac: { header: X-Sig, secrets: [{ awsSecret: { id: prod/genesys, key: hmac } }] }
  - { name: other, path: /other, auth: { apiKey: { secrets: [{ env: KEY }] } } }
journal: { minFree: 0B, ephemeral: true }
`,
    )
    gateway = startInlet(['gateway'], {
      cwd: folder.path,
      env: { ...surroundings, KEY: 'a key' },
    })
    while (!gateway.stderr().includes('"process_started"')) {
      assert.equal(gateway.child.exitCode, null, gateway.stderr())
      await sleep(50)
    }
  })
  after(async () => {
    gateway.signal('SIGKILL')
    await gateway.ended
    await folder.dispose()
  })

  const body = '{"messageId":"1","eventType":"call.event"}'
  const signed = (key: string) => ({
    'x-sig': createHmac('sha256', key).update(body).digest('hex'),
  })

  async function post(path: string, headers: Record<string, string>): Promise<number> {
    const response = await fetch(`${url}${path}`, { method: 'POST', body, headers })
    await response.text()
    return response.status
  }

  test('starts without AWS, answers 503 and never 401, and serves its other sources', async () => {
    assert.match(gateway.stderr(), /"event":"secret_missing"[^\n]*hmac in the AWS secret/)
    assert.equal(await post('/prod', signed('sesame')), 503)
    assert.equal(await post('/prod', signed('wrong')), 503)
    assert.equal(await post('/prod', {}), 503)
    assert.equal(await post('/other', { 'x-api-key': 'a key' }), 200)
    assert.equal(await post('/other', { 'x-api-key': 'wrong' }), 401)
  })

  test('takes events as soon as AWS is there, and when it is away again', async () => {
    await serve()
    while ((await post('/prod', signed('sesame'))) === 503) await sleep(100)
    assert.equal(await post('/prod', signed('sesame')), 200)
    assert.equal(await post('/prod', signed('wrong')), 401)
    await stopServing()
    assert.equal(await post('/prod', signed('sesame')), 200)
  })

  test('never says what the secret is', () => {
    assert.doesNotMatch(gateway.stderr() + gateway.stdout(), /sesame/)
  })
})
