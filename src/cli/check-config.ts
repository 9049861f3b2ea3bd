/** `inlet check-config`: tells all that is wrong with a configuration, or what it comes to. */
import { basename } from 'node:path'
import type { Complaint, Problem } from '../app/config/problem.ts'
import type { AddCommand, Invocation } from './command-line.ts'
import { action, examples, USAGE_EXIT } from './command-line.ts'
import { secretSource } from './role-process.ts'
import { columns, counted } from './text.ts'

const smallest = `
The smallest configuration, for this machine alone:
  listen: { host: 127.0.0.1, port: 8080 }
  sources:
    - { name: trial, path: /events, auth: none }

One that other machines can reach:
  listen:
    tls: { certFile: server.pem, keyFile: server.key }
  sources:
    - name: genesys-prod
      path: /genesys/events
      contract: eventbridge
      auth: { apiKey: { header: X-Api-Key, secrets: [{ env: GENESYS_KEY }] } }
`

export const addCheckConfig: AddCommand = (program, shell) => {
  program
    .command('check-config')
    .summary('tell what is wrong with a configuration, or what it comes to')
    .description(
      'Reads the configuration, the secrets and the certificates it refers to, and tells everything that is wrong at once, each with its line and what to write instead. If nothing is, tells what will be: sources, paths, proofs by kind, limits, windows. Secrets are never shown.',
    )
    .option('--without-secrets', 'do not look at secrets and certificates')
    .addHelpText(
      'after',
      examples('inlet check-config', 'inlet check-config --config new.yaml --json') + smallest,
    )
    .action(
      action(shell, async (invocation, command) =>
        check(invocation, command.opts<{ withoutSecrets?: boolean }>().withoutSecrets !== true),
      ),
    )
}

async function check(invocation: Invocation, withSecrets: boolean): Promise<number> {
  const { shell, configPath } = invocation
  const { loadConfig } = await import('../app/config/load.ts')
  const { clientComplaints, readSecrets } = await import('../app/config/secrets.ts')
  const { readPrivacy } = await import('../app/privacy-policy.ts')
  const { inOrder, problemLine } = await import('../app/config/problem.ts')
  const { tlsComplaints } = await import('../app/config/tls-complaints.ts')
  const { summarise, summaryLines } = await import('../app/config/summary.ts')
  const loaded = await loadConfig(shell.machine.files, configPath)
  if (!loaded.ok) return tell(invocation, loaded.problems)
  const { config, locate } = loaded.file
  const secrets = withSecrets ? await readSecrets(config, await secretSource(shell)) : null
  const complaints: Complaint[] = []
  const warnings: Complaint[] = []
  for (const section of withSecrets ? (['listen', 'ops'] as const) : []) {
    const told = await tlsComplaints(shell.machine, { section, config: config[section].tls })
    complaints.push(...told.complaints)
    warnings.push(...told.warnings)
  }
  const keys = withSecrets ? await readPrivacy(config, await secretSource(shell)) : null
  const clients = withSecrets ? await clientComplaints(config, await secretSource(shell)) : []
  const of = (read: { readonly complaints: readonly Complaint[] } | null) => read?.complaints ?? []
  const wrong = [...of(secrets), ...of(keys), ...clients, ...complaints]
  const told = warnings.map(locate)
  if (wrong.length > 0) return tell(invocation, inOrder(wrong.map(locate)), told)
  const lines = columns(summaryLines(summarise(config)).map((line) => [...line]))
  const warned = told.map((one) => `\nwarning: ${problemLine(basename(configPath), one)}\n`)
  invocation.print(
    { valid: true, file: configPath, ...summarise(config), warnings: told },
    `${configPath} is sound.\n\n${lines}${warned.join('')}`,
  )
  return 0
}

async function tell(
  invocation: Invocation,
  problems: readonly Problem[],
  warnings: readonly Problem[] = [],
): Promise<number> {
  const { configPath, json, shell } = invocation
  if (json) {
    invocation.print({ valid: false, file: configPath, problems, warnings }, '')
    return USAGE_EXIT
  }
  const { problemLine } = await import('../app/config/problem.ts')
  const line = (problem: Problem) => `${problemLine(basename(configPath), problem)}\n`
  const lines = [...problems.map(line), ...warnings.map((one) => `warning: ${line(one)}`)]
  shell.stderr(`${lines.join('')}\n${configPath} has ${counted(problems.length, 'error')}.\n`)
  return USAGE_EXIT
}
