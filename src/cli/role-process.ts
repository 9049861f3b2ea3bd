/** What the commands that run a role share: its voice, its end, its exit code. */
import { pid } from 'node:process'
import { Option } from 'commander'
import { CHILD_FLAG } from '../app/child.ts'
import type { ConfigFile } from '../app/config/load.ts'
import type { Config } from '../app/config/schema.ts'
import type { SourceSecrets } from '../app/config/secrets.ts'
import type { OpenObserver } from '../app/observer.ts'
import { failureText } from '../app/role.ts'
import type { SecretSource } from '../app/secrets/read-secret.ts'
import type { Role } from '../app/supervisor.ts'
import type { Observer } from '../observe/events.ts'
import type { Invocation } from './command-line.ts'
import type { Shell } from './shell.ts'

const STDERR = 2
/** Longer than any role drains by itself. */
const graceMs = 40_000

export const childOption = () => new Option(CHILD_FLAG, 'started by `inlet run`').hideHelp()

/** Runs `task` with an observer that writes to stderr, and tells how the process ends. */
export async function withVoice(
  invocation: Invocation,
  role: string,
  task: (voice: OpenObserver) => Promise<number>,
): Promise<number> {
  const { openObserver } = await import('../app/observer.ts')
  const { machine, watched } = invocation.shell
  const format = watched && !invocation.json ? 'text' : 'json'
  const voice = openObserver(machine, { fd: STDERR, format, role })
  try {
    return await task(voice)
  } catch (error) {
    // A person reads the same where the command ends.
    if (format === 'json') voice.observe('process_failed', { reason: failureText(error) })
    throw error
  } finally {
    await voice.close()
  }
}

/** Rejects with all secrets that are missing. */
export async function requireSecrets(
  shell: Shell,
  file: ConfigFile,
): Promise<ReadonlyMap<string, SourceSecrets>> {
  const { configError } = await import('../app/config/load.ts')
  const { readSecrets } = await import('../app/config/secrets.ts')
  const { secrets, complaints } = await readSecrets(file.config, await secretSource(shell))
  if (complaints.length > 0) throw configError(file.path, complaints.map(file.locate))
  return secrets
}

export async function secretSource({
  environment,
  machine,
}: Pick<Shell, 'environment' | 'machine'>): Promise<SecretSource> {
  const { awsSecrets } = await import('../app/secrets/aws-secrets.ts')
  return {
    environment: (name) => environment[name],
    file: async (path) => (await machine.files.readAll(path)).toString('utf8'),
    aws: awsSecrets(),
  }
}

export interface RolesToRun {
  readonly config: Config
  readonly roles: readonly Role[]
  readonly observer: Observer
}

/** Runs the roles as processes of their own; resolves to the exit code. */
export async function runParts(invocation: Invocation, what: RolesToRun): Promise<number> {
  const { runTree } = await import('../app/process-tree.ts')
  const { shell, json, configPath } = invocation
  const { observer, ...tree } = what
  const args = ['--config', configPath, ...(json ? ['--json'] : [])]
  const door = activatedSocket(shell)
  const code = await runTree(
    { ...shell.machine, observer, secretSource: await secretSource(shell) },
    {
      ...tree,
      command: { ...shell.self, args },
      ...(door !== undefined && { door }),
      stop: shell.stop,
      hurry: shell.hurry,
      graceMs,
      onReady: () => observer('process_started'),
    },
  )
  observer('process_stopped', { code })
  return code
}

/** Behind input, output and errors: sd_listen_fds(3). */
const firstActivated = 3

/** The socket that systemd hands to this process, if it does. */
export function activatedSocket({ environment }: Shell): number | undefined {
  const isForUs = environment['LISTEN_PID'] === String(pid)
  return isForUs && Number(environment['LISTEN_FDS']) > 0 ? firstActivated : undefined
}
