/** Reconciliation beside a running Inlet: real processes, and a Genesys Cloud that misbehaves. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { realMachine } from '../../src/app/machine.ts'
import { startCentreApi } from '../../src/app/simulated-centre.ts'
import { freePort } from '../../src/core/free-port.ts'
import { seededRandom } from '../../src/core/random.ts'
import type { Conversation } from '../../src/simulator/centre/conversation.ts'
import { makeWorld } from '../../src/simulator/centre/world.ts'
import type { Cloud } from '../../src/simulator/cloud/cloud.ts'
import { eventBridgeDestination } from '../../src/simulator/sending/contract.ts'
import { send } from '../../src/simulator/sending/sender.ts'
import { harmlessFaults } from '../../src/simulator/traffic/faults.ts'
import { noLosses } from '../../src/simulator/traffic/losses.ts'
import { type TrafficOptions, traffic } from '../../src/simulator/traffic/traffic.ts'
import { orgSection } from '../support/cloud.ts'
import { type Front, startFront } from '../support/front.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { told } from './commands-in.ts'
import { until } from './inlet-output.ts'
import { type InletProcess, startInlet } from './inlet-process.ts'
import { runIsUp } from './several-gateways.ts'

const SEED = 11
const EVENTS = 4000
const HOUR = 3_600_000
const startAt = realMachine.clock.now() - 3 * HOUR
const conversations: Conversation[] = []

/** Every hundredth event is lost, and some conversations are lost whole. */
function stream(isLossy: boolean, more: Partial<TrafficOptions> = {}) {
  const random = seededRandom(SEED)
  return traffic(
    { world: makeWorld(random), random },
    {
      events: EVENTS,
      startAt,
      conversationsPerSecond: 0.5,
      mix: { eventbridge: 1 },
      losses: isLossy ? { events: 100, conversations: 40 } : noLosses,
      ...more,
    },
  )
}

/** Steps that gold rests on; of `acw` and `wrapup` either will do. */
const telling = /^(acw|(customer|acd|user|flow|voicemail)\.(start|end))$/

/** Conversations that have lost something that their records tell of. */
function lostConversations(): string[] {
  const told = (isLossy: boolean) =>
    new Map([...stream(isLossy)].map(({ body }) => [Buffer.from(body).toString(), body]))
  const arrived = new Set<string>()
  const lost = new Set<string>()
  const lossy = told(true)
  for (const [text] of lossy) arrived.add(stepOf(text).name)
  for (const text of told(false).keys()) {
    const { name, type, conversationId } = stepOf(text)
    if (!arrived.has(name) && telling.test(type)) lost.add(conversationId)
  }
  return [...lost].sort()
}

/** A step by its session and type. */
function stepOf(text: string): { name: string; type: string; conversationId: string } {
  const { detail } = JSON.parse(text)
  const { conversationId = '', sessionId = '' } = detail.eventBody
  const type = String(detail.topicName.split('.').slice(5).join('.')).replace('wrapup', 'acw')
  return { name: `${sessionId} ${type}`, type, conversationId }
}

/** The row of gold that is true of a conversation. */
function goldOf({ truth }: Conversation) {
  return {
    conversation_id: truth.conversationId,
    queue_ids: truth.queueIds,
    user_ids: truth.userIds,
    wrap_up_codes: truth.wrapUpCodes,
    abandoned: truth.abandoned,
    transfers: truth.transfers,
    wait_ms: truth.waitMs,
    talk_ms: truth.talkMs,
    hold_ms: truth.holdMs,
    acw_ms: truth.acwMs,
    handle_ms: truth.handleMs,
    provisional: false,
    start_ms: truth.start,
    end_ms: truth.end,
  }
}

/** Of what was answered. */
const statuses: number[] = []

/** Drops every fifth connection. */
function inFront(cloud: Cloud): Promise<Front> {
  let asked = 0
  return startFront(cloud, ({ socket }, outgoing) => {
    outgoing.once('finish', () => statuses.push(outgoing.statusCode))
    const isDropped = ++asked % 5 === 3
    if (isDropped) socket.destroy()
    return isDropped
  })
}

