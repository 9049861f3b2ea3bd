import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { readSecret, type SecretSource } from '../../../../src/app/secrets/read-secret.ts'

const giving = (value: string): SecretSource => ({
  environment: () => value,
  file: async () => value,
  aws: { secret: async () => value, parameter: async () => value },
})

suite('a secret by reference', () => {
  test('is what its place holds; a file without its last line breaks', async () => {
    for (const reference of [
      { env: 'A' },
      { file: 'a' },
      { awsSecret: 'a' },
      { awsParameter: 'a' },
    ])
      assert.deepEqual(await readSecret(reference, giving('sesame')), { ok: true, value: 'sesame' })
    assert.deepEqual(await readSecret({ file: 'a' }, giving('a b \r\n\n')), {
      ok: true,
      value: 'a b ',
    })
  })

  test('may be a member of a JSON object, which must then be named', async () => {
    const json = giving('{"hmac":"sesame","port":5}')
    const reference = { awsSecret: { id: 'prod', key: 'hmac' } }
    assert.deepEqual(await readSecret(reference, json), { ok: true, value: 'sesame' })
    const wrong = [
      [{ awsSecret: 'prod' }, json, /a JSON object, whose member must be named/],
      [{ awsSecret: { id: 'prod', key: 'no' } }, json, /no in the AWS secret prod cannot be read/],
      [{ awsSecret: { id: 'prod', key: 'port' } }, json, /no JSON object with a text under/],
      [{ awsSecret: { id: 'prod', key: 'hmac' } }, giving('sesame'), /no JSON object with a text/],
      [{ awsSecret: { id: 'prod', key: 'toString' } }, json, /no JSON object with a text under/],
    ] as const
    for (const [one, from, complaint] of wrong) {
      const found = await readSecret(one, from)
      assert.ok(!found.ok)
      assert.match(found.what, complaint)
      assert.doesNotMatch(found.what, /sesame/)
    }
  })

  test('that is empty is none', async () => {
    for (const reference of [
      { env: 'A' },
      { file: 'a' },
      { awsSecret: 'a' },
      { awsParameter: 'a' },
    ])
      assert.equal((await readSecret(reference, giving(''))).ok, false)
  })

  test('is asked for in the region that the reference names', async () => {
    const asked: unknown[] = []
    const aws = {
      secret: async (...args: unknown[]) => String(asked.push(args)),
      parameter: async (...args: unknown[]) => String(asked.push(args)),
    }
    const from = { ...giving(''), aws }
    await readSecret({ awsSecret: { id: 's', region: 'eu-west-1' } }, from)
    await readSecret({ awsParameter: { name: '/p', region: 'eu-west-1' } }, from)
    await readSecret({ awsParameter: '/p' }, from)
    assert.deepEqual(asked, [
      ['s', 'eu-west-1'],
      ['/p', 'eu-west-1'],
      ['/p', undefined],
    ])
  })

  test('says why nothing answers, where every address was tried in vain', async () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:443'), { name: 'Error' })
    const from = {
      ...giving(''),
      aws: {
        secret: () => Promise.reject(new AggregateError([refused])),
        parameter: () => Promise.reject(new Error()),
      },
    }
    const found = await readSecret({ awsSecret: 'prod' }, from)
    assert.ok(!found.ok)
    assert.match(found.what, /the AWS secret prod cannot be read: connect ECONNREFUSED/)
  })
})
