/** The part of the error catalogue that is about the loader; see ./errors.ts. */
import type { ErrorEntry } from './error-entry.ts'

export const loaderErrors = {
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
  INL_LDR_NO_FOLDER: {
    disposition: 'fatal',
    status: null,
    message: '{path} or what stands above it is no folder: {reason}',
    remedy: 'Take that file away, or name another folder in the configuration.',
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
} as const satisfies Record<string, ErrorEntry>
