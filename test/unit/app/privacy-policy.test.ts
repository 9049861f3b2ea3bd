import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { parseConfig } from '../../../src/app/config/load.ts'
import { problemLine } from '../../../src/app/config/problem.ts'
import { readPrivacy, requirePrivacy } from '../../../src/app/privacy-policy.ts'
import type { SecretSource } from '../../../src/app/secrets/read-secret.ts'

const withPrivacy = (privacy: string) => {
  const loaded = parseConfig(
    `listen: { host: 127.0.0.1 }
sources: [{ name: trial, path: /events, auth: none }]
privacy: ${privacy}
`,
    '/etc/inlet/inlet.yaml',
  )
  assert.ok(loaded.ok)
  return loaded.file
}

const from: SecretSource = {
  environment: (name) => (name === 'SHORT' ? 'hunter2' : `${name} `.repeat(20)),
  file: async (path) => `text of ${path}`.repeat(3),
  aws: { secret: async () => '', parameter: async () => '' },
}

suite('the privacy policy of a configuration', () => {
  test('hashes with the key, and knows those before it', async () => {
    const { config } = withPrivacy('{ key: { file: new }, previous: [{ env: OLD }], country: DE }')
    const { policy, keys } = await requirePrivacy(config, from)
    assert.equal(keys.length, 2)
    assert.equal(policy.keyId, keys[0]?.id)
    assert.equal(policy.maskText('ani', '0151 12345678'), keys[0]?.pseudonym('+4915112345678'))
  })

  test('masks where there is no key', async () => {
    const { policy, keys } = await requirePrivacy(withPrivacy('{}').config, from)
    assert.deepEqual([policy.keyId, keys], [null, []])
    assert.equal(policy.actionOf('ani'), 'mask')
  })

  test('tells of a key that cannot be used, at its line, and nothing of what it is', async () => {
    const { config, locate } = withPrivacy('{ key: { env: SHORT } }')
    const { privacy, complaints } = await readPrivacy(config, from)
    assert.equal(privacy, null)
    assert.deepEqual(
      complaints.map((one) => problemLine('inlet.yaml', locate(one))),
      [
        'inlet.yaml:3:12: privacy.key: the environment variable SHORT is shorter than 32 characters. Make one with `openssl rand -hex 32`.',
      ],
    )
    await assert.rejects(requirePrivacy(config, from), { code: 'INL_PRV_KEY' })
  })
})
