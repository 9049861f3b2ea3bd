/**
 * What lies in a dump: events as they are, or wrapped by the service that they are from.
 *
 * - Firehose, objects that it put into its bucket: `{"rawData":"<base64>","arrivalTimestamp":ms,
 *   "errorCode":...}`. Source: AWS, "Amazon Data Firehose data delivery failure handling".
 * - SQS, messages of a dead-letter queue as the CLI prints them: `{"Messages":[{"MessageId":...,
 *   "Body":"...","Attributes":{"SentTimestamp":"ms"}}]}`, or each message by itself. Source: AWS,
 *   "ReceiveMessage". EventBridge puts the event into `Body`.
 * - Analytics, pages of conversation records as a query or a job answers: `{"conversations":[
 *   {"conversationId":...,"participants":[...]}],"totalHits":n}`. Source: Genesys Cloud,
 *   "AnalyticsConversationQueryResponse" and "AnalyticsConversationAsyncQueryResponse".
 *
 * What was wrapped came when the service says that it did. Pure; nothing throws.
 */
import { frame } from '../../event/frame.ts'
import { asBuffer } from '../../event/json.ts'
import { ArrayView, type JsonView, ObjectView } from '../../event/json-view.ts'

export const importFormats = ['auto', 'events', 'firehose', 'sqs', 'analytics'] as const
export type ImportFormat = (typeof importFormats)[number]

export interface Unwrapped {
  readonly body: Uint8Array
  /** Null where nothing says so. */
  readonly receivedAt: number | null
}

/** What `body` holds, in its order. `auto` tells wrappers by their shape. */
export function unwrap(body: Buffer, format: ImportFormat): Unwrapped[] {
  const asItIs = [{ body, receivedAt: null }]
  if (!mayBeWrapped(body, format)) return asItIs
  const { elements } = frame(body, (value) => wrappedIn(value, format))
  const parts = elements.map((element) => ({
    slice: element.slice,
    wrapped: element.kind === 'object' ? element.value : null,
  }))
  if (parts.every(({ wrapped }) => wrapped === null)) return asItIs
  return parts.flatMap(({ slice, wrapped }) => wrapped ?? [{ body: slice, receivedAt: null }])
}

type Wrapper = Exclude<ImportFormat, 'auto' | 'events'>

/** How a wrapper is told, and what it holds; null where it is none of that kind. */
const wrappers: Readonly<
  Record<Wrapper, { readonly name: string; read(value: ObjectView): Unwrapped[] | null }>
> = {
  firehose: { name: '"rawData"', read: firehoseError },
  sqs: { name: '"MessageId"', read: queueMessages },
  analytics: { name: '"conversations"', read: analyticsPage },
}

/** Few events name these anywhere, so that most are not looked into twice. */
function mayBeWrapped(body: Buffer, format: ImportFormat): boolean {
  return wrappersOf(format).some(({ name }) => body.includes(name))
}

function wrappersOf(format: ImportFormat) {
  if (format === 'auto') return Object.values(wrappers)
  return format === 'events' ? [] : [wrappers[format]]
}

function wrappedIn(value: ObjectView, format: ImportFormat): Unwrapped[] | null {
  for (const { read } of wrappersOf(format)) {
    const found = read(value)
    if (found !== null) return found
  }
  return null
}

function firehoseError(value: ObjectView): Unwrapped[] | null {
  const data = value.member('rawData')
  const isError = value.has('errorCode') || value.has('attemptsMade')
  if (typeof data !== 'string' || !isError) return null
  return [{ body: Buffer.from(data, 'base64'), receivedAt: time(value.member('arrivalTimestamp')) }]
}

function queueMessages(value: ObjectView): Unwrapped[] | null {
  const own = queueMessage(value)
  if (own !== null) return [own]
  const list = value.member('Messages')
  if (!(list instanceof ArrayView)) return null
  const messages = [...list.elements()].map(({ value: message }) => {
    return message instanceof ObjectView ? queueMessage(message) : null
  })
  return messages.every((message) => message !== null) && messages.length > 0 ? messages : null
}

function queueMessage(value: ObjectView): Unwrapped | null {
  const text = value.member('Body')
  if (typeof text !== 'string' || !value.has('MessageId')) return null
  const attributes = value.member('Attributes')
  const sent = attributes instanceof ObjectView ? attributes.member('SentTimestamp') : undefined
  return { body: asBuffer(Buffer.from(text)), receivedAt: time(sent) }
}

function analyticsPage(value: ObjectView): Unwrapped[] | null {
  const list = value.member('conversations')
  if (!(list instanceof ArrayView) || value.has('conversationId')) return null
  const records = [...list.elements()]
  const isPage = records.every(({ value: record }) => isConversation(record))
  if (!isPage || records.length === 0) return null
  return records.map(({ slice }) => ({ body: slice, receivedAt: null }))
}

function isConversation(value: JsonView): boolean {
  return value instanceof ObjectView && value.has('conversationId') && value.has('participants')
}

/** Milliseconds since the epoch, as a number or a text of digits. */
function time(value: unknown): number | null {
  const ms = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value
  return typeof ms === 'number' && Number.isSafeInteger(ms) && ms > 0 ? ms : null
}
