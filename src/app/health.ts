/**
 * Whether the Inlet of a configuration is at work: asks the port for operators which of its
 * processes answer. It creates nothing and needs no proof, so that it may be asked every second.
 *
 * Limits: a process that answers is up and can think; whether senders reach it, only they can tell.
 */
import { get } from 'node:http'
import { errorText } from '../core/errors.ts'
import type { Config } from './config/schema.ts'
import { gatewayParts } from './supervisor.ts'

export interface Health {
  readonly healthy: boolean
  /** Processes that answered, such as `gateway`. */
  readonly answered: readonly string[]
  /** What is wrong, or null. */
  readonly trouble: string | null
}

const WITHIN_MS = 3000

export async function readHealth({ listen, ops }: Config): Promise<Health> {
  const url = `http://${ops.host.includes(':') ? `[${ops.host}]` : ops.host}:${ops.port}/metrics`
  try {
    return judgeHealth(await readPage(url), listen.workers)
  } catch (error) {
    const trouble = `nobody answers at ${url}: ${errorText(error)}`
    return { healthy: false, answered: [], trouble }
  }
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

function readPage(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = get(url, { agent: false, timeout: WITHIN_MS }, (response) => {
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
