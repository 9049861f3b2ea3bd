/**
 * An import by the rules of a configuration: its files through the injected intake into the
 * partition `import`, see ../../ingress/import/import.ts. While the journal is full it waits for
 * the loader.
 */
import {
  HistoryImport,
  type ImportOptions,
  type ImportReport,
} from '../../ingress/import/import.ts'
import { Reentry } from '../../ingress/reentry.ts'
import { importPartition } from '../../journal/command-partitions.ts'
import type { Entry } from '../../journal/entry.ts'
import { patientWriter } from '../../journal/patient-writer.ts'
import type { Config } from '../config/schema.ts'
import type { Machine } from '../machine.ts'
import { withPartition } from '../operator-journal.ts'
import { sourceRules } from '../source-rules.ts'
import { Ages, type AgesReport } from './ages.ts'
import { withImportFiles } from './files.ts'

export interface ImportRequest extends Omit<ImportOptions, 'onEntry'> {
  /** Told while it waits for room in the journal, and what was found damaged there. */
  readonly report: (text: string) => void
}

/** Rejects with INL_ING_UNKNOWN_SOURCE, and INL_APP_PARTITION_BUSY while another import runs. */
export function importHistory(
  machine: Machine,
  config: Config,
  request: ImportRequest,
): Promise<ImportReport & AgesReport> {
  const { path, signal, report: onFull } = request
  const { clock } = machine
  const at = { config, partition: importPartition, report: onFull }
  return withImportFiles(machine, { config, path }, (files) =>
    withPartition(machine, at, async (writer) => {
      const journal = patientWriter(writer, { clock, signal, onFull })
      const rules = config.sources.map((source) => sourceRules(source, config))
      const reentry = new Reentry({ clock, journal, observer: () => undefined }, rules)
      const ages = new Ages(clock.now(), config.lake.retention)
      const onEntry = (entry: Entry) => ages.look(entry)
      const history = new HistoryImport({ clock, journal, reentry }, { ...request, onEntry })
      return { ...(await history.run(files)), ...ages.report() }
    }),
  )
}
