/** The part of the error catalogue that is about the journal; see ./errors.ts. */
import type { ErrorEntry } from './error-entry.ts'

export const journalErrors = {
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
  INL_JRN_LOCKED: {
    disposition: 'fatal',
    status: null,
    message: 'partition {path} still has another writer after {waited}',
    remedy:
      'Stop that process, which `fuser {path}/lock` names, or give this one a journal of its own.',
  },
} as const satisfies Record<string, ErrorEntry>
