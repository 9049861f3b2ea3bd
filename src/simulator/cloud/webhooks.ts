/**
 * Posts events to the webhooks of subscriptions, as the platform does: what their filters want,
 * tried again as their retry policy says. A subscription with a delivery that was given up is
 * inactive.
 *
 * It posts to this machine alone, whatever URL a subscription names, and presents no client
 * certificate. What one webhook has not taken is held for it, up to a bound; beyond, it is lost.
 */
import type { Clock } from '../../core/clock.ts'
import type { Random } from '../../core/random.ts'
import { isArray, isObject, type JsonObject, type JsonValue, parseJson } from '../../event/json.ts'
import { guideWebhook, type RetryContract } from '../sending/contract.ts'
import type { Route } from '../sending/route.ts'
import { send } from '../sending/sender.ts'
import type { Delivery } from '../traffic/packing.ts'
import type { Subscribed, Subscriptions } from './subscriptions.ts'

export interface WebhooksDeps {
  readonly clock: Clock
  readonly random: Random
  readonly subscriptions: Pick<Subscriptions, 'active' | 'deactivate'>
  /** Whom it trusts; left out: public authorities. */
  readonly tls?: Route['tls']
}

const CONCURRENCY = 8
/** Deliveries that one webhook may be behind. */
const MOST_WAITING = 10_000

export class Webhooks {
  readonly #deps: WebhooksDeps
  readonly #stopping = new AbortController()
  /** By the id of the subscription. */
  readonly #lines = new Map<string, Waiting>()

  constructor(deps: WebhooksDeps) {
    this.#deps = deps
  }

  /** To those that want it. Its source is the dialect that it is told in. */
  async post(delivery: Delivery): Promise<void> {
    const event = parseJson(Buffer.from(delivery.body).toString())
    const { subscriptions } = this.#deps
    const wanting = subscriptions
      .active(delivery.source)
      .filter(({ fields }) => isHere(fields) && isObject(event) && isWanted(fields, event))
    for (const subscribed of wanting) await this.#lineOf(subscribed).push(delivery)
  }

  stop(): void {
    this.#stopping.abort()
    for (const line of this.#lines.values()) line.end()
  }

  #lineOf(subscribed: Subscribed): Waiting {
    const held = this.#lines.get(subscribed.id)
    if (held !== undefined) return held
    const line = new Waiting()
    this.#lines.set(subscribed.id, line)
    this.#send(subscribed, line).catch(() => undefined)
    return line
  }

  async #send({ id, fields: first }: Subscribed, line: Waiting): Promise<void> {
    const { subscriptions, tls } = this.#deps
    // It may have been changed since.
    const fieldsOf = (source: string) =>
      subscriptions.active(source).find((one) => one.id === id)?.fields ?? first
    const record = ({ kind }: { readonly kind: string }) => {
      if (kind !== 'given-up') return
      subscriptions.deactivate(id)
      line.clear()
    }
    await send(
      { ...this.#deps, ledger: { record } },
      {
        deliveries: line,
        routeOf: (source) => routeTo(fieldsOf(source), tls),
        concurrency: CONCURRENCY,
        pace: { kind: 'flat-out' },
        signal: this.#stopping.signal,
      },
    )
  }
}

/** What waits for one webhook, in order. */
class Waiting implements AsyncIterable<Delivery> {
  readonly #deliveries: Delivery[] = []
  #isEnded = false
  #change = Promise.withResolvers<void>()

  async push(delivery: Delivery): Promise<void> {
    while (this.#deliveries.length >= MOST_WAITING && !this.#isEnded) await this.#change.promise
    this.#deliveries.push(delivery)
    this.#changed()
  }

  clear(): void {
    this.#deliveries.length = 0
    this.#changed()
  }

  end(): void {
    this.#isEnded = true
    this.#changed()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Delivery> {
    while (!this.#isEnded) {
      const next = this.#deliveries.shift()
      if (next === undefined) await this.#change.promise
      else {
        this.#changed()
        yield next
      }
    }
  }

  #changed(): void {
    this.#change.resolve()
    this.#change = Promise.withResolvers()
  }
}

function isHere({ url }: JsonObject): boolean {
  const host = URL.parse(String(url))?.hostname ?? ''
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

function routeTo(fields: JsonObject, tls: Route['tls']): Route {
  const headers = isObject(fields['headers']) ? fields['headers'] : {}
  const texts = Object.entries(headers).map(([name, value]) => [name, String(value)] as const)
  const key = texts.find(([name]) => isSignature(name))
  return {
    url: new URL(String(fields['url'])),
    contract: contractOf(fields['retryPolicy']),
    headers: Object.fromEntries(texts.filter((header) => header !== key)),
    ...(key && { hmac: { header: key[0], secret: key[1] } }),
    ...(tls && { tls }),
  }
}

/** The value of such a header is a key, as the guides have it, and each body is signed with it. */
function isSignature(header: string): boolean {
  return /signature$/i.test(header)
}

/** Each wait is twice the one before. Event subscriptions have no policy of their own. */
function contractOf(policy: JsonValue | undefined): RetryContract {
  if (!isObject(policy)) return guideWebhook
  const { maxRetries = 5, retryIntervalSeconds = 60 } = policy
  const baseMs = Number(retryIntervalSeconds) * 1000
  const tries = Number(maxRetries) + 1
  return { ...guideWebhook, tries, backoff: { baseMs, maxMs: baseMs * 2 ** tries } }
}

/** Of what an event does not tell, no filter keeps it away. */
function isWanted(fields: JsonObject, event: JsonObject): boolean {
  const filters = isObject(fields['filters']) ? fields['filters'] : {}
  const {
    eventTypes = fields['events'],
    interactionTypes,
    queues,
    contactType,
    direction,
  } = filters
  const data = isObject(event['data']) ? event['data'] : {}
  const contact = isObject(event['contact']) ? event['contact'] : {}
  return (
    isAmong(event['eventType'], eventTypes) &&
    isAmong(data['type'], interactionTypes) &&
    isAmong(data['queueId'], queues) &&
    isAmong(contact['contactType'], contactType) &&
    isAmong(event['direction'], direction)
  )
}

function isAmong(value: JsonValue | undefined, wanted: JsonValue | undefined): boolean {
  if (value === undefined || value === null || wanted === undefined || wanted === null) return true
  const list = isArray(wanted) ? wanted : [wanted]
  return list.length === 0 || list.includes(value)
}
