/** `inlet schema sync`. */
import type { NextVersion } from '../../app/schemas/approve.ts'
import type { AddCommand, Invocation } from '../command-line.ts'
import { action, collect, examples } from '../command-line.ts'
import { changesText, toldVersion, whoHelp, whoOf } from './told.ts'

interface Options {
  readonly from: string
  readonly topic?: readonly string[]
  readonly yes?: boolean
  readonly who?: string
}

interface Synced {
  readonly compatible: readonly NextVersion[]
  readonly incompatible: readonly NextVersion[]
}

export const addSync: AddCommand = (parent, shell) => {
  parent
    .command('sync')
    .summary('compare with the schemas that Genesys tells, and take them over')
    .description(
      'Compares the schemas in force with the answer of `GET /api/v2/notifications/availabletopics?expand=schema`, kept in a file. With --yes those are approved that change nothing in an incompatible way. Exits 1 when others are left: look at them, and approve them one by one with `inlet schema approve --file`.',
    )
    .requiredOption('--from <file>', 'the answer, as JSON')
    .option('--topic <topic>', 'these only; may be repeated', collect)
    .option('--yes', 'approve all that are compatible')
    .option('--who <name>', whoHelp)
    .addHelpText(
      'after',
      examples(
        'inlet schema sync --from availabletopics.json',
        'inlet schema sync --from availabletopics.json --yes',
      ),
    )
    .action(
      action(shell, async (invocation, command) => {
        const options = command.opts<Options>()
        const { config } = await invocation.config()
        const { approve } = await import('../../app/schemas/approve.ts')
        const { openRegistry } = await import('../../app/schemas/registry.ts')
        const { schemas } = await openRegistry(shell.machine, config)
        const told = await nextOf(invocation, options)
        const { nextVersion } = await import('../../app/schemas/approve.ts')
        const found = [...told]
          .map(([topic, document]) => nextVersion(schemas, topic, document))
          .filter((one) => one !== null)
        const synced = divided(found)
        const [first, ...others] = synced.compatible
        const approved = options.yes === true && first !== undefined
        if (approved)
          await approve(shell.machine, { config, who: whoOf(shell, options.who) }, [
            first,
            ...others,
          ])
        tell(invocation, synced, approved)
        return synced.incompatible.length === 0 ? 0 : 1
      }),
    )
}

async function nextOf(invocation: Invocation, { from, topic: only }: Options) {
  const { resolve } = await import('node:path')
  const { readAnswer } = await import('../../schemas/foreign.ts')
  const { machine, folder } = invocation.shell
  const told = await readAnswer(machine.files, resolve(folder, from))
  return [...told].filter(([topic]) => only === undefined || only.includes(topic))
}

function divided(found: readonly NextVersion[]): Synced {
  const isCompatible = ({ changes }: NextVersion) => changes.every((one) => one.compatible)
  return {
    compatible: found.filter(isCompatible),
    incompatible: found.filter((one) => !isCompatible(one)),
  }
}

function tell(invocation: Invocation, { compatible, incompatible }: Synced, approved: boolean) {
  const json = {
    approved: approved ? compatible.map(toldVersion) : [],
    compatible: approved ? [] : compatible.map(toldVersion),
    incompatible: incompatible.map(toldVersion),
  }
  const text = (one: NextVersion) =>
    `${one.topic}: ${one.follows ?? 'new'} to ${one.version}\n${changesText(one.changes)}`
  const verb = approved ? 'approved' : 'compatible'
  const sums = `${compatible.length} ${verb}, ${incompatible.length} incompatible\n`
  invocation.print(json, `${[...incompatible, ...compatible].map(text).join('')}${sums}`)
  if (!approved && compatible.length > 0)
    invocation.remark('Add --yes to approve those that are compatible.')
}
