/**
 * What a failure of S3 means, by its status and name. Source: "Error responses" and "Conditional
 * writes" of the Amazon S3 documentation.
 *
 * Guarantee: the text of a failure is its name, status and message. Of the request, its headers and
 * its signature it holds nothing.
 */
import { S3ServiceException } from '@aws-sdk/client-s3'
import { errorText } from '../../core/errors.ts'

/**
 * - `missing`: there is no such object
 * - `taken`: the key of a conditional put has an object (412)
 * - `conflict`: another conditional put of the key is under way (409)
 * - `refused`: the same request will be refused again
 * - `unknown`: whether anything was done is not known; it may work later
 */
export type S3Failure = 'missing' | 'taken' | 'conflict' | 'refused' | 'unknown'

export function failureOf(error: unknown): S3Failure {
  if (!(error instanceof S3ServiceException)) return 'unknown'
  const status = error.$metadata.httpStatusCode ?? 0
  if (status === 404) return error.name === 'NoSuchBucket' ? 'refused' : 'missing'
  if (status === 412) return 'taken'
  if (status === 409) return 'conflict'
  const mayPass = [400, 403].includes(status) ? passing.has(error.name) : status === 429
  return status >= 400 && status < 500 && !mayPass ? 'refused' : 'unknown'
}

/** Answers of 400 and 403 that the next try may not get: a slow body, a clock, a session. */
const passing: ReadonlySet<string> = new Set([
  'RequestTimeout',
  'RequestTimeTooSkewed',
  'ExpiredToken',
  'IncompleteBody',
])

/** Without a full stop at its end. */
export function failureText(error: unknown): string {
  return textOf(error).replace(/\.+$/, '')
}

function textOf(error: unknown): string {
  if (!(error instanceof S3ServiceException)) return connectionText(error)
  const status = error.$metadata.httpStatusCode
  const message = error.message === error.name ? '' : `: ${error.message}`
  return `${error.name}${status === undefined ? '' : ` (${status})`}${message}`
}

/** Addresses that were tried one after the other fail as one error without a text. */
function connectionText(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return 'it did not answer in time'
  if (error instanceof AggregateError && error.errors.length > 0) return errorText(error.errors[0])
  return errorText(error) || String(error)
}
