/** `inlet certificates`: makes some for development, and lists how long those in use last. */
import type { CertificateStatus } from '../app/tls/report.ts'
import type { AddCommand, Invocation } from './command-line.ts'
import { action, collect, count, examples } from './command-line.ts'
import { columns, counted } from './text.ts'

export const addCertificates: AddCommand = (program, shell) => {
  const certificates = program
    .command('certificates')
    .summary('make certificates for development, list those in use')
    .description('Certificates: how long those in use are good, and ones for development.')
    .addHelpText('after', examples('inlet certificates list', 'inlet certificates make --help'))
  certificates
    .command('list')
    .summary('how long certificates and revocation lists are good')
    .description(
      'Lists the server certificate with its chain, the authorities of clients, revocation lists, and the client certificates that were seen. Exits 1 when one of the first three is out of date or a file cannot be used.',
    )
    .addHelpText('after', examples('inlet certificates list', 'inlet certificates list --json'))
    .action(action(shell, list))
  certificates
    .command('make')
    .summary('make an authority and certificates, for development and tests')
    .description(
      'Makes an authority, a server certificate, client certificates and a revocation list in a folder, readable for this user alone. What is there is kept: another run adds clients of the same authority. One that is revoked moves to the folder `revoked`, and another of its name can be made, in the same call too. Not for production: the key of the authority lies beside them.',
    )
    .argument('<folder>', 'where to put them')
    .option('--server <name>', 'a name or address of the server; may be repeated', collect)
    .option('--client <name>', 'the common name of a client; may be repeated', collect)
    .option('--revoke <name>', 'a client of that name to revoke; may be repeated', collect)
    .option('--days <count>', 'how long they are good', count(1), 90)
    .addHelpText(
      'after',
      examples(
        'inlet certificates make ./certificates --client genesys-prod',
        'inlet certificates make ./certificates --revoke genesys-prod --client genesys-prod',
      ),
    )
    .action(
      action(shell, async (invocation, command) =>
        make(invocation, command.args[0] ?? '', command.opts<MakeOptions>()),
      ),
    )
}

async function list(invocation: Invocation): Promise<number> {
  const { machine } = invocation.shell
  const { config } = await invocation.config()
  const { certificateReport } = await import('../app/tls/report.ts')
  const { certificates, trouble } = await certificateReport(machine, config)
  const nothing = 'TLS is not configured, and no client certificate was seen.\n'
  const told = trouble === null ? '' : `In trouble: ${trouble}\n`
  invocation.print({ certificates, trouble }, textOf(certificates) + told || nothing)
  const isLate = certificates.some(({ role, daysLeft }) => role !== 'client' && daysLeft < 0)
  return isLate || trouble !== null ? 1 : 0
}

function textOf(certificates: readonly CertificateStatus[]): string {
  if (certificates.length === 0) return ''
  const rows = certificates.map(({ role, subject, daysLeft, notAfter, file }) => [
    role,
    subject,
    daysLeft < 0 ? 'EXPIRED' : `${counted(daysLeft, 'day')} left`,
    `until ${notAfter.slice(0, 10)}`,
    file ?? '',
  ])
  return columns(rows)
}

interface MakeOptions {
  readonly server?: readonly string[]
  readonly client?: readonly string[]
  readonly revoke?: readonly string[]
  readonly days: number
}

async function make(
  invocation: Invocation,
  folder: string,
  { server = ['localhost', '127.0.0.1', '::1'], client = [], revoke = [], days }: MakeOptions,
): Promise<number> {
  const { resolve } = await import('node:path')
  const { makeCertificates } = await import('../app/tls/make.ts')
  const { shell } = invocation
  const path = resolve(shell.folder, folder)
  const made = await makeCertificates(shell.machine, {
    folder: path,
    server,
    clients: client,
    revoked: revoke,
    days,
  })
  const lines = made.map((file) => `${file}\n`).join('')
  invocation.print({ folder: path, made }, made.length === 0 ? 'All is there.\n' : lines)
  return 0
}
