/** `inlet schema diff`. */
import type { OpenDeviation } from '../../app/schemas/survey.ts'
import type { Survey } from '../../app/schemas/with-survey.ts'
import { isOfShape, type Rule, ruleCatalogue } from '../../schemas/rules.ts'
import { shapeText } from '../../schemas/shape.ts'
import type { AddCommand } from '../command-line.ts'
import { action, examples } from '../command-line.ts'
import { columns, counted, printable } from '../text.ts'

interface UnknownTopic {
  readonly topic: string
  readonly events: number
}

interface Difference {
  readonly compatible: readonly OpenDeviation[]
  readonly incompatible: readonly OpenDeviation[]
  /** Of values, which no schema mends: their sender does, or nobody. */
  readonly values: readonly OpenDeviation[]
  /** Topics that were seen and have no schema. */
  readonly unknownTopics: readonly UnknownTopic[]
}

export const addDiff: AddCommand = (parent, shell) => {
  parent
    .command('diff')
    .summary('what was seen in the lake that the schemas do not say')
    .description(
      'Shows, field by field, where events deviate from the schemas in force: compatible (nothing is lost: a new field, a number sent as text) and incompatible (a value is null in silver). Apart from them, what no schema mends: values that are not what they should be, such as a time that cannot be. Exits 1 when something is incompatible. Shows paths and types, never a value.',
    )
    .argument('[topic]', 'this one only, as `inlet schema list` names it')
    .addHelpText(
      'after',
      examples('inlet schema diff', 'inlet schema diff "v2.users.{id}.presence" --json'),
    )
    .action(
      action(shell, async (invocation, command) => {
        const [topic = null] = command.args
        const { config } = await invocation.config()
        const { withSurvey } = await import('../../app/schemas/with-survey.ts')
        return withSurvey(shell.machine, config, async (survey) => {
          const difference = await differenceOf(survey, topic)
          invocation.print(difference, textOf(difference))
          return difference.incompatible.length === 0 ? 0 : 1
        })
      }),
    )
}

async function differenceOf({ session, schemas }: Survey, only: string | null) {
  const { eventsByTopic, openDeviations } = await import('../../app/schemas/survey.ts')
  if (session === null) return { compatible: [], incompatible: [], values: [], unknownTopics: [] }
  const open = await openDeviations(session, schemas, only)
  const ofShape = open.filter(({ rule }) => isOfShape(rule))
  const events = await eventsByTopic(session)
  const unknownTopics = [...events]
    .filter(([topic]) => schemas.find(topic) === null && (only === null || only === topic))
    .map(([topic, count]) => ({ topic, events: count }))
    .sort((a, b) => b.events - a.events)
  return {
    compatible: ofShape.filter(({ compatible }) => compatible),
    incompatible: ofShape.filter(({ compatible }) => !compatible),
    values: open.filter(({ rule }) => !isOfShape(rule)),
    unknownTopics,
  }
}

function textOf({ compatible, incompatible, values, unknownTopics }: Difference): string {
  const parts = [
    section('Incompatible', incompatible),
    section('Compatible', compatible),
    section('In values, which no schema mends', values),
    unknownText(unknownTopics),
    legend([...compatible, ...incompatible, ...values]),
  ].filter((part) => part !== '')
  return parts.length === 0 ? 'Nothing deviates.\n' : parts.join('\n')
}

function unknownText(topics: readonly UnknownTopic[]): string {
  if (topics.length === 0) return ''
  const rows = topics.map(({ topic, events }) => [' ', printable(topic), counted(events, 'event')])
  return `Without a schema\n${columns(rows)}`
}

function section(title: string, deviations: readonly OpenDeviation[]): string {
  if (deviations.length === 0) return ''
  const topics = [...new Set(deviations.map(({ topic }) => topic))]
  const texts = topics.map((topic) => {
    const here = deviations.filter((one) => one.topic === topic)
    return `  ${printable(topic)}\n${columns(here.map(rowOf))}`
  })
  return `${title}\n${texts.join('')}`
}

function rowOf({ path, rule, typesSeen, events, lastSeen }: OpenDeviation): string[] {
  const types = typesSeen.map((type) => printable(shapeText(type))).join(' or ')
  return [
    '   ',
    printable(path) || '(body)',
    rule,
    types || '-',
    counted(events, 'event'),
    `last ${lastSeen.slice(0, 19)}`,
  ]
}

/** What each rule that was told means, once. */
function legend(deviations: readonly OpenDeviation[]): string {
  const rules = [...new Set(deviations.map(({ rule }) => rule))].sort()
  return columns(rules.map((rule) => [rule, descriptionOf(rule)]))
}

function descriptionOf(rule: string): string {
  return Object.hasOwn(ruleCatalogue, rule) ? ruleCatalogue[rule as Rule].description : ''
}
