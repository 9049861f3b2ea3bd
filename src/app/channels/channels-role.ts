/**
 * The process that listens to notification channels: their events go into a partition of its own,
 * by the rules of their source, and so does a note of each gap.
 *
 * A process that is killed leaves behind until when everything is known to have come
 * (./proven-file.ts); the next one tells the gap from there on. What comes twice while one channel
 * takes the place of another is found by the loader.
 */
import { errorText } from '../../core/errors.ts'
import type { Lifecycle } from '../../core/lifecycle.ts'
import { type ChannelGap, ChannelGroup } from '../../genesys/channels/channel-group.ts'
import { planChannels, topicsOf } from '../../genesys/channels/plan.ts'
import type { GenesysClient } from '../../genesys/client.ts'
import { Reentry } from '../../ingress/reentry.ts'
import { patientWriter } from '../../journal/patient-writer.ts'
import { openSegmentWriter } from '../../journal/segment/writer.ts'
import type { Observer } from '../../observe/events.ts'
import type { Measured } from '../../observe/metrics.ts'
import { type ChannelsConfig, listedKinds, sourceOfChannels, wantedOf } from '../config/channels.ts'
import type { Config } from '../config/schema.ts'
import { checkJournalDisk } from '../disk-check.ts'
import { openGenesysClients } from '../genesys-access.ts'
import { segmentOptions } from '../journal-access.ts'
import type { Machine } from '../machine.ts'
import { periodic } from '../periodic.ts'
import type { SecretSource } from '../secrets/read-secret.ts'
import { sourceRules } from '../source-rules.ts'
import { ChannelIntake } from './channel-intake.ts'
import { FollowLists } from './follow-lists.ts'
import { channelsPartition, type Proven, readProven, writeProven } from './proven-file.ts'

const WRITE_EVERY_MS = 5000
/** A channel that is not opened soon is opened anew. */
const patience = { timeoutMs: 10_000, tries: 2 }

export interface ChannelsRoleDeps extends Machine {
  readonly observer: Observer
  readonly secretSource: SecretSource
}

export interface ChannelsRole {
  /** In the direction events flow. */
  readonly components: readonly Lifecycle[]
  readonly measured: readonly Measured[]
  /** Rejects where the journal takes nothing any more. */
  readonly failure: Promise<never>
}

/** Takes the partition; rejects where another process has it. */
export async function openChannelsRole(
  deps: ChannelsRoleDeps,
  config: Config,
): Promise<ChannelsRole> {
  await checkJournalDisk(config.journal)
  const opened = await openSegmentWriter(deps, segmentOptions(config, channelsPartition))
  for (const report of opened.reports) deps.observer('journal_recovered', { report })
  const { writer } = opened
  try {
    const folder = `${config.journal.dir}/${channelsPartition}`
    const proven = await readProven(deps.files, folder)
    const stopping = new AbortController()
    const onFull = (reason: string) => deps.observer('ingress_failed', { reason })
    const journal = patientWriter(writer, { ...deps, signal: stopping.signal, onFull })
    const reentry = new Reentry(
      { ...deps, journal },
      config.sources.map((source) => sourceRules(source, config)),
    )
    const failed = Promise.withResolvers<never>()
    const groups: ChannelGroup[] = []
    const lists: FollowLists[] = []
    const following: Lifecycle[] = []
    const intake = new ChannelIntake({
      ...{ clock: deps.clock, journal, reentry, onFailure: failed.reject },
      onFull: (isFull) => {
        for (const group of groups) isFull ? group.pause() : group.resume()
      },
    })
    const clients = openGenesysClients(deps, config, { user: 'channels', patience })
    for (const one of config.channels) {
      const client = clients.get(one.org)
      if (client === undefined) continue
      const group = openGroup(deps, { config, one, client, intake, proven })
      groups.push(group)
      if (listedKinds(one).length === 0) continue
      const follow = new FollowLists({ ...deps, client, group }, one)
      lists.push(follow)
      following.push(followAgain(deps, { follow, one, everyMs: config.names.every }))
    }
    const keeping = provenKeeper(deps, { folder, groups, intake })
    const end = lastOf('channel intake', async () => {
      stopping.abort(new Error('the channels are stopping'))
      await writer.close()
    })
    return {
      components: [...following, ...groups, keeping, end],
      measured: [...groups, ...lists, ...clients.values(), reentry, writer],
      failure: failed.promise,
    }
  } catch (error) {
    await writer.close()
    throw error
  }
}

interface Opened {
  readonly config: Config
  readonly one: ChannelsConfig
  readonly client: GenesysClient
  readonly intake: ChannelIntake
  readonly proven: Proven
}

function openGroup(deps: ChannelsRoleDeps, { config, one, ...opened }: Opened): ChannelGroup {
  const { client, intake, proven } = opened
  const { org } = one
  const source = sourceOfChannels(one, config.sources)?.name ?? ''
  const facts = { org, source }
  const options = {
    topics: listedKinds(one).length > 0 ? [] : planChannels(org, topicsOf(wantedOf(one))),
    provenAt: proven.get(org) ?? deps.clock.now(),
  }
  const told = {
    onEvent: (channel: string, bytes: Buffer) => intake.take({ ...facts, channel }, bytes),
    onGap: (gap: ChannelGap) => intake.tell(gap, facts),
  }
  return new ChannelGroup({ ...deps, client, ...told }, options)
}

interface Following {
  readonly follow: FollowLists
  readonly one: ChannelsConfig
  readonly everyMs: number
}

function followAgain(deps: ChannelsRoleDeps, { follow, one, everyMs }: Following): Lifecycle {
  return periodic(deps.clock, {
    ...{ name: `lists for channels of ${one.org}`, firstAfterMs: 0, everyMs },
    task: (signal) => follow.look(signal),
    onError: (error) => deps.observer('ingress_failed', { reason: errorText(error) }),
  })
}

interface Keeping {
  readonly folder: string
  readonly groups: readonly ChannelGroup[]
  readonly intake: ChannelIntake
}

/** Writes down what is proven, and waits at the end for what is on its way. */
function provenKeeper(deps: ChannelsRoleDeps, { folder, groups, intake }: Keeping): Lifecycle {
  const write = () => {
    const times = groups.map(({ org, provenAt }) => [org, intake.provenUntil(provenAt)] as const)
    return writeProven(deps.files, folder, new Map(times))
  }
  const again = periodic(deps.clock, {
    ...{ name: 'proof of channels', firstAfterMs: WRITE_EVERY_MS, everyMs: WRITE_EVERY_MS },
    task: write,
    onError: (error) => deps.observer('ingress_failed', { reason: errorText(error) }),
  })
  return {
    ...again,
    async start(signal) {
      await write()
      await again.start(signal)
    },
    async drain(deadline) {
      await again.stop()
      await intake.settle(deadline)
      await write()
    },
  }
}

function lastOf(name: string, close: () => Promise<void>): Lifecycle {
  let closing: Promise<void> | null = null
  return {
    name,
    async start() {},
    async drain() {},
    stop() {
      closing ??= close()
      return closing
    },
  }
}
