/** Every command, in the order of the help. */
import { addAudit } from './audit.ts'
import type { AddCommand } from './command-line.ts'
import { addDemo } from './demo.ts'
import { addGateway } from './gateway.ts'
import { addLoader } from './loader.ts'
import { addRun } from './run.ts'

export const commands: readonly AddCommand[] = [addRun, addGateway, addLoader, addDemo, addAudit]
