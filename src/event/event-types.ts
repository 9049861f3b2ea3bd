/**
 * The closed catalogue of event types: the names that events are routed, filtered and partitioned
 * by.
 *
 * A type is `[A-Za-z0-9._-]{1,64}` and comes from this file or from the configuration, never from a
 * body: a sender cannot mint one. What neither knows is `other`.
 *
 * The type of a topic is its template made short:
 * 1. `v2.` falls away, and `analytics.`, `detail.events.` and `detail.events.conversation.{id}.`
 *    after it
 * 2. `{id}` falls away, and the `s` of a plural before it: `users.{id}.presence` is `user.presence`
 * 3. `workforcemanagement` is `wfm`, without which three names would be too long
 * 4. `shorter` below names the exceptions
 */
import { guessTemplate, templateOf, topicTemplates } from './topics.ts'

export const otherType = 'other'

const shorter: ReadonlyMap<string, string> = new Map([
  ['v2.audits.entitytype.{id}.entityid.{id}', 'audit'],
])

/** Types of dialects without topics. */
const plainTypes = {
  'analytics-notification': ['interaction', 'agentLogin', 'agentLogout'],
  'event-subscription': ['call.event', 'chat.event', 'email.event', 'disposition.event'],
  'conversation-detail': ['conversation.detail'],
} as const

/** Each official topic template with its event type. */
export const typeOfTemplate: ReadonlyMap<string, string> = new Map(
  topicTemplates.map((template) => [template, shortened(template)]),
)

export const eventTypes: ReadonlySet<string> = new Set([
  ...typeOfTemplate.values(),
  ...Object.values(plainTypes).flat(),
  otherType,
])

/** What the configuration may name as an event type. */
export function isEventType(name: string): boolean {
  return /^[A-Za-z0-9._-]{1,64}$/.test(name)
}

/** A name of the configuration stands for the type so called, and for all that end in it. */
export function matchesType(eventType: string, name: string): boolean {
  return eventType === name || eventType.endsWith(`.${name}`)
}

/**
 * The type that a body names itself by, if the catalogue or `extra` (the configuration's) has it.
 */
export function knownType(name: string | null, extra: ReadonlySet<string>): string {
  return name !== null && (eventTypes.has(name) || extra.has(name)) ? name : otherType
}

/**
 * The type of an event with a topic. `template` is the template that the body names, where it does,
 * which spares matching. A topic outside of the official list has the type that the rule above
 * makes of it, if `extra` names that.
 */
export function typeOfTopic(
  topic: string | null,
  template: string | null,
  extra: ReadonlySet<string>,
): string {
  const named = template === null ? undefined : typeOfTemplate.get(template)
  if (named !== undefined) return named
  const matched = topic === null ? null : templateOf(topic)
  if (matched !== null) return typeOfTemplate.get(matched) ?? otherType
  const guessed = guessTemplate(template ?? topic ?? '')
  return extra.size === 0 ? otherType : knownType(shortened(guessed), extra)
}

function shortened(template: string): string {
  const segments = template
    .replace(/^v2\.(?:detail\.events\.conversation\.\{id\}\.|detail\.events\.|analytics\.)?/, '')
    .split('.')
  const names = segments.map((segment, index) =>
    segments[index + 1] === '{id}' ? segment.replace(/s$/, '') : segment,
  )
  const short = names.filter((name) => name !== '{id}').join('.')
  return shorter.get(template) ?? short.replace('workforcemanagement', 'wfm')
}
