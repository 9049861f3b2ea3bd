/**
 * An answer, and the bytes of it: status line, headers, body (RFC 9112, sections 4 and 6), always
 * with a length, so that an answer never says anything by closing.
 */
import { STATUS_CODES } from 'node:http'
import type { Clock } from '../../core/clock.ts'

export interface Answer {
  readonly status: number
  /** Names and values by turns, Content-Length among them. */
  readonly headers: readonly string[]
  readonly body: string
}

export interface AnswerForm {
  /** True for HEAD, which is answered without the body. */
  readonly isBodyless: boolean
  /** Empty where nothing is to be said: connections are kept. */
  readonly connection: '' | 'close' | 'keep-alive'
}

export const continueText = 'HTTP/1.1 100 Continue\r\n\r\n'

export class AnswerTexts {
  readonly #clock: Clock
  #second = Number.NaN
  #date = ''
  #last: Answer | null = null
  #lastText = ''

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The last one is remembered for its second: most answers are the same. */
  textOf(answer: Answer, { isBodyless, connection }: AnswerForm): string {
    const second = Math.floor(this.#clock.now() / 1000)
    if (second !== this.#second) this.#begin(second)
    if (isBodyless) return headOf(answer, this.#date, connection)
    if (connection !== '') return headOf(answer, this.#date, connection) + answer.body
    if (answer !== this.#last) {
      this.#last = answer
      this.#lastText = headOf(answer, this.#date, connection) + answer.body
    }
    return this.#lastText
  }

  #begin(second: number): void {
    this.#second = second
    this.#date = new Date(second * 1000).toUTCString()
    this.#last = null
  }
}

function headOf({ status, headers }: Answer, date: string, connection: string): string {
  let text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`
  for (let n = 0; n < headers.length; n += 2) text += `${headers[n]}: ${headers[n + 1]}\r\n`
  if (connection !== '') text += `Connection: ${connection}\r\n`
  return `${text}Date: ${date}\r\n\r\n`
}
