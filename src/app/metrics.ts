/**
 * Who is asked for metrics: a process that was started by itself serves its own; one that `inlet
 * run` started answers that process, which serves them all.
 */
import type { Lifecycle } from '../core/lifecycle.ts'
import type { Measured } from '../observe/metrics.ts'
import { booksHeaders, booksPage } from '../ops/books-page.ts'
import { type Families, familiesContentType, familiesText, readFamilies } from '../ops/families.ts'
import { processMeter } from '../ops/process-meter.ts'
import { openWatch, type WatchOptions } from '../ops/watch.ts'
import type { Config } from './config/schema.ts'
import { type OpsPortDeps, opsPort } from './ops-port.ts'

/** Has questions of the process that started this one answered. */
export type AnswerParent = (answer: () => Promise<unknown>) => void

export interface MetricsOptions {
  readonly config: Config
  /** Which process this is, such as `gateway`. */
  readonly process: string
  readonly measured: readonly Measured[]
  /** Left out: true, as where there is a gateway, here or below. */
  readonly watchesSources?: boolean
}

export type ReadMetrics = () => Promise<Families>

export function metricsReader({ config, process, measured }: MetricsOptions): ReadMetrics {
  const sources = config.sources.map(({ name }) => name)
  const sinks = config.sinks.map(({ name }) => name)
  const orgs = config.orgs.map(({ name }) => name)
  return () => readFamilies([...measured, processMeter], { process, sources, sinks, orgs })
}

/** `answerParent` is null in a process that was started by itself. */
export function metricsLives(
  deps: OpsPortDeps & { readonly answerParent: AnswerParent | null },
  options: MetricsOptions,
): Lifecycle[] {
  if (deps.answerParent === null) return serveMetrics(deps, options, async () => [])
  deps.answerParent(metricsReader(options))
  return []
}

/** Serves metrics and books of this process and of others, and watches the sources over them. */
export function serveMetrics(
  deps: OpsPortDeps,
  options: MetricsOptions,
  readOthers: () => Promise<readonly Families[]>,
): Lifecycle[] {
  const { config, measured, watchesSources = true } = options
  const readAll = (read: ReadMetrics) => async () => [await read(), ...(await readOthers())]
  const watching = { ...deps, read: readAll(metricsReader(options)) }
  const watch = watchesSources ? [openWatch(watching, watchOptions(config))] : []
  const told = readAll(metricsReader({ ...options, measured: [...measured, ...watch] }))
  const port = opsPort(deps, config.ops, {
    '/metrics': {
      headers: { 'Content-Type': familiesContentType },
      read: async () => familiesText(await told()),
    },
    '/books': { headers: booksHeaders, read: async () => booksPage(await told()) },
  })
  return [...watch, ...port]
}

function watchOptions({ sources, alerts }: Config): WatchOptions {
  return {
    sources: sources.map(({ name }) => name),
    silentAfterMs: alerts.silentAfter,
    redeliveryRate: alerts.redeliveryRate,
    redeliveryWindowMs: alerts.redeliveryWindow,
  }
}
