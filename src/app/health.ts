/**
 * Whether the Inlet of a configuration is at work: asks the port for operators which of its
 * processes answer. It creates nothing, so that it may be asked every second. Where the port asks
 * for a proof it gives one, to whoever shows the certificate of the configuration and to nobody
 * else.
 *
 * Limits: a process that answers is up and can think; whether senders reach it, only they can tell.
 */
import { get, type RequestOptions } from 'node:http'
import { get as getOverTls } from 'node:https'
import { errorText } from '../core/errors.ts'
import type { Config } from './config/schema.ts'
import type { Machine } from './machine.ts'
import type { Ops } from './ops-port.ts'
import { readSecret, type SecretSource } from './secrets/read-secret.ts'
import { gatewayParts } from './supervisor.ts'

export interface Health {
  readonly healthy: boolean
  /** Processes that answered, such as `gateway`. */
  readonly answered: readonly string[]
  /** What is wrong, or null. */
  readonly trouble: string | null
}

const WITHIN_MS = 3000

export interface HealthDeps extends Pick<Machine, 'files'> {
  readonly secretSource: SecretSource
}

export async function readHealth(deps: HealthDeps, { listen, ops }: Config): Promise<Health> {
  const url = metricsUrl(ops)
  try {
    const options = { ...(await trusted(deps, ops)), headers: await proven(deps, ops) }
    return judgeHealth(await readPage(url, options), listen.workers)
  } catch (error) {
    const trouble = `nobody answers at ${url}: ${errorText(error)}`
    return { healthy: false, answered: [], trouble }
  }
}

/** Where this machine finds the metrics: at a loopback address where all are listened on. */
export function metricsUrl({ host, port, tls }: Ops): string {
  const own = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host
  const name = own.includes(':') ? `[${own}]` : own
  return `${tls === undefined ? 'http' : 'https'}://${name}:${port}/metrics`
}

/** The certificate of the configuration is trusted, for whatever names it is. */
async function trusted({ files }: HealthDeps, { tls }: Ops) {
  if (tls === undefined) return {}
  const ca = (await files.readAll(tls.certFile)).toString()
  return { ca, allowPartialTrustChain: true, checkServerIdentity: () => undefined }
}

async function proven({ secretSource }: HealthDeps, { auth }: Ops) {
  if (auth === undefined) return {}
  const [first] = 'bearer' in auth ? auth.bearer.secrets : auth.basic.secrets
  if (first === undefined) return {}
  const found = await readSecret(first, secretSource)
  if (!found.ok) throw new Error(found.what)
  if ('bearer' in auth) return { Authorization: `Bearer ${found.value}` }
  const pair = Buffer.from(`${auth.basic.user}:${found.value}`).toString('base64')
  return { Authorization: `Basic ${pair}` }
}

/** Roles that may run by themselves. */
const alone: ReadonlySet<string> = new Set(['loader', 'channels', 'sinks'])

/** Where there are gateways all have to be there. */
export function judgeHealth(page: string, workers: number): Health {
  const labels = [...page.matchAll(/\{[^}]*process="([^"]+)"/g)].flatMap(([, name]) => name ?? [])
  const answered = [...new Set(labels)].filter((name) => name !== 'supervisor').sort()
  const isAlone = answered.length > 0 && answered.every((name) => alone.has(name))
  const isSupervised = labels.includes('supervisor')
  const wanted = isAlone && !isSupervised ? [] : gatewayParts(workers).map(({ name }) => name)
  const missing = wanted.filter((name) => !answered.includes(name))
  const trouble = missing.length === 0 ? null : `no answer from ${missing.join(', ')}`
  return { healthy: trouble === null, answered, trouble }
}

function readPage(url: string, options: RequestOptions): Promise<string> {
  const ask = url.startsWith('https:') ? getOverTls : get
  return new Promise((resolve, reject) => {
    const asked = ask(url, { ...options, agent: false, timeout: WITHIN_MS }, (response) => {
      let page = ''
      response.setEncoding('utf8')
      response.on('data', (text: string) => {
        page += text
      })
      response.on('error', reject)
      response.on('end', () => {
        if (response.statusCode === 200) resolve(page)
        else reject(new Error(`it answers ${response.statusCode}`))
      })
    })
    asked.on('error', reject)
    asked.on('timeout', () => asked.destroy(new Error(`it says nothing for ${WITHIN_MS} ms`)))
  })
}
