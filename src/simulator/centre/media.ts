/** What is usual for each medium: how often it comes, how long its parts take, what can happen. */
import type { Spread } from './draw.ts'

export const mediaTypes = [
  'VOICE',
  'CHAT',
  'EMAIL',
  'MESSAGE',
  'CALLBACK',
  'COBROWSE',
  'SCREENSHARE',
  'VIDEO',
] as const
export type MediaType = (typeof mediaTypes)[number]

export interface MediaProfile {
  readonly mediaType: MediaType
  readonly provider: string
  /** How often, against the others. */
  readonly weight: number
  /** What the customer is reached by. */
  readonly address: 'phone' | 'email' | 'handle'
  /** Null where no flow comes before the queue. */
  readonly flowType: string | null
  /** Share that agents or campaigns begin. */
  readonly outbound: number
  readonly wait: Spread
  readonly alert: Spread
  readonly talk: Spread
  /** Chance of the first hold, and of each further one. */
  readonly hold: number
  readonly acw: Spread
  /** Chance that an agent passes the conversation on. */
  readonly transfer: number
  readonly voicemail: boolean
}

const second = 1000
const minute = 60 * second
const spread = (least: number, typical: number, most: number): Spread => ({ least, typical, most })

const usual = {
  outbound: 0,
  wait: spread(second, 25 * second, 10 * minute),
  alert: spread(500, 4 * second, 15 * second),
  hold: 0,
  acw: spread(2 * second, 25 * second, 5 * minute),
  transfer: 0.08,
  voicemail: false,
}

const voice: MediaProfile = {
  ...usual,
  mediaType: 'VOICE',
  provider: 'Edge',
  weight: 56,
  address: 'phone',
  flowType: 'INBOUNDCALL',
  outbound: 0.25,
  talk: spread(8 * second, 4 * minute, 40 * minute),
  hold: 0.25,
  transfer: 0.12,
  voicemail: true,
}

const chat: MediaProfile = {
  ...usual,
  mediaType: 'CHAT',
  provider: 'PureCloud Webchat v2',
  weight: 14,
  address: 'handle',
  flowType: 'INBOUNDCHAT',
  talk: spread(20 * second, 6 * minute, 45 * minute),
}

const rare = { ...chat, weight: 1, flowType: null }

export const mediaProfiles: readonly MediaProfile[] = [
  voice,
  chat,
  {
    ...usual,
    mediaType: 'EMAIL',
    provider: 'PureCloud Email',
    weight: 12,
    address: 'email',
    flowType: 'INBOUNDEMAIL',
    outbound: 0.2,
    wait: spread(5 * second, 5 * minute, 20 * minute),
    talk: spread(30 * second, 5 * minute, 20 * minute),
  },
  {
    ...usual,
    mediaType: 'MESSAGE',
    provider: 'PureCloud Messaging',
    weight: 11,
    address: 'handle',
    flowType: 'INBOUNDSHORTMESSAGE',
    talk: spread(30 * second, 8 * minute, 50 * minute),
  },
  { ...voice, mediaType: 'CALLBACK', weight: 4, flowType: null, outbound: 0, voicemail: false },
  { ...rare, mediaType: 'COBROWSE', provider: 'PureCloud Cobrowse' },
  { ...rare, mediaType: 'SCREENSHARE', provider: 'PureCloud Screenshare' },
  { ...rare, mediaType: 'VIDEO', provider: 'PureCloud Video', weight: 0.5 },
]

export function profileOf(mediaType: MediaType): MediaProfile {
  const found = mediaProfiles.find((profile) => profile.mediaType === mediaType)
  if (found === undefined) throw new RangeError(`no profile for ${mediaType}`)
  return found
}
