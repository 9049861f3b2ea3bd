/**
 * One reconciliation of the organisations of a configuration: what Analytics tells of an interval
 * is compared with silver, and what is lacking goes the way of the injected intake, into the
 * partition `reconcile`.
 *
 * Guarantee: what the report counts as back-filled is durable, and a note follows that says what of
 * an organisation was compared, which closes the gaps of channels that it covers. It begins when
 * silver has taken in all that was durable, so that what is on its way is not fetched, and a second
 * call finds what the first submitted. While the journal is full it waits for the loader.
 *
 * Limits: one at a time, in any process (INL_APP_PARTITION_BUSY).
 */
import type { Clock } from '../../core/clock.ts'
import { InletError } from '../../core/errors.ts'
import { organisationOf } from '../../genesys/access.ts'
import { detailsAvailableTo, detailsByJob } from '../../genesys/details-jobs.ts'
import { detailsById, type Interval, queryDetails } from '../../genesys/details-query.ts'
import type { OpenClient } from '../../genesys/open-client.ts'
import { Reentry } from '../../ingress/reentry.ts'
import type { JournalWriter } from '../../journal/journal.ts'
import { patientWriter } from '../../journal/patient-writer.ts'
import { withLeases } from '../../lake/store/with-leases.ts'
import { customersErased } from '../../loader/erase/tombstones.ts'
import { RECONCILED, reconcilePartition } from '../../loader/gold/watermarks.ts'
import { gapsBefore } from '../../reconcile/intervals.ts'
import { openPull } from '../../reconcile/pull.ts'
import { type ReconcileDeps, reconcile } from '../../reconcile/reconcile.ts'
import type { OrgReport } from '../../reconcile/report.ts'
import { openGaps } from '../channels/open-gaps.ts'
import type { Config } from '../config/schema.ts'
import type { ReadableLake } from '../lake-access.ts'
import type { Machine } from '../machine.ts'
import { withPartition } from '../operator-journal.ts'
import { requirePrivacy } from '../privacy-policy.ts'
import type { SecretSource } from '../secrets/read-secret.ts'
import { sourceRules } from '../source-rules.ts'
import { keptFrom } from './kept-from.ts'
import { knowledgeOf, type LakeKnowledge, nothingKnown } from './lake-knowledge.ts'
import type { ReconciledOrg } from './orgs.ts'
import { reachedLake } from './silver-reached.ts'
import { watermarksOf } from './watermarks.ts'

export interface ReconcileRequest {
  readonly orgs: readonly ReconciledOrg[]
  /** `watermark`: up to when it was compared, ms; null where it never was. */
  readonly intervalOf: (org: ReconciledOrg, watermark: number | null) => Interval
  /** Whether gaps of channels that nobody has compared are compared as well, however old. */
  readonly withGaps: boolean
  readonly clients: ReadonlyMap<string, OpenClient>
  /** For keys of privacy: who was erased is known by them. */
  readonly secretSource: SecretSource
  readonly perSecond: number
  readonly signal: AbortSignal
  readonly onProgress: (org: string, expected: number) => void
  /** Told what it waits for, what was found damaged, and which job failed, in words. */
  readonly report: (text: string) => void
}

/** A report for each interval of each organisation, gaps of channels behind what was asked for. */
export function reconcileOrgs(
  machine: Machine,
  config: Config,
  request: ReconcileRequest,
): Promise<OrgReport[]> {
  const { signal, report: onFull } = request
  const at = { config, partition: reconcilePartition, report: onFull }
  return withPartition(machine, at, async (writer) => {
    const journal = patientWriter(writer, { clock: machine.clock, signal, onFull })
    const lake = await reachedLake(machine, config, signal)
    try {
      return await reconcileAll(machine, { config, request, journal, lake })
    } finally {
      lake?.close()
    }
  })
}

interface Surroundings {
  readonly config: Config
  readonly request: ReconcileRequest
  readonly journal: JournalWriter
  readonly lake: ReadableLake | null
}

