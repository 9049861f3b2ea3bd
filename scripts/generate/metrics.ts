/** The page of metrics, in the order of the catalogue. */
import type { LabelSet, MetricEntry } from '../../src/observe/metrics.ts'
import { code, heading, notice, table } from './markdown.ts'

export function metricsPage(catalogue: Readonly<Record<string, MetricEntry>>): string {
  const rows = Object.entries(catalogue).map(([name, { type, help, labels }]) => {
    const sets = Object.entries(labels).map(([label, set]) => `${code(label)}: ${setText(set)}`)
    return [code(name), type, help, sets.join('; ')]
  })
  return [
    heading(1, 'Metrics'),
    `${notice('src/observe/metrics.ts')}\n`,
    introduction,
    table(['Metric', 'Type', 'What it tells', 'Labels'], rows),
  ].join('\n')
}

function setText(set: LabelSet): string {
  if (typeof set === 'string') return set === 'orgs' ? 'an organisation' : `a ${set.slice(0, -1)}`
  return set.join(', ')
}

const introduction = `\`GET /metrics\` on \`ops.host\` and \`ops.port\` tells them in the format of
Prometheus: those of all processes where \`inlet run\` serves it, else those of the process itself.
Each has the label \`process\`. A label takes the values named here and no others; \`source\` takes
the names of the configuration, and \`-\` for requests of which no source can be told. Counts begin
at zero with the process.
`
