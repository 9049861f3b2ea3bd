/**
 * The registry: the schema that holds for each topic, and the judge of shapes.
 *
 * It is the seed with what operators approved laid over it, in the order in which that landed: the
 * last approval of a topic holds. Whoever opens it with the same seed and the same approvals judges
 * alike, and has the same `digest` (I7).
 *
 * Limits: judgements are remembered for as many shapes as `MOST_SHAPES` and `MOST_CHARACTERS`
 * allow; what is forgotten is judged again.
 */
import { hash } from 'node:crypto'
import { contentHash, type SchemaDocument } from './json-schema.ts'
import { type Deviation, judgeShape } from './judge.ts'
import { type Outline, outlineOf } from './outline.ts'
import { stepsOf } from './path.ts'
import type { SchemaSeed } from './seed/seed.ts'
import { type Subject, schemaTopic } from './topic.ts'

export interface RegisteredSchema {
  readonly topic: string
  readonly document: SchemaDocument
  /** Counts the versions of the topic, from 1. */
  readonly number: number
  /** `<number>.<content hash>`. */
  readonly version: string
  readonly origin: SchemaOrigin
}

export type SchemaOrigin = 'seed' | 'file' | 'approved'

/** A version that an operator put in force, whatever was there before. */
export interface Approval {
  readonly topic: string
  readonly document: SchemaDocument
  readonly number: number
  readonly origin: Exclude<SchemaOrigin, 'seed'>
}

export interface Schemas {
  /** What deviates, for every body of this shape. Nothing does where no schema is known. */
  judge(subject: Subject, shapeText: string): readonly Deviation[]
  /** The version in force; null where none is known. `topic` is a name of ./topic.ts. */
  version(topic: string): string | null
  /** Whether the schema names the field, or its map or list. False where it says nothing of it. */
  isKnown(topic: string, path: string): boolean
  /** Whether the schema names the field and lets a text stand there. */
  takesText(topic: string, path: string): boolean
  find(topic: string): RegisteredSchema | null
  /** By topic. */
  readonly all: readonly RegisteredSchema[]
  /** Differs where any version does. */
  readonly digest: string
}

const DIGEST_DIGITS = 16

/** `approvals` in the order in which they were made. */
export function openSchemas(seed: SchemaSeed, approvals: readonly Approval[] = []): Schemas {
  const inForce = new Map<string, RegisteredSchema>()
  for (const [topic, document] of seed)
    inForce.set(topic, register({ topic, document, number: 1, origin: 'seed' }))
  for (const approval of approvals) inForce.set(approval.topic, register(approval))
  const all = [...inForce.values()].sort((a, b) => (a.topic < b.topic ? -1 : 1))
  const versions = all.map(({ topic, version }) => `${topic} ${version}\n`).join('')
  const outlines = new Map<string, Outline>()
  const outline = (topic: string): Outline | null => {
    const document = inForce.get(topic)?.document
    if (document === undefined) return null
    const found = outlines.get(topic) ?? outlineOf(document, document.definitions ?? {})
    outlines.set(topic, found)
    return found
  }
  const judged = new Judgements()
  return {
    judge(subject, shapeText) {
      const topic = schemaTopic(subject)
      const schema = outline(topic)
      if (schema === null) return []
      return judged.of(`${topic}\n${shapeText}`, () => judgeShape(schema, shapeText))
    },
    version: (topic) => inForce.get(topic)?.version ?? null,
    isKnown: (topic, path) => found(outline(topic), stepsOf(path)) !== null,
    takesText: (topic, path) => {
      const field = found(outline(topic), stepsOf(path))
      return field !== null && (field.types?.has('string') ?? true)
    },
    find: (topic) => inForce.get(topic) ?? null,
    all,
    digest: hash('sha256', versions, 'hex').slice(0, DIGEST_DIGITS),
  }
}

function register(one: Omit<RegisteredSchema, 'version'>): RegisteredSchema {
  const { topic, document, number, origin } = one
  return { topic, document, number, version: versionOf(number, document), origin }
}

export function versionOf(number: number, document: SchemaDocument): string {
  return `${number}.${contentHash(document)}`
}

function found(outline: Outline | null, steps: readonly string[]): Outline | null {
  let at = outline
  for (const step of steps) at = (step === '[]' ? at?.element : at?.member(step)) ?? null
  return at
}

const MOST_SHAPES = 8192
const MOST_CHARACTERS = 16 * 2 ** 20

/** The oldest is forgotten first: a shape that is frequent costs one judgement a round. */
class Judgements {
  readonly #known = new Map<string, readonly Deviation[]>()
  #characters = 0

  of(key: string, judge: () => readonly Deviation[]): readonly Deviation[] {
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const deviations = judge()
    this.#known.set(key, deviations)
    this.#characters += key.length
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MOST_SHAPES && this.#characters <= MOST_CHARACTERS) break
      this.#known.delete(oldest)
      this.#characters -= oldest.length
    }
    return deviations
  }
}
