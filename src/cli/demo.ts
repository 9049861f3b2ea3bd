/** `inlet demo`: the whole road in half a minute, with nothing configured. */
import { mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DemoReport } from '../app/demo/demo.ts'
import { isComplete, type Reconciled, submitted } from '../app/demo/proven.ts'
import type { Standing } from '../app/demo/standing.ts'
import type { AddCommand, Invocation } from './command-line.ts'
import { action, count, examples } from './command-line.ts'
import { secretSource } from './role-process.ts'
import { columns, counted } from './text.ts'

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
      'Runs Inlet over HTTPS in a temporary folder, plays real payloads and simulated conversations with duplicates, faults and one kill -9 in the middle, while some events are lost on purpose. Reconciliation then finds and fetches these from a simulated Genesys Cloud. At the end it prints what was sent, acknowledged, lost and found, and the audit. Exits 1 when anything is missing or there twice, or gold is not the truth.',
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
    { ...shell.machine, observer: () => undefined, secretSource: await secretSource(shell) },
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

/** Everything acknowledged is there, once, as it was sent, and what was lost was found. */
function provenBy({ findings, sent, acknowledged, reconciled }: DemoReport): boolean {
  const { missing, repeated, unexpected, bodyMismatches } = findings.comparison
  const faults = missing.length + repeated.length + unexpected.length + bodyMismatches.length
  const isThere = findings.audit.clean && faults === 0 && acknowledged > 0 && sent === acknowledged
  return isThere && isComplete(reconciled)
}

/** The names are a contract. */
function jsonOf({ sent, acknowledged, findings, ackMs, reconciled }: DemoReport) {
  const { audit, freshnessSeconds } = findings
  const { lost, report, isExact, again, before, after } = reconciled
  const { expected, present, missing, incomplete, backFilled } = report
  const reconciliation = {
    lost,
    found: { expected, present, missing, incomplete, backFilled, isExact },
    secondRun: submitted(again),
    before: { ...before, untrue: before.untrue.length },
    after: { ...after, untrue: after.untrue.length },
  }
  return { sent, acknowledged, audit, ackMs, freshnessSeconds, reconciliation }
}

const number = (n: number) => n.toLocaleString('en')

function textOf(report: DemoReport): string {
  const { findings, ackMs } = report
  const { audit, comparison, freshnessSeconds } = findings
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
    ...reconciledLines(report.reconciled),
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

function reconciledLines({ lost, report, isExact, again, before, after }: Reconciled) {
  const { missing, incomplete, changed, backFilled } = report
  const named = isExact ? 'exactly those' : 'NOT THOSE'
  const moved = ({ watermark, provisional }: Standing) =>
    `${watermark ?? 'none'}, ${counted(provisional, 'conversation')} behind it`
  const wrong = ({ untrue }: Standing) => counted(untrue.length, 'conversation')
  return [
    [
      'lost on purpose',
      `${counted(lost.events, 'event')} of ${counted(lost.conversations, 'conversation')}`,
    ],
    ['found', `${missing} missing, ${incomplete} incomplete, ${changed} changed: ${named}`],
    ['back-filled', `${counted(backFilled, 'record')}; a second run submits ${submitted(again)}`],
    ['watermark', `was ${moved(before)}`],
    ['', `is  ${moved(after)}`],
    ['gold', `had ${wrong(before)} otherwise than they were, has ${wrong(after)}`],
  ]
}
