import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { inspect } from 'node:util'
import { parseConfig } from '../../../../src/app/config/load.ts'
import { openLiveStore } from '../../../../src/app/secrets/live-store.ts'
import type { SecretSource } from '../../../../src/app/secrets/read-secret.ts'
import { seededRandom } from '../../../../src/core/random.ts'
import { steppedClock } from '../../../support/stepped-clock.ts'

const text = `
listen: { host: 127.0.0.1 }
sources:
  - name: prod
    path: /events
    auth:
      hmac: { header: X-Signature, secrets: [{ awsSecret: { id: prod, key: new } }, { file: old }] }
      apiKey: { secrets: [{ env: KEY }] }
  - name: other
    path: /other
    auth: { apiKey: { secrets: [{ awsParameter: /prod/key }, { env: KEY }] } }
`
const minutes = 60_000

/** Somewhere that secrets are, and may be put or taken away. */
async function scene(found: Record<string, string>, configuration = text) {
  const loaded = parseConfig(configuration, '/etc/inlet/inlet.yaml')
  assert.ok(loaded.ok)
  const reads: string[] = []
  const afterRead: (() => void)[] = []
  const fetch = async (place: string) => {
    reads.push(place)
    const value = found[place]
    afterRead.shift()?.()
    if (value === undefined) throw new Error(`nothing at ${place}`)
    return value
  }
  const from: SecretSource = {
    environment: (name) => found[`env ${name}`],
    file: (path) => fetch(`file ${path}`),
    aws: { secret: (id) => fetch(`secret ${id}`), parameter: (name) => fetch(`parameter ${name}`) },
  }
  const said: string[] = []
  const clock = steppedClock()
  const store = openLiveStore(
    {
      clock,
      random: seededRandom(7),
      observer: (event, fields) => void said.push(`${event} ${JSON.stringify(fields)}`),
      from,
    },
    loaded.file.config,
  )
  const hmac = () => store.secrets.get('prod')?.hmac?.current()
  const key = () => store.secrets.get('other')?.apiKey?.current()
  return { store, clock, found, reads, afterRead, said, hmac, key }
}

const everything = () => ({
  'secret prod': '{"new":"the new one","old":"x"}',
  'file /etc/inlet/old': 'the old one\n',
  'env KEY': 'a key',
  'parameter /prod/key': 'a parameter',
})

const started = new AbortController().signal

