/**
 * Looks at everything that a start relies on, and says what to do about what is not well.
 *
 * It leaves nothing behind but the folders of journal and lake, which a start would make.
 */
import type { Config } from '../config/schema.ts'
import type { Machine } from '../machine.ts'
import type { SecretSource } from '../secrets/read-secret.ts'
import type { Finding } from './finding.ts'
import { checkGenesys } from './genesys-checks.ts'
import { checkJournal, heldPartitions } from './journal-checks.ts'
import { checkLake } from './lake-checks.ts'
import { checkNode, checkPort } from './machine-checks.ts'
import { checkTls } from './tls-checks.ts'

export async function examine(
  machine: Machine & { readonly secretSource: SecretSource },
  config: Config,
  nodeVersion: string,
): Promise<Finding[]> {
  const held = await heldPartitions(machine, config.journal).catch(() => [])
  return [
    checkNode(nodeVersion),
    ...(await checkJournal(machine, config.journal)),
    ...(await checkTls(machine, config)),
    await checkPort(config, held.length > 0),
    ...(await checkLake(machine, config)),
    ...(await checkGenesys(machine, config)),
  ]
}
