/**
 * The port to Genesys Cloud that everything beside this folder calls by: one organisation, one
 * client of it, shared by whoever asks in this process, so that together they keep its limits.
 *
 * A call resolves with an answer of 2xx, or rejects with an InletError of the area GEN, whose
 * disposition says whether to come again. Tokens, waiting for a turn, and repeating what may be
 * repeated are seen to; nothing that an answer contains can make it throw anything else.
 */
import type { JsonValue } from '../event/json.ts'
import type { JsonView } from '../event/json-view.ts'

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** Who goes first where requests wait for their turn. */
export const urgencies = ['high', 'normal', 'low'] as const
export type Urgency = (typeof urgencies)[number]

export interface Call {
  readonly method: Method
  /** Below the API's origin, encoded: `/api/v2/users`. What it contains may be logged. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | number>>
  readonly body?: JsonValue
  /**
   * Whether it may be sent again although it may have arrived. By default as HTTP has it for the
   * method; queries that are posted may well say so.
   */
  readonly repeatable?: boolean
  /** By default `normal`. */
  readonly urgency?: Urgency
  readonly signal?: AbortSignal
}

export interface Answer {
  readonly status: number
  readonly bytes: Buffer
  /** The body where it stands, for exact slices; undefined where there is none. */
  readonly view: JsonView | undefined
}

export interface GenesysClient {
  /** The name of the organisation in the configuration. */
  readonly org: string
  call(call: Call): Promise<Answer>
  /**
   * The call that a URL out of an answer (`nextUri`) stands for. Throws INL_GEN_FOREIGN_URL where
   * it leads anywhere but to the API of this organisation.
   */
  follow(uri: string): Pick<Call, 'method' | 'path'>
  /** Throws INL_GEN_FOREIGN_URL unless the URL (`connectUri`) is of this organisation's domain. */
  own(uri: string): URL
}
