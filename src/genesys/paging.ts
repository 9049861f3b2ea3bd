/**
 * Lists that Genesys gives in pages, as async iterators: by number (`pageNumber`, `nextUri`) and by
 * cursor.
 *
 * Guarantee: each page is asked for once and when it is wanted; what an answer says of the next one
 * can neither lead to another server nor go round for ever.
 */
import { InletError } from '../core/errors.ts'
import { ArrayView, ObjectView } from '../event/json-view.ts'
import type { Call, GenesysClient } from './client.ts'
import { objectOf } from './failures.ts'

/** A member of a page: what it says, and its exact bytes. */
export interface Entity {
  readonly view: ObjectView
  readonly slice: Buffer
}

export interface Page {
  readonly body: ObjectView | null
  readonly entities: readonly Entity[]
}

/** Far beyond any list of names. */
const MOST_PAGES = 10_000

/** Pages of `entities`, the first by the call itself. */
export async function* pagesByNumber(
  client: GenesysClient,
  call: Call,
  pageSize: number,
): AsyncGenerator<Page, void> {
  const { query, ...rest } = call
  const atPage = (pageNumber: number): Call => ({
    ...rest,
    query: { ...query, pageSize, pageNumber },
  })
  let next: Call | null = atPage(1)
  for (let number = 1; next !== null; number++) {
    if (number > MOST_PAGES) throw endless(client, call)
    const page = await pageOf(client, next, 'entities')
    yield page
    const uri = nextUri(page.body)
    const pageCount = page.body?.member('pageCount')
    if (uri !== null) next = { ...rest, ...client.follow(uri) }
    else next = typeof pageCount === 'number' && pageCount > number ? atPage(number + 1) : null
    if (page.entities.length === 0) next = null
  }
}

/** Pages of the member that is named, until one names no `cursor`. */
export async function* pagesByCursor(
  client: GenesysClient,
  call: Call,
  member: string,
): AsyncGenerator<Page, void> {
  const seen = new Set<string>()
  for (let cursor: string | null = null; ; ) {
    const query = { ...call.query, ...(cursor !== null && { cursor }) }
    const page = await pageOf(client, { ...call, query }, member)
    yield page
    // Longer than any id: the fields of events are not what it is read by.
    const told: unknown = page.body?.member('cursor')
    cursor = typeof told === 'string' && told !== '' ? told : null
    if (cursor === null) return
    if (seen.has(cursor) || seen.size >= MOST_PAGES) throw endless(client, call)
    seen.add(cursor)
  }
}

/** What is in the place of the list or of its members and is no object is left out. */
export async function pageOf(client: GenesysClient, call: Call, member: string): Promise<Page> {
  const body = objectOf((await client.call(call)).view)
  const list = body?.member(member)
  const elements = list instanceof ArrayView ? [...list.elements()] : []
  const entities = elements.flatMap(({ value, slice }) =>
    value instanceof ObjectView ? [{ view: value, slice }] : [],
  )
  return { body, entities }
}

function nextUri(body: ObjectView | null): string | null {
  const uri = body?.member('nextUri')
  return typeof uri === 'string' && uri !== '' ? uri : null
}

function endless(client: GenesysClient, { method, path }: Call): InletError {
  const reason = `pages without end for ${method} ${path}`
  return new InletError('INL_GEN_ANSWER', { host: client.org, reason })
}
