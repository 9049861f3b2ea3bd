/**
 * Every metric as data: a name, what it tells, and the labels it may have.
 *
 * Guarantee: a label takes the names of sources, which the configuration bounds, or a value of a
 * closed set; nothing that a stranger sends can mint one (I6). What a set does not hold is told as
 * `other`.
 *
 * Whoever counts keeps plain numbers and tells them when it is asked: counting knows nothing of who
 * reads, and costs a request nothing but the addition.
 */
import { Histogram } from './histogram.ts'

export const refusalReasons = [
  ...['400', '401', '403', '404', '405', '413', '415', '503'],
  ...['missing_proof', 'stale_proof', 'rate', 'in_flight', 'unproven'],
  ...['timeout', 'slow', 'malformed', 'aborted', 'pipelined', 'connections', 'address'],
  'certificate',
] as const

const outcomes = ['stored', 'duplicate', 'quarantined', 'filtered', 'shed'] as const
export const filterReasons = [
  ...['event_type', 'interaction_type', 'queue', 'state', 'direction', 'excluded'],
] as const
const rowOutcomes = ['event', 'duplicate', 'dead_letter', 'note'] as const
/** Beside the rows: what ingress has told, and what was taken out. */
const auditedOutcomes = [
  ...['acknowledged', 'filtered', 'shed', 'refused', 'erased', 'retired'],
] as const

/** The names of sources; `-` stands for a request of which no source can be told. */
const source = 'sources' as const
export const NO_SOURCE = '-'

const fastSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const slowSeconds = [0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200, 43_200, 345_600]

/** What is 0 or less counts by itself: clocks that differ. */
const latencySeconds = [0, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200, 43_200]

const alertReasons = [
  ...['silent', 'redelivery', 'dead_letters', 'channel_gaps', 'audit', 'violations', 'nulls'],
  'subscription',
] as const

/** The names of sinks. */
const sink = 'sinks' as const

/** The names of organisations. */
const org = 'orgs' as const

/** Of names, without their layer. */
const table = [
  ...['users', 'queues', 'wrapup_codes', 'skills', 'divisions', 'flows', 'presences'],
] as const

type LabelName = 'source' | 'sink' | 'org' | 'table' | 'outcome' | 'reason' | 'layer'
export type LabelSet = typeof source | typeof sink | typeof org | readonly string[]

export interface MetricEntry {
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels: Readonly<Partial<Record<LabelName, LabelSet>>>
  /** Upper ends; of histograms only. */
  readonly bounds?: readonly number[]
}