suite('reconciliation beside a running Inlet', () => {
  let folder: { path: string; dispose: () => Promise<void> }
  let cloud: Cloud
  let front: Front
  let inlet: InletProcess
  let port: number

  before(async () => {
    folder = await temporaryFolder()
    cloud = await startCentreApi(realMachine, { seed: SEED })
    front = await inFront(cloud)
    port = await freePort()
    const config = `listen: { host: 127.0.0.1, port: ${port} }
${orgSection({ orgId: cloud.orgId, host: front.host })}
sources: [{ name: bridge, org: prod, path: /events, auth: none, contract: eventbridge }]
journal: { minFree: 0B, ephemeral: true }
lake: { commitEvery: 100ms, silverEvery: 1s, goldEvery: 1s }
ops: { port: 0 }
`
    writeFileSync(join(folder.path, 'inlet.yaml'), config)
    inlet = startInlet(['run'], surroundings())
    await until(inlet, runIsUp)
  })
  after(async () => {
    inlet.signal('SIGKILL')
    await inlet.ended
    front.close()
    await cloud.stop()
    await folder.dispose()
  })

  function surroundings() {
    return { cwd: folder.path, env: { GC_ID: 'simulator', GC_SECRET: 'simulator' } }
  }

  const json = (...args: string[]) => told(surroundings(), ...args)

  async function rows(sql: string): Promise<Record<string, unknown>[]> {
    return json('query', sql)
  }

  async function reconciled() {
    const [report] = (await json('reconcile', '--from', '4h', '--to', '1m')).orgs
    return report
  }

  test('what was lost is found, fetched once, and gold is the truth', async () => {
    const onConversation = (one: Conversation) => {
      conversations.push(one)
      cloud.tell(one)
    }
    const url = new URL(`http://127.0.0.1:${port}/events`)
    const route = { url, contract: eventBridgeDestination }
    const report = await send(realMachine, {
      deliveries: stream(true, { faults: harmlessFaults, onConversation }),
      routeOf: () => route,
      concurrency: 64,
      pace: { kind: 'flat-out' },
      signal: new AbortController().signal,
    })
    assert.equal(report.deadLetters.length, 0)
    Object.assign(cloud.faults, {
      tokenSeconds: 2,
      failing: { status: 429, retryAfter: 1, times: 2 },
    })
    const first = await reconciled()
    const named = first.lacking.map((one: { conversationId: string }) => one.conversationId).sort()
    assert.deepEqual(named, lostConversations())
    assert.equal(first.expected, conversations.length)
    assert.equal(first.backFilled, named.length)
    const second = await reconciled()
    assert.equal(second.backFilled, 0)
    assert.equal(second.present, conversations.length)
    assert.ok((await json('audit')).clean)
    const [records] = await rows(
      "SELECT count(*) AS n FROM bronze.events WHERE dialect = 'conversation-detail'",
    )
    assert.equal(Number(records?.['n']), named.length)
    for (;;) {
      const { gold, reconciliation } = await json('status')
      if (gold.behind > 0) await sleep(200)
      else {
        assert.deepEqual(reconciliation, [{ org: 'prod', completeTo: second.to }])
        break
      }
    }
    assert.deepEqual(
      await rows(`SELECT conversation_id, queue_ids, user_ids, wrap_up_codes, abandoned, transfers,
        wait_ms, talk_ms, hold_ms, acw_ms, handle_ms, provisional,
        epoch_ms(start_time) AS start_ms, epoch_ms(end_time) AS end_ms
        FROM gold.conversations ORDER BY conversation_id`),
      conversations
        .map(goldOf)
        .toSorted((a, b) => (a.conversation_id < b.conversation_id ? -1 : 1)),
    )
    const refused = statuses.filter((status) => status === 429).length
    assert.equal(refused, 2, 'none but those that were asked for')
  })
})
