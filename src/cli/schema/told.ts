/** How versions of schemas and their changes are told. */
import type { NextVersion } from '../../app/schemas/approve.ts'
import type { SchemaChange } from '../../schemas/compare.ts'
import type { Shell } from '../shell.ts'
import { columns, printable } from '../text.ts'

export const whoHelp = 'who approves it, for the note; else the user of this system'

export function whoOf({ environment }: Shell, named: string | undefined): string {
  return named ?? environment['USER'] ?? environment['LOGNAME'] ?? 'unknown'
}

export function toldVersion({ topic, version, follows, changes, document }: NextVersion) {
  return { topic, version, follows, changes, schema: document }
}

export function changesText(changes: readonly SchemaChange[]): string {
  return columns(changes.map((one) => ['  ', ...cellsOf(one)]))
}

function cellsOf({ path, change, compatible, before, after }: SchemaChange): string[] {
  const types = change === 'type' ? `${before} to ${after}` : (after ?? before ?? '')
  return [printable(path) || '(body)', change, types, compatible ? '' : 'incompatible']
}
