/** `inlet schema approve`. */
import type { NextVersion } from '../../app/schemas/approve.ts'
import type { Survey } from '../../app/schemas/with-survey.ts'
import type { SchemaDocument } from '../../schemas/json-schema.ts'
import type { AddCommand, Invocation } from '../command-line.ts'
import { action, collect, examples } from '../command-line.ts'
import { changesText, toldVersion, whoHelp, whoOf } from './told.ts'

interface Options {
  readonly path?: readonly string[]
  readonly file?: string
  readonly dryRun?: boolean
  readonly who?: string
}

export const addApprove: AddCommand = (parent, shell) => {
  parent
    .command('approve')
    .summary('make the next version of a schema out of what was seen')
    .description(
      'Puts the next version of a schema in force: the last one with what was seen and is compatible, with what was seen at given paths, or what a file says. It is noted, and holds for every loader once that note has landed. A loader that runs then replays open dead letters and makes silver and gold anew by itself, so that older rows follow; where none runs, or retention has taken rows out of bronze, `inlet rebuild silver` does.',
    )
    .argument('<topic>', 'as `inlet schema list` names it')
    .option(
      '--path <path>',
      'what was seen there, compatible or not; may be repeated; as `inlet schema diff` shows it',
      collect,
    )
    .option('--file <file>', 'a JSON Schema, which takes the place of the one in force')
    .option('--who <name>', whoHelp)
    .option('--dry-run', 'show the next version and leave all as it is')
    .addHelpText(
      'after',
      examples(
        'inlet schema approve interaction',
        'inlet schema approve "v2.users.{id}.presence" --path mood --dry-run',
        'inlet schema approve "generic:order.placed" --file order.schema.json',
      ),
    )
    .action(
      action(shell, async (invocation, command) => {
        const [topic = ''] = command.args
        const options = command.opts<Options>()
        const { config } = await invocation.config()
        const { withSurvey } = await import('../../app/schemas/with-survey.ts')
        const { approve, nextVersion } = await import('../../app/schemas/approve.ts')
        const next = await withSurvey(shell.machine, config, async (survey) => {
          const document = await documentOf(invocation, survey, { topic, options })
          return nextVersion(survey.schemas, topic, document)
        })
        const { dryRun = false } = options
        if (next !== null && !dryRun)
          await approve(shell.machine, { config, who: whoOf(shell, options.who) }, [next])
        tell(invocation, next, dryRun)
        return 0
      }),
    )
}

async function documentOf(
  invocation: Invocation,
  { schemas, session }: Survey,
  { topic, options }: { readonly topic: string; readonly options: Options },
): Promise<SchemaDocument> {
  if (options.file !== undefined) {
    const { resolve } = await import('node:path')
    const { readForeignSchema } = await import('../../schemas/foreign.ts')
    const { machine, folder } = invocation.shell
    return readForeignSchema(machine.files, resolve(folder, options.file), topic)
  }
  const { extended } = await import('../../app/schemas/approve.ts')
  const { openDeviations } = await import('../../app/schemas/survey.ts')
  const seen = session === null ? [] : await openDeviations(session, schemas, topic)
  return extended(schemas, topic, { seen, paths: options.path ?? [] })
}

function tell(invocation: Invocation, next: NextVersion | null, dryRun: boolean): void {
  if (next === null) {
    invocation.print({ approved: [], dryRun }, 'Nothing is to be approved.\n')
    return
  }
  const verb = dryRun ? 'would follow' : 'follows'
  const head = `${next.topic}: ${next.version} ${verb} ${next.follows ?? 'no version'}\n`
  invocation.print({ approved: [toldVersion(next)], dryRun }, `${head}${changesText(next.changes)}`)
  if (!dryRun)
    invocation.remark(
      'A running loader brings it into older rows; without one, `inlet loader --once` and then `inlet rebuild silver` do.',
    )
}
