/** Every command, in the order of the help. */
import { addAudit } from './audit.ts'
import { addCertificates } from './certificates.ts'
import { addChannels } from './channels.ts'
import { addCheckConfig } from './check-config.ts'
import type { AddCommand } from './command-line.ts'
import { addCompact } from './compact.ts'
import { addDeadLetters } from './dead-letters.ts'
import { addDemo } from './demo.ts'
import { addDoctor } from './doctor.ts'
import { addErase } from './erase.ts'
import { addExport } from './export.ts'
import { addGateway } from './gateway.ts'
import { addHealth } from './health.ts'
import { addImport } from './import.ts'
import { addJournal } from './journal.ts'
import { addLoader } from './loader.ts'
import { addProvision } from './provision.ts'
import { addQuery } from './query.ts'
import { addRebuild } from './rebuild.ts'
import { addReconcile } from './reconcile.ts'
import { addRun } from './run.ts'
import { addSchema } from './schema.ts'
import { addSimulate } from './simulate.ts'
import { addSinks } from './sinks.ts'
import { addStatus } from './status.ts'
import { addTrace } from './trace.ts'
import { addVacuum } from './vacuum.ts'

export const commands: readonly AddCommand[] = [
  addRun,
  addGateway,
  addChannels,
  addLoader,
  addSinks,
  addDemo,
  addSimulate,
  addCheckConfig,
  addDoctor,
  addStatus,
  addHealth,
  addCertificates,
  addQuery,
  addAudit,
  addTrace,
  addSchema,
  addProvision,
  addDeadLetters,
  addImport,
  addReconcile,
  addCompact,
  addVacuum,
  addRebuild,
  addErase,
  addExport,
  addJournal,
]
