/** A simulated Genesys Cloud on loopback, and clients of it. */
import { type Clock, systemClock } from '../../src/core/clock.ts'
import { type Random, seededRandom } from '../../src/core/random.ts'
import type { ClientOptions, OpenClient } from '../../src/genesys/open-client.ts'
import { defaultClientOptions, openGenesysClient } from '../../src/genesys/open-client.ts'
import type { EventFields, EventName } from '../../src/observe/events.ts'
import { type Conversation, tellConversation } from '../../src/simulator/centre/conversation.ts'
import { makeWorld, type World } from '../../src/simulator/centre/world.ts'
import {
  type Cloud,
  type CloudOptions,
  simulatorClient,
  startCloud,
} from '../../src/simulator/cloud/cloud.ts'

export interface TestCloud extends Cloud {
  readonly world: World
  readonly random: Random
  /** Tells of so many conversations, each a minute after the one before. */
  fill(count: number, from: number): Conversation[]
}

export async function startTestCloud(
  options: CloudOptions & { readonly clock?: Clock; readonly seed?: number } = {},
): Promise<TestCloud> {
  const { clock = systemClock, seed = 1 } = options
  const random = seededRandom(seed)
  const world = makeWorld(random)
  const cloud = await startCloud({ clock, random, world }, options)
  const fill = (count: number, from: number) =>
    Array.from({ length: count }, (_, index) => {
      const startAt = from + index * 60_000
      const conversation = tellConversation({ world, random }, { startAt })
      cloud.tell(conversation)
      return conversation
    })
  return { ...cloud, world, random, fill }
}

/** The organisation `prod` in a configuration, whose client is `GC_ID` with `GC_SECRET`. */
export function orgSection({ orgId, host }: Pick<Cloud, 'orgId' | 'host'>): string {
  return `orgs:
  - name: prod
    orgId: ${orgId}
    host: "${host}"
    clientId: { env: GC_ID }
    clientSecret: { env: GC_SECRET }`
}

export interface TestClient extends OpenClient {
  /** What was observed. */
  readonly told: readonly (readonly [EventName, EventFields])[]
}

export function openTestClient(
  options: Pick<ClientOptions, 'host'> &
    Partial<ClientOptions> & { readonly clock?: Clock; readonly secret?: string },
): TestClient {
  const { clock = systemClock, secret = simulatorClient.clientSecret } = options
  const told: [EventName, EventFields][] = []
  const client = openGenesysClient(
    {
      clock,
      random: seededRandom(7),
      fetch,
      observer: (event, fields = {}) => void told.push([event, fields]),
      credentials: async () => ({ ...simulatorClient, clientSecret: secret }),
    },
    { ...defaultClientOptions, org: 'prod', ...options },
  )
  return Object.assign(client, { told })
}
