import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { PrivacyKey } from '../../../src/privacy/key.ts'
import { compilePolicy } from '../../../src/privacy/policy.ts'
import type { Rule } from '../../../src/privacy/rules.ts'

const key = new PrivacyKey('0123456789abcdef0123456789abcdef')
const policy = (...rules: Rule[]) => compilePolicy({ rules, key, country: 'US' })
const nothing = { known: () => false }
const everything = { known: () => true }
const text = (value: unknown) => JSON.stringify(value)
const parsed = (masked: string | null): unknown => JSON.parse(masked ?? 'null')

suite('masking a JSON text', () => {
  test('hashes, masks and drops by the end of the path, and keeps what a schema knows', () => {
    const { maskJson, maskText } = policy()
    const body = {
      topicName: 'v2.x',
      detail: {
        eventBody: { ani: 'tel:+13175551234', subject: 'my card 4111', mediaType: 'VOICE' },
      },
      data: { participants: [{ id: 'a', name: 'Jane Doe' }], queue: { name: 'Sales' } },
      attributes: { tier: 'gold', deep: { mail: 'jane@example.com' } },
    }
    assert.deepEqual(parsed(maskJson(text(body), everything)), {
      topicName: 'v2.x',
      detail: {
        eventBody: { ani: maskText('ani', '+13175551234'), subject: null, mediaType: 'VOICE' },
      },
      data: {
        participants: [{ id: 'a', name: maskText('participants[].name', 'Jane Doe') }],
        queue: { name: 'Sales' },
      },
      attributes: { tier: '***', deep: { mail: '***@example.com' } },
    })
  })

  test('masks what nobody knows, whatever its type', () => {
    const body = { a: 'x', b: 4111111111111111, c: true, d: null, e: [1, { f: '' }] }
    assert.deepEqual(parsed(policy().maskJson(text(body), nothing)), {
      a: '***',
      b: '***',
      c: '***',
      d: null,
      e: ['***', { f: '' }],
    })
  })

  test('masks names of members that may be people', () => {
    const body = '{"Jane Doe":1,"a@b.example":2,"x13175551234":3,"mediaType":4,"\\u004aane D":5}'
    assert.equal(
      policy().maskJson(body, nothing),
      '{"***":"***","***2":"***","***3":"***","mediaType":"***","***4":"***"}',
    )
  })

  test('hashes a number that is written as a number', () => {
    const { maskJson } = policy()
    const of = (value: unknown) => maskJson(text({ ani: value }), nothing)
    assert.equal(of(13175551234), of('+1 317 555 1234'))
  })

  test('covers what lies below a field that has become an object', () => {
    const body = { ani: { e164: '+13175551234', name: ['Jane'] }, subject: { text: ['x'] } }
    const masked = String(policy().maskJson(text(body), everything))
    assert.deepEqual(Object.keys(parsed(masked) as object), ['ani', 'subject'])
    assert.doesNotMatch(masked, /Jane|1317|"x"/)
  })

  test('keeps kept values byte by byte', () => {
    const body = '{ "a" : 1.0, "b":[12345678901234567890 ,1e5], "c":"\\u0041" }'
    const expected = '{"a":1.0,"b":[12345678901234567890,1e5],"c":"\\u0041"}'
    assert.equal(policy().maskJson(body, everything), expected)
  })

  test('masks every value of a repeated key', () => {
    const masked = policy().maskJson('{"ani":"Jane","ani":"Doe"}', everything)
    assert.doesNotMatch(String(masked), /Jane|Doe/)
  })

  test('is no JSON where the text is none', () => {
    for (const body of ['', '{', 'Jane', '{"a":1}}', new Uint8Array([0x22, 0xff, 0x00])])
      assert.equal(policy().maskJson(body, everything), null)
  })

  test('survives any depth, and shows nothing of the deep', () => {
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const) {
      const body = `${open.repeat(100_000)}"Jane"${close.repeat(100_000)}`
      const masked = policy().maskJson(body, everything) ?? ''
      assert.match(masked, /"\*\*\*"/)
      assert.doesNotMatch(masked, /Jane/)
      assert.ok(masked.length < 1000)
    }
  })

  test('gives JSON of the same shape for any JSON, and shows no text that nobody knows', () => {
    const shape = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(shape)
      if (typeof value !== 'object' || value === null) return null
      return Object.values(value).map(shape)
    }
    const { maskJson } = policy({ field: 'subject', action: 'mask' })
    fc.assert(
      fc.property(
        fc.json({ maxDepth: 6 }),
        fc.constantFrom('Planted Person', '+13175551234'),
        (json, planted) => {
          const body = `{"outer":${json},"unheard":[{"of":${text(planted)}}]}`
          const masked = maskJson(body, nothing)
          assert.ok(masked !== null && !masked.includes(planted))
          const dropped = /"(?:text|body|notes|content|image)"/.test(json)
          if (!dropped && !/__proto__|"[0-9]+":/.test(json))
            assert.deepEqual(shape(JSON.parse(masked)), shape(JSON.parse(body)))
        },
      ),
    )
  })
})

