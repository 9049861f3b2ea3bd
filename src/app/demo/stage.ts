/** What the demo needs and throws away: a folder, keys, a certificate, a configuration, a port. */
import { join } from 'node:path'
import { makeCertificateAuthority } from '../../core/certificate.ts'
import type { Clock } from '../../core/clock.ts'
import type { Files } from '../../core/files.ts'
import { freePort } from '../../core/free-port.ts'
import type { Random } from '../../core/random.ts'
import { type Cloud, simulatorClient } from '../../simulator/cloud/cloud.ts'
import {
  eventBridgeDestination,
  guideWebhook,
  type RetryContract,
} from '../../simulator/sending/contract.ts'
import type { Route } from '../../simulator/sending/route.ts'
import type { DemoSource } from './payloads.ts'

export interface Stage {
  readonly configPath: string
  /** The folder of the journal. */
  readonly journal: string
  readonly url: string
  readonly healthUrl: string
  /** In PEM: what a client trusts to reach it. */
  readonly ca: string
  readonly routeOf: (source: string) => Route
}

const HOST = '127.0.0.1'
const VALID_DAYS = 2
/** A demonstration does not wait a minute between tries. */
const backoff = { baseMs: 50, maxMs: 1000 }
const patient = { tries: 1000, giveUpAfterMs: 120_000 }

export async function setStage(
  deps: { files: Files; random: Random; clock: Clock },
  { folder, cloud }: { readonly folder: string; readonly cloud: Pick<Cloud, 'host' | 'orgId'> },
): Promise<Stage> {
  const { files, random } = deps
  const port = await freePort(HOST)
  const secrets = { webhook: secret(random), eventbridge: secret(random), relay: secret(random) }
  const authority = makeCertificateAuthority(
    { random, now: () => deps.clock.now() },
    { commonName: 'Inlet demo', days: VALID_DAYS },
  )
  const server = authority.issue({
    commonName: 'localhost',
    altNames: [HOST, 'localhost'],
    days: VALID_DAYS,
  })
  const write = async (name: string, text: string) => {
    const file = await files.open(join(folder, name), 'create')
    await file.write(Buffer.from(text), 0).finally(() => file.close())
  }
  await write('server.pem', server.certificate + authority.certificate)
  await write('server.key', server.key)
  for (const [name, value] of Object.entries(secrets)) await write(`${name}.secret`, value)
  await write('client.id', simulatorClient.clientId)
  await write('client.secret', simulatorClient.clientSecret)
  await write('inlet.yaml', configText(port, cloud))
  const url = `https://${HOST}:${port}`
  const tls = { ca: authority.certificate, servername: 'localhost' }
  const route = (path: string, contract: RetryContract): Route => ({
    url: new URL(`${url}${path}`),
    contract: { ...contract, ...patient, backoff },
    tls,
  })
  const routes: Record<DemoSource, Route> = {
    webhook: {
      ...route('/genesys/webhook', guideWebhook),
      hmac: { header: 'X-Genesys-Signature', secret: secrets.webhook },
    },
    eventbridge: {
      ...route('/genesys/eventbridge', eventBridgeDestination),
      apiKey: { header: 'X-Api-Key', value: secrets.eventbridge },
    },
    relay: {
      ...route('/genesys/relay', guideWebhook),
      hmac: { header: 'X-Signature', secret: secrets.relay },
    },
  }
  return {
    configPath: join(folder, 'inlet.yaml'),
    journal: join(folder, 'data/journal'),
    url,
    healthUrl: `${url}/healthz`,
    ca: authority.certificate,
    routeOf: (source) => routes[sourceOfDialect(source)],
  }
}

/** Simulated traffic names its source for the dialect that it is told in. */
function sourceOfDialect(source: string): DemoSource {
  if (source === 'eventbridge') return 'eventbridge'
  return source === 'notification' || source === 'conversation-detail' || source === 'relay'
    ? 'relay'
    : 'webhook'
}

function configText(port: number, { host, orgId }: Pick<Cloud, 'host' | 'orgId'>): string {
  return `# Made by \`inlet demo\`: everything here lives in this folder.
listen: { host: ${HOST}, port: ${port}, tls: { certFile: server.pem, keyFile: server.key } }
orgs:
  - name: demo
    orgId: ${orgId}
    host: "${host}"
    clientId: { file: client.id }
    clientSecret: { file: client.secret }
sources:
  - name: webhook
    org: demo
    path: /genesys/webhook
    auth:
      hmac: { header: X-Genesys-Signature, encoding: hex, secrets: [{ file: webhook.secret }] }
    contract: guide-webhook
  - name: eventbridge
    org: demo
    path: /genesys/eventbridge
    auth: { apiKey: { header: X-Api-Key, secrets: [{ file: eventbridge.secret }] } }
    contract: eventbridge
  - name: relay
    org: demo
    path: /genesys/relay
    auth: { hmac: { header: X-Signature, encoding: hex, secrets: [{ file: relay.secret }] } }
    contract: guide-webhook
journal: { dir: ./data/journal, minFree: 64MiB, ephemeral: true }
lake: { url: ./data/lake, commitEvery: 1s, silverEvery: 5s, goldEvery: 5s }
ops: { port: 0 }
`
}

function secret(random: Random): string {
  return Buffer.from(random.bytes(24)).toString('hex')
}
