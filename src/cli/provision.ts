/** `inlet provision`: has Genesys Cloud deliver as the configuration says. */
import type { Command } from 'commander'
import type { Provisioned } from '../app/provision.ts'
import { InletError } from '../core/errors.ts'
import type { Step } from '../genesys/provisioning/plan.ts'
import type { TopicsReport } from '../genesys/provisioning/topics.ts'
import type { AddCommand, Invocation } from './command-line.ts'
import { action, examples } from './command-line.ts'
import { secretSource } from './role-process.ts'
import type { Shell } from './shell.ts'

export const addProvision: AddCommand = (program, shell) => {
  const parent = program
    .command('provision')
    .summary('set up what delivers: plan, apply, recipe')
    .description(
      'Compares sources[].subscription with Genesys Cloud: notifications of the Analytics Notification API, event subscriptions, and the integration with Amazon EventBridge.',
    )
    .addHelpText('after', examples('inlet provision plan', 'inlet provision apply'))
  parent
    .command('plan')
    .summary('show what differs; exits 1 when something does')
    .description(
      'Shows what is missing, what differs and what delivers nothing because it was deactivated. Changes nothing. Exits 1 when there is anything to apply.',
    )
    .addHelpText('after', examples('inlet provision plan', 'inlet provision plan --json'))
    .action(action(shell, (invocation) => run(invocation, false)))
  parent
    .command('apply')
    .summary('create, change and reactivate what differs')
    .description(
      'Shows the difference, then makes it none. What is there already is found by its name: a second time changes nothing, and what was interrupted is run again.',
    )
    .addHelpText('after', examples('inlet provision apply'))
    .action(action(shell, (invocation) => run(invocation, true)))
  addRecipe(parent, shell)
}

interface RecipeOptions {
  readonly source?: string
}

function addRecipe(parent: Command, shell: Shell): void {
  parent
    .command('recipe')
    .summary('print what AWS needs for a source, as a CloudFormation template')
    .description(
      'Prints, for a source that Amazon EventBridge delivers to, the event bus, the rule with its retry policy and dead-letter queue, the connection and the API destination. Asks nobody and shows no secret: CloudFormation reads it from Secrets Manager, or asks for it.',
    )
    .option('--source <name>', 'a source with a subscription of kind eventbridge, if several are')
    .addHelpText(
      'after',
      examples('inlet provision recipe > inlet.json', 'inlet provision recipe --source bus'),
    )
    .action(
      action(shell, async (invocation, command) => {
        const { source: wanted } = command.opts<RecipeOptions>()
        const { config } = await invocation.config()
        const { recipeFor, recipeSources } = await import('../app/provision-recipe.ts')
        const able = recipeSources(config).filter(({ name }) => name === (wanted ?? name))
        const [source, ...others] = able
        if (source === undefined || others.length > 0) throw whichSource(able, wanted)
        const recipe = recipeFor(config, source)
        invocation.print(recipe, `${JSON.stringify(recipe, null, 2)}\n`)
        return 0
      }),
    )
}

function whichSource(able: readonly { readonly name: string }[], wanted?: string): InletError {
  const named = wanted === undefined ? 'no source' : `no source ${wanted}`
  const reason =
    able.length === 0
      ? `there is ${named} that Amazon EventBridge delivers to`
      : 'Amazon EventBridge delivers to several sources'
  const hint =
    able.length === 0
      ? 'Give a source a subscription of kind eventbridge.'
      : `Write --source ${able.map(({ name }) => name).join(' or ')}.`
  return new InletError('INL_CLI_USAGE', { reason, hint })
}

async function run(invocation: Invocation, apply: boolean): Promise<number> {
  const { shell, json } = invocation
  const { config } = await invocation.config()
  const { provision } = await import('../app/provision.ts')
  const deps = {
    ...shell.machine,
    observer: () => undefined,
    secretSource: await secretSource(shell),
  }
  const onStep = (step: Step, topics: TopicsReport) => {
    if (!json) shell.stdout(`${textOf(step)}${topicsText(topics)}`)
  }
  const results = await provision(deps, config, { apply, onStep })
  const failed = results.filter(({ error }) => error !== null)
  const open = results.filter(
    ({ step, topics }) => topics.unknown.length > 0 || (step !== null && step.action !== 'none'),
  )
  const value = { applied: apply, sources: results.map(told) }
  invocation.print(value, endOf(results, apply))
  return failed.length > 0 || (!apply && open.length > 0) ? 1 : 0
}

function told({ source, step, topics, error }: Provisioned) {
  const failure = error === null ? null : { code: error.code, message: error.message }
  return { source, ...step, topics, error: failure }
}

function topicsText({ unknown, trouble }: TopicsReport): string {
  const told = unknown.map((topic) => `  ! ${topic} is no topic of this organisation\n`)
  const asked = trouble === null ? '' : `  ! topics could not be looked up: ${trouble}\n`
  return `${told.join('')}${asked}`
}

const words: Readonly<Record<Step['action'], string>> = {
  none: 'is as configured',
  create: 'is missing, to be created',
  update: 'differs, to be changed',
  reactivate: 'is INACTIVE and delivers nothing, to be reactivated',
  ambiguous: 'is there more than once',
}

function textOf({ source, kind, name, action, inactive, changes }: Step): string {
  const also = inactive && action === 'update' ? '; it is INACTIVE and delivers nothing' : ''
  const lines = changes.map(({ path, from, to }) =>
    from === null
      ? `  + ${path}: ${JSON.stringify(to)}\n`
      : `  ~ ${path}: ${JSON.stringify(from)} -> ${JSON.stringify(to)}\n`,
  )
  return `${source}: ${kind} ${name} ${words[action]}${also}\n${lines.join('')}`
}

function endOf(results: readonly Provisioned[], apply: boolean): string {
  if (results.length === 0) return 'No source has a subscription.\n'
  const failures = results.flatMap(({ source, error }) =>
    error === null ? [] : [`${source}: ${error.message} (${error.code})\n`],
  )
  const done = results.filter(({ step, error }) => error === null && step?.action !== 'none').length
  const end = apply ? `${done} applied.\n` : `${done} to apply.\n`
  return `${failures.join('')}${end}`
}
