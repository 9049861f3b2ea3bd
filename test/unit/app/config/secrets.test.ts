import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { parseConfig } from '../../../../src/app/config/load.ts'
import { problemLine } from '../../../../src/app/config/problem.ts'
import { readSecrets } from '../../../../src/app/config/secrets.ts'

const text = `
listen: { host: 127.0.0.1 }
sources:
  - name: prod
    path: /events
    auth:
      hmac: { header: X-Signature, secrets: [{ env: CURRENT }, { env: OLD }] }
      apiKey: { secrets: [{ file: key }, { file: none }] }
  - { name: open, path: /open, auth: none }
`

function file() {
  const loaded = parseConfig(text, '/etc/inlet/inlet.yaml')
  assert.ok(loaded.ok)
  return loaded.file
}

const aws = { secret: async () => '', parameter: async () => '' }

suite('secrets', () => {
  test('come from the environment and from files, without the last line break', async () => {
    const { secrets, complaints } = await readSecrets(file().config, {
      environment: (name) => `value of ${name}`,
      file: async (path) => `text of ${path}\r\n`,
      aws,
    })
    assert.deepEqual(complaints, [])
    assert.deepEqual(Object.fromEntries(secrets), {
      prod: {
        hmac: ['value of CURRENT', 'value of OLD'],
        apiKey: ['text of /etc/inlet/key', 'text of /etc/inlet/none'],
      },
    })
  })

  test('that are missing are told all at once, each at its line', async () => {
    const { config, locate } = file()
    const { complaints } = await readSecrets(config, {
      environment: (name) => (name === 'CURRENT' ? '' : undefined),
      file: async (path) => {
        if (path.endsWith('key')) return '\n'
        throw new Error('ENOENT')
      },
      aws,
    })
    assert.deepEqual(
      complaints.map((one) => problemLine('inlet.yaml', locate(one))),
      [
        'inlet.yaml:7:46: sources[0].auth.hmac.secrets[0]: the environment variable CURRENT is empty. Set CURRENT for this process, or refer to a file.',
        'inlet.yaml:7:64: sources[0].auth.hmac.secrets[1]: the environment variable OLD is not set. Set OLD for this process, or refer to a file.',
        'inlet.yaml:8:27: sources[0].auth.apiKey.secrets[0]: the file /etc/inlet/key is empty. Put the secret there, readable for this process, or refer to another place.',
        'inlet.yaml:8:42: sources[0].auth.apiKey.secrets[1]: the file /etc/inlet/none cannot be read: ENOENT. Put the secret there, readable for this process, or refer to another place.',
      ],
    )
  })
})