export const metricCatalogue = {
  inlet_events_total: {
    type: 'counter',
    help: 'Events that were answered with an outcome.',
    labels: { source, outcome: outcomes },
  },
  inlet_filtered_events_total: {
    type: 'counter',
    help: 'Events that their source does not want, by the part of `accept` that says so.',
    labels: { source, reason: filterReasons },
  },
  inlet_refused_requests_total: {
    type: 'counter',
    help: 'Refused requests by status, proof or deferral; connections by why they closed.',
    labels: { source, reason: refusalReasons },
  },
  inlet_answer_seconds: {
    type: 'histogram',
    help: 'From the head of a request to the answer with an outcome.',
    labels: {},
    bounds: fastSeconds,
  },
  inlet_connections: { type: 'gauge', help: 'Connections that are open.', labels: {} },
  inlet_unproven_bytes: {
    type: 'gauge',
    help: 'Bytes of bodies whose sender has not proven who it is.',
    labels: {},
  },
  inlet_certificate_expiry_timestamp_seconds: {
    type: 'gauge',
    help: 'When the first certificate or revocation list of a kind expires.',
    labels: { reason: ['server', 'client_ca', 'client', 'revocations'] },
  },
  inlet_tls_renewal_failed: {
    type: 'gauge',
    help: 'One while the newest certificate files cannot be used and those before them are.',
    labels: {},
  },
  inlet_unreadable_secrets: {
    type: 'gauge',
    help: 'Secrets that could not be read at last: `missing` ones were never read.',
    labels: { reason: ['missing', 'stale'] },
  },
  inlet_in_flight_bytes: {
    type: 'gauge',
    help: 'Bytes of bodies of proven senders that come or wait to be durable.',
    labels: {},
  },
  inlet_bucket_events: {
    type: 'gauge',
    help: 'Events that a source with `limits.eventsPerSecond` may deliver at once.',
    labels: { source },
  },
  inlet_source_last_event_timestamp_seconds: {
    type: 'gauge',
    help: 'When a source last delivered an event, to the second; 0 for never since the start.',
    labels: { source },
  },
  inlet_alert: {
    type: 'gauge',
    help: 'Whether something is wrong with a source, or with the lake (`-`): 1 until it is over.',
    labels: { source, reason: [...alertReasons] },
  },
  inlet_judged_events_total: {
    type: 'counter',
    help: 'Events of slices by what their schema says of them; `unknown` where there is none.',
    labels: { reason: ['conforming', 'deviating', 'unknown'] },
  },
  inlet_source_redelivery_ratio: {
    type: 'gauge',
    help: 'The share of events that a source delivered again, within `alerts.redeliveryWindow`.',
    labels: { source },
  },
  inlet_journal_position: {
    type: 'gauge',
    help: 'The position that the next journal record takes.',
    labels: {},
  },
  inlet_journal_sync_seconds: {
    type: 'histogram',
    help: 'One synced write of the journal, for all that waited.',
    labels: {},
    bounds: fastSeconds,
  },
  inlet_journal_written_bytes_total: {
    type: 'counter',
    help: 'Bytes that were made durable in the journal.',
    labels: {},
  },
  inlet_journal_failed_groups_total: {
    type: 'counter',
    help: 'Writes or syncs of the journal that failed or were refused for want of room.',
    labels: {},
  },
  inlet_journal_waiting_bytes: {
    type: 'gauge',
    help: 'Bytes that wait for the disk.',
    labels: {},
  },
  inlet_loader_commits_total: {
    type: 'counter',
    help: 'Commits to bronze.',
    labels: {},
  },
  inlet_loader_rows_total: {
    type: 'counter',
    help: 'Rows that were committed to bronze.',
    labels: { outcome: rowOutcomes },
  },
  inlet_loader_retries_total: {
    type: 'counter',
    help: 'Steps of a commit that failed and were tried again.',
    labels: {},
  },
  inlet_silver_behind_positions: {
    type: 'gauge',
    help: 'Positions that are in bronze and not in every table of silver, as of the last look.',
    labels: {},
  },
  inlet_silver_rows_total: {
    type: 'counter',
    help: 'Rows that were committed to tables of silver.',
    labels: {},
  },
  inlet_silver_retries_total: {
    type: 'counter',
    help: 'Rounds that failed to bring silver forward and were tried again.',
    labels: {},
  },
  inlet_silver_spared_total: {
    type: 'counter',
    help: 'Events that DuckDB cannot read and that were kept out of silver.',
    labels: {},
  },
  inlet_freshness_seconds: {
    type: 'histogram',
    help: 'From the receipt of the oldest record of a commit to the commit.',
    labels: {},
    bounds: slowSeconds,
  },
  inlet_event_latency_seconds: {
    type: 'histogram',
    help: 'From the time of an event, as its body says it, to its receipt; 0 where it is ahead.',
    labels: { source },
    bounds: latencySeconds,
  },
  inlet_dead_letters_open: {
    type: 'gauge',
    help: 'Dead letters that are neither replayed nor discarded.',
    labels: {},
  },
  inlet_dead_letters_oldest_timestamp_seconds: {
    type: 'gauge',
    help: 'When the oldest open dead letter was received; 0 for none.',
    labels: {},
  },
  inlet_retention_files_total: {
    type: 'counter',
    help: 'Files that retention took out of tables.',
    labels: { layer: ['bronze', 'silver'] },
  },
  inlet_audit_faults: {
    type: 'gauge',
    help: 'What the last scheduled audit found, at most 100 of a kind; 0 where it was clean.',
    labels: { reason: ['missing', 'repeated', 'body_mismatch', 'unreadable'] },
  },
  inlet_audit_warnings: {
    type: 'gauge',
    help: 'What the last scheduled audit found that is no fault, at most 100 of a kind.',
    labels: { reason: ['same_body'] },
  },
  inlet_audit_counts: {
    type: 'gauge',
    help: 'What the last scheduled audit counted over the whole lake.',
    labels: { outcome: [...rowOutcomes, ...auditedOutcomes] },
  },
  inlet_audit_timestamp_seconds: {
    type: 'gauge',
    help: 'When the last scheduled audit ended.',
    labels: {},
  },
  inlet_audit_seconds: {
    type: 'gauge',
    help: 'How long the last scheduled audit took.',
    labels: {},
  },
  inlet_sink_rows_total: {
    type: 'counter',
    help: 'Rows of silver that a sink took, had already, or cannot take.',
    labels: { sink, outcome: ['sent', 'repeated', 'refused'] },
  },
  inlet_sink_failures_total: {
    type: 'counter',
    help: 'Rounds of a sink that failed and are tried again.',
    labels: { sink },
  },
  inlet_sink_behind_positions: {
    type: 'gauge',
    help: 'Positions that silver has reached and the sink has not, over its tables.',
    labels: { sink },
  },
  inlet_gold_behind_positions: {
    type: 'gauge',
    help: 'Positions that gold has yet to take in, over its tables.',
    labels: {},
  },
  inlet_gold_rows_total: {
    type: 'counter',
    help: 'Rows that were written to gold, those written anew included.',
    labels: {},
  },
  inlet_gold_retries_total: {
    type: 'counter',
    help: 'Rounds of gold that failed and were tried again.',
    labels: {},
  },
  inlet_genesys_requests_total: {
    type: 'counter',
    help: 'Requests to Genesys Cloud by what came of them; `limited`: refused for their rate.',
    labels: { org, outcome: ['done', 'refused', 'limited', 'failed'] },
  },
  inlet_genesys_waiting_requests: {
    type: 'gauge',
    help: 'Requests that wait for their turn, so that Genesys Cloud is not asked too often.',
    labels: { org },
  },
  inlet_genesys_waited_seconds_total: {
    type: 'counter',
    help: 'How long requests to Genesys Cloud waited for their turn, together.',
    labels: { org },
  },
  inlet_names: {
    type: 'gauge',
    help: 'Names that Genesys Cloud listed last.',
    labels: { org, table },
  },
  inlet_names_timestamp_seconds: {
    type: 'gauge',
    help: 'When names were last listed to their end.',
    labels: { org, table },
  },
  inlet_names_failures_total: {
    type: 'counter',
    help: 'Lists of names that could not be had, or not be believed.',
    labels: { org },
  },
  inlet_channels: {
    type: 'gauge',
    help: 'Notification channels: `live` ones deliver, `down` ones are opened again.',
    labels: { org, outcome: ['live', 'down'] },
  },
  inlet_channel_topics_rejected: {
    type: 'gauge',
    help: 'Topics that Genesys Cloud does not let be subscribed to.',
    labels: { org },
  },
  inlet_channel_topics_left_out: {
    type: 'gauge',
    help: 'Topics of `all` users or queues beyond those that the channels of a client hold.',
    labels: { org },
  },
  inlet_channel_events_total: {
    type: 'counter',
    help: 'Events that came over notification channels, those that came twice included.',
    labels: { org },
  },
  inlet_channel_gaps_total: {
    type: 'counter',
    help: 'Times in which a notification channel was not open, each of them a note.',
    labels: { org },
  },
  inlet_channel_gaps_open: {
    type: 'gauge',
    help: 'Gaps of notification channels that no reconciliation covers.',
    labels: { org },
  },
  inlet_channel_gaps_oldest_timestamp_seconds: {
    type: 'gauge',
    help: 'When the oldest of them began; 0 for none.',
    labels: { org },
  },
  inlet_reconcile_timestamp_seconds: {
    type: 'gauge',
    help: 'When an organisation was compared with Genesys Cloud last.',
    labels: { org },
  },
  inlet_reconcile_complete_timestamp_seconds: {
    type: 'gauge',
    help: 'Up to when it was compared then.',
    labels: { org },
  },
  inlet_reconcile_lacking_total: {
    type: 'counter',
    help: 'Conversations that the lake lacked or had otherwise, when they were compared.',
    labels: { org, reason: ['missing', 'incomplete', 'changed'] },
  },
  inlet_reconcile_failures_total: {
    type: 'counter',
    help: 'Comparisons that failed and are tried again at the next time.',
    labels: { org },
  },
  inlet_subscription_active: {
    type: 'gauge',
    help: 'Whether the subscription of a source was there and active when it was looked at last.',
    labels: { source },
  },
  inlet_subscription_reactivations_total: {
    type: 'counter',
    help: 'Times a subscription that Genesys Cloud had deactivated was made active again.',
    labels: { source },
  },
  inlet_subscription_failures_total: {
    type: 'counter',
    help: 'Times it could not be looked whether the subscription of a source is active.',
    labels: { source },
  },
  inlet_processes_started_total: {
    type: 'counter',
    help: 'Processes that were started; more than there are roles when one ended.',
    labels: {},
  },
  inlet_process_cpu_seconds_total: {
    type: 'counter',
    help: 'CPU time of the process, user and system.',
    labels: {},
  },
  inlet_process_busy_seconds_total: {
    type: 'counter',
    help: 'Time in which the event loop was not idle; a second each second asks for more gateways.',
    labels: {},
  },
  inlet_process_resident_bytes: {
    type: 'gauge',
    help: 'Memory that the process holds.',
    labels: {},
  },
  inlet_process_heap_bytes: {
    type: 'gauge',
    help: 'JavaScript heap in use.',
    labels: {},
  },
  inlet_process_start_timestamp_seconds: {
    type: 'gauge',
    help: 'When the process began.',
    labels: {},
  },
} as const satisfies Record<`inlet_${string}`, MetricEntry>

type Catalogue = typeof metricCatalogue
export type MetricName = keyof Catalogue
type NamesOf<Type extends MetricEntry['type']> = {
  [Name in MetricName]: Catalogue[Name]['type'] extends Type ? Name : never
}[MetricName]
export type NumberName = NamesOf<'counter' | 'gauge'>
export type HistogramName = NamesOf<'histogram'>
/** Exactly the labels of the metric. */
export type LabelsOf<Name extends MetricName> = {
  readonly [Label in keyof Catalogue[Name]['labels']]: string
}

/** What a metric is told to when somebody asks. Each metric with its labels once. */
export interface Reading {
  number<Name extends NumberName>(name: Name, value: number, labels: LabelsOf<Name>): void
  histogram<Name extends HistogramName>(name: Name, values: Histogram, labels: LabelsOf<Name>): void
}

/** Something that counts. */
export interface Measured {
  measure(reading: Reading): void
}

export function histogramOf(name: HistogramName): Histogram {
  return new Histogram(metricCatalogue[name].bounds)
}
