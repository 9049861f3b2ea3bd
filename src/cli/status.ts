/** `inlet status`: how journal, lake and certificates stand. */
import type { ReadableLake } from '../app/lake-access.ts'
import type { LayerStatus } from '../app/layer-status.ts'
import type { ChannelStatus, PartitionStatus, Status, SubscriptionStatus } from '../app/status.ts'
import { errorText, hasCode } from '../core/errors.ts'
import { formatDuration, formatSize } from '../core/units.ts'
import type { Table } from '../tables/table.ts'
import type { AddCommand, Invocation } from './command-line.ts'
import { action, examples } from './command-line.ts'
import { columns, counted } from './text.ts'

export const addStatus: AddCommand = (program, shell) => {
  program
    .command('status')
    .summary('how journal, lake and certificates stand')
    .description(
      'Shows what the journal holds and the lake does not have yet, how long until the journal is full, how far the lake and its layers are behind, dead letters and certificates. Exits 1 when the lake cannot be reached or a partition cannot be landed as it is.',
    )
    .addHelpText('after', examples('inlet status', 'inlet status --json'))
    .action(
      action(shell, async (invocation) => {
        const status = await look(invocation)
        invocation.print(status, textOf(status))
        const { journal, lake } = status
        const isInTrouble = [lake, ...journal.partitions].some(({ trouble }) => trouble !== null)
        return isInTrouble ? 1 : 0
      }),
    )
}

async function look(invocation: Invocation): Promise<Status> {
  const { machine } = invocation.shell
  const { config } = await invocation.config()
  const { heldPositions, openPartitions } = await import('../app/journal-access.ts')
  const { letterBooks } = await import('../app/dead-letters/books.ts')
  const { openLetters } = await import('../loader/dead-letters/find-letters.ts')
  const { nullIfMissing, openReadableLake } = await import('../app/lake-access.ts')
  const { openGaps } = await import('../app/channels/open-gaps.ts')
  const { layerStatus, notKnown, nothingBehind } = await import('../app/layer-status.ts')
  const { reconciliationStatus } = await import('../app/reconcile/watermarks.ts')
  const { readStatus } = await import('../app/status.ts')
  const { goldTables } = await import('../tables/gold.ts')
  const { silverTables } = await import('../tables/silver.ts')
  const readers = await openPartitions(machine, config.journal.dir)
  let lake: ReadableLake | null = null
  try {
    const held = await heldPositions(machine.files, config.journal.dir, readers)
    lake = await openReadableLake(machine, config).catch(nullIfMissing)
    const letters = await openLetters(lake && (await letterBooks(machine, config, lake)))
    const layer = async (tables: readonly Table[]) =>
      lake === null ? nothingBehind : await layerStatus(machine, lake, tables)
    const layers = { silver: await layer(silverTables), gold: await layer(goldTables) }
    const table = lake?.table ?? null
    const reconciliation = lake === null ? [] : await reconciliationStatus(machine, lake, config)
    const gaps = await openGaps(machine, config, lake)
    const told = { table, ...layers, letters, reconciliation, gaps }
    return await readStatus(machine, { config, readers, held, ...told })
  } catch (error) {
    const lakeTrouble = troubleOf(error)
    if (lakeTrouble === null) throw error
    const known = { table: null, silver: notKnown, gold: notKnown, letters: null }
    return await readStatus(machine, { config, readers, ...known, lakeTrouble })
  } finally {
    lake?.close()
    for (const reader of readers) await reader.close()
  }
}

/** Why the lake cannot be read, though the journal can; null for another failure. */
function troubleOf(error: unknown): string | null {
  if (hasCode(error, 'INL_LAK_STORE')) return String(error.details['reason'])
  return damages.some((code) => hasCode(error, code)) ? errorText(error) : null
}

const damages = ['INL_LAK_FILE', 'INL_LAK_TABLE_DAMAGED', 'INL_LAK_PROTOCOL'] as const

