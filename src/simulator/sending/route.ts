/** Where the deliveries of a source go, and how the sender proves who it is. */
import { createHmac, createSecretKey } from 'node:crypto'
import type { Delivery } from '../traffic/packing.ts'
import type { RetryContract } from './contract.ts'

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

export type HeadersOf = (delivery: Delivery) => Record<string, string | number>

/** The headers of each delivery; keys are prepared once. */
export function headersFor(route: Route): HeadersOf {
  const { hmac, apiKey } = route
  const key = hmac === undefined ? null : createSecretKey(Buffer.from(hmac.secret))
  const constant = {
    'user-agent': 'inlet-simulator',
    ...route.headers,
    ...(apiKey === undefined ? {} : { [apiKey.header]: apiKey.value }),
  }
  return ({ contentType, body }) => {
    const headers = { ...constant, 'content-type': contentType, 'content-length': body.length }
    if (hmac === undefined || key === null) return headers
    const proof = createHmac('sha256', key)
      .update(body)
      .digest(hmac.encoding ?? 'hex')
    return { ...headers, [hmac.header]: proof }
  }
}
