/** What an erasure needs to know: who is sought, and what becomes of bodies that name them. */
import { hash } from 'node:crypto'
import { type IsSought, isId, mentions, type Subject, seeksOne } from '../../privacy/subject.ts'
import { schemaTopic } from '../../schemas/topic.ts'
import { knownFields, type MaskingRules } from '../body-mask.ts'

export interface Seek {
  readonly subject: Subject
  readonly rules: MaskingRules
  readonly isSought: IsSought
}

export function seekFor(subject: Subject, rules: MaskingRules): Seek {
  return { subject, rules, isSought: seeksOne(subject) }
}

/** Whether a text that is or was JSON, or any other, names them. */
export function names({ isSought, rules }: Pick<Seek, 'isSought' | 'rules'>, text: string) {
  return mentions(text, isSought, rules.policy.normal)
}

export interface BodyFacts {
  readonly dialect: string
  readonly topic: string | null
  readonly eventType: string
}

/** The body without anything personal; empty where it is no JSON. */
export function redactedBody(
  { isSought, rules }: Pick<Seek, 'isSought' | 'rules'>,
  body: string | Uint8Array,
  facts: BodyFacts,
): Buffer {
  const known = knownFields(rules, facts)
  return Buffer.from(rules.policy.redactJson(body, { known, isSought }) ?? '')
}

/** A topic tells of whom it is by their id. */
export function redactedTopic({ subject }: Seek, topic: string | null): string | null {
  if (topic === null || !isId(subject.kind) || !topic.includes(subject.value)) return topic
  return schemaTopic({ dialect: '', topic, eventType: '' })
}

export function sha256(body: Uint8Array): string {
  return hash('sha256', body)
}

/** What stands in `detail` of a row that was erased; the place that a duplicate repeats stays. */
export function erasedDetail(outcome: string, detail: string | null): string {
  const place: unknown = outcome === 'duplicate' ? JSON.parse(detail ?? '{}') : {}
  return JSON.stringify({ ...(place as object), erased: true })
}
