/** The process that sends rows of silver to the sinks of a configuration. */
import { join } from 'node:path'
import { InletError } from '../core/errors.ts'
import type { Lifecycle } from '../core/lifecycle.ts'
import { readCheckpoint } from '../lake/delta/checkpoint.ts'
import { findDeltaTable } from '../lake/delta/delta-table.ts'
import type { Observer } from '../observe/events.ts'
import type { Measured } from '../observe/metrics.ts'
import { Feed, type ReadLake } from '../sinks/feed.ts'
import { Forwarder } from '../sinks/forwarder.ts'
import { openHttpsSink } from '../sinks/https.ts'
import { openPostgresSink, type PostgresOptions } from '../sinks/postgres.ts'
import { type Resent, resendRefused } from '../sinks/resend.ts'
import type { Sink } from '../sinks/sink.ts'
import { silverTables } from '../tables/silver.ts'
import type { Table } from '../tables/table.ts'
import type { Config } from './config/schema.ts'
import type { SecretReference } from './config/secret-reference.ts'
import type { SinkConfig } from './config/sinks.ts'
import { nullIfMissing, openReadableLake } from './lake-access.ts'
import type { Machine } from './machine.ts'
import { readSecret, type SecretSource } from './secrets/read-secret.ts'

export interface SinksRoleDeps extends Machine {
  readonly observer: Observer
  readonly secretSource: SecretSource
}

export interface SinksRole {
  readonly components: readonly Lifecycle[]
  readonly forwarders: readonly Forwarder[]
  readonly measured: readonly Measured[]
}

const connectMs = 10_000
const statementMs = 60_000

export function openSinksRole(deps: SinksRoleDeps, config: Config): SinksRole {
  const lake = lazyLake(deps, config)
  const forwarders = config.sinks.map((sink) => {
    const { every: everyMs, rows } = sink
    const tables = tablesOf(sink)
    const feed = new Feed({ open: lake.open })
    return new Forwarder({ ...deps, feed, sink: openSink(deps, sink) }, { tables, everyMs, rows })
  })
  return { components: [...forwarders, lake], forwarders, measured: forwarders }
}

/**
 * Sends again what the sink of the name was refused. Rejects with INL_CLI_USAGE where no HTTPS sink
 * has the name, and where another process does the same.
 */
export async function resend(
  deps: SinksRoleDeps,
  config: Config,
  { name, signal }: { readonly name: string; readonly signal: AbortSignal },
): Promise<Resent> {
  const found = config.sinks.find((one) => one.name === name)
  if (found?.kind !== 'https') {
    const https = config.sinks.filter(({ kind }) => kind === 'https').map((one) => one.name)
    const hint = https.length === 0 ? 'There is none.' : `There is ${https.join(', ')}.`
    throw new InletError('INL_CLI_USAGE', { reason: `no HTTPS sink is named ${name}`, hint })
  }
  await deps.files.makeFolder(found.dir)
  const lock = deps.locks.acquire(join(found.dir, `${name}.resend.lock`))
  if (lock === null) {
    const reason = `what ${name} was refused is being sent again by another process`
    throw new InletError('INL_CLI_USAGE', { reason, hint: 'Wait for it.' })
  }
  const lake = lazyLake(deps, config)
  try {
    const feed = new Feed({ open: lake.open })
    const options = { folder: found.dir, tables: tablesOf(found), signal }
    return await resendRefused({ ...deps, feed, sink: openHttps(deps, found) }, options)
  } finally {
    lock.release()
    await lake.stop()
  }
}

function openSink(deps: SinksRoleDeps, sink: SinkConfig): Sink {
  if (sink.kind === 'postgres') return openPostgresSink(postgresOptions(deps, sink))
  return openHttps(deps, sink)
}

function openHttps(deps: SinksRoleDeps, sink: SinkConfig & { readonly kind: 'https' }) {
  const { name } = sink
  const secretOf = (reference: SecretReference) => () => secretText(reference, deps.secretSource)
  const { url, bearer, apiKey, signingKey, timeout: timeoutMs, attempts, dir: folder } = sink
  const headers = async () => ({
    ...(bearer && { authorization: `Bearer ${await secretOf(bearer)()}` }),
    ...(apiKey && { [apiKey.header]: await secretOf(apiKey.secret)() }),
  })
  const key = signingKey === undefined ? null : secretOf(signingKey)
  const options = { name, url, headers, signingKey: key, timeoutMs, attempts, folder }
  return openHttpsSink({ ...deps, fetch }, options)
}

export function postgresOptions(
  { secretSource }: Pick<SinksRoleDeps, 'secretSource'>,
  { name, schema, url }: SinkConfig & { readonly kind: 'postgres' },
): PostgresOptions {
  return { name, url: () => secretText(url, secretSource), schema, connectMs, statementMs }
}

export function tablesOf({ tables: names }: SinkConfig): Table[] {
  return silverTables.filter(({ name }) => names?.includes(name) ?? true)
}

/** Asked anew each time: a secret may be exchanged, and one that is missing may come. */
async function secretText(reference: SecretReference, from: SecretSource): Promise<string> {
  const found = await readSecret(reference, from)
  if (!found.ok) throw new Error(`${found.what}. ${found.remedy}`)
  return found.value
}

/** The lake once there is one: the loader may be the one to make it. */
function lazyLake(deps: Machine, config: Config): Lifecycle & { open(): Promise<ReadLake | null> } {
  let opening: ReturnType<typeof openReadableLake> | null = null
  const close = async () => {
    const opened = await opening?.catch(() => null)
    opening = null
    opened?.close()
  }
  return {
    name: 'lake',
    async open() {
      opening ??= openReadableLake(deps, config)
      try {
        const { engine, store } = await opening
        const reading = { ...deps, store, readCheckpoint: (p: string) => readCheckpoint(engine, p) }
        return { engine, store, find: (table) => findDeltaTable(reading, table) }
      } catch (error) {
        opening = null
        return nullIfMissing(error)
      }
    },
    async start() {},
    async drain() {},
    stop: close,
  }
}
