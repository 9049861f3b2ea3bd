/**
 * What Inlet says while it runs: JSON lines for machines, plain lines where a person watches.
 *
 * Guarantee: telling never throws and never waits. Lines are written in the background; where
 * nobody reads them and `maxWaiting` bytes wait, further ones are dropped.
 */
import { pid } from 'node:process'
import { styleText } from 'node:util'
import pino from 'pino'
import type { Clock } from '../core/clock.ts'
import type { EventEntry, EventFields, Level, Observer } from '../observe/events.ts'
import { eventCatalogue } from '../observe/events.ts'

const maxWaiting = 2 ** 20
/** Nobody may be reading: an end is not put off for ever. */
const closeWithinMs = 1000

export interface ObserverOptions {
  /** The file descriptor to write to. */
  readonly fd: number
  readonly format: 'json' | 'text'
  /** Which process speaks, such as `gateway`. */
  readonly role: string
}

export interface OpenObserver {
  readonly observe: Observer
  /** Writes what waits, for a moment at most; what is told from here on is lost. */
  close(): Promise<void>
}

export function openObserver(deps: { clock: Clock }, options: ObserverOptions): OpenObserver {
  const { fd, role } = options
  const destination = pino.destination({ fd, sync: false, maxLength: maxWaiting })
  // A reader that went away is no reason to end.
  destination.on('error', () => undefined)
  const tell =
    options.format === 'text'
      ? textObserver(deps.clock, (line) => destination.write(line), role)
      : jsonObserver(deps.clock, destination, role)
  let isOpen = true
  return {
    observe(event, fields) {
      if (isOpen) tell(event, fields)
    },
    async close() {
      if (!isOpen) return
      isOpen = false
      const closed = new Promise((resolve) => destination.once('close', resolve))
      destination.end()
      const waited = new AbortController()
      await Promise.race([closed, deps.clock.sleep(closeWithinMs, waited.signal)])
      waited.abort()
    },
  }
}

/** `level`, `time`, `role`, `pid`, `event`, `message`, then the fields. */
function jsonObserver(clock: Clock, destination: pino.DestinationStream, role: string): Observer {
  const logger = pino(
    {
      base: { role, pid },
      messageKey: 'message',
      timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
    },
    destination,
  )
  return (event, fields = {}) => {
    const { level, message }: EventEntry = eventCatalogue[event]
    logger[level]({ event, ...fields }, message)
  }
}

const colours = { info: 'green', warn: 'yellow', error: 'red' } as const

function textObserver(clock: Clock, write: (line: string) => void, role: string): Observer {
  return (event, fields = {}) => {
    const { level, message }: EventEntry = eventCatalogue[event]
    const time = new Date(clock.now()).toISOString().slice(11, 19)
    write(`${time} ${label(level)} ${role.padEnd(7)} ${message}${fieldsText(fields)}\n`)
  }
}

function label(level: Level): string {
  return styleText(colours[level], level.padEnd(5))
}

function fieldsText(fields: EventFields): string {
  const texts = Object.entries(fields).map(([name, value]) => `${name}=${fieldText(value)}`)
  return texts.length === 0 ? '' : `  ${texts.join(' ')}`
}

/** Texts with spaces are quoted, and nothing that moves a cursor gets through. */
function fieldText(value: EventFields[string]): string {
  const text = String(value)
  return /^[\w./:@+-]+$/.test(text) ? text : JSON.stringify(text)
}
