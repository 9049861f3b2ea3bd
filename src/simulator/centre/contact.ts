/** Who gets in touch, and by which medium: what stays the same throughout a conversation. */
import type { Random } from '../../core/random.ts'
import { between, chance, pick } from './draw.ts'
import type { Direction } from './happening.ts'
import type { MediaProfile, MediaType } from './media.ts'
import type { Person } from './people.ts'
import { invent } from './people.ts'
import type { Queue } from './world.ts'

export interface Contact {
  readonly conversationId: string
  readonly mediaType: MediaType
  readonly direction: Direction
  readonly provider: string
  readonly customer: Person
  /** Null where the organisation does not know the customer. */
  readonly externalContactId: string | null
  readonly ani: string
  readonly dnis: string
  readonly addressFrom: string
  readonly addressTo: string
  readonly messageType: string | null
  readonly subject: string | null
  /** Null unless the medium is a callback: when the customer asked to be called. */
  readonly callbackAt: number | null
}

const messageTypes = ['SMS', 'WHATSAPP', 'WEBMESSAGING', 'FACEBOOK', 'APPLE']
const subjects = ['Invoice', 'Delivery', 'Change of address', 'Cancellation', 'Thank you']

export interface ContactOptions {
  readonly profile: MediaProfile
  readonly direction: Direction
  readonly queue: Queue
  readonly startAt: number
}

export function makeContact(random: Random, options: ContactOptions): Contact {
  const { profile, direction, queue, startAt } = options
  const { mediaType } = profile
  const customer = invent(random)
  const ours = addressOf(profile, { phone: queue.phone, email: queue.email, name: queue.name })
  const theirs = addressOf(profile, customer)
  const [from, to] = direction === 'INBOUND' ? [theirs, ours] : [ours, theirs]
  return {
    conversationId: random.uuid(),
    mediaType,
    direction,
    provider: profile.provider,
    customer,
    externalContactId: chance(random, 0.6) ? random.uuid() : null,
    ani: from,
    dnis: to,
    addressFrom: from,
    addressTo: to,
    messageType: mediaType === 'MESSAGE' ? pick(random, messageTypes) : null,
    subject: mediaType === 'EMAIL' ? pick(random, subjects) : null,
    callbackAt: mediaType === 'CALLBACK' ? startAt + between(random, 60_000, 1_800_000) : null,
  }
}

function addressOf(profile: MediaProfile, who: Person): string {
  if (profile.address === 'phone') return `tel:${who.phone}`
  if (profile.address === 'email') return who.email
  return who.name.toLowerCase().replaceAll(' ', '.')
}
