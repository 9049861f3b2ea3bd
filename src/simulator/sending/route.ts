/** Where the deliveries of a source go, in what form, and how the sender proves who it is. */
import { createHmac, createSecretKey } from 'node:crypto'
import type { Clock } from '../../core/clock.ts'
import type { Delivery } from '../traffic/packing.ts'
import type { RetryContract } from './contract.ts'
import { firehoseBody, firehoseHeaders } from './firehose.ts'

export interface Route {
  readonly url: URL
  readonly contract: RetryContract
  readonly headers?: Readonly<Record<string, string>>
  /** A header with a constant secret. */
  readonly apiKey?: { readonly header: string; readonly value: string }
  /** A header with the HMAC-SHA-256 of the body as it is sent. */
  readonly hmac?: {
    readonly header: string
    readonly secret: string
    readonly encoding?: 'hex' | 'base64'
    /** A header with the time in seconds, which is then signed too: `<time>.<body>`. */
    readonly timestampHeader?: string
  }
  /** Given to the agent of node:https as it is. */
  readonly tls?: {
    readonly ca?: string | Buffer
    readonly cert?: string | Buffer
    readonly key?: string | Buffer
    readonly servername?: string
    readonly rejectUnauthorized?: boolean
  }
}

/** What goes over the wire for a delivery. */
export interface Wire {
  readonly body: Uint8Array
  readonly headers: Record<string, string | number>
}

/** Keys are prepared once; the form is that of the route's contract. */
export function wireFor(route: Route, clock: Clock): (delivery: Delivery) => Wire {
  const { hmac, apiKey, contract } = route
  const key = hmac === undefined ? null : createSecretKey(Buffer.from(hmac.secret))
  const constant = {
    'user-agent': 'inlet-simulator',
    ...route.headers,
    ...(apiKey === undefined ? {} : { [apiKey.header]: apiKey.value }),
  }
  return (delivery) => {
    const isFirehose = contract.form === 'firehose'
    const body = isFirehose ? firehoseBody(delivery) : delivery.body
    const own = isFirehose ? firehoseHeaders(delivery) : { 'content-type': delivery.contentType }
    const headers = { ...constant, ...own, 'content-length': body.length }
    if (hmac === undefined || key === null) return { headers, body }
    const { header, encoding = 'hex', timestampHeader } = hmac
    const time = timestampHeader === undefined ? '' : String(Math.floor(clock.now() / 1000))
    const signature = createHmac('sha256', key)
      .update(time === '' ? '' : `${time}.`)
      .update(body)
      .digest(encoding)
    const stamp = timestampHeader === undefined ? {} : { [timestampHeader]: time }
    return { headers: { ...headers, ...stamp, [header]: signature }, body }
  }
}