suite('rules', () => {
  const act = (rules: Rule[], path: string) => policy(...rules).actionOf(path)

  test('go before defaults, even where the default stands deeper', () => {
    assert.equal(act([{ field: 'dnis', action: 'keep' }], 'detail.eventBody.dnis'), 'keep')
    assert.equal(act([{ field: 'contact', action: 'drop' }], 'data.contact.name'), 'drop')
  })

  test('hold for the deepest field, the longest path, the last one', () => {
    const rules: Rule[] = [
      { field: 'attributes.*', action: 'drop' },
      { field: 'attributes.tier', action: 'keep' },
      { field: 'a.attributes.tier', action: 'hash' },
      { field: 'name', action: 'mask' },
      { field: 'name', action: 'drop' },
    ]
    assert.equal(act(rules, 'x.attributes.other.deep'), 'drop')
    assert.equal(act(rules, 'x.attributes.tier'), 'keep')
    assert.equal(act(rules, 'a.attributes.tier'), 'hash')
    assert.equal(act(rules, 'queue.name'), 'drop')
  })

  test('are told letter by letter and member by member', () => {
    assert.equal(act([], 'participants[].name'), 'hash')
    assert.equal(act([], 'metrics[].name'), 'mask')
    assert.equal(act([], 'Ani'), 'mask')
    assert.equal(act([], 'xani'), 'mask')
  })

  test('decide the version, with the key and the country', () => {
    const rule: Rule = { field: 'a', action: 'keep' }
    const all = [
      policy(),
      policy(rule),
      compilePolicy({ rules: [], key: null, country: 'US' }),
      compilePolicy({ rules: [], key, country: 'DE' }),
      compilePolicy({ rules: [], key: new PrivacyKey('f'.repeat(32)), country: 'US' }),
    ].map(({ version }) => version)
    assert.equal(new Set(all).size, all.length)
    assert.equal(policy(rule).version, policy(rule).version)
  })

  test('a sender who invents names costs no memory that stays', () => {
    const { maskJson } = policy()
    const names = Array.from({ length: 60_000 }, (_, at) => `"n${at.toString(36)}":"Jane"`)
    assert.doesNotMatch(String(maskJson(`{${names.join()},"ani":"Jane"}`, nothing)), /Jane/)
  })
})

test('a text in the place of a number is masked, a number or time written as text is not', () => {
  const known = (path: string, isText: boolean) => path === 'name' || !isText
  const body =
    '{"a":"Jane","b":"12.5","c":"2026-01-01T12:00:00Z","d":5,"name":"Sales","e":"3175551234"}'
  assert.equal(
    policy().maskJson(body, { known }),
    '{"a":"***","b":"12.5","c":"2026-01-01T12:00:00Z","d":5,"name":"Sales","e":"***"}',
  )
})
