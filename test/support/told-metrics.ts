/** What something that counts tells, by metric and labels. */
import type { Measured } from '../../src/observe/metrics.ts'

/** Such as `{ 'inlet_events_total source=prod outcome=stored': 3 }`; of a histogram, the count. */
export function toldMetrics(measured: Measured): Record<string, number> {
  const told: Record<string, number> = {}
  measured.measure({
    number(name, value, labels) {
      told[named(name, labels)] = value
    },
    histogram(name, values, labels) {
      told[named(name, labels)] = values.cumulative().at(-1) ?? 0
    },
  })
  return told
}

function named(name: string, labels: Readonly<Record<string, string>>): string {
  return [name, ...Object.entries(labels).map(([label, text]) => `${label}=${text}`)].join(' ')
}
