/**
 * The books as a page for people: what came is an event, a duplicate, a dead letter, filtered, shed
 * or refused, and nothing else (I9).
 *
 * Two views of the same: what the last scheduled audit found in all of the lake, and what the
 * processes have counted since each of them began. It is made of metrics alone, whose names are
 * those of the configuration and of closed sets, so that it can show nothing of a person (I8).
 *
 * Pure. It loads nothing and runs no script.
 */
import type { Families } from './families.ts'

/** What a browser may do with it: show it. */
export const booksHeaders = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'",
}

export function booksPage(families: readonly Families[]): string {
  const samples = samplesOf(families)
  const parts = [alerts(samples), audited(samples), since(samples)]
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="10">
<title>Inlet: the books</title><style>${style}</style></head>
<body><h1>The books</h1>
${parts.join('\n')}
</body></html>
`
}

const style = `body{font:16px/1.5 system-ui,sans-serif;margin:2em;max-width:70em}
table{border-collapse:collapse}td,th{padding:.2em 1em .2em 0;text-align:right}
td:first-child,th:first-child{text-align:left}.wrong{color:#b00020;font-weight:bold}`

interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string | number | undefined>>
  readonly value: number
}

function samplesOf(families: readonly Families[]): Sample[] {
  return families
    .flat()
    .flatMap(({ name, values }) =>
      values.map(({ labels, value }) => ({ name, labels: { ...labels }, value })),
    )
}

function alerts(samples: readonly Sample[]): string {
  const raised = samples.filter(({ name, value }) => name === 'inlet_alert' && value > 0)
  if (raised.length === 0) return '<p>No alert is raised.</p>'
  const items = raised.map(({ labels }) => {
    const { source = '-', reason = '' } = labels
    return `<li>${text(reason)}${source === '-' ? '' : ` of ${text(source)}`}</li>`
  })
  return `<p class="wrong">Alerts:</p><ul>${items.join('')}</ul>`
}

/** In the order of the equation. */
const kept = ['event', 'duplicate', 'dead_letter']
const notKept = ['filtered', 'shed', 'refused']

function audited(samples: readonly Sample[]): string {
  const head = '<h2>All of the lake, at the last audit</h2>'
  const at = samples.find(({ name }) => name === 'inlet_audit_timestamp_seconds')
  if (at === undefined) return `${head}<p>None has ended since the loader began.</p>`
  const faults = sumOf(samples, 'inlet_audit_faults', {})
  const sameBodies = sumOf(samples, 'inlet_audit_warnings', { reason: 'same_body' })
  const counted = (outcome: string) => sumOf(samples, 'inlet_audit_counts', { outcome })
  const landed = kept.reduce((sum, outcome) => sum + counted(outcome), 0)
  const left = notKept.reduce((sum, outcome) => sum + counted(outcome), 0)
  const columns = [...kept, ...notKept]
  const verdict =
    faults === 0 ? '<p>Clean:' : `<p class="wrong">Not clean, ${number(faults)} faults:`
  return `${head}
${verdict} ${text(new Date(at.value * 1000).toISOString())}</p>
${sameBodies === 0 ? '' : `<p>Bodies under several event ids: ${number(sameBodies)}</p>`}
${table([
  ['received', ...columns, 'acknowledged', 'taken out by retention'],
  [landed + left, ...columns.map(counted), counted('acknowledged'), counted('retired')],
])}
<p>Received is the sum of the six. Acknowledged is what ingress itself has counted: events,
duplicates and dead letters, those that retention took out among them.</p>`
}

const outcomes = ['stored', 'duplicate', 'quarantined', 'filtered', 'shed']

function since(samples: readonly Sample[]): string {
  const counted = samples.filter(({ name }) => name === EVENTS || name === REFUSED)
  const sources = [...new Set(counted.map(({ labels }) => String(labels['source'])))].sort()
  const rows = sources.map((source) => {
    const values = outcomes.map((outcome) => sumOf(samples, EVENTS, { source, outcome }))
    const refused = sumOf(samples, REFUSED, { source })
    const received = [...values, refused].reduce((sum, value) => sum + value, 0)
    return [source === '-' ? 'no source' : source, received, ...values, refused]
  })
  return `<h2>Each source, since its processes began</h2>
${table([['source', 'received', ...outcomes, 'refused'], ...rows])}
<p>Refused are requests and connections, the others are events.</p>`
}

const EVENTS = 'inlet_events_total'
const REFUSED = 'inlet_refused_requests_total'

function sumOf(
  samples: readonly Sample[],
  metric: string,
  wanted: Readonly<Record<string, string>>,
): number {
  return samples
    .filter(({ name }) => name === metric)
    .filter(({ labels }) => Object.entries(wanted).every(([key, value]) => labels[key] === value))
    .reduce((sum, { value }) => sum + value, 0)
}

function table([head = [], ...rows]: readonly (readonly (string | number)[])[]): string {
  const cells = (values: readonly (string | number)[], tag: string) =>
    values
      .map((value) => (typeof value === 'number' ? number(value) : text(value)))
      .map((value) => `<${tag}>${value}</${tag}>`)
      .join('')
  const body = rows.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('\n')
  return `<table><tr>${cells(head, 'th')}</tr>\n${body}</table>`
}

function number(value: number): string {
  return value.toLocaleString('en')
}

function text(value: string | number): string {
  const spaced = String(value).replaceAll('_', ' ')
  return spaced.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