suite('the secrets of a gateway', () => {
  test('are all there once it is started, and missing before', async () => {
    const { store, hmac, key, reads, said } = await scene(everything())
    assert.deepEqual(hmac(), { values: [], complete: false })
    await store.start(started)
    assert.deepEqual(hmac(), { values: ['the new one', 'the old one'], complete: true })
    assert.deepEqual(key(), { values: ['a parameter', 'a key'], complete: true })
    assert.deepEqual(store.states(), { missing: 0, live: 4, stale: 0 })
    assert.equal(reads.length, new Set(reads).size)
    assert.deepEqual(said, [])
    await store.stop()
  })

  test('are the same object until one of them is exchanged', async () => {
    const { store, clock, found, hmac, key, said } = await scene(everything())
    await store.start(started)
    const [before, others] = [hmac(), key()]
    await clock.advance(30 * minutes)
    assert.equal(hmac(), before)
    found['file /etc/inlet/old'] = 'another\n'
    await clock.advance(5000)
    assert.deepEqual(hmac()?.values, ['the new one', 'another'])
    assert.equal(key(), others)
    found['secret prod'] = '{"new":"the newest"}'
    await clock.advance(7 * minutes)
    assert.deepEqual(hmac()?.values, ['the newest', 'another'])
    assert.deepEqual(said, [
      'secret_exchanged {"secret":"the file /etc/inlet/old"}',
      'secret_exchanged {"secret":"new in the AWS secret prod"}',
    ])
    await store.stop()
  })

  test('that move to another place are known all the while, whichever is read first', async () => {
    const [old, secret] = ['file /etc/inlet/old', 'file /etc/inlet/new']
    const { store, clock, found, afterRead, hmac } = await scene(
      { [old]: 'before', [secret]: 'first', 'env KEY': 'a key', 'parameter /prod/key': 'p' },
      text.replace(
        '{ awsSecret: { id: prod, key: new } }, { file: old }',
        '{ file: old }, { file: new }',
      ),
    )
    await store.start(started)
    assert.deepEqual(hmac()?.values, ['before', 'first'])
    afterRead.push(() => Object.assign(found, { [old]: 'first', [secret]: 'second' }))
    await clock.advance(5000)
    assert.deepEqual(hmac()?.values, ['first', 'second'])
    await store.stop()
  })

  test('that cannot be read keep no gateway from starting, and come when they can', async () => {
    const { store, clock, found, hmac, key, said } = await scene({ 'env KEY': 'a key' })
    await store.start(started)
    assert.deepEqual(hmac(), { values: [], complete: false })
    assert.deepEqual(key(), { values: ['a key'], complete: false })
    assert.deepEqual(store.states(), { missing: 3, live: 1, stale: 0 })
    await clock.advance(10 * minutes)
    assert.equal(said.length, 3, said.join('\n'))
    assert.match(said.join('\n'), /secret_missing {"sources":"prod",.*nothing at secret prod/)
    Object.assign(found, everything())
    await clock.advance(minutes)
    assert.deepEqual(hmac(), { values: ['the new one', 'the old one'], complete: true })
    assert.deepEqual(key(), { values: ['a parameter', 'a key'], complete: true })
    await store.stop()
  })

  test('that cannot be read again stay what they were, which is told once', async () => {
    const { store, clock, found, hmac, said } = await scene(everything())
    await store.start(started)
    const before = hmac()
    delete found['secret prod']
    found['file /etc/inlet/old'] = ''
    await clock.advance(20 * minutes)
    assert.equal(hmac(), before)
    assert.deepEqual(store.states(), { missing: 0, live: 2, stale: 2 })
    Object.assign(found, everything())
    await clock.advance(2 * minutes)
    assert.equal(hmac(), before)
    assert.deepEqual(
      said.map((line) => line.split(' ')[0]),
      ['secret_stale', 'secret_stale', 'secret_recovered', 'secret_recovered'],
    )
    await store.stop()
  })

  test('are read no more once it is stopped', async () => {
    const { store, clock, reads } = await scene(everything())
    await store.start(started)
    await store.stop()
    const before = reads.length
    await clock.advance(60 * minutes)
    assert.equal(reads.length, before)
  })

  test('are asked of AWS every few minutes, not all at once', async () => {
    const { store, clock, reads } = await scene(everything())
    await store.start(started)
    await clock.advance(60 * minutes)
    const asked = reads.filter((place) => place === 'secret prod').length
    assert.ok(asked >= 10 && asked <= 16, String(asked))
    await store.stop()
  })

  test('hold a start up for no longer than ten seconds', async () => {
    const loaded = parseConfig(text, '/etc/inlet/inlet.yaml')
    assert.ok(loaded.ok)
    const clock = steppedClock()
    const never = () => new Promise<string>(() => undefined)
    const from = {
      environment: () => 'a key',
      file: never,
      aws: { secret: never, parameter: never },
    }
    const store = openLiveStore(
      { clock, random: seededRandom(1), observer: () => undefined, from },
      loaded.file.config,
    )
    const start = store.start(started)
    await clock.advance(10_000)
    await start
    assert.deepEqual(store.secrets.get('other')?.apiKey?.current().complete, false)
    await store.stop()
  })

  test('show in nothing that holds them or tells of them', async () => {
    const { store, clock, found, said } = await scene(everything())
    await store.start(started)
    found['secret prod'] = '{"new":["the new one"]}'
    found['parameter /prod/key'] = ''
    await clock.advance(10 * minutes)
    const shown = inspect(store, { depth: 20, showHidden: true }) + JSON.stringify(store)
    assert.doesNotMatch(shown + said.join(), /the new one|the old one|a key|a parameter/)
    assert.match(said.join(), /no JSON object with a text under that key/)
    await store.stop()
  })
})
