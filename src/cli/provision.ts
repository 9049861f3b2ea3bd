/** `inlet provision`: has Genesys Cloud deliver as the configuration says. */
import type { Provisioned } from '../app/provision.ts'
import type { Step } from '../genesys/provisioning/plan.ts'
import type { AddCommand, Invocation } from './command-line.ts'
import { action, examples } from './command-line.ts'
import { secretSource } from './role-process.ts'

export const addProvision: AddCommand = (program, shell) => {
  const parent = program
    .command('provision')
    .summary('set up at Genesys Cloud what delivers: plan, apply')
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
  const onStep = (step: Step) => {
    if (!json) shell.stdout(textOf(step))
  }
  const results = await provision(deps, config, { apply, onStep })
  const failed = results.filter(({ error }) => error !== null)
  const open = results.filter(({ step }) => step !== null && step.action !== 'none')
  const value = { applied: apply, sources: results.map(told) }
  invocation.print(value, endOf(results, apply))
  return failed.length > 0 || (!apply && open.length > 0) ? 1 : 0
}

function told({ source, step, error }: Provisioned) {
  const failure = error === null ? null : { code: error.code, message: error.message }
  return { source, ...step, error: failure }
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
