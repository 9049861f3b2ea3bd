import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { presets } from '../../../../src/app/config/contracts.ts'
import { configError, loadConfig, parseConfig } from '../../../../src/app/config/load.ts'
import { bodyLimitOf } from '../../../../src/app/config/sources.ts'
import { hasCode } from '../../../../src/core/errors.ts'
import { nodeFiles } from '../../../../src/core/node-files.ts'
import { formatDuration } from '../../../../src/core/units.ts'
import { temporaryFolder } from '../../../support/temporary.ts'

const smallest = `
listen: { host: 127.0.0.1 }
sources: [{ name: prod, path: /events, auth: none }]
`

function accepted(text: string) {
  const loaded = parseConfig(text, '/etc/inlet/inlet.yaml')
  assert.ok(loaded.ok, loaded.ok ? '' : configError('inlet.yaml', loaded.problems).message)
  return loaded.file.config
}

suite('a configuration', () => {
  test('has defaults for everything but its sources', () => {
    const { listen, journal, dedup, lake, sources } = accepted(smallest)
    assert.deepEqual(listen, {
      host: '127.0.0.1',
      port: 8443,
      workers: 1,
      healthPath: '/healthz',
      trustedProxy: 'none',
    })
    assert.equal(journal.maxBytes, 20 * 2 ** 30)
    assert.equal(dedup.window, 5 * 86_400_000)
    assert.equal(lake.commitEvery, 5000)
    const [source] = sources
    assert.equal(source && bodyLimitOf(source), 2 * 2 ** 20)
    assert.equal(source?.contract, 'guide-webhook')
  })

  test('may have the window of its contract, to the millisecond', () => {
    const contract = '{ retriedStatuses: [429, 5xx], retryWindow: 5d, answerWithin: 2s }'
    const { sources } = accepted(`
listen: { host: "::1" }
sources:
  - { name: bridge, path: /bridge, auth: none, contract: eventbridge }
  - { name: own, path: /own, auth: none, contract: ${contract} }
dedup: { window: 5d }
`)
    assert.equal(sources.length, 2)
  })

  test('may speak TLS to the world, with proofs', () => {
    const { listen } = accepted(`
listen: { tls: { certFile: server.pem, keyFile: /keys/server.key, minVersion: TLSv1.3 } }
sources:
  - name: prod
    path: /events
    auth: { apiKey: { secrets: [{ env: KEY }] } }
`)
    assert.deepEqual(listen.tls, {
      certFile: '/etc/inlet/server.pem',
      keyFile: '/keys/server.key',
      minVersion: 'TLSv1.3',
    })
  })

  test('has its paths made absolute from the folder of the file', () => {
    const { journal, lake, sources } = accepted(`
listen: { host: localhost }
sources:
  - name: prod
    path: /events
    auth: { hmac: { header: X-Signature, secrets: [{ file: keys/one }, { env: TWO }] } }
lake: { url: ../lake }
`)
    assert.equal(journal.dir, '/etc/inlet/data/journal')
    assert.equal(lake.url, '/etc/lake')
    const [source] = sources
    assert.ok(source !== undefined && source.auth !== 'none')
    assert.deepEqual(source.auth.hmac?.secrets, [{ file: '/etc/inlet/keys/one' }, { env: 'TWO' }])
  })

  test('commits less often to a bucket than to a folder, unless it says how often', () => {
    const lakeOf = (lake: string) =>
      accepted(`
listen: { host: localhost }
sources: [{ name: prod, path: /events, auth: none }]
lake: { ${lake} }
`).lake
    assert.equal(lakeOf('url: ./lake').commitEvery, 5000)
    const { url, commitEvery, cacheDir } = lakeOf('url: s3://bucket/a/b')
    assert.deepEqual([url, commitEvery], ['s3://bucket/a/b', 30_000])
    assert.equal(cacheDir, '/etc/inlet/data/cache')
    assert.equal(lakeOf('url: s3://bucket, commitEvery: 1s').commitEvery, 1000)
  })

  test('may be written with anchors', () => {
    const { sources } = accepted(`
listen: { host: 127.0.0.1 }
sources:
  - { name: one, path: /one, auth: none, dedup: &shared { group: stream } }
  - { name: two, path: /two, auth: none, dedup: *shared }
`)
    assert.equal(sources[1]?.dedup.group, 'stream')
  })

  test('that expands without bound is refused, not expanded', () => {
    const levels = Array.from({ length: 12 }, (_, level) => {
      const inner = level === 0 ? 'x' : `*a${level - 1}`
      return `a${level}: &a${level} [${Array(12).fill(inner).join(', ')}]`
    })
    const loaded = parseConfig(levels.join('\n'), '/etc/inlet/inlet.yaml')
    assert.ok(!loaded.ok)
    assert.match(loaded.problems[0]?.what ?? '', /alias/)
  })

  test('that is not there is an error that names the option', async () => {
    await assert.rejects(loadConfig(nodeFiles, '/nowhere/inlet.yaml'), (error) => {
      assert.ok(hasCode(error, 'INL_APP_CONFIG_UNREADABLE'))
      assert.match(error.message, /\/nowhere\/inlet\.yaml.*no such file.*--config FILE/)
      return true
    })
  })

  test('is read from its file', async () => {
    const folder = await temporaryFolder()
    const path = join(folder.path, 'inlet.yaml')
    await writeFile(path, smallest)
    const loaded = await loadConfig(nodeFiles, path)
    await folder.dispose()
    assert.ok(loaded.ok)
    assert.equal(loaded.file.config.journal.dir, join(folder.path, 'data/journal'))
  })
})

suite('the contracts of senders', () => {
  test('have windows that are the sums they are explained by', () => {
    const minutes = [1, 2, 4, 8, 16].reduce((sum, one) => sum + one)
    assert.equal(presets['guide-webhook'].retryWindow, minutes * 60_000)
    assert.equal(presets['guide-webhook'].arithmetic, '1m + 2m + 4m + 8m + 16m')
    assert.equal(formatDuration(presets.eventbridge.retryWindow), '5d')
    assert.equal(formatDuration(presets.firehose.retryWindow), '2h')
  })
})
