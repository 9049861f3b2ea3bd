import assert from 'node:assert/strict'
import { test } from 'node:test'
import { S3ServiceException } from '@aws-sdk/client-s3'
import { failureOf, failureText } from '../../../../src/lake/store/s3-errors.ts'

function answer(httpStatusCode: number, name: string, message = name): S3ServiceException {
  const $metadata = { httpStatusCode }
  return new S3ServiceException({ name, message, $fault: 'client', $metadata })
}

test('an answer says what is there, what is refused, and what may work later', () => {
  const cases = [
    [404, 'NoSuchKey', 'missing'],
    [404, 'NotFound', 'missing'],
    [404, 'NoSuchBucket', 'refused'],
    [412, 'PreconditionFailed', 'taken'],
    [409, 'ConditionalRequestConflict', 'conflict'],
    [403, 'AccessDenied', 'refused'],
    [403, 'RequestTimeTooSkewed', 'unknown'],
    [400, 'RequestTimeout', 'unknown'],
    [400, 'InvalidArgument', 'refused'],
    [429, 'TooManyRequests', 'unknown'],
    [500, 'InternalError', 'unknown'],
    [503, 'SlowDown', 'unknown'],
  ] as const
  for (const [status, name, failure] of cases)
    assert.equal(failureOf(answer(status, name)), failure, name)
  assert.equal(failureOf(new Error('socket hang up')), 'unknown')
})

test('a failure is told by its name, status and message, in one sentence without an end', () => {
  assert.equal(failureText(answer(403, 'AccessDenied')), 'AccessDenied (403)')
  const told = answer(404, 'NoSuchBucket', 'The bucket does not exist.')
  assert.equal(failureText(told), 'NoSuchBucket (404): The bucket does not exist')
  const refused = new AggregateError([new Error('connect ECONNREFUSED 127.0.0.1:1')], '')
  assert.equal(failureText(refused), 'connect ECONNREFUSED 127.0.0.1:1')
  const late = Object.assign(new Error('@smithy ...'), { name: 'TimeoutError' })
  assert.equal(failureText(late), 'it did not answer in time')
})
