/** `inlet demo`: the whole road in half a minute, with nothing configured. */
import { mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DemoReport } from '../app/demo/demo.ts'
import type { AddCommand, Invocation } from './command-line.ts'
import { action, count, examples } from './command-line.ts'
import { columns } from './text.ts'

const samples = fileURLToPath(new URL('../../samples', import.meta.url))

interface Options {
  readonly events: number
  readonly seed: number
  readonly keep?: boolean
}

export const addDemo: AddCommand = (program, shell) => {
  program
    .command('demo')
    .summary('the whole road in half a minute, with nothing configured')
    .description(
      'Runs Inlet over HTTPS in a temporary folder, plays real payloads and simulated conversations with duplicates, faults and one kill -9 in the middle, then prints what was sent, acknowledged and found, and the audit. Exits 1 when anything is missing or there twice.',
    )
    .option('--events <n>', 'simulated events, about', count(1), 40_000)
    .option('--seed <n>', 'the same seed plays the same traffic', count(0), 1)
    .option('--keep', 'keep the folder: its lake, journal, configuration and output')
    .addHelpText(
      'after',
      examples('inlet demo', 'inlet demo --events 5000 --keep', 'inlet demo --json'),
    )
    .action(
      action(shell, async (invocation, command) => {
        const options = command.opts<Options>()
        const folder = mkdtempSync(join(tmpdir(), 'inlet-demo-'))
        let keep = options.keep === true
        try {
          const report = await play(invocation, folder, options)
          const isProven = provenBy(report)
          keep ||= !isProven
          invocation.print(jsonOf(report), textOf(report))
          return isProven ? 0 : 1
        } catch (error) {
          keep = true
          throw error
        } finally {
          if (keep)
            invocation.remark(`kept: ${folder} (inlet query --config ${folder}/inlet.yaml ...)`)
          else rmSync(folder, { recursive: true, force: true })
        }
      }),
    )
}

async function play(invocation: Invocation, folder: string, options: Options) {
  const { shell } = invocation
  const { runDemo } = await import('../app/demo/demo.ts')
  const began = shell.machine.clock.elapsed()
  let told = 0
  const at = () => `${((shell.machine.clock.elapsed() - began) / 1000).toFixed(1).padStart(5)} s`
  return await runDemo(
    { ...shell.machine, observer: () => undefined },
    {
      folder,
      samples,
      events: options.events,
      seed: options.seed,
      self: { ...shell.self, output: openSync(join(folder, 'inlet.log'), 'w') },
      stop: shell.stop,
      hurry: shell.hurry,
      tell: (line) => invocation.remark(`${at()}  ${line}`),
      onProgress: (acknowledged) => {
        const tenth = Math.floor((10 * acknowledged) / options.events)
        if (tenth <= told) return
        told = tenth
        invocation.remark(`${at()}  ${acknowledged.toLocaleString('en')} events acknowledged`)
      },
    },
  )
}

/** Everything acknowledged is there, once, as it was sent. */
function provenBy({ findings, sent, acknowledged }: DemoReport): boolean {
  const { missing, repeated, unexpected, bodyMismatches } = findings.comparison
  const faults = missing.length + repeated.length + unexpected.length + bodyMismatches.length
  return findings.audit.clean && faults === 0 && acknowledged > 0 && sent === acknowledged
}

/** The names are a contract. */
function jsonOf({ sent, acknowledged, findings, ackMs }: DemoReport) {
  const { audit, freshnessSeconds } = findings
  return { sent, acknowledged, audit, ackMs, freshnessSeconds }
}

function textOf(report: DemoReport): string {
  const { findings, ackMs } = report
  const { audit, comparison, freshnessSeconds } = findings
  const number = (n: number) => n.toLocaleString('en')
  const outcomes = Object.entries(report.outcomes).map(([name, n]) => `${name} ${number(n)}`)
  const lines = [
    ['sent', `${number(report.sent)} events in ${number(report.requests)} requests`],
    ['tried again', `${number(report.retries)} requests`],
    ['acknowledged', `${number(report.acknowledged)}: ${outcomes.join(', ')}`],
    [
      'in the lake',
      `event ${number(audit.events)}, duplicate ${number(audit.duplicates)}, dead_letter ${number(audit.deadLetters)}, note ${number(audit.notes)}`,
    ],
    ['conversations', number(findings.conversations)],
    [
      'compared',
      `${comparison.missing.length} missing, ${comparison.repeated.length} twice, ${comparison.bodyMismatches.length} changed, ${comparison.unexpected.length} never sent`,
    ],
    [
      'audit',
      audit.clean ? 'clean: every position is a row, once' : `NOT CLEAN ${JSON.stringify(audit)}`,
    ],
    ['acknowledged in', `p50 ${ackMs.p50.toFixed(1)} ms, p99 ${ackMs.p99.toFixed(1)} ms`],
    [
      'in the lake after',
      `p50 ${freshnessSeconds.p50.toFixed(1)} s, p99 ${freshnessSeconds.p99.toFixed(1)} s`,
    ],
  ]
  const table = lines.map(([name = '', text = '']) => `  ${name.padEnd(18)} ${text}`).join('\n')
  const { sql, table: answer } = findings.answer
  const indented = (text: string) => text.replace(/^(?=.)/gm, '  ')
  return `\n${table}\n\n${indented(sql.join('\n'))}\n\n${indented(columns(answer))}`
}
