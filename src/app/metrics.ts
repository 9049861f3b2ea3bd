/**
 * Who is asked for metrics: a process that was started by itself serves its own; one that `inlet
 * run` started answers that process, which serves them all.
 */
import type { Lifecycle } from '../core/lifecycle.ts'
import type { Measured } from '../observe/metrics.ts'
import { type Families, familiesContentType, familiesText, readFamilies } from '../ops/families.ts'
import { type OpsDeps, type OpsServer, openOpsServer } from '../ops/ops-server.ts'
import { processMeter } from '../ops/process-meter.ts'
import type { Config } from './config/schema.ts'

/** Has questions of the process that started this one answered. */
export type AnswerParent = (answer: () => Promise<unknown>) => void

export interface MetricsOptions {
  readonly config: Config
  /** Which process this is, such as `gateway`. */
  readonly process: string
  readonly measured: readonly Measured[]
}

export type ReadMetrics = () => Promise<Families>

export function metricsReader({ config, process, measured }: MetricsOptions): ReadMetrics {
  const sources = config.sources.map(({ name }) => name)
  return () => readFamilies([...measured, processMeter], { process, sources })
}

/** `answerParent` is null in a process that was started by itself. */
export function metricsLife(
  deps: OpsDeps & { readonly answerParent: AnswerParent | null },
  options: MetricsOptions,
): Lifecycle {
  const read = metricsReader(options)
  if (deps.answerParent === null)
    return serveMetrics(deps, options.config, async () => [await read()])
  deps.answerParent(read)
  return { name: 'metrics', async start() {}, async drain() {}, async stop() {} }
}

export function serveMetrics(
  deps: OpsDeps,
  { ops }: Config,
  readAll: () => Promise<readonly Families[]>,
): OpsServer {
  return openOpsServer(deps, {
    ...ops,
    contentType: familiesContentType,
    metrics: async () => familiesText(await readAll()),
  })
}
