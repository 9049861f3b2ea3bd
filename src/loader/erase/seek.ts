/** What an erasure needs to know: who is sought, and what becomes of bodies that name them. */
import { hash } from 'node:crypto'
import type { PrivacyKey } from '../../privacy/key.ts'
import {
  type IsSought,
  isId,
  mentions,
  namesAny,
  type Subject,
  seeksOne,
} from '../../privacy/subject.ts'
import { schemaTopic } from '../../schemas/topic.ts'
import { knownFields, type MaskingRules } from '../body-mask.ts'

export interface Seek {
  readonly subject: Subject
  readonly rules: MaskingRules
  readonly isSought: IsSought
  /** What stands for them where bodies are kept masked, by each key. */
  readonly pseudonyms: readonly string[]
}

export function seekFor(
  subject: Subject,
  { keys, ...rules }: MaskingRules & { readonly keys: readonly PrivacyKey[] },
): Seek {
  const pseudonyms = keys.map((key) => key.pseudonym(subject.value))
  const isOne = seeksOne(subject)
  const isSought: IsSought = (name) => isOne(name) || pseudonyms.includes(name)
  return { subject, rules, isSought, pseudonyms }
}

/** Whether a text that is or was JSON, or any other, names them. */
export function names({ isSought, rules }: Pick<Seek, 'isSought' | 'rules'>, text: string) {
  return mentions(text, isSought, rules.policy.normal)
}

/** The same of a text as it is, such as an id in a column of its own. */
export function isNamedBy({ isSought, rules }: Pick<Seek, 'isSought' | 'rules'>, text: string) {
  return namesAny(text, isSought, rules.policy.normal)
}

export interface BodyFacts {
  readonly dialect: string
  readonly topic: string | null
  readonly eventType: string
}

/**
 * The body without anything personal; empty where it is no JSON. Of one that names them all the
 * same, such as by the name of a field, nothing stays.
 */
export function redactedBody(
  seek: Pick<Seek, 'isSought' | 'rules'>,
  body: string | Uint8Array,
  facts: BodyFacts,
): Buffer {
  const { isSought, rules } = seek
  const known = knownFields(rules, facts)
  const redacted = rules.policy.redactJson(body, { known, isSought }) ?? ''
  return Buffer.from(names(seek, redacted) ? '{}' : redacted)
}

/** A topic tells of whom it is by their id. */
export function redactedTopic(seek: Seek, topic: string | null): string | null {
  if (topic === null || !(isNamedBy(seek, topic) || holdsId(seek, topic))) return topic
  return schemaTopic({ dialect: '', topic, eventType: '' })
}

/** Ids within other words, such as those between the dots of a topic. */
export function holdsId({ subject }: Pick<Seek, 'subject'>, text: string): boolean {
  return isId(subject.kind) && text.includes(subject.value)
}

export function sha256(body: Uint8Array): string {
  return hash('sha256', body)
}

/** True, as SQL, of a row of `bronze.arrivals` that says so. */
export const isErased = `(outcome <> 'note' AND ends_with(detail, '"erased":true}'))`

/** What stands in `detail` of a row that was erased; the place that a duplicate repeats stays. */
export function erasedDetail(outcome: string, detail: string | null): string {
  const place: unknown = outcome === 'duplicate' ? JSON.parse(detail ?? '{}') : {}
  return JSON.stringify({ ...(place as object), erased: true })
}
