/**
 * Metrics in the form that Prometheus reads, by way of prom-client.
 *
 * A registry lives for one reading: counts are kept by who counts, and a metric that this process
 * does not have is not told as zero. Every value carries the label `process`, so that those of
 * several processes stand side by side and one that starts anew counts anew.
 */
import {
  AggregatorRegistry,
  Counter,
  Gauge,
  Histogram as PromHistogram,
  Registry,
} from 'prom-client'
import type { Histogram } from '../observe/histogram.ts'
import {
  type LabelSet,
  type Measured,
  type MetricEntry,
  type MetricName,
  metricCatalogue,
  NO_SOURCE,
  type Reading,
} from '../observe/metrics.ts'

/** Metrics of one process, as they cross a channel. */
export type Families = Awaited<ReturnType<Registry['getMetricsAsJSON']>>

export interface FamiliesOptions {
  /** Which process speaks, such as `gateway`. */
  readonly process: string
  readonly sources: readonly string[]
  readonly sinks?: readonly string[]
  readonly orgs?: readonly string[]
}

export function readFamilies(
  measured: readonly Measured[],
  options: FamiliesOptions,
): Promise<Families> {
  const registry = new Registry()
  registry.setDefaultLabels({ process: options.process })
  const reading = new RegistryReading(registry, options)
  for (const one of measured) one.measure(reading)
  return registry.getMetricsAsJSON()
}

/** The page that Prometheus scrapes. */
export function familiesText(families: readonly Families[]): Promise<string> {
  return AggregatorRegistry.aggregate([...families]).metrics()
}

export const familiesContentType: string = Registry.PROMETHEUS_CONTENT_TYPE

class RegistryReading implements Reading {
  readonly #registry: Registry
  readonly #names: Readonly<Record<'sources' | 'sinks' | 'orgs', readonly string[]>>
  readonly #numbers = new Map<MetricName, (labels: Labels, value: number) => void>()

  constructor(registry: Registry, { sources, sinks = [], orgs = [] }: FamiliesOptions) {
    this.#registry = registry
    this.#names = { sources: [NO_SOURCE, ...sources], sinks, orgs }
  }

  number(name: MetricName, value: number, labels: Labels): void {
    const tell = this.#numbers.get(name) ?? this.#register(name)
    tell(this.#bounded(metricCatalogue[name], labels), value)
  }

  histogram(name: MetricName, values: Histogram): void {
    const { help } = metricCatalogue[name]
    const registers = [this.#registry]
    new ReadHistogram({ name, help, registers, buckets: [...values.bounds] }, values)
  }

  #register(name: MetricName): (labels: Labels, value: number) => void {
    const { type, help, labels }: MetricEntry = metricCatalogue[name]
    const options = { name, help, labelNames: Object.keys(labels), registers: [this.#registry] }
    const metric = type === 'counter' ? new Counter(options) : new Gauge(options)
    const tell = (values: Labels, value: number) => metric.inc(values, value)
    this.#numbers.set(name, tell)
    return tell
  }

  #bounded({ labels: sets }: MetricEntry, labels: Labels): Record<string, string> {
    const known: Readonly<Record<string, LabelSet | undefined>> = sets
    return Object.fromEntries(
      Object.entries(labels).map(([name, value]) => {
        const named = known[name] ?? []
        const set = typeof named === 'string' ? this.#names[named] : named
        return [name, set.includes(value) ? value : 'other']
      }),
    )
  }
}

type Labels = Readonly<Record<string, string>>

/** One that was counted elsewhere. */
class ReadHistogram extends PromHistogram {
  readonly #values: Histogram

  constructor(options: ConstructorParameters<typeof PromHistogram<string>>[0], values: Histogram) {
    super(options)
    this.#values = values
  }

  override async get() {
    const read = await super.get()
    const values = this.#values
    const { name } = read
    const counts = values.cumulative()
    const total = counts.at(-1) ?? 0
    const bounds = [...values.bounds, '+Inf']
    return {
      ...read,
      values: [
        ...bounds.map((le, index) => ({
          metricName: `${name}_bucket`,
          labels: { le },
          value: counts[index] ?? 0,
          exemplar: null,
        })),
        { metricName: `${name}_sum`, labels: {}, value: values.sum, exemplar: null },
        { metricName: `${name}_count`, labels: {}, value: total, exemplar: null },
      ],
    }
  }
}
