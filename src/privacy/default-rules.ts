/**
 * What becomes of the personal fields that Genesys topics, Analytics records and both guides are
 * known to have, where the configuration says nothing else. Data: read it as a table.
 *
 * Whoever is a phone number, an address or a name becomes a pseudonym, so that calls of one person
 * can be told together. What people write or say freely is dropped: anything may stand in it.
 */
import type { Action, Rule } from './rules.ts'

const fields = {
  hash: [
    // Numbers and addresses of a conversation, in every spelling that topics and records have.
    'ani dnis sessionDnis callerId callerIdPhoneNumber phoneNumber phone contactPhoneNumber',
    'callbackNumbers address addressFrom addressTo addressSelf addressOther addressRaw',
    'addressNormalized addressDisplayable fromAddress toAddress destinationAddresses',
    'transferTargetAddress screenShareAddressSelf videoAddressSelf from to cc bcc',
    'email emailAddress remote remoteIp ipAddress',
    // Names of people; `name` alone is that of a queue or a metric as often.
    'participants[].name participantName data.name contact.name agent.name customer.name caller.name',
    'user.name self.name other.name peer.name customerName agentName contactName',
    'callbackUserName callerIdName username userName userDisplay displayName nickname nameRaw',
    'firstName middleName lastName socialUserName remoteNameDisplayable transferTargetName',
    // What a browser, a device or a visitor is known by.
    'customerId fingerprint',
  ],
  mask: [
    // What a customer's own flows, forms and pages say about people.
    'attributes.* participantData.* customFields.* traits.* context.* properties[].value',
    'geolocation url uri pathname queryString fragment referrer searchQuery keywords',
    'oldValues newValues previousValue currentValue associatedValue jid entityJid',
    'dateOfBirth birthDate postalCode',
  ],
  drop: [
    // What people wrote or said.
    'subject wrapupNotes wrapUpNotes wrapupNote wrapUpNote notes comment comments',
    'message messageWithParams messageParams userMessage presenceMessage content body',
    'text textBody normalizedMessage previewText summary headline phrase',
    'transcript transcripts alternatives words decoratedTranscript decoratedWords',
    // Pictures, and places from where they can be had.
    'image avatarImageUrl',
  ],
} as const satisfies Partial<Record<Action, readonly string[]>>

export const defaultRules: readonly Rule[] = (['hash', 'mask', 'drop'] as const).flatMap((action) =>
  fields[action].flatMap((line) => line.split(' ')).map((field) => ({ field, action })),
)
