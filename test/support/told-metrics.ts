/** What something that counts tells, by metric and labels. */
import type { Measured } from '../../src/observe/metrics.ts'

/** Such as `{ 'inlet_events_total source=prod outcome=stored': 3 }`; of a histogram, the count. */
export function toldMetrics(measured: Measured): Record<string, number> {
  const told: Record<string, number> = {}
  measured.measure({
    number(name, value, labels) {
      const texts = Object.entries(labels).map(([label, text]) => `${label}=${text}`)
      told[[name, ...texts].join(' ')] = value
    },
    histogram(name, values) {
      told[name] = values.cumulative().at(-1) ?? 0
    },
  })
  return told
}