async function reconcileAll(machine: Machine, within: Surroundings): Promise<OrgReport[]> {
  const { config, request, journal, lake } = within
  const rules = config.sources.map((source) => sourceRules(source, config))
  const reentry = new Reentry({ ...machine, journal, observer: () => undefined }, rules)
  const watermarks = lake === null ? new Map() : await watermarksOf(machine, lake)
  const isErased = await erasedIn(config, request, lake)
  const gaps = request.withGaps ? await openGaps(machine, config, lake) : []
  const reports: OrgReport[] = []
  try {
    for (const org of request.orgs) {
      await checkOrg(org, request)
      const main = request.intervalOf(org, watermarks.get(org.orgId) ?? null)
      const own = gaps.filter((gap) => gap.org === org.name)
      // The first note of all sets the watermark.
      for (const interval of [main, ...gapsBefore(main, own)]) {
        const report = await compareInterval(machine, within, { org, interval, reentry, isErased })
        await reentry.tell()
        await journal.append([noteOf(org, report, machine.clock.now())])
        reports.push(report)
      }
    }
  } finally {
    await reentry.tell()
  }
  return reports
}

interface Compared {
  readonly org: ReconciledOrg
  readonly interval: Interval
  readonly reentry: Reentry
  readonly isErased: (text: string) => boolean
}

function compareInterval(
  machine: Machine,
  { config, request, lake }: Surroundings,
  { org, interval, ...into }: Compared,
): Promise<OrgReport> {
  const { clock } = machine
  const { signal, perSecond } = request
  const compare = (lakeSays: LakeKnowledge) => {
    const deps = { clock, ...lakeSays, ...wayOf(org, { clock, request, ...into }) }
    const onProgress = (expected: number) => request.onProgress(org.name, expected)
    const kept = { ...interval, keptFrom: keptFrom(clock.now(), config) }
    return reconcile(deps, { org: org.name, ...kept, signal, perSecond, onProgress })
  }
  if (lake === null) return compare(nothingKnown)
  return withLeases(lake.store, async (objects) =>
    compare(await knowledgeOf(machine, config, { lake, objects, org })),
  )
}

/** Without a key nobody can have been erased. */
async function erasedIn(
  config: Config,
  { secretSource }: ReconcileRequest,
  lake: ReadableLake | null,
): Promise<(text: string) => boolean> {
  const privacy = await requirePrivacy(config, secretSource)
  if (!lake?.table || privacy.keys.length === 0) return () => false
  return customersErased(lake, lake.table, privacy)
}

/** Records of another organisation would become rows of this one. */
async function checkOrg({ name, orgId }: ReconciledOrg, request: ReconcileRequest): Promise<void> {
  const found = await organisationOf(clientOf(name, request))
  if (found !== null && found.toLowerCase() !== orgId.toLowerCase())
    throw new InletError('INL_GEN_ORG', { org: name, found, expected: orgId })
}

function clientOf(org: string, { clients }: ReconcileRequest): OpenClient {
  const client = clients.get(org)
  if (client === undefined) throw new RangeError(`${org} has no client`)
  return client
}

interface Way extends Omit<Compared, 'org' | 'interval'> {
  readonly clock: Clock
  readonly request: ReconcileRequest
}

/** How records come from an organisation, and go into the journal. */
function wayOf(
  { name, source }: ReconciledOrg,
  { clock, request, reentry, isErased }: Way,
): Pick<ReconcileDeps, 'pull' | 'pullById' | 'refusal' | 'submit'> {
  const client = clientOf(name, request)
  const asking = { urgency: 'low', signal: request.signal } as const
  return {
    pull: openPull({
      query: (interval) => queryDetails(client, { ...interval, ...asking }),
      job: (interval) => detailsByJob({ client, clock }, interval, asking),
      availableTo: () => detailsAvailableTo(client, asking),
      onJobFailed: (error) => request.report(`${error.message}; a query is asked in its place`),
    }),
    pullById: (ids) => detailsById(client, ids, asking),
    refusal({ slice: body }) {
      if (!reentry.wants({ source, body })) return 'filtered'
      return isErased(body.toString()) ? 'erased' : null
    },
    async submit({ slice: body }) {
      await reentry.take({ source, sender: 'reconcile', headers: '{}', body })
    },
  }
}

function noteOf({ orgId, source }: ReconciledOrg, report: OrgReport, receivedAt: number) {
  const { lacking: _, hours: __, ...told } = report
  const detail = JSON.stringify({ ...told, orgId })
  return { kind: 'note' as const, source, receivedAt, reason: RECONCILED, detail }
}
