/** `inlet schema list`. */
import type { Survey } from '../../app/schemas/with-survey.ts'
import type { SchemaOrigin } from '../../schemas/registry.ts'
import type { AddCommand, Invocation } from '../command-line.ts'
import { action, examples } from '../command-line.ts'
import { columns, counted, printable } from '../text.ts'

interface Options {
  readonly seen?: boolean
}

interface ListedTopic {
  readonly topic: string
  /** Null where no schema is known. */
  readonly version: string | null
  readonly origin: SchemaOrigin | null
  readonly events: number
  readonly openDeviations: number
  readonly incompatible: number
}

export const addList: AddCommand = (parent, shell) => {
  parent
    .command('list')
    .summary('topics with the schema in force, and how many events deviate')
    .description(
      'Lists the topics that have a schema, with its version, where it comes from (seed: Inlet itself; file: schemas.dir; approved: the lake), how many events there are and how many kinds of deviations. Topics that were seen and have no schema are among them.',
    )
    .option('--seen', 'only topics of which there are events')
    .addHelpText('after', examples('inlet schema list --seen', 'inlet schema list --json'))
    .action(
      action(shell, async (invocation, command) => {
        const { seen = false } = command.opts<Options>()
        const { config } = await invocation.config()
        const { withSurvey } = await import('../../app/schemas/with-survey.ts')
        return withSurvey(shell.machine, config, async (survey) => {
          const all = await listed(survey)
          const topics = seen ? all.filter(({ events }) => events > 0) : all
          const { conflicts, waiting } = survey
          invocation.print({ topics, conflicts, waiting }, textOf(topics))
          remarkOn(invocation, survey)
          return 0
        })
      }),
    )
}

async function listed({ schemas, session }: Survey): Promise<ListedTopic[]> {
  const { eventsByTopic, openDeviations } = await import('../../app/schemas/survey.ts')
  const events = session === null ? new Map<string, number>() : await eventsByTopic(session)
  const open = session === null ? [] : await openDeviations(session, schemas, null)
  const names = new Set([...schemas.all.map(({ topic }) => topic), ...events.keys()])
  return [...names].sort().map((topic) => {
    const found = schemas.find(topic)
    const here = open.filter((one) => one.topic === topic)
    return {
      topic,
      version: found?.version ?? null,
      origin: found?.origin ?? null,
      events: events.get(topic) ?? 0,
      openDeviations: here.length,
      incompatible: here.filter(({ compatible }) => !compatible).length,
    }
  })
}

function textOf(topics: readonly ListedTopic[]): string {
  if (topics.length === 0) return 'No events have been seen.\n'
  const head = ['topic', 'version', 'source', 'events', 'deviations', 'incompatible']
  const rows = topics.map(({ topic, version, origin, events, openDeviations, incompatible }) => [
    printable(topic),
    version ?? '-',
    origin ?? 'none',
    ...[events, openDeviations, incompatible].map(String),
  ])
  return columns([head, ...rows])
}

function remarkOn(invocation: Invocation, { conflicts, waiting }: Survey): void {
  for (const { topic, number } of conflicts)
    invocation.remark(
      `Version ${number} of ${topic} stands in a file of schemas.dir with other content; the lake holds.`,
    )
  if (waiting > 0) invocation.remark(`${counted(waiting, 'approval')} not landed yet.`)
}
