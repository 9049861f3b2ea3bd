import assert from 'node:assert/strict'
import { afterEach, beforeEach, suite, test } from 'node:test'
import { parseConfig } from '../../../src/app/config/load.ts'
import { checkGenesys } from '../../../src/app/doctor/genesys-checks.ts'
import { realMachine } from '../../../src/app/machine.ts'
import { startTestCloud, type TestCloud } from '../../support/cloud.ts'

let cloud: TestCloud

beforeEach(async () => {
  cloud = await startTestCloud()
})
afterEach(() => cloud.stop())

async function found(changes: { orgId?: string; host?: string; secret?: string } = {}) {
  const { orgId = cloud.orgId, host = cloud.host, secret = 'simulator' } = changes
  const loaded = parseConfig(
    `
listen: { host: 127.0.0.1 }
orgs:
  - name: prod
    orgId: ${orgId}
    host: "${host}"
    clientId: { env: ID }
    clientSecret: { env: SECRET }
  - { name: quiet, orgId: ${cloud.orgId} }
sources: [{ name: trial, path: /events, auth: none }]
`,
    '/etc/inlet/inlet.yaml',
  )
  if (!loaded.ok) throw new TypeError('the configuration of this test is wrong')
  const secretSource = {
    environment: (name: string) => (name === 'ID' ? 'simulator' : secret),
    file: async () => '',
    aws: { secret: async () => '', parameter: async () => '' },
  }
  return checkGenesys({ ...realMachine, secretSource }, loaded.file.config)
}

suite('doctor on Genesys Cloud', () => {
  test('is content with a token and every permission, and asks of no quiet one', async () => {
    const [finding, ...others] = await found()
    assert.deepEqual([finding?.name, finding?.level, others.length], ['Genesys prod', 'ok', 0])
    assert.match(finding?.detail ?? '', /gives a token, with 12 of 12 uses/)
  })

  test('warns of each permission that is missing', async () => {
    cloud.faults.missingPermissions = ['routing:queue:view', 'directory:user:view']
    const warnings = (await found()).filter(({ level }) => level === 'warn')
    assert.deepEqual(
      warnings.map(({ detail }) => detail),
      [
        'may not read users: it lacks directory:user:view',
        'may not read queues: it lacks routing:queue:view',
      ],
    )
  })

  test('fails where the client is of another organisation, wrong, or not answered', async () => {
    const other = '32aa07aa-db1b-4987-abd0-9483601ec29d'
    const [ofAnother] = await found({ orgId: other })
    assert.match(ofAnother?.detail ?? '', new RegExp(`and orgs says ${other}`))
    const [wrong] = await found({ secret: 'hunter2-hunter2' })
    assert.match(wrong?.detail ?? '', /does not take the client of prod/)
    const [empty] = await found({ secret: '' })
    assert.match(empty?.detail ?? '', /the environment variable SECRET is empty/)
    const { host } = cloud
    await cloud.stop()
    const [away] = await found({ host })
    assert.match(away?.detail ?? '', /cannot be reached: .*ECONNREFUSED/)
    for (const finding of [ofAnother, wrong, empty, away]) {
      assert.equal(finding?.level, 'fail')
      assert.doesNotMatch(finding?.detail ?? '', /hunter2/)
    }
    cloud = await startTestCloud()
  })
})
