import assert from 'node:assert/strict'
import { afterEach, beforeEach, suite, test } from 'node:test'
import type { GenesysClient } from '../../../../src/genesys/client.ts'
import { planOf, type Wanted } from '../../../../src/genesys/provisioning/plan.ts'
import { applyStep, findSubscriptions } from '../../../../src/genesys/provisioning/platform.ts'
import { openTestClient, startTestCloud, type TestCloud } from '../../../support/cloud.ts'

const url = 'https://in.example.com/events'
const every: readonly Wanted[] = [
  {
    source: 'one',
    kind: 'analytics-notification',
    name: 'lake',
    fields: { url, certificateId: 'cert', filters: { eventTypes: ['interaction'] } },
  },
  {
    source: 'two',
    kind: 'event-subscription',
    name: 'lake',
    fields: { url, events: ['call.event'], filters: {}, headers: { 'X-Key': 'secret' } },
  },
  {
    source: 'three',
    kind: 'eventbridge',
    name: 'lake',
    fields: {
      eventSourceSuffix: 'lake',
      awsAccountId: '123456789012',
      awsAccountRegion: 'eu-central-1',
      eventFilter: ['v2.detail.events.conversation.{id}.customer.end'],
    },
  },
]

class Killed extends Error {}

suite('subscriptions at Genesys Cloud', () => {
  let cloud: TestCloud
  let client: GenesysClient

  beforeEach(async () => {
    cloud = await startTestCloud()
    client = openTestClient({ host: cloud.host, tries: 1 })
  })
  afterEach(() => cloud.stop())

  async function apply(wanted: Wanted, by = client): Promise<string> {
    const step = planOf(wanted, await findSubscriptions(by, wanted))
    await applyStep(by, wanted, step)
    return step.action
  }

  /** The platform has done what the last call asked for; the answer reaches nobody. */
  function killedAfter(calls: number): GenesysClient {
    let left = calls
    return {
      ...client,
      org: client.org,
      follow: (uri) => client.follow(uri),
      own: (uri) => client.own(uri),
      async call(call) {
        const answer = await client.call(call)
        if (--left === 0) throw new Killed()
        return answer
      },
    }
  }

  for (const wanted of every) {
    test(`${wanted.kind}: is set up once, and active again where it was not`, async () => {
      assert.equal(await apply(wanted), 'create')
      assert.equal(await apply(wanted), 'none')
      const [found] = await findSubscriptions(client, wanted)
      assert.equal(found?.isActive, true)
      if (wanted.kind === 'eventbridge') {
        const body = { intendedState: 'DISABLED' }
        await client.call({ method: 'PATCH', path: `/api/v2/integrations/${found?.id}`, body })
      } else cloud.deactivate('all')
      assert.equal(await apply(wanted), 'reactivate')
      assert.equal(await apply(wanted), 'none')
    })

    test(`${wanted.kind}: killed after any call and run again, there is one`, async () => {
      let kills = 0
      for (let calls = 1; ; calls++) {
        const own = { ...wanted, name: `lake-${calls}` }
        const died = await apply(own, killedAfter(calls)).catch((error) => error)
        if (!(died instanceof Killed)) break
        kills++
        await apply(own)
        assert.equal(await apply(own), 'none')
        assert.equal((await findSubscriptions(client, own)).length, 1)
      }
      assert.ok(kills >= 2)
    })

    test(`${wanted.kind}: what differs is changed where it is`, async () => {
      await apply(wanted)
      const [before] = await findSubscriptions(client, wanted)
      const other =
        wanted.kind === 'eventbridge' ? { awsAccountRegion: 'us-east-1' } : { url: `${url}/2` }
      assert.equal(await apply({ ...wanted, fields: { ...wanted.fields, ...other } }), 'update')
      const after = await findSubscriptions(client, wanted)
      assert.deepEqual(
        after.map(({ id }) => id),
        [before?.id],
      )
    })
  }

  test('two of one name are not chosen between', async () => {
    const [wanted] = every
    assert.ok(wanted !== undefined)
    const none = planOf(wanted, [])
    for (let count = 0; count < 2; count++) await applyStep(client, wanted, none)
    await assert.rejects(apply(wanted), { code: 'INL_GEN_AMBIGUOUS' })
  })
})
