/**
 * The error catalogue: every failure that a user or an operator can meet, as data.
 *
 * A code is `INL_<AREA>_<WHAT>`, the area naming the folder it comes from. `message` names the
 * thing that is wrong, `remedy` what to do about it; both take `{name}` from the details. Callers
 * branch on `disposition`, never on a class or on text:
 * - `retry`: the same call may succeed later, nothing was changed
 * - `reject`: the input is wrong and stays wrong
 * - `dead-letter`: the thing is kept whole where an operator finds it
 * - `fatal`: the process must not go on
 *
 * `status` is the HTTP status where the failure is answered to a sender, else null.
 */
import type { Disposition, ErrorEntry } from './error-entry.ts'
import { genesysErrors } from './genesys-errors.ts'

export type { Disposition, ErrorEntry }

export const errorCatalogue = {
  INL_COR_UNIT: {
    disposition: 'reject',
    status: null,
    message: '"{text}" is not a {kind}',
    remedy: 'Write a number and a unit, such as {example}.',
  },
  INL_ING_LISTEN: {
    disposition: 'fatal',
    status: null,
    message: 'ingress cannot listen on {host}:{port}: {reason}',
    remedy:
      'Free the port or give listen another one; `inlet doctor` looks at it and at listen.tls.',
  },
  INL_ING_SOURCES: {
    disposition: 'reject',
    status: null,
    message: 'the source {source} cannot be served: {reason}',
    remedy:
      'Give every source a path of its own and at least one proof, or `auth: none` on loopback.',
  },
  INL_ING_PATH: {
    disposition: 'reject',
    status: 404,
    message: 'no source has this path',
    remedy: 'Paths match exactly: compare it with the path of the source.',
  },
  INL_ING_METHOD: {
    disposition: 'reject',
    status: 405,
    message: 'this path takes {allowed} only',
    remedy: 'Send it with a method that the path takes; events are delivered with POST.',
  },
  INL_ING_PROXY_HEADERS: {
    disposition: 'reject',
    status: 400,
    message: 'the headers in which a proxy names the client say two things',
    remedy: 'Let the proxy set each of them, as its guide does, so that a client cannot add one.',
  },
  INL_ING_PROOF: {
    disposition: 'reject',
    status: 401,
    message: 'the request does not prove who sends it',
    remedy:
      'Send every proof that the source asks for, made with a live secret, and a timestamp of this minute where one is signed.',
  },
  INL_ING_FORBIDDEN: {
    disposition: 'reject',
    status: 403,
    message: 'this sender may not deliver here',
    remedy: 'Map its certificate or allow its address in sources[].auth.',
  },
  INL_ING_PROOF_UNKNOWN: {
    disposition: 'retry',
    status: 503,
    message: 'a proof of the source {source} cannot be checked',
    remedy: 'The sender will try again; see that every secret of the source can be read.',
  },
  INL_ING_BODY_SIZE: {
    disposition: 'reject',
    status: 413,
    message: 'the body is larger than the {limit} bytes that the source takes',
    remedy: 'Send smaller batches, or raise limits.body of the source.',
  },
  INL_ING_BODY_RATIO: {
    disposition: 'reject',
    status: 413,
    message: 'the body grows to more than {ratio} times its compressed size',
    remedy: 'Send it uncompressed.',
  },
  INL_ING_BATCH_SIZE: {
    disposition: 'reject',
    status: 413,
    message: 'the body holds {events} events, a request may hold {limit}',
    remedy: 'Send smaller batches.',
  },
  INL_ING_ENCODING: {
    disposition: 'reject',
    status: 415,
    message: 'the Content-Encoding is neither gzip nor identity',
    remedy: 'Send the body with gzip or uncompressed.',
  },
  INL_ING_UNPROVEN: {
    disposition: 'retry',
    status: 503,
    message: 'too many bytes wait for the proof of who sends them ({bytes} of {limit})',
    remedy: 'The sender will try again.',
  },
  INL_ING_RATE: {
    disposition: 'retry',
    status: 503,
    message: 'the source {source} delivers more than limits.eventsPerSecond',
    remedy:
      'The sender will try again. Raise limits.eventsPerSecond or limits.burst of the source.',
  },
  INL_ING_IN_FLIGHT: {
    disposition: 'retry',
    status: 503,
    message: 'too many bytes wait to be made durable ({bytes})',
    remedy: 'The sender will try again. Where it goes on, the disk of the journal is too slow.',
  },
  INL_ING_UNKNOWN_SOURCE: {
    disposition: 'reject',
    status: null,
    message: 'the configuration has no source {source}',
    remedy: 'Name one of its sources, or add one of that name.',
  },
  INL_ING_FAILED: {
    disposition: 'retry',
    status: 503,
    message: 'the request failed by a fault of ours',
    remedy: 'The sender will try again; the failure is reported beside ingress_failed.',
  },
  INL_JRN_FULL: {
    disposition: 'retry',
    status: 503,
    message: 'the journal {path} has no room: {reason}',
    remedy: 'Let the loader catch up, raise journal.maxBytes, or give the disk more space.',
  },
  INL_JRN_WRITE: {
    disposition: 'retry',
    status: 503,
    message: 'the journal {path} could not be written: {reason}',
    remedy: 'Look at the disk; the sender will try again.',
  },
  INL_JRN_BUSY: {
    disposition: 'retry',
    status: 503,
    message: 'the journal {path} has {bytes} bytes waiting for the disk',
    remedy: 'The disk is slower than the senders; the sender will try again.',
  },
  INL_JRN_CLOSED: {
    disposition: 'retry',
    status: 503,
    message: 'the journal {path} is closing',
    remedy: 'The sender will try again.',
  },
  INL_JRN_ENTRY_SIZE: {
    disposition: 'reject',
    status: 413,
    message: 'an entry of {bytes} bytes is larger than a journal record may be ({limit} bytes)',
    remedy: 'Lower limits.body of the source.',
  },
  INL_JRN_UNREADABLE: {
    disposition: 'fatal',
    status: null,
    message: 'nothing in {folder} tells which journal it is',
    remedy: 'Restore the folder from a copy, or move it aside to begin an empty journal.',
  },
  INL_JRN_GAP: {
    disposition: 'fatal',
    status: null,
    message:
      'journal partition {partition}: positions {from} to {to} are gone, and the lake does not have them',
    remedy:
      'Look whether lake.url is the lake that this journal landed in. If it is, restore the missing segment files, or accept the loss with `inlet loader --accept-gap {partition}`.',
  },
  INL_JRN_AHEAD: {
    disposition: 'fatal',
    status: null,
    message:
      'the lake is ahead of its journal: partition {partition} ends at position {end}, the lake has read up to {from}',
    remedy:
      'The journal was rolled back or replaced. Restore it, or keep what it holds under a journal of its own with `inlet loader --accept-rollback {partition}`.',
  },
  INL_LDR_ROLLED_BACK: {
    disposition: 'fatal',
    status: null,
    message:
      'the journal is not the one that the lake has read: partition {partition} has something else at position {position}',
    remedy:
      'The journal was rolled back and has gone on since. Restore it, or keep what it holds under a journal of its own with `inlet loader --accept-rollback {partition}`.',
  },
  INL_LDR_ROLLBACK_GAP: {
    disposition: 'fatal',
    status: null,
    message:
      'the journal of partition {partition} that was rolled back has lost positions {from} to {to} as well',
    remedy:
      'Restore the missing segment files, or accept both with `inlet loader --accept-rollback {partition} --accept-gap {partition}`.',
  },
  INL_LDR_SILVER: {
    disposition: 'retry',
    status: null,
    message: 'silver cannot be made of the events: DuckDB says {kind}, at {step}',
    remedy:
      'It is tried again, and an event that is at fault is found and kept out. Where every event is, report it as a bug.',
  },
  INL_LDR_DENIED: {
    disposition: 'fatal',
    status: null,
    message: '{path} may not be read or written: {reason}',
    remedy: 'Give it to the user of this process, or run the command as the user that owns it.',
  },
  INL_LDR_REBUILDING: {
    disposition: 'reject',
    status: null,
    message: '{layer} is being rebuilt by another process',
    remedy: 'Wait for it. Where it was stopped, run `inlet rebuild {layer}` again: it goes on.',
  },
  INL_LDR_GOLD: {
    disposition: 'retry',
    status: null,
    message: '{table} cannot be counted: DuckDB says {kind}',
    remedy:
      'It is tried again. Where that does not help, see that the disk of the lake has room; then report it as a bug.',
  },
  INL_LDR_NAMES_EMPTY: {
    disposition: 'retry',
    status: null,
    message: '{org} lists nothing for {table}, which has {before} names that hold',
    remedy:
      'They stay as they are. See that the role of the OAuth client covers all divisions; a list that is meant to be empty is believed once fewer than 5 names were left.',
  },
  INL_LDR_CONFLICT: {
    disposition: 'retry',
    status: null,
    message: 'another loader moved partition {partition} in the same moment',
    remedy: 'Run one loader for a lake, then try again.',
  },
  INL_JRN_LOCKED: {
    disposition: 'fatal',
    status: null,
    message: 'partition {path} already has a writer',
    remedy: 'Stop the other process, or give this one a partition of its own.',
  },
  INL_LAK_KEY: {
    disposition: 'reject',
    status: null,
    message: '"{key}" cannot be the key of an object of the lake',
    remedy: 'Name it by a relative path, and each object once.',
  },
  INL_LAK_STORE_UNSAFE: {
    disposition: 'fatal',
    status: null,
    message: 'the store ({store}) let two writers create the same object',
    remedy:
      'Use a file system with hard links, or a bucket that honours If-None-Match; some servers do not where it keeps versions.',
  },
  INL_LAK_STORE: {
    disposition: 'retry',
    status: null,
    message: 'the lake at {store} cannot be reached: {reason}',
    remedy:
      'It is tried again. Where it goes on, `inlet doctor` looks at bucket, credentials and endpoint.',
  },
  INL_LAK_REMOVE_REFUSED: {
    disposition: 'reject',
    status: null,
    message: '{key} at {store} may not be removed: {reason}',
    remedy: 'It stays until its lock ends or the policy of the bucket lets Inlet remove objects.',
  },
  INL_LAK_CACHE_FULL: {
    disposition: 'retry',
    status: null,
    message:
      'the cache {folder} has no room for {bytes} bytes more: {free} bytes are free and {minFree} stay free',
    remedy: 'Give the disk more space, lower lake.cacheBytes, or ask for less at once.',
  },
  INL_LAK_TABLE_DAMAGED: {
    disposition: 'fatal',
    status: null,
    message: 'the transaction log of {table} cannot be read at {key}: {reason}',
    remedy: 'Restore that object from a copy, or rebuild the table.',
  },
  INL_LAK_FILE: {
    disposition: 'retry',
    status: null,
    message: 'a file of the lake cannot be read, {path}: {reason}',
    remedy: 'Restore it from a copy of the lake; `inlet audit` then says whether all is here.',
  },
  INL_LAK_TABLE_MISSING: {
    disposition: 'reject',
    status: null,
    message: 'there is no table {table} in the lake ({store})',
    remedy: 'Check lake.url, and that Inlet has run with it.',
  },
  INL_LAK_PROTOCOL: {
    disposition: 'fatal',
    status: null,
    message:
      '{table} asks for Delta reader {reader} and writer {writer}, which Inlet does not speak',
    remedy: 'Undo the table feature that another engine has switched on.',
  },
  INL_LAK_READER: {
    disposition: 'reject',
    status: null,
    message:
      '{table} asks for Delta reader {reader}, which Inlet does not speak: its rows are not known',
    remedy: 'Undo the table feature that another engine has switched on, or ask that engine.',
  },
  INL_LAK_SCHEMA: {
    disposition: 'fatal',
    status: null,
    message: '{table} is stored otherwise than this version of Inlet defines it: {reason}',
    remedy: 'Run the version that wrote it, or give this one a lake of its own.',
  },
  INL_LAK_PARTITION_VALUE: {
    disposition: 'reject',
    status: null,
    message: 'a value of {column} is too long for the name of a folder ({bytes} bytes encoded)',
    remedy: 'Partition by values of at most 200 encoded bytes.',
  },
  INL_LAK_CONTENTION: {
    disposition: 'retry',
    status: null,
    message: '{table} was changed by others through {attempts} attempts to commit',
    remedy: 'Try again; run fewer loaders on one table if this lasts.',
  },
  INL_LAK_QUERY_REFUSED: {
    disposition: 'reject',
    status: null,
    message: 'this query may not run: {reason}',
    remedy:
      'Send one statement that only reads the tables of the lake: SELECT, DESCRIBE, SHOW or EXPLAIN.',
  },
  INL_LAK_QUERY_FAILED: {
    disposition: 'reject',
    status: null,
    message: 'this query cannot run: {reason}',
    remedy: 'Correct it; SHOW TABLES names the tables, DESCRIBE the columns of one.',
  },
  INL_SCH_FILE: {
    disposition: 'reject',
    status: null,
    message: 'the file {file} cannot be used: {reason}',
    remedy:
      'A file of schemas.dir is {"topic": "...", "version": 2, "schema": {...}}, with a JSON Schema.',
  },
  INL_SCH_CONFLICT: {
    disposition: 'reject',
    status: null,
    message: 'version {number} of the schema of {topic} stands in {places}, with other content',
    remedy: 'Give one of them another version, or take it away.',
  },
  INL_SCH_UNKNOWN: {
    disposition: 'reject',
    status: null,
    message: 'no schema of {topic} is known, and nothing was seen that one could be made of',
    remedy: '`inlet schema list` shows the topics; --file brings a schema in.',
  },
  INL_SCH_NOT_SEEN: {
    disposition: 'reject',
    status: null,
    message: 'nothing new was seen at {paths} of {topic}',
    remedy: '`inlet schema diff` shows what was seen, and where.',
  },
  INL_APP_CONFIG: {
    disposition: 'reject',
    status: null,
    message: '{file} has {count}:{list}',
    remedy: 'Correct the file and look again with `inlet check-config`.',
  },
  INL_APP_EPHEMERAL: {
    disposition: 'fatal',
    status: null,
    message: 'the journal {dir} lies on {kind}, which does not survive a restart',
    remedy:
      'Put journal.dir on a disk, or accept with `journal.ephemeral: true` that what has not landed may be lost.',
  },
  INL_APP_PARTITION_BUSY: {
    disposition: 'retry',
    status: null,
    message: 'another command is writing to the journal partition {partition}',
    remedy: 'Let it end, then run this one again.',
  },
  INL_APP_WORKERS: {
    disposition: 'fatal',
    status: null,
    message: 'Node {node} cannot share a port among {workers} gateways',
    remedy: 'Use Node 26.4 or later, or set listen.workers to 1.',
  },
  INL_APP_CERTIFICATES: {
    disposition: 'reject',
    status: null,
    message: 'certificates cannot be made: {reason}',
    remedy: 'Use another folder or another name.',
  },
  INL_APP_TLS_FILE: {
    disposition: 'fatal',
    status: null,
    message: 'listen.tls.{key} {path} cannot be read: {reason}',
    remedy: 'Put the PEM file there, readable for this user; `inlet doctor` looks at all of TLS.',
  },
  INL_APP_TLS_UNUSABLE: {
    disposition: 'fatal',
    status: null,
    message: 'listen.tls.{key} {path} {reason}',
    remedy: 'Replace the file; `inlet doctor` looks at all of TLS.',
  },
  INL_APP_CONFIG_UNREADABLE: {
    disposition: 'reject',
    status: null,
    message: 'the configuration {path} cannot be read: {reason}',
    remedy: 'Name it with `--config FILE`; the default is inlet.yaml in this folder.',
  },
  INL_PRV_SUBJECT: {
    disposition: 'reject',
    status: null,
    message: 'that is no {kind} by which anybody could be found',
    remedy:
      'Give a telephone number with its country code, a whole e-mail address, or an id as Genesys writes it.',
  },
  INL_PRV_KEY_NEEDED: {
    disposition: 'reject',
    status: null,
    message: 'without privacy.key nobody who was erased can be kept out',
    remedy: 'Set privacy.key in the configuration, restart Inlet with it, then erase.',
  },
  INL_PRV_KEY: {
    disposition: 'fatal',
    status: null,
    message: 'a key of pseudonyms cannot be used: {reason}',
    remedy: 'Put it where privacy.key and privacy.previous say; `inlet check-config` looks there.',
  },
  INL_CLI_USAGE: {
    disposition: 'reject',
    status: null,
    message: '{reason}',
    remedy: '{hint}',
  },
  INL_REC_BEHIND: {
    disposition: 'retry',
    status: null,
    message:
      'nothing was compared: silver is {behind} positions behind and has not moved for {waited}',
    remedy:
      'See that a loader is running and can reach the lake (`inlet status`), then run it again.',
  },
  ...genesysErrors,
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof errorCatalogue
export type ErrorDetails = Readonly<Record<string, string | number | boolean | null>>

/**
 * The one error class. `message` is the filled template, then the remedy, on a line of its own
 * where the message has several.
 */
export class InletError extends Error {
  override readonly name = 'InletError'
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor(code: ErrorCode, details: ErrorDetails = {}, cause?: unknown) {
    const entry: ErrorEntry = errorCatalogue[code]
    const message = fill(entry.message, details)
    const joint = message.includes('\n') ? '\n' : '. '
    super(
      `${message}${joint}${fill(entry.remedy, details)}`,
      cause === undefined ? undefined : { cause },
    )
    this.code = code
    this.details = details
  }

  get disposition(): Disposition {
    return errorCatalogue[this.code].disposition
  }

  get status(): number | null {
    const entry: ErrorEntry = errorCatalogue[this.code]
    return entry.status
  }
}

/** True for an InletError of that code: the one way to recognise a particular failure. */
export function hasCode(error: unknown, code: ErrorCode): error is InletError {
  return error instanceof InletError && error.code === code
}

/** What any thrown value says, for a log line or a report. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function fill(template: string, details: ErrorDetails): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) =>
    name in details ? String(details[name]) : whole,
  )
}
