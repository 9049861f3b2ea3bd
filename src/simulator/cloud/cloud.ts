/**
 * A Genesys Cloud organisation to call: its REST API over the same contact centre that the
 * simulator's senders tell of, so that what an API says and what was delivered can be compared.
 *
 * It tells of conversations as of the clock's now. Shapes follow the official SDKs and samples of
 * the live API. It listens on loopback unless told otherwise, keeps a bounded number of everything,
 * and forgets all when it stops.
 */
import type { AddressInfo } from 'node:net'
import type { Clock } from '../../core/clock.ts'
import type { Random } from '../../core/random.ts'
import type { JsonValue } from '../../event/json.ts'
import type { Conversation } from '../centre/conversation.ts'
import type { World } from '../centre/world.ts'
import type { Delivery } from '../traffic/packing.ts'
import { Channels } from './channels.ts'
import { controlOf } from './control.ts'
import { detailsRoutes } from './details.ts'
import { directoryRoutes } from './directory.ts'
import { done, type Route } from './exchange.ts'
import { type Client, type Faults, Gate, noFaults } from './gate.ts'
import { Happened } from './happened.ts'
import { integrationRoutes } from './integrations.ts'
import { jobRoutes } from './jobs.ts'
import { makeCloudServer } from './server.ts'
import { Sockets } from './sockets.ts'
import { openSubscriptions } from './subscriptions.ts'
import { topicRoutes } from './topics.ts'
import { Webhooks, type WebhooksDeps } from './webhooks.ts'

export interface CloudDeps {
  readonly clock: Clock
  readonly random: Random
  readonly world: World
}

export interface CloudOptions {
  readonly host?: string
  /** 0 takes a free one. */
  readonly port?: number
  readonly clients?: readonly Client[]
  /** Conversations that are kept at most. */
  readonly conversations?: number
  readonly corrections?: { readonly every: number; readonly afterMs: number }
  /** Whom it trusts when it posts to webhooks; left out: public authorities. */
  readonly tls?: WebhooksDeps['tls']
}

export interface Cloud {
  /** Host and port, as `orgs[].host` takes them. */
  readonly host: string
  readonly orgId: string
  /** What is in it is changed to make things go wrong. */
  readonly faults: Faults
  /** Takes a conversation in, with all that will happen in it. */
  tell(conversation: Conversation): void
  /** Tells it to the channels that have subscribed to the topic, and how many these are. */
  notify(topic: string, message: JsonValue): number
  /** Posts it to the webhooks that want it; resolves when there is room for the next. */
  post(delivery: Delivery): Promise<void>
  expireTokens(): void
  /** A subscription by its id, or `all`. */
  deactivate(id: string): void
  /** All sockets of channels: `isAnnounced` says so first and leaves closing to the other side. */
  closeSockets(isAnnounced: boolean): void
  stop(): Promise<void>
}

export const simulatorClient: Client = { clientId: 'simulator', clientSecret: 'simulator' }

/** Resolves when it listens. */
export async function startCloud(deps: CloudDeps, options: CloudOptions = {}): Promise<Cloud> {
  const { host = '127.0.0.1', port = 0, clients = [simulatorClient] } = options
  const { conversations: most = 20_000, corrections = { every: 0, afterMs: 0 } } = options
  const { random, world } = deps
  const faults = noFaults()
  const happened = new Happened({ most, corrections, divisionId: world.divisions[0]?.id ?? '' })
  const gate = new Gate({ ...deps, faults, clients })
  const channels = new Channels({ ...deps, faults, host: () => hostOf(server.address()) })
  const sockets = new Sockets({ ...deps, channels })
  const subscriptions = openSubscriptions(deps)
  const webhooks = new Webhooks({
    ...deps,
    subscriptions,
    ...(options.tls && { tls: options.tls }),
  })
  const routes = [
    ...jobRoutes({ ...deps, happened, faults }),
    ...detailsRoutes({ ...deps, happened }),
    ...directoryRoutes(deps),
    ...topicRoutes(),
    ...channels.routes(),
    ...subscriptions.routes,
    ...integrationRoutes(deps),
    whoIsIt(world),
  ]
  const faulty = {
    expireTokens: () => gate.expireTokens(),
    deactivate: (id: string) => subscriptions.deactivate(id),
    closeSockets: (isAnnounced: boolean) => sockets.closeAll(isAnnounced),
  }
  const control = controlOf({ faults, ...faulty })
  const server = makeCloudServer({ random, gate, routes, control })
  server.on('upgrade', (request, socket, head) => sockets.upgrade(request, socket, head))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  return {
    host: hostOf(server.address()),
    orgId: world.orgId,
    faults,
    tell: (conversation) => happened.add(conversation),
    notify: (topic, message) => sockets.tell(topic, message),
    post: (delivery) => webhooks.post(delivery),
    ...faulty,
    stop: () =>
      new Promise((resolve) => {
        sockets.stop()
        webhooks.stop()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** `GET /api/v2/tokens/me`: whose token it is. */
function whoIsIt({ orgId }: World): Route {
  return {
    method: 'GET',
    path: '/api/v2/tokens/me',
    handle({ clientId }) {
      const organization = { id: orgId, name: 'Simulated' }
      return done({ organization, OAuthClient: { id: clientId, organization } })
    },
  }
}

function hostOf(address: AddressInfo | string | null): string {
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  const { address: host, port } = address
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}
