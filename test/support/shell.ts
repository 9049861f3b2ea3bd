/** The command line in the test's own process: what it printed, and how it ended. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadConfig } from '../../src/app/config/load.ts'
import type { Config } from '../../src/app/config/schema.ts'
import { realMachine } from '../../src/app/machine.ts'
import { withPartition } from '../../src/app/operator-journal.ts'
import { runCommandLine } from '../../src/cli/program.ts'
import type { Shell } from '../../src/cli/shell.ts'
import type { Entry } from '../../src/journal/entry.ts'
import { temporaryFolder } from './temporary.ts'

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface Desk {
  readonly folder: string
  write(name: string, text: string): Promise<void>
  run(...args: string[]): Promise<Ran>
  /** As a gateway makes them durable, one after the other, in a segment of their own. */
  append(...entries: readonly Entry[]): Promise<void>
  dispose(): Promise<void>
}

/** A folder with an `inlet.yaml` for this machine alone, and commands run in it. */
export async function openDesk(changes: Partial<Shell> = {}): Promise<Desk> {
  const folder = await temporaryFolder()
  const write = (name: string, text: string) => writeFile(join(folder.path, name), text)
  await write('inlet.yaml', plainConfig)
  return {
    folder: folder.path,
    write,
    run: (...args) => runIn({ folder: folder.path, ...changes }, args),
    append: (...entries) => appendIn(folder.path, entries),
    dispose: folder.dispose,
  }
}

/** What its `inlet.yaml` means. */
export async function configAt({ folder }: Pick<Desk, 'folder'>): Promise<Config> {
  const loaded = await loadConfig(realMachine.files, join(folder, 'inlet.yaml'))
  if (!loaded.ok) throw new TypeError('the configuration of this desk is wrong')
  return loaded.file.config
}

export const plainConfig = `
listen: { host: 127.0.0.1, port: 0 }
sources: [{ name: trial, path: /events, auth: none }]
journal: { minFree: 0B, ephemeral: true }
lake: { commitEvery: 100ms }
ops: { port: 0 }
`

/** Of a process that says nothing and is told nothing. */
export const quietShell: Shell = {
  machine: realMachine,
  stdout: () => undefined,
  stderr: () => undefined,
  readInput: async () => '',
  watched: false,
  environment: {},
  folder: '/',
  version: '1.2.3',
  nodeVersion: '26.0.0',
  stop: new AbortController().signal,
  hurry: new AbortController().signal,
  giveWay: () => undefined,
  self: { executable: 'node', environment: {}, script: ['inlet.js'] },
  ready: () => undefined,
  answerParent: null,
}

async function appendIn(folder: string, entries: readonly Entry[]): Promise<void> {
  const at = { config: await configAt({ folder }), partition: 'gateway-0' }
  await withPartition(realMachine, at, async (journal) => {
    for (const entry of entries) await journal.append([entry])
  })
}

export async function runIn(changes: Partial<Shell>, args: readonly string[]): Promise<Ran> {
  let [stdout, stderr] = ['', '']
  const shell: Shell = {
    ...quietShell,
    stdout: (text) => {
      stdout += text
    },
    stderr: (text) => {
      stderr += text
    },
    ...changes,
  }
  const code = await runCommandLine(args, shell)
  return { code, stdout, stderr }
}
