/** The page of what the door limits. */
import type { LimitEntry } from '../../src/ingress/limit-table.ts'
import { code, heading, notice, table } from './markdown.ts'

export function limitsPage(
  entries: Readonly<Record<string, LimitEntry>>,
  values: Readonly<Record<string, number>>,
): string {
  const rows = Object.entries(entries).map(([name, { unit, against, meets, reason }]) => {
    const counted = reason === null ? '' : code(reason)
    return [code(name), `${values[name]?.toLocaleString('en')} ${unit}`, against, meets, counted]
  })
  return [
    heading(1, 'Limits of the door'),
    `${notice('src/ingress/limit-table.ts')}\n`,
    introduction,
    table(['Limit', 'Value', 'Against', 'What then happens', 'Counted as'], rows),
  ].join('\n')
}

const introduction = `Each gateway has these limits; several share nothing. What is refused is
counted in the tallies of the journal and as \`inlet_refused_requests_total\`, under the reason in
the last column. Beside them stand those of a source: \`limits.body\`, 413, also of what comes out
of gzip, which may be 200 times what came in; and \`limits.eventsPerSecond\`, 503 or 429, counted as
\`rate\`. Bytes that are not HTTP as its standard has it, two lengths, a length beside chunks, lines
that go on in the next, bare line ends, close the connection, counted as \`malformed\`; a TLS
handshake that a client begins and leaves counts as \`aborted\`.
`
