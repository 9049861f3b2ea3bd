/** What must hold of what is listened to over notification channels. */
import { MOST_TOPICS, subjectOf, topicsOf } from '../../genesys/channels/plan.ts'
import { sourceOfChannels, wantedOf } from './channels.ts'
import type { Complaint } from './problem.ts'
import type { Sections } from './sections.ts'

export function channelChecks(sections: Sections): Complaint[] {
  return checks.flatMap((check) => check(sections))
}

const checks: readonly ((sections: Sections) => Complaint[])[] = [
  channelOrgs,
  channelSources,
  channelTopics,
  tooManyTopics,
]

function channelOrgs({ channels, orgs }: Sections): Complaint[] {
  return channels.flatMap((one, index) => {
    if (one === null || orgs.includes(null)) return []
    const path = ['channels', index, 'org']
    if (channels.findIndex((other) => other?.org === one.org) < index) {
      const what = `"${one.org}" has channels already`
      return [{ path, what, remedy: 'Write one entry for an organisation.' }]
    }
    const org = orgs.find((other) => other?.name === one.org)
    const names = orgs.map((other) => other?.name).join(', ')
    if (!org) return [{ path, what: `"${one.org}" is none of orgs`, remedy: `There: ${names}.` }]
    if (org.clientId !== undefined) return []
    const what = `"${one.org}" has no client, without which no channel can be opened`
    return [{ path, what, remedy: 'Add its host, clientId and clientSecret to orgs.' }]
  })
}

function channelSources({ channels, sources }: Sections): Complaint[] {
  return channels.flatMap((one, index) => {
    if (one === null || sources.includes(null)) return []
    const source = sourceOfChannels(one, sources)
    const path = ['channels', index, 'source']
    if (source === null) {
      const own = sources.flatMap((other) => (other?.org === one.org ? other.name : []))
      const none = `Add a source with \`org: ${one.org}\`, by whose rules its events are taken.`
      const remedy = own.length === 0 ? none : `Write one of ${own.join(', ')}.`
      return [{ path, what: `names no source of ${one.org}`, remedy }]
    }
    const { dialects } = source
    if (dialects.includes('auto') || dialects.includes('notification')) return []
    const what = `"${source.name}" does not read the dialect notification`
    return [{ path, what, remedy: 'Add it to the `dialects` of that source.' }]
  })
}

function channelTopics({ channels }: Sections): Complaint[] {
  return channels.flatMap((one, index) =>
    (one?.topics ?? []).flatMap((topic, place) => {
      if (subjectOf(topic) !== null) return []
      const path = ['channels', index, 'topics', place]
      const remedy = 'Write a topic that names one thing, or a template of users or queues.'
      return [{ path, what: `"${topic}" is neither of one user nor of one queue`, remedy }]
    }),
  )
}

/** Of whom `all` are wanted there may be any number. */
const somebody = { users: ['one'], queues: ['one'] }

function tooManyTopics({ channels }: Sections): Complaint[] {
  return channels.flatMap((one, index) => {
    if (one === null) return []
    const count = topicsOf(wantedOf(one)).length
    const isNothing = topicsOf(wantedOf(one, somebody)).length === 0
    const most = MOST_TOPICS
    const path = ['channels', index]
    if (isNothing) {
      const remedy = 'Name users, queues, or topics that name one thing.'
      return [{ path, what: 'listens to nothing', remedy }]
    }
    if (count <= most) return []
    const what = `asks for ${count} topics; ${most} are the most that one client can have`
    return [{ path, what, remedy: 'Name fewer users, queues or topics.' }]
  })
}
