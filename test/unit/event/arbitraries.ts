/** Bodies for property tests: from well-formed batches to noise that looks like JSON. */
import fc from 'fast-check'

const names = [
  ...['id', 'detail-type', 'detail', 'source', 'time', 'timestamp', 'topicName', 'eventBody'],
  ...['eventTime', 'metricDate', 'routingStatus', 'startTime', 'conversationId', 'organizationId'],
  ...['notificationId', 'eventType', 'data', 'interactionId', 'messageId', 'event', 'type'],
  ...['contact', 'agent', 'queue', 'conversationStart', 'participants'],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', ''],
]

const telling = [
  ...['v2.users.6c307511-b2b9-437a-a8df-6ec4ce4a2bbd.presence', 'v2.users.{id}.presence', 'v2.'],
  ...[
    'v2.conversations..transcription',
    'aws.partner/genesys.com/cloud/x/y',
    '2021-04-2T15:30:51Z',
  ],
  ...['2021-04-02T15:30:51.418Z', '1649237504949', 'interaction', 'constructor', '\ud800'],
]

/**
 * False for text with a key that is one backslash. Once V8 has parsed one, it may take any other
 * key of one escaped character for it (nodejs/node issue 63785), and these tests lean on
 * JSON.parse.
 */
export const isSpared = (text: Buffer | string) => !/"(?:\\\\|\\u005c)"\s*:/i.test(text.toString())

const anyKey = fc
  .oneof(fc.constantFrom(...names), fc.string({ unit: 'binary', maxLength: 4 }))
  .filter((key) => key !== '\\')
const leaf = fc.oneof(
  fc.constantFrom(...telling),
  fc.constantFrom(null, true, 1649237504949, 1e300, -0.5, 2 ** 64),
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.integer(),
)

const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(anyKey, tie('value'), { maxKeys: 6 }),
  ),
}))

/** JSON values made of the members that dialects look for, and of anything else. */
export const jsonValues = value

export const jsonObjects = fc.dictionary(anyKey, value, { maxKeys: 8 })

/** Bytes of which many are structure. */
export const noise = fc
  .oneof(
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
    fc
      .array(
        fc.constantFrom(...'{}[]",:\\\n\r 1atrue', '{"a":1}', '\n{', 'null', '\ufeff', '\ud800'),
      )
      .map((parts) => Buffer.from(parts.join(''))),
  )
  .filter(isSpared)

const writers = {
  array: (values: unknown[]) => JSON.stringify(values),
  prettyArray: (values: unknown[]) => JSON.stringify(values, null, 2),
  lines: (values: unknown[]) => values.map((one) => `${JSON.stringify(one)}\n`).join(''),
  crlf: (values: unknown[]) => values.map((one) => `${JSON.stringify(one)}\r\n`).join('\r\n'),
  concatenated: (values: unknown[]) => values.map((one) => JSON.stringify(one)).join(''),
  pretty: (values: unknown[]) => values.map((one) => JSON.stringify(one, null, 2)).join('\n'),
  unindented: (values: unknown[]) => values.map((one) => JSON.stringify(one, null, 1)).join(''),
}

/** Several objects, and a body that holds them in one of the ways of a batch. */
export const batches = fc
  .tuple(
    fc.array(jsonObjects, { minLength: 2, maxLength: 5 }),
    fc.constantFrom(...Object.values(writers)),
  )
  .map(([objects, write]) => ({ objects, body: Buffer.from(write(objects)) }))

/** A batch of which a few bytes were lost or replaced. */
export const damagedBatches = fc
  .tuple(batches, fc.array(fc.tuple(fc.nat(), fc.integer({ min: -1, max: 255 })), { maxLength: 4 }))
  .map(([{ body }, damages]) => {
    const bytes = [...body]
    for (const [place, byte] of damages)
      bytes.splice(place % (bytes.length + 1), 1, ...(byte < 0 ? [] : [byte]))
    return Buffer.from(bytes)
  })
  .filter(isSpared)
