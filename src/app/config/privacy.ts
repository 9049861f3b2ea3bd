/** The key `privacy`: what becomes of personal data. Rules that are not here are the defaults. */
import { z } from 'zod'
import { numberPlans } from '../../privacy/countries.ts'
import { actions, segmentsOf } from '../../privacy/rules.ts'
import { oneOf, size } from './kinds.ts'
import { secret } from './secret-reference.ts'

const pathTitle = 'a path of a field, such as participants[].name or attributes.*'

const rule = z.strictObject({
  field: z
    .string()
    .max(256)
    .refine((text) => segmentsOf(text) !== null, { message: `is not ${pathTitle}` })
    .meta({
      title: pathTitle,
      description:
        'The field, by the end of its path, letter by letter; what lies below it is meant too. `[]` is any element, `*` any one member.',
      examples: ['attributes.*'],
    }),
  action: oneOf(actions, {
    description:
      '`hash`: a pseudonym, the same for one person everywhere; needs `privacy.key`. `mask`: a country code, two digits, a domain at most. `drop`: null. `keep`: as it is.',
    example: 'hash',
  }),
})

const largeFields = z
  .strictObject({
    fields: z
      .array(
        z
          .string()
          .max(256)
          .refine((text) => segmentsOf(text) !== null, { message: `is not ${pathTitle}` })
          .meta({
            title: pathTitle,
            description: 'A field, by the end of its path.',
            examples: ['transcript'],
          }),
      )
      .min(1)
      .max(100),
    over: size({
      description: 'What is not longer, as JSON, stays where it is.',
      example: '4KiB',
      min: '64B',
      max: '1GiB',
    }).prefault('4KiB'),
  })
  .meta({
    title: 'a list of fields and a size',
    description:
      'Large fields, such as transcripts, that go into `silver.large_fields` and stand nowhere else in silver. What becomes of them there is said by the rules: without one that keeps it a field is masked.',
    examples: ['{ fields: [transcript], over: 4KiB }'],
  })

const country = z
  .string()
  .refine((text) => numberPlans.has(text), { message: 'is not the code of a country' })
  .meta({
    title: 'the code of a country (two capital letters)',
    description:
      'Where telephone numbers without a country code belong, so that all spellings of one number become one pseudonym.',
    examples: ['US'],
  })

export const privacy = z
  .strictObject({
    key: secret
      .meta({
        title: 'a reference to a secret',
        description:
          'The key of pseudonyms, 32 characters at least, such as `openssl rand -hex 32` makes. Without one, fields are masked instead of hashed.',
        examples: ['{ env: INLET_PRIVACY_KEY }'],
      })
      .exactOptional(),
    previous: z
      .array(secret)
      .max(8)
      .meta({
        title: 'a list of references to secrets',
        description:
          'Keys that were in use before, so that `erase` and `export` find what was hashed with them.',
        examples: ['[{ env: INLET_PRIVACY_KEY_OLD }]'],
      })
      .prefault([]),
    bronze: oneOf(['raw', 'masked'], {
      description:
        '`raw`: bodies as they came, for those who may read them. `masked`: nobody can, and what is no JSON is not kept.',
      example: 'raw',
    }).prefault('raw'),
    country: country.exactOptional(),
    largeFields: largeFields.exactOptional(),
    rules: z
      .array(rule)
      .max(1000)
      .meta({
        title: 'a list of rules',
        description: 'What becomes of fields; they go before the defaults.',
        examples: ['[{ field: dnis, action: keep }]'],
      })
      .prefault([]),
  })
  .meta({ description: 'What becomes of personal data on its way into silver and gold.' })

export type PrivacyConfig = z.output<typeof privacy>
