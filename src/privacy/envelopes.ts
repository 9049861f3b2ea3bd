/**
 * What Genesys and AWS put around the body of a topic, which no schema of a topic speaks of: data.
 * All of it says when and where something came from, never of whom.
 */

/** `isText`: as a place of a text that says more than a number or a time. */
export type IsKnown = (path: string, isText: boolean) => boolean

interface Wrapping {
  /** Where the body stands that the schema is of. */
  readonly body: string
  readonly fields: ReadonlySet<string>
}

const wrappings: Readonly<Record<string, Wrapping>> = {
  eventbridge: {
    body: 'detail.eventBody.',
    fields: new Set([
      ...['version', 'id', 'detail-type', 'source', 'account', 'time', 'region', 'resources[]'],
      ...[
        'detail.topicName',
        'detail.version',
        'detail.timestamp',
        'detail.metadata.CorrelationId',
      ],
    ]),
  },
  notification: {
    body: 'eventBody.',
    fields: new Set(['topicName', 'version', 'timestamp', 'metadata.CorrelationId']),
  },
}

/** Whether a field of a whole body is known, where `inner` knows those that the schema names. */
export function knownIn(dialect: string, inner: IsKnown): IsKnown {
  const wrapping = Object.hasOwn(wrappings, dialect) ? wrappings[dialect] : undefined
  if (wrapping === undefined) return inner
  const { body, fields } = wrapping
  return (path, isText) =>
    path.startsWith(body) ? inner(path.slice(body.length), isText) : fields.has(path)
}
