/** A running Inlet beside a simulated Genesys Cloud, for tests of what reconciliation finds. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../src/core/free-port.ts'
import type { Conversation } from '../../src/simulator/centre/conversation.ts'
import type { Happening } from '../../src/simulator/centre/happening.ts'
import { simulatorClient } from '../../src/simulator/cloud/cloud.ts'
import { eventbridge } from '../../src/simulator/render/eventbridge.ts'
import { orgSection, startTestCloud, type TestCloud } from '../support/cloud.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { type Json, told } from './commands-in.ts'
import { until } from './inlet-output.ts'
import { type InletProcess, startInlet } from './inlet-process.ts'
import { settled } from './settled.ts'
import { runIsUp } from './several-gateways.ts'

export interface Scene {
  readonly cloud: TestCloud
  readonly inlet: InletProcess
  readonly folder: string
  /** Posts a body to the one source. */
  post(body: string): Promise<void>
  /** Posts the detail events of a conversation that `isTold` lets through. */
  tell(conversation: Conversation, isTold?: (happening: Happening) => boolean): Promise<void>
  json(...args: string[]): Promise<Json>
  /** The report on the one organisation. */
  reconcile(from: string, to?: string): Promise<Json>
  rows(sql: string): Promise<Json[]>
  /** Waits until gold has all that is durable. */
  settle(): Promise<void>
  dispose(): Promise<void>
}

export interface SceneOptions {
  /** More of the one source, such as `accept: {...}`. */
  readonly source?: string
  /** More lines of the configuration. */
  readonly config?: (cloud: TestCloud) => string
  /** Who stands in front of the cloud, and answers in its place: host and port. */
  readonly front?: (cloud: TestCloud) => Promise<string>
  /** Called with the folder before Inlet is started. */
  readonly prepare?: (folder: string) => void
  /** More of `lake`, such as `retention: {...}`. */
  readonly lake?: string
  readonly env?: Readonly<Record<string, string>>
}

export async function openScene(options: SceneOptions = {}): Promise<Scene> {
  const { front, prepare, env } = options
  const { path: folder, dispose } = await temporaryFolder()
  const cloud = await startTestCloud()
  const port = await freePort()
  const host = (await front?.(cloud)) ?? cloud.host
  writeFileSync(join(folder, 'inlet.yaml'), configOf({ ...options, cloud, host, port }))
  prepare?.(folder)
  const { clientId: GC_ID, clientSecret: GC_SECRET } = simulatorClient
  const place = { cwd: folder, env: { GC_ID, GC_SECRET, ...env } }
  const inlet = startInlet(['run'], place)
  const end = async () => {
    inlet.signal('SIGKILL')
    await inlet.ended
    await cloud.stop()
    await dispose()
  }
  await until(inlet, runIsUp).catch(async (error: unknown) => {
    await end()
    throw error
  })
  const json = (...args: string[]) => told({ ...place, expected: [0, 1, 2] }, ...args)
  const post = async (body: string) => {
    const answer = await fetch(`http://127.0.0.1:${port}/events`, { method: 'POST', body })
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`)
  }
  return {
    ...{ cloud, inlet, folder, json, post },
    async tell(conversation, isTold = () => true) {
      const { world, random } = cloud
      for (const happening of conversation.happenings)
        if (eventbridge.tells.has(happening.type) && isTold(happening)) {
          const { value } = eventbridge.render(happening, { world, random, conversation })
          await post(JSON.stringify(value))
        }
    },
    async reconcile(from, to = '1m') {
      const { orgs } = await json('reconcile', '--from', from, '--to', to)
      return orgs[0]
    },
    rows: (sql) => json('query', sql),
    settle: () => settled(place),
    dispose: end,
  }
}

interface Configured extends Pick<SceneOptions, 'source' | 'lake' | 'config'> {
  readonly cloud: TestCloud
  readonly host: string
  readonly port: number
}

function configOf({ cloud, host, port, source, lake, config }: Configured): string {
  const more = source === undefined ? '' : `, ${source}`
  const ofLake = lake === undefined ? '' : `, ${lake}`
  return `listen: { host: 127.0.0.1, port: ${port} }
${orgSection({ orgId: cloud.orgId, host })}
sources: [{ name: bridge, org: prod, path: /events, auth: none${more} }]
journal: { minFree: 0B, ephemeral: true }
lake: { commitEvery: 100ms, silverEvery: 500ms, goldEvery: 1s${ofLake} }
ops: { port: 0 }
${config?.(cloud) ?? ''}`
}
