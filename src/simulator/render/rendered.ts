/** How a dialect tells of what happens. One file a dialect; ./dialects.ts lists them. */
import type { Random } from '../../core/random.ts'
import type { Dialect } from '../../event/envelope.ts'
import type { JsonObject, JsonValue } from '../../event/json.ts'
import type { Conversation } from '../centre/conversation.ts'
import type { Happening, HappeningType } from '../centre/happening.ts'
import type { World } from '../centre/world.ts'

/** An event as a payload, and what a receiver must find in it. */
export interface Rendered {
  readonly dialect: Dialect
  /** Null in dialects whose events have no id of their own. */
  readonly eventId: string | null
  readonly eventType: string
  readonly topic: string | null
  /** Null where the payload carries none. */
  readonly eventTime: number | null
  readonly conversationId: string | null
  readonly value: JsonObject
}

/** What a happening is told with. `random` gives ids and delays, never facts. */
export interface Scene {
  readonly world: World
  readonly random: Random
  /** Null for what happens outside any conversation. */
  readonly conversation: Conversation | null
}

export interface Teller {
  readonly dialect: Dialect
  /** A dialect is silent about all else. */
  readonly tells: ReadonlySet<HappeningType>
  render(happening: Happening, scene: Scene): Rendered
  /** The part of a payload that may be bent, and the fields in it that must stay as they are. */
  readonly pliable: Pliable
}

export interface Pliable {
  /** Where it lies in the payload; empty for the payload itself. */
  readonly path: readonly string[]
  /** Fields that identity, time, type or conversation are read from. */
  readonly fixed: ReadonlySet<string>
}

/** The minute that was last written. Events come in order of time, so that most share theirs. */
let lastMinute = { number: Number.NaN, text: '' }

/** As `Date.toISOString`, which would be a fifth of the cost of telling an event. */
export function isoTime(ms: number): string {
  const number = Math.floor(ms / 60_000)
  if (number !== lastMinute.number) {
    lastMinute = { number, text: new Date(number * 60_000).toISOString().slice(0, 17) }
  }
  const rest = ms - number * 60_000
  const seconds = `${Math.floor(rest / 1000)}`.padStart(2, '0')
  return `${lastMinute.text}${seconds}.${`${rest % 1000}`.padStart(3, '0')}Z`
}

/** `TRANSPORT_FAILURE` as the dialects other than detail events spell it: `transportFailure`. */
export function lowerCamel(name: string): string {
  return name.toLowerCase().replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
}

/** For dialects that cannot be asked to tell of this. */
export function untold(happening: Happening): never {
  throw new Error(`a dialect was asked to tell of ${happening.type}, which it is silent about`)
}

/** The conversation that a happening is part of. */
export function conversationOf(scene: Scene): Conversation {
  if (scene.conversation === null) throw new Error('this happens in a conversation only')
  return scene.conversation
}

export function compact(fields: Readonly<Record<string, JsonValue>>): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null))
}
