import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { PrivacyKey } from '../../../src/privacy/key.ts'
import { compilePolicy } from '../../../src/privacy/policy.ts'
import {
  mentions,
  type SubjectKind,
  seeksErased,
  seeksOne,
  subjectOf,
  tombstoneOf,
} from '../../../src/privacy/subject.ts'

const key = new PrivacyKey('0123456789abcdef0123456789abcdef')
const policy = compilePolicy({ rules: [], key, country: 'US' })
const { normal } = policy
const subject = (kind: SubjectKind, text: string) => {
  const found = subjectOf(kind, text, normal)
  assert.ok(found)
  return found
}

const cases: readonly (readonly [SubjectKind, string, readonly string[], readonly string[]])[] = [
  [
    'phone',
    '(317) 555-1234',
    [
      '{"ani":"tel:+13175551234"}',
      '{"x":[13175551234]}',
      '{"x":"\\u002b1 317 555 1234"}',
      '{"note":"call me at 317.555.1234, please"}',
      '{"broken": "sip:+13175551234@host',
      '{"broken": "+1 (317) 555-1234", ',
    ],
    ['{"ani":"+13175551235"}', '{"at":1649237504949}', '{"x":""}', '"1234"'],
  ],
  [
    'email',
    'Jane.Doe@Example.com',
    ['{"from":" jane.doe@example.COM "}', '{"subject":"Re: <Jane.Doe@example.com> wrote"}'],
    ['{"from":"doe@example.com"}', '{"from":"jane.doe@example.com.au"}'],
  ],
  [
    'conversation',
    '2f7bf00a-0fc2-4d6a-9b56-92238191433e',
    [
      '{"conversationId":"2f7bf00a-0fc2-4d6a-9b56-92238191433e"}',
      '{"uri":"/x/2f7bf00a-0fc2-4d6a-9b56-92238191433e"}',
    ],
    ['{"conversationId":"2f7bf00a-0fc2-4d6a-9b56-92238191433f"}'],
  ],
]

suite('who is sought', () => {
  for (const [kind, text, there, elsewhere] of cases) {
    const sought = subject(kind, text)
    const seekers = {
      'by who it is': seeksOne(sought),
      'by a tombstone': seeksErased([tombstoneOf(sought, key)], [key]),
    }
    for (const [how, isSought] of Object.entries(seekers)) {
      test(`is found as ${kind} ${how}, in any spelling, and only then`, () => {
        for (const body of there) assert.ok(mentions(body, isSought, normal), body)
        for (const body of elsewhere) assert.ok(!mentions(body, isSought, normal), body)
      })
    }
  }

  test('is found by a tombstone of a key that was in use before, and of no other', () => {
    const tombstone = tombstoneOf(subject('phone', '+13175551234'), key)
    const other = new PrivacyKey('f'.repeat(32))
    const body = '{"ani":"+13175551234"}'
    assert.ok(mentions(body, seeksErased([tombstone], [other, key]), normal))
    assert.ok(!mentions(body, seeksErased([tombstone], [other]), normal))
    assert.notEqual(tombstone.digest, policy.maskText('ani', '+13175551234'))
  })

  test('is nobody where the text is nothing of the kind', () => {
    for (const [kind, text] of [
      ['phone', '12345'],
      ['phone', 'Jane'],
      ['email', 'Jane'],
      ['user', "' OR 1=1"],
    ] as const)
      assert.equal(subjectOf(kind, text, normal), null)
  })

  test('is taken out of fields that a rule keeps', () => {
    const rules = [{ field: 'customerName', action: 'keep' }] as const
    const keeping = compilePolicy({ rules, key, country: 'US' })
    const isSought = seeksOne(subject('phone', '+13175551234'))
    const body = JSON.stringify({ customerName: 'Jane', ani: '+13175551234' })
    const redacted = keeping.redactJson(body, { known: () => true, isSought })
    assert.equal(redacted, '{"customerName":"***","ani":"***"}')
  })

  test('is taken out of a body with all that is personal beside it', () => {
    const isSought = seeksOne(subject('phone', '+13175551234'))
    const body = { a: 'x 317-555-1234', ani: '+13175551234', name: 'kept', subject: 'y', n: 1.5 }
    const redacted = policy.redactJson(JSON.stringify(body), { known: () => true, isSought })
    assert.equal(redacted, '{"a":null,"ani":"***","name":"kept","subject":null,"n":1.5}')
  })
})
