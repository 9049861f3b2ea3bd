/** What the commands that run a role share: its voice, its end, its exit code. */
import { Option } from 'commander'
import { CHILD_FLAG } from '../app/child.ts'
import type { ConfigFile } from '../app/config/load.ts'
import type { SourceSecrets } from '../app/config/secrets.ts'
import type { OpenObserver } from '../app/observer.ts'
import { failureText } from '../app/role.ts'
import type { Invocation } from './command-line.ts'
import type { Shell } from './shell.ts'

const STDERR = 2

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
  const { secrets, complaints } = await readSecrets(file.config, secretSource(shell))
  if (complaints.length > 0) throw configError(file.path, complaints.map(file.locate))
  return secrets
}

export function secretSource({ environment, machine }: Shell) {
  return {
    environment: (name: string) => environment[name],
    file: async (path: string) => (await machine.files.readAll(path)).toString('utf8'),
  }
}
