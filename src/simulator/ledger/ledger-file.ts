/**
 * A ledger on disk, a JSON object a line, so that it outlives a sender that is killed.
 *
 * Guarantee: `record` resolves when the operating system has the entry, which the death of the
 * process does not undo; the death of the machine may. Entries recorded at the same time are
 * written together. A line that was cut short is skipped by the reader, as is nothing else.
 */
import type { Files, OpenFile } from '../../core/files.ts'
import { isSystemError } from '../../core/files.ts'
import { entryOf, lineOf } from './entry-line.ts'
import { Ledger, type LedgerEntry, type LedgerSink } from './ledger.ts'

const readBytes = 1 << 20
const newline = 0x0a

export interface LedgerFile extends LedgerSink {
  record(entry: LedgerEntry): Promise<void>
  close(): Promise<void>
}

/** Goes on with the file where it exists. */
export async function openLedgerFile(files: Files, path: string): Promise<LedgerFile> {
  const file = await files.open(path, 'create').catch((error: unknown) => {
    if (isSystemError(error, 'EEXIST')) return files.open(path, 'update')
    throw error
  })
  return new Appender(file, await file.size())
}

class Appender implements LedgerFile {
  readonly #file: OpenFile
  #size: number
  #lines: string[]
  #writing: Promise<void> = Promise.resolve()
  #queued: Promise<void> | null = null

  constructor(file: OpenFile, size: number) {
    this.#file = file
    this.#size = size
    // Ends what a killed writer may have begun.
    this.#lines = size > 0 ? [''] : []
  }

  record(entry: LedgerEntry): Promise<void> {
    this.#lines.push(lineOf(entry))
    this.#queued ??= this.#writing.then(() => this.#write())
    return this.#queued
  }

  async close() {
    await this.#queued
    await this.#writing
    await this.#file.close()
  }

  #write(): Promise<void> {
    const bytes = Buffer.from(this.#lines.map((line) => `${line}\n`).join(''))
    this.#lines = []
    this.#queued = null
    this.#writing = this.#file.write(bytes, this.#size)
    this.#size += bytes.length
    return this.#writing
  }
}

export async function readLedger(files: Files, path: string): Promise<Ledger> {
  const file = await files.open(path, 'read')
  const ledger = new Ledger()
  try {
    for await (const line of lines(file)) {
      const entry = entryOf(line)
      if (entry !== null) ledger.record(entry)
    }
    return ledger
  } finally {
    await file.close()
  }
}

async function* lines(file: OpenFile): AsyncGenerator<string> {
  const chunk = Buffer.alloc(readBytes)
  let rest = Buffer.alloc(0)
  for (let offset = 0; ; ) {
    const count = await file.read(chunk, offset)
    offset += count
    let bytes = Buffer.concat([rest, chunk.subarray(0, count)])
    for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline)) {
      yield bytes.toString('utf8', 0, end)
      bytes = bytes.subarray(end + 1)
    }
    rest = bytes
    if (count < readBytes) return
  }
}
