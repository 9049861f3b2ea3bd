/**
 * The request headers that are stored: those that help to trace a delivery, and nothing else. What
 * carries a proof is never among them.
 */
import type { Headers } from './http/field-lines.ts'

const allowed = [
  'content-type',
  'user-agent',
  'x-amzn-trace-id',
  'x-correlation-id',
  'x-request-id',
  'inin-correlation-id',
  'x-amz-firehose-request-id',
  'x-amz-firehose-source-arn',
  'x-amz-firehose-common-attributes',
] as const

/** Each event of a request repeats the text: no sender needs more to be found again. */
const MAX_VALUE_LENGTH = 256

export class StoredHeaders {
  readonly #names: readonly string[]
  #lastValues: (string | undefined)[] = []
  #lastText = '{}'

  /** `secret`: lower-case names of headers that carry a proof. */
  constructor(secret: readonly string[]) {
    this.#names = allowed.filter((name) => !secret.includes(name))
  }

  /** The text of a JSON object. The last one is remembered: a sender's headers seldom change. */
  textOf(headers: Headers): string {
    const names = this.#names
    for (let index = 0; index < names.length; index++) {
      if (headers.get(names[index] ?? '') !== this.#lastValues[index])
        return this.#remember(headers)
    }
    return this.#lastText
  }

  #remember(headers: Headers): string {
    const stored: Record<string, string> = {}
    this.#lastValues = this.#names.map((name) => {
      const value = headers.get(name)
      if (typeof value !== 'string') return undefined
      stored[name] = value.slice(0, MAX_VALUE_LENGTH)
      return value
    })
    this.#lastText = JSON.stringify(stored)
    return this.#lastText
  }
}

/** The headers of a text that was stored. */
export function readStored(text: string): Headers {
  return new Map(Object.entries(JSON.parse(text)))
}
