/** The part of the error catalogue that is about the lake; see ./errors.ts. */
import type { ErrorEntry } from './error-entry.ts'

export const lakeErrors = {
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
} as const satisfies Record<string, ErrorEntry>
