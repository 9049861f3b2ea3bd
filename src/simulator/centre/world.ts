/**
 * One invented Genesys organisation: the ids that events carry, and the names behind them.
 * The same random source gives the same organisation.
 */
import type { Random } from '../../core/random.ts'
import { between } from './draw.ts'
import type { Person } from './people.ts'
import { invent } from './people.ts'

export interface Named {
  readonly id: string
  readonly name: string
}

export interface Agent extends Named {
  readonly person: Person
  readonly station: string
}

export interface Queue extends Named {
  /** Telephone number that customers call. */
  readonly phone: string
  readonly email: string
  readonly divisionId: string
  readonly skillId: string
  readonly agents: readonly Agent[]
}

export interface Flow extends Named {
  readonly version: string
  readonly outcomes: readonly Named[]
  readonly milestones: readonly Named[]
}

export interface Campaign extends Named {
  readonly contactListId: string
}

export const systemPresences = [
  'OFFLINE',
  'AVAILABLE',
  'ON_QUEUE',
  'BREAK',
  'MEAL',
  'MEETING',
  'TRAINING',
] as const
export type SystemPresence = (typeof systemPresences)[number]

export interface World {
  readonly orgId: string
  /** The name of its Amazon EventBridge partner event source. */
  readonly eventSource: string
  readonly divisions: readonly Named[]
  readonly queues: readonly Queue[]
  readonly agents: readonly Agent[]
  readonly wrapUpCodes: readonly Named[]
  readonly skills: readonly Named[]
  readonly flows: readonly Flow[]
  readonly campaigns: readonly Campaign[]
  readonly presences: ReadonlyMap<SystemPresence, string>
}

export interface WorldSize {
  readonly queues: number
  readonly agents: number
}

const queueNames = 'Sales Support Billing Returns Claims Complaints Retention Technical'.split(' ')
const codeNames = 'Resolved Sale Callback Escalated Refund Survey Spam Other'.split(' ')

export function makeWorld(random: Random, size: WorldSize = { queues: 8, agents: 48 }): World {
  const named = (name: string): Named => ({ id: random.uuid(), name })
  const divisions = ['Home', 'Europe'].map(named)
  const skills = ['English', 'Spanish', 'Invoices', 'Contracts'].map(named)
  const agents = Array.from({ length: size.agents }, () => makeAgent(random))
  const flow = (name: string): Flow => ({
    ...named(name),
    version: `${between(random, 1, 40)}.0`,
    outcomes: ['Identified', 'Self served'].map(named),
    milestones: ['Language chosen', 'Number entered'].map(named),
  })
  const queue = (_: unknown, index: number): Queue => ({
    ...named(nameAt(queueNames, index)),
    phone: invent(random).phone,
    email: `${nameAt(queueNames, index).toLowerCase().replaceAll(' ', '-')}@example.com`,
    divisionId: at(divisions, index).id,
    skillId: at(skills, index).id,
    agents: agents.filter((_agent, place) => place % size.queues === index % size.agents),
  })
  const orgId = random.uuid()
  return {
    orgId,
    eventSource: `aws.partner/genesys.com/cloud/${orgId}/data-lake`,
    divisions,
    skills,
    agents,
    queues: Array.from({ length: size.queues }, queue),
    wrapUpCodes: codeNames.map(named),
    flows: ['Main menu', 'Digital welcome'].map(flow),
    campaigns: ['Renewals', 'Reminders'].map((name) => ({
      ...named(name),
      contactListId: random.uuid(),
    })),
    presences: new Map(systemPresences.map((presence) => [presence, random.uuid()])),
  }
}

function makeAgent(random: Random): Agent {
  const person = invent(random)
  return { id: random.uuid(), name: person.name, person, station: `st-${between(random, 1, 999)}` }
}

function nameAt(names: readonly string[], index: number): string {
  const round = Math.floor(index / names.length)
  return round === 0 ? at(names, index) : `${at(names, index)} ${round + 1}`
}

/** The list goes round: every index finds something. */
function at<T>(list: readonly T[], index: number): T {
  const found = list[index % list.length]
  if (found === undefined) throw new RangeError('an organisation needs at least one of each')
  return found
}
