/** Requests as bytes, valid and damaged, for property tests. */
import fc from 'fast-check'

export interface Message {
  readonly method: string
  readonly target: string
  /** Lines without their ends; those that say how the body comes are not among them. */
  readonly lines: readonly string[]
  readonly body: string
  /** How it is cut into chunks; null where its length is told. */
  readonly chunks: readonly number[] | null
}

const tokenCharacters = "!#$%&'*+-.^_`|~09azAZ"
const token = fc.string({ unit: fc.constantFrom(...tokenCharacters), minLength: 1, maxLength: 8 })
const valueCharacters = [...' \t!"#:;,=/az09\x7e\x80\xa0\xff', ': ', 'close', 'chunked']
const value = fc.string({ unit: fc.constantFrom(...valueCharacters), maxLength: 12 })
const target = fc.oneof(
  fc.constantFrom('/', '*', '/a/b?c=d%20e', 'http://h:8080/a?b', 'https://[::1]?x'),
  fc.string({ unit: fc.constantFrom(...'/?%:@[]{}|"<>az09~!'), maxLength: 12 }).map((t) => `/${t}`),
)
const known = fc.constantFrom(
  ...['Host: h', 'Connection: close', 'Connection: keep-alive', 'Connection: Upgrade'],
  ...['Authorization: a', 'authorization: b', 'Cookie: a', 'Cookie: b', 'X: 1', 'x:2'],
  ...['User-Agent: a', 'user-agent: b', 'Content-Type: text/plain', 'Expect: something'],
)
/** Names that say something of the body, or that a list of headers has but once. */
const isTelling = /^(content-length|transfer-encoding|host|__proto__|set-cookie|upgrade)$/i
const line = fc
  .oneof(
    known,
    fc.tuple(token, value).map(([name, text]) => `${name}:${text}`),
  )
  .filter((text) => text.startsWith('Host: ') || !isTelling.test(text.slice(0, text.indexOf(':'))))
const lines = fc.array(line, { maxLength: 6 }).map((all) => {
  const host = all.findIndex((text) => text.startsWith('Host: '))
  return all.filter((text, index) => !text.startsWith('Host: ') || index === host)
})

export const messages: fc.Arbitrary<Message> = fc.record({
  method: fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'M-SEARCH'),
  target,
  lines,
  body: fc.string({ unit: fc.constantFrom(...'az{}\r\n\0\xff"0'), maxLength: 30 }),
  chunks: fc.option(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 6 })),
})

export function bytesOf({ method, target, lines, body, chunks }: Message): string {
  const told = chunks === null ? `Content-Length: ${body.length}` : 'Transfer-Encoding: chunked'
  const sent = chunks === null ? body : inChunks(body, chunks)
  return [`${method} ${target} HTTP/1.1`, ...lines, told, '', sent].join('\r\n')
}

function inChunks(body: string, sizes: readonly number[]): string {
  let text = ''
  let at = 0
  for (const [index, size] of [...sizes, body.length].entries()) {
    const data = body.slice(at, at + size)
    at += data.length
    const extension = index % 3 === 0 ? ';a="b"' : ''
    if (data !== '') text += `${data.length.toString(16)}${extension}\r\n${data}\r\n`
  }
  return `${text}0\r\n${sizes.length % 2 === 0 ? '' : 'X-Trailer: 1\r\n'}\r\n`
}

/** What two parsers have been found to read in two ways. */
const damages = [
  ...['\r\n', '\n', '\r', '\0', ' ', '\t', ':', ',', ';', '0', '1', 'a', '\x0b', '\xa0', '\xff'],
  ...['\r\n ', '\r\n\t', ' :', '\r\n\r\n', 'HTTP/1.1', 'HTTP/1.0', '-', '+', '0x', '#', '@'],
  ...['Content-Length: 3\r\n', 'Transfer-Encoding: chunked\r\n', 'Transfer-Encoding: gzip\r\n'],
  ...['\r\nContent-Length: 0', '\r\nTransfer-Encoding : chunked', '\r\nConnection: close'],
  ...['\r\nUpgrade: h2c\r\nConnection: Upgrade', '\r\nContent-Length:\t1', 'chunked, ', ';x=y'],
]

export interface Damage {
  /** Where, as a part of the whole. */
  readonly at: number
  readonly cut: number
  readonly put: string
}

const damage: fc.Arbitrary<Damage> = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  cut: fc.constantFrom(0, 0, 1, 2),
  put: fc.oneof(fc.constantFrom(...damages), fc.constant('')),
})

/** Requests of which some bytes are others. */
export const damaged: fc.Arbitrary<string> = fc
  .tuple(
    fc.array(messages, { minLength: 1, maxLength: 3 }),
    fc.array(damage, { minLength: 1, maxLength: 3 }),
  )
  .map(([sent, all]) => {
    let text = sent.map(bytesOf).join('')
    for (const { at, cut, put } of all) {
      const place = Math.floor(at * text.length)
      text = text.slice(0, place) + put + text.slice(place + cut)
    }
    return text
  })
