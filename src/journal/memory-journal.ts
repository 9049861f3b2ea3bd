/**
 * The journal's in-memory twin: for tests of what stands around a journal. Nothing survives the
 * process. Entries go through the codec, so that what is read back is what a disk would give.
 */
import { InletError } from '../core/errors.ts'
import type { Entry, JournalRecord } from './entry.ts'
import { openEntryEncoder, payloadBound, writePayload } from './entry-codec.ts'
import type { JournalReader, JournalWriter, ReadLimits } from './journal.ts'
import { openRecordKeeper } from './kept-record.ts'

export interface MemoryJournal {
  openWriter(): JournalWriter
  openReader(): JournalReader
}

export function createMemoryJournal(place: {
  journalId: string
  partition: string
}): MemoryJournal {
  const payloads: Buffer[] = []
  const state = { first: 0, written: false }
  return {
    openWriter() {
      if (state.written)
        throw new InletError('INL_JRN_LOCKED', { path: place.partition, waited: '0s' })
      state.written = true
      return memoryWriter(place, payloads, state)
    },
    openReader: () => memoryReader(place, payloads, state),
  }
}

type Place = { readonly journalId: string; readonly partition: string }
type State = { first: number; written: boolean }

function memoryWriter(place: Place, payloads: Buffer[], state: State): JournalWriter {
  let closed = false
  return {
    ...place,
    get durableEnd() {
      return payloads.length
    },
    async append(entries: readonly Entry[]) {
      if (closed) throw new InletError('INL_JRN_CLOSED', { path: place.partition })
      const first = payloads.length
      for (const entry of entries) payloads.push(toPayload(entry))
      return first
    },
    async close() {
      closed = true
      state.written = false
    },
  }
}

function memoryReader(place: Place, payloads: Buffer[], state: State): JournalReader {
  const { partition } = place
  const keep = openRecordKeeper()
  return {
    ...place,
    async read(from: number, limits: ReadLimits) {
      const end = payloads.length
      if (from > end) throw new InletError('INL_JRN_AHEAD', { partition, from, end })
      if (from < state.first) {
        throw new InletError('INL_JRN_GAP', { partition, from, to: state.first - 1 })
      }
      const records: JournalRecord[] = []
      let bytes = 0
      for (let position = from; position < end; position++) {
        if (records.length >= limits.records || bytes >= limits.bytes) break
        const payload = payloads[position] ?? Buffer.alloc(0)
        bytes += payload.length
        const place = { bytes: payload, from: 0, to: payload.length }
        records.push(keep(position, place))
      }
      return records
    },
    async bounds() {
      const bytes = payloads.reduce((sum, payload) => sum + payload.length, 0)
      return { first: state.first, end: payloads.length, bytes }
    },
    async trim(position: number) {
      state.first = Math.max(state.first, Math.min(position, payloads.length))
    },
    async settle() {},
    async close() {},
  }
}

function toPayload(entry: Entry): Buffer {
  const encoded = openEntryEncoder().encode(entry)
  const bytes = Buffer.alloc(payloadBound(encoded))
  return bytes.subarray(0, writePayload(bytes, 0, encoded))
}
