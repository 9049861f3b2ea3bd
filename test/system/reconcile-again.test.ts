/** What a second reconciliation finds: nothing that is to be submitted, whatever became of it. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { realMachine } from '../../src/app/machine.ts'
import type { Conversation } from '../../src/simulator/centre/conversation.ts'
import { openScene, type Scene } from './reconcile-scene.ts'

const HOUR = 3_600_000
let scene: Scene
let lost: readonly Conversation[]

before(async () => {
  scene = await openScene({
    source: 'accept: { exclude: [{ field: originatingDirection, equals: outbound }] }',
    env: { INLET_PRIVACY_KEY: 'a-key-that-is-long-enough-to-be-one' },
    // Masked before anything is decided, and without what records are compared by.
    config: () => `privacy:
  key: { env: INLET_PRIVACY_KEY }
  bronze: masked
  rules: [{ field: "participants[].sessions[].sessionId", action: drop }]
`,
  })
  lost = scene.cloud.fill(40, realMachine.clock.now() - 5 * HOUR)
})
after(() => scene.dispose())

const idOf = ({ truth }: Conversation) => truth.conversationId
const isInbound = ({ contact }: Conversation) => contact.direction === 'INBOUND'

async function reconciled() {
  await scene.settle()
  const { hours: _, lacking, ...report } = await scene.reconcile('6h')
  const { expected, present, missing, filtered, erased, backFilled } = report
  assert.equal(lacking.length, backFilled)
  return { expected, present, missing, filtered, erased, backFilled }
}

test('filtered, masked and erased records are not submitted again', async () => {
  const inbound = lost.filter(isInbound)
  const caller = inbound.find(({ contact }) => contact.ani.startsWith('tel:')) ?? assert.fail()
  const { ani } = caller.contact
  const [forgotten = assert.fail(), ...others] = inbound.filter((one) => one.contact.ani !== ani)
  const { json } = scene
  await json('erase', '--conversation', idOf(forgotten))
  await json('erase', '--phone', ani.replace('tel:', ''))
  const agent = others.find(({ truth }) => truth.userIds.length > 0)
  await json('erase', '--user', agent?.truth.userIds[0] ?? assert.fail('nobody served'))
  const filtered = lost.length - inbound.length
  const erased = inbound.length - others.length
  const missing = inbound.length - erased
  assert.ok(filtered > 0 && erased >= 2 && missing > 5)
  const common = { expected: lost.length, filtered, erased }
  assert.deepEqual(await reconciled(), { ...common, present: 0, missing, backFilled: missing })
  const settled = { ...common, present: missing, missing: 0, backFilled: 0 }
  assert.deepEqual(await reconciled(), settled)

  const later = others[1] ?? assert.fail()
  await json('erase', '--conversation', idOf(later))
  const after = { ...settled, present: missing - 1, erased: erased + 1 }
  assert.deepEqual(await reconciled(), after)
  const [rows] = await scene.rows(
    "SELECT count(*) AS n FROM bronze.events WHERE dialect = 'conversation-detail'",
  )
  assert.equal(rows.n, missing)
  assert.ok((await json('audit')).clean)
})
