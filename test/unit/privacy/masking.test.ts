import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { countryCode, numberPlans } from '../../../src/privacy/countries.ts'
import { PrivacyKey } from '../../../src/privacy/key.ts'
import { compilePolicy } from '../../../src/privacy/policy.ts'

const key = new PrivacyKey('correct horse battery staple, twice')
const policyFor = (country: string | null) => compilePolicy({ rules: [], key, country })

suite('a pseudonym', () => {
  const spellings: Readonly<Record<string, readonly string[]>> = {
    US: [
      '+13175551234',
      'tel:+13175551234',
      'sip:+13175551234@trunk.example.com;user=phone',
      '13175551234',
      '3175551234',
      '(317) 555-1234',
      '1-317-555-1234',
      ' 317.555.1234\n',
      '01113175551234',
    ],
    GB: [
      '+44 20 7183 8750',
      '+44 (0)20 7183 8750',
      '020 7183 8750',
      '00442071838750',
      '442071838750',
    ],
    DE: ['+4915112345678', '0151 12345678', '0049 151 12345678', '4915112345678', '0151/12345678'],
    ES: ['+34600111222', '600 111 222', '34600111222', '0034600111222'],
    IT: ['+390612345678', '06 1234 5678', '0039 06 12345678'],
    HU: ['+3612345678', '06 1 234 5678', '00 36 1 234 5678'],
    RU: ['+79161234567', '8 (916) 123-45-67', '81079161234567', '7 916 123-45-67'],
  }
  for (const [country, same] of Object.entries(spellings)) {
    test(`is one for all spellings of a number in ${country}`, () => {
      const { maskText, normal } = policyFor(country)
      assert.deepEqual(new Set(same.map(normal)), new Set([same[0]?.replace(/ /g, '')]))
      assert.equal(new Set(same.map((one) => maskText('ani', one))).size, 1)
    })
  }

  test('is one for an international number, whatever the country', () => {
    const countries = [null, ...numberPlans.keys()]
    const made = countries.map((one) => policyFor(one).maskText('ani', 'tel:+49 151 12345678'))
    assert.equal(new Set(made).size, 1)
  })

  test('is one for an e-mail address in any case and with blanks around it', () => {
    const { maskText } = policyFor(null)
    assert.equal(
      maskText('email', ' Jane.Doe@Example.COM '),
      maskText('from', 'jane.doe@example.com'),
    )
  })

  test('tells addresses of machines apart although they look like numbers', () => {
    const { maskText } = policyFor('US')
    assert.notEqual(maskText('remoteIp', '1.23.4.5'), maskText('remoteIp', '12.3.4.5'))
  })

  test('is HMAC-SHA-256 of what the value means, and names its key', () => {
    const { maskText, keyId } = policyFor(null)
    // What `openssl dgst -sha256 -hmac` makes of the number with this key.
    assert.equal(maskText('ani', '+1 317 555 1234'), `h1:${keyId}:5f4afcb9cf2d7d272107b8fe65ffe65e`)
  })

  test('is another one under another key', () => {
    const other = compilePolicy({ rules: [], key: new PrivacyKey('x'.repeat(32)), country: null })
    assert.notEqual(other.keyId, key.id)
    assert.notEqual(
      other.maskText('ani', '+49123456'),
      policyFor(null).maskText('ani', '+49123456'),
    )
  })
})

suite('a mask', () => {
  const { maskText } = policyFor('US')
  const masked: Readonly<Record<string, string>> = {
    '+1 (317) 555-1234': '+1***34',
    'tel:+4915112345678': '+49***78',
    'sip:+35315551234@host': '+353***34',
    'jane@Example.com': '***@example.com',
    'Jane Doe': '***',
    '3175551234': '***',
    '4111 1111 1111 1111': '***',
    'call me at +13175551234': '***',
    '': '',
  }
  for (const [text, expected] of Object.entries(masked))
    test(`of "${text}" is "${expected}"`, () =>
      assert.equal(maskText('attributes.any', text), expected))

  test('takes the place of a pseudonym where there is no key', () => {
    const policy = compilePolicy({ rules: [], key: null, country: null })
    assert.equal(policy.maskText('ani', '+4915112345678'), '+49***78')
    assert.equal(policy.actionOf('ani'), 'mask')
    assert.equal(policy.keyId, null)
  })
})

test('no country code begins another one', () => {
  const codes = new Set([...numberPlans.values()].map(({ code }) => code))
  const whole = new RegExp(`^(?:${countryCode})$`)
  for (const code of codes) assert.match(code, whole)
  fc.assert(
    fc.property(fc.constantFrom(...codes), fc.stringMatching(/^[0-9]{7,9}$/), (code, rest) => {
      assert.equal(new RegExp(`^(?:${countryCode})`).exec(`${code}${rest}`)?.[0], code)
    }),
  )
})
