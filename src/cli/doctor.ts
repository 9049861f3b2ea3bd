/** `inlet doctor`: looks at everything that a start relies on. */
import type { Finding, Level } from '../app/doctor/finding.ts'
import { fail, ok } from '../app/doctor/finding.ts'
import type { AddCommand, Invocation } from './command-line.ts'
import { action, examples } from './command-line.ts'
import { secretSource } from './role-process.ts'
import { columns, counted } from './text.ts'

export const addDoctor: AddCommand = (program, shell) => {
  program
    .command('doctor')
    .summary('look at everything that a start relies on; exits 1 when something fails')
    .description(
      'Looks at Node, secrets, the disk of the journal (its kind, its room, a measured sync, its lock), certificate, key and chain, the port, DuckDB and the lake, and for each organisation with a client its token and permissions, and says what to do about what is not well. May be run beside a running Inlet.',
    )
    .addHelpText('after', examples('inlet doctor', 'inlet doctor --json'))
    .action(
      action(shell, async (invocation) => {
        const findings = await look(invocation)
        const isWell = findings.every(({ level }) => level !== 'fail')
        invocation.print({ ok: isWell, findings }, textOf(findings))
        return isWell ? 0 : 1
      }),
    )
}

async function look(invocation: Invocation): Promise<Finding[]> {
  const { shell } = invocation
  const file = await invocation.config()
  const { config } = file
  const { clientComplaints, readSecrets } = await import('../app/config/secrets.ts')
  const { keyText } = await import('../app/config/problem.ts')
  const { examine } = await import('../app/doctor/doctor.ts')
  const from = await secretSource(shell)
  const { complaints } = await readSecrets(config, from)
  const missing = [...complaints, ...(await clientComplaints(config, from))].map(
    ({ path, what, remedy }) => fail('secret', `${keyText(path)}: ${what}`, remedy),
  )
  const sources = counted(config.sources.length, 'source')
  return [
    ok('configuration', `${file.path}, ${sources}`),
    ...(missing.length > 0 ? missing : [ok('secrets', 'all that the configuration refers to')]),
    ...(await examine({ ...shell.machine, secretSource: from }, config, shell.nodeVersion)),
  ]
}

const marks: Readonly<Record<Level, string>> = { ok: 'ok', warn: 'WARN', fail: 'FAIL' }

function textOf(findings: readonly Finding[]): string {
  const rows = findings.flatMap(({ name, level, detail, remedy }) => [
    [marks[level], name, detail],
    ...(remedy === null ? [] : [['', '', remedy]]),
  ])
  const count = (level: Level) => findings.filter((one) => one.level === level).length
  const [failed, warned] = [count('fail'), count('warn')]
  const verdict =
    failed + warned === 0 ? 'All is well.' : `${failed} failed, ${counted(warned, 'warning')}.`
  return `${columns(rows)}\n${verdict}\n`
}
