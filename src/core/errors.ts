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
import { ingressErrors } from './ingress-errors.ts'
import { journalErrors } from './journal-errors.ts'
import { lakeErrors } from './lake-errors.ts'
import { loaderErrors } from './loader-errors.ts'

export type { Disposition, ErrorEntry }

export const errorCatalogue = {
  INL_COR_UNIT: {
    disposition: 'reject',
    status: null,
    message: '"{text}" is not a {kind}',
    remedy: 'Write a number and a unit, such as {example}.',
  },
  ...ingressErrors,
  ...journalErrors,
  ...loaderErrors,
  ...lakeErrors,
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
  INL_APP_IMPORT_STORE: {
    disposition: 'retry',
    status: null,
    message: 'what is to be imported, at {store}, cannot be read: {reason}',
    remedy:
      'It is asked as the lake is, where that is in a bucket (lake.endpoint, lake.region), else as the environment says: set AWS_REGION and credentials that may list and read it.',
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
    message: '{key} {path} cannot be read: {reason}',
    remedy: 'Put the PEM file there, readable for this user; `inlet doctor` looks at all of TLS.',
  },
  INL_APP_TLS_UNUSABLE: {
    disposition: 'fatal',
    status: null,
    message: '{key} {path} {reason}',
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