function textOf(status: Status): string {
  const { journal, lake, silver, gold, deadLetters, channels, sinks } = status
  const { subscriptions, certificates, certificateTrouble } = status
  const { unlanded, secondsToFull } = journal
  const behind = lake.freshnessSeconds
  const full = secondsToFull === null ? '' : `, full in ${seconds(secondsToFull)} at this pace`
  const held = [counted(lake.rows, 'row'), counted(lake.files, 'file'), formatSize(lake.bytes)]
  const { oldestSeconds } = deadLetters
  const oldest = oldestSeconds === null ? '' : `, the oldest for ${seconds(oldestSeconds)}`
  const version =
    lake.version === null
      ? 'nothing has landed'
      : `${held.join(', ')}, committed ${lake.committedAt}`
  const found = lake.trouble === null ? version : `cannot be read: ${lake.trouble}`
  const rows = [
    ['not landed', `${counted(unlanded.events, 'record')}, ${formatSize(unlanded.bytes)}${full}`],
    ['lake', found],
    ['behind', behind === null ? 'not known' : seconds(behind)],
    ['silver', layerText(silver)],
    ['gold', layerText(gold)],
    ['dead letters', deadLetters.open === null ? 'not known' : `${deadLetters.open} open${oldest}`],
    ...status.reconciliation.map(({ org, completeTo }) => [`compared ${org}`, `to ${completeTo}`]),
    ...subscriptions.map((one) => [`subscription of ${one.source}`, subscriptionText(one)]),
    ...channels.map((one) => [`channels of ${one.org}`, channelText(one)]),
    ...sinks
      .filter(({ refused }) => refused > 0)
      .map(({ name, refused, file }) => [
        `sink ${name}`,
        `${counted(refused, 'event')} left out, named in ${file}`,
      ]),
    ...certificates.map(({ role, subject, daysLeft, file }) => [
      role === 'revocations' ? 'revocations' : 'certificate',
      `${subject}: ${counted(daysLeft, 'day')} left (${file ?? 'a client'})`,
    ]),
    ...(certificateTrouble === null ? [] : [['certificate', certificateTrouble]]),
  ]
  return `${columns(rows)}\n${columns(partitionRows(journal.partitions))}`
}

function partitionRows(partitions: readonly PartitionStatus[]): string[][] {
  if (partitions.length === 0) return [['The journal holds nothing.']]
  const rows = partitions.map((one) => [
    one.partition,
    String(one.first),
    String(one.end),
    one.landed === null ? '-' : String(one.landed),
    String(one.lag),
    formatSize(one.bytes),
    one.trouble ?? '',
  ])
  return [['partition', 'first', 'end', 'landed', 'lag', 'on disk', ''], ...rows]
}

function channelText({ provenSeconds, gaps, gapSeconds }: ChannelStatus): string {
  const proven = provenSeconds === null ? 'never open' : `open up to ${seconds(provenSeconds)} ago`
  if (gaps === null || gapSeconds === null) return `${proven}, gaps not known`
  if (gaps === 0) return proven
  return `${proven}, ${counted(gaps, 'gap')} of ${seconds(gapSeconds)} not reconciled`
}

function subscriptionText({ name, state, forSeconds, checkedSeconds }: SubscriptionStatus): string {
  const checked = `looked at ${seconds(checkedSeconds)} ago`
  if (state === 'active') return `${name} is active, ${checked}`
  const since = `for ${seconds(forSeconds)}`
  return `${name} is ${state.toUpperCase()} ${since} and delivers nothing, ${checked}`
}

function layerText({ behind, freshnessSeconds }: LayerStatus): string {
  if (behind === null || freshnessSeconds === null) return 'not known'
  return `${seconds(freshnessSeconds)} and ${counted(behind, 'position')} behind`
}

function seconds(value: number): string {
  return value < 1 ? '0s' : formatDuration(Math.round(value) * 1000)
}
