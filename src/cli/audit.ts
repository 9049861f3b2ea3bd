/** `inlet audit`: is it all here, once. */
import type { AuditOptions, AuditReport } from '../loader/audit.ts'
import type { AddCommand } from './command-line.ts'
import { actionBehindTheDoor, count, examples } from './command-line.ts'
import { progress } from './progress.ts'

export const addAudit: AddCommand = (program, shell) => {
  program
    .command('audit')
    .summary('is it all here, once; exits 1 when not')
    .description(
      'Checks everything that the lake holds: each position of the journal is a row exactly once, no event stands twice, every body is the one that was hashed, and nothing was acknowledged that did not land. Bodies that stand under several event ids are told, which is a warning. What the journal still holds is yet to land, and no fault; what it holds no more has to be there.',
    )
    .option('--most <n>', 'faults listed of each kind', count(1), 100)
    .addHelpText('after', examples('inlet audit', 'inlet audit --json'))
    .action(
      actionBehindTheDoor(shell, async (invocation, command) => {
        const { config } = await invocation.config()
        const { auditLake } = await import('../app/audit.ts')
        const { most } = command.opts<{ most: number }>()
        const told = {
          questions: progress(invocation, 'questions are answered'),
          files: progress(invocation, 'files have the bodies that were hashed'),
        }
        const onProgress: AuditOptions['onProgress'] = (at, ...done) => told[at](...done)
        const report = await auditLake(shell.machine, config, { most, onProgress })
        invocation.print(report, textOf(report))
        return report.clean ? 0 : 1
      }),
    )
}

function textOf(report: AuditReport): string {
  const { clean, missing, repeated, bodyMismatches, unreadable, sameBodies, ...counts } = report
  const number = (n: number) => n.toLocaleString('en').padStart(14)
  const lines = Object.entries(counts).map(([name, n]) => `${name.padEnd(14)} ${number(n)}`)
  const hasRows = Object.values(counts).some((n) => n > 0)
  const sound = hasRows ? 'clean: every position is a row, once' : 'clean: nothing has landed'
  lines.push(clean ? sound : 'NOT CLEAN')
  for (const fault of missing) lines.push(`missing   ${JSON.stringify(fault)}`)
  for (const { file, reason } of unreadable) lines.push(`unread    ${file}: ${reason}`)
  for (const fault of repeated) lines.push(`repeated  ${JSON.stringify(fault)}`)
  if (bodyMismatches > 0) lines.push(`${bodyMismatches} bodies are not the ones that were hashed`)
  for (const body of sameBodies) lines.push(`same body ${JSON.stringify(body)}`)
  return `${lines.join('\n')}\n`
}
