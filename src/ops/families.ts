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
  readonly #histograms = new Map<MetricName, ReadHistogram>()

  constructor(registry: Registry, { sources, sinks = [], orgs = [] }: FamiliesOptions) {
    this.#registry = registry
    this.#names = { sources: [NO_SOURCE, ...sources], sinks, orgs }
  }

  number(name: MetricName, value: number, labels: Labels): void {
    const tell = this.#numbers.get(name) ?? this.#register(name)
    tell(this.#bounded(metricCatalogue[name], labels), value)
  }

  histogram(name: MetricName, values: Histogram, labels: Labels): void {
    const entry = metricCatalogue[name]
    let metric = this.#histograms.get(name)
    if (metric === undefined) {
      const { help } = entry
      metric = new ReadHistogram({ name, help, registers: [this.#registry] })
      this.#histograms.set(name, metric)
    }
    metric.add(this.#bounded(entry, labels), values)
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

interface Counted {
  readonly labels: Labels
  readonly bounds: readonly (number | string)[]
  readonly counts: number[]
  sum: number
}

/** One that was counted elsewhere. */
class ReadHistogram extends PromHistogram {
  /** By their labels: those that are `other` are told as one. */
  readonly #counted = new Map<string, Counted>()

  add(labels: Labels, values: Histogram): void {
    const key = JSON.stringify(labels)
    const counts = values.cumulative()
    const before = this.#counted.get(key)
    const added = counts.map((count, index) => count + (before?.counts[index] ?? 0))
    const sum = values.sum + (before?.sum ?? 0)
    this.#counted.set(key, { labels, bounds: [...values.bounds, '+Inf'], counts: added, sum })
  }

  override async get() {
    const read = await super.get()
    const { name } = read
    const told = (metricName: string, labels: Record<string, string | number>, value: number) => ({
      ...{ metricName, labels, value, exemplar: null },
    })
    const values = [...this.#counted.values()].flatMap(({ labels, bounds, counts, sum }) => [
      ...bounds.map((le, index) => told(`${name}_bucket`, { ...labels, le }, counts[index] ?? 0)),
      told(`${name}_sum`, { ...labels }, sum),
      told(`${name}_count`, { ...labels }, counts.at(-1) ?? 0),
    ])
    return { ...read, values }
  }
}
