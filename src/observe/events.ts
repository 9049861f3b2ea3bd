/**
 * Everything that Inlet says in its own voice while it runs, as data: one entry a line that may
 * appear in the output. Fields are ids, counts, paths and reasons, never anything out of a body
 * (I8).
 */
export type Level = 'info' | 'warn' | 'error'

export interface EventEntry {
  readonly level: Level
  readonly message: string
}

export const eventCatalogue = {
  process_started: { level: 'info', message: 'started' },
  process_stopping: { level: 'info', message: 'draining' },
  process_stopped: { level: 'info', message: 'stopped' },
  process_failed: { level: 'error', message: 'stopped by an error' },
  child_exited: { level: 'warn', message: 'a process ended and is started again' },
  ops_listening: { level: 'info', message: 'metrics are served' },
  ops_unavailable: {
    level: 'warn',
    message: 'metrics cannot be served and the port is tried again',
  },
  source_silent: { level: 'warn', message: 'a source has fallen silent' },
  source_heard_again: { level: 'info', message: 'a source that was silent delivers again' },
  source_repeats: { level: 'warn', message: 'a source delivers too much again' },
  source_repeats_no_more: { level: 'info', message: 'a source repeats itself no more than usual' },
  ingress_listening: { level: 'info', message: 'listening' },
  ingress_refused: { level: 'warn', message: 'requests were refused' },
  ingress_failed: { level: 'error', message: 'a request could not be made durable' },
  secret_missing: {
    level: 'error',
    message: 'a secret cannot be read: its source answers 503 to those who may have used it',
  },
  secret_stale: {
    level: 'error',
    message: 'a secret cannot be read again: what was read last is still used',
  },
  secret_recovered: { level: 'info', message: 'a secret could be read again' },
  secret_exchanged: { level: 'info', message: 'a secret was exchanged' },
  tls_renewed: { level: 'info', message: 'certificate, authorities or revocations were renewed' },
  tls_renewal_failed: {
    level: 'error',
    message: 'new certificate files cannot be used; those before them are',
  },
  tls_files_doubtful: { level: 'error', message: 'the certificate files need attention' },
  certificate_expiring: { level: 'warn', message: 'a certificate is to be renewed' },
  journal_awaited: {
    level: 'warn',
    message: 'another process still has the journal and is waited for',
  },
  journal_recovered: { level: 'warn', message: 'the journal was damaged or torn and is repaired' },
  loader_committed: { level: 'info', message: 'committed to the lake' },
  loader_retrying: {
    level: 'warn',
    message: 'the journal or the lake refused the loader, which tries again',
  },
  loader_window_filled: { level: 'info', message: 'knows the events of the dedup window' },
  loader_window_copy_failed: {
    level: 'warn',
    message: 'the copy of the dedup window cannot be kept: the next start reads it from the lake',
  },
  loader_window_narrowed: {
    level: 'warn',
    message: 'the dedup window is full: older identities are looked up in the lake',
  },
  privacy_without_key: {
    level: 'warn',
    message: 'there is no privacy.key: personal fields are masked, and nobody can be told together',
  },
  event_id_reused: {
    level: 'warn',
    message: 'an event id came again with other content; both are kept',
  },
  channel_gaps_waiting: {
    level: 'warn',
    message: 'gaps of notification channels wait for a reconciliation',
  },
  channel_gaps_closed: { level: 'info', message: 'no gap of a notification channel is old' },
  dead_letters_waiting: { level: 'warn', message: 'dead letters wait for a decision' },
  dead_letters_decided: { level: 'info', message: 'few dead letters wait for a decision' },
  audit_clean: { level: 'info', message: 'everything is in the lake, once' },
  audit_not_clean: { level: 'error', message: 'the audit of the lake is not clean' },
  audit_same_bodies: {
    level: 'warn',
    message: 'the same bodies stand in the lake under several event ids',
  },
  retention_applied: {
    level: 'info',
    message: 'what is older than it is kept was taken out of a table',
  },
  lake_watch_failed: {
    level: 'warn',
    message: 'what watches the lake failed and is tried again',
  },
  schema_violated: { level: 'warn', message: 'many events deviate from the schema of their topic' },
  schema_kept: { level: 'info', message: 'few events deviate from the schema of their topic' },
  column_turned_null: { level: 'warn', message: 'a column of silver that was filled is null' },
  column_filled_again: { level: 'info', message: 'a column of silver is filled again' },
  silver_committed: { level: 'info', message: 'brought silver forward' },
  silver_retrying: {
    level: 'warn',
    message: 'silver could not be brought forward, which is tried again',
  },
  silver_spared: {
    level: 'error',
    message: 'an event cannot be read by DuckDB: it stays in bronze and is kept out of silver',
  },
  lake_locked: {
    level: 'warn',
    message:
      'a bucket locks what is written: it cannot be erased, and compaction keeps old files beside new',
  },
  lake_removal_refused: {
    level: 'warn',
    message:
      'the lake does not let go of objects that are not needed: a lock or a policy holds them',
  },
  gold_committed: { level: 'info', message: 'a table of gold was brought forward' },
  gold_retrying: {
    level: 'warn',
    message: 'gold could not be brought forward and is tried again',
  },
  names_synced: {
    level: 'info',
    message: 'names were brought to what Genesys Cloud lists',
  },
  names_not_synced: {
    level: 'warn',
    message: 'names stay as they are: their list could not be had, and is asked for again',
  },
  dead_letters_replayed: {
    level: 'info',
    message: 'dead letters were replayed after an approval',
  },
  rebuild_started: {
    level: 'info',
    message: 'schemas were approved, or silver was made anew: what rests on them is made anew',
  },
  rebuild_done: { level: 'info', message: 'tables were made anew and are in place' },
  lake_upkeep: { level: 'info', message: 'looked after a table' },
  lake_upkeep_failed: { level: 'warn', message: 'looking after a table failed and is tried again' },
  sink_retrying: { level: 'warn', message: 'a sink did not take its rows and is tried again' },
  sink_recovered: { level: 'info', message: 'a sink takes rows again' },
  sink_repeated: { level: 'warn', message: 'rows were kept out of a sink that has them already' },
  sink_refused: {
    level: 'error',
    message: 'a sink cannot take rows: inlet_refused, or a file of the sink, names them',
  },
  channel_lost: {
    level: 'warn',
    message: 'a notification channel was lost and is opened again',
  },
  channel_gap: {
    level: 'warn',
    message: 'a notification channel delivers again: what happened in between did not come',
  },
  channel_lists_failed: {
    level: 'warn',
    message: 'the users or queues to listen to could not be listed; it is tried again',
  },
  channel_topics_left_out: {
    level: 'error',
    message: 'there are more topics than the channels of a client hold: these are not listened to',
  },
  channel_topic_rejected: {
    level: 'error',
    message: 'Genesys Cloud does not let a topic be subscribed to; the others are',
  },
  reconciled: {
    level: 'info',
    message: 'compared with Genesys Cloud, and fetched what was lacking',
  },
  reconcile_waits: { level: 'warn', message: 'what was fetched waits for room in the journal' },
  reconcile_failed: {
    level: 'warn',
    message: 'an organisation could not be compared and is tried again at the next time',
  },
  subscription_silent: {
    level: 'error',
    message: 'Genesys Cloud delivers nothing to a source: its subscription is not active',
  },
  subscription_reactivated: {
    level: 'info',
    message: 'a subscription that was deactivated was made active again',
  },
  subscription_delivers: { level: 'info', message: 'a subscription is active again' },
  subscription_not_checked: {
    level: 'warn',
    message: 'it could not be looked whether a subscription is active, which is tried again',
  },
  genesys_limited: { level: 'warn', message: 'Genesys Cloud asks to wait: it is asked too often' },
} as const satisfies Record<string, EventEntry>

export type EventName = keyof typeof eventCatalogue
export type EventFields = Readonly<Record<string, string | number | boolean | null>>

/** Told what happens. Never throws, never waits. */
export type Observer = (event: EventName, fields?: EventFields) => void
