/**
 * The error catalogue: every failure that a user or an operator can meet, as data.
 *
 * A code is `INL_<AREA>_<WHAT>`, the area naming the folder it comes from. `message` names the thing
 * that is wrong, `remedy` what to do about it; both take `{name}` from the details. Callers branch on
 * `disposition`, never on a class or on text:
 * - `retry`: the same call may succeed later, nothing was changed
 * - `reject`: the input is wrong and stays wrong
 * - `dead-letter`: the thing is kept whole where an operator finds it
 * - `fatal`: the process must not go on
 *
 * `status` is the HTTP status where the failure is answered to a sender, else null.
 */
export type Disposition = 'retry' | 'reject' | 'dead-letter' | 'fatal'

export interface ErrorEntry {
  readonly disposition: Disposition
  readonly status: number | null
  readonly message: string
  readonly remedy: string
}

export const errorCatalogue = {
  INL_COR_UNIT: {
    disposition: 'reject',
    status: null,
    message: '"{text}" is not a {kind}',
    remedy: 'Write a number and a unit, such as {example}.',
  },
  INL_JRN_LOCKED: {
    disposition: 'fatal',
    status: null,
    message: 'partition {path} already has a writer',
    remedy: 'Stop the other process, or give this one a partition of its own.',
  },
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof errorCatalogue
export type ErrorDetails = Readonly<Record<string, string | number | boolean | null>>

/** The one error class. `message` is the filled template followed by the remedy. */
export class InletError extends Error {
  override readonly name = 'InletError'
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor(code: ErrorCode, details: ErrorDetails = {}, cause?: unknown) {
    const entry: ErrorEntry = errorCatalogue[code]
    const text = `${fill(entry.message, details)}. ${fill(entry.remedy, details)}`
    super(text, cause === undefined ? undefined : { cause })
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
