/**
 * Masks the fields of a JSON text, and leaves its shape.
 *
 * Guarantee: the result is JSON; a field that a rule keeps, or that is known and has none, stands
 * there byte by byte as it came, numbers with every digit; any other is hashed, masked or null. A
 * field that nobody knows is masked, and its name too where that does not look like one: a map may
 * have people for keys. Iterative, so that no depth overflows the stack.
 *
 * Limit: what lies deeper than MAX_DEPTH is masked as a whole.
 */
import { closeArray, closeObject, comma, openArray, openObject, quote } from '../event/ascii.ts'
import { asBuffer, parseJson } from '../event/json.ts'
import { endOfScalar, endOfString, skipSpace } from '../event/json-tokens.ts'
import type { IsKnown } from './envelopes.ts'
import type { Field } from './field-tree.ts'
import { MASKED, type ValueMasks } from './masking.ts'
import type { Action } from './rules.ts'

const MAX_DEPTH = 100

export interface MaskJsonDeps {
  readonly root: Field
  readonly masking: ValueMasks
  /** Whether a schema names the field at that path; asked where no rule speaks. */
  readonly known: IsKnown
}

/** Null where `body` is not JSON in UTF-8. */
export function maskJson(body: Uint8Array | string, deps: MaskJsonDeps): string | null {
  const text = typeof body === 'string' ? body : asBuffer(body).toString('utf8')
  const bare = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
  if (parseJson(bare) === undefined) return null
  return new Masker(Buffer.from(bare), deps).run()
}

interface Container {
  readonly field: Field
  readonly closer: number
  items: number
  maskedKeys: number
}

/** The text is known to be JSON: brackets, colons and commas are where they belong. */
class Masker {
  readonly #bytes: Buffer
  readonly #deps: MaskJsonDeps
  readonly #open: Container[] = []
  #at = 0
  #out = ''

  constructor(bytes: Buffer, deps: MaskJsonDeps) {
    this.#bytes = bytes
    this.#deps = deps
  }

  run(): string {
    this.#value(this.#deps.root)
    for (let container = this.#open.at(-1); container; container = this.#open.at(-1)) {
      const byte = this.#next()
      if (byte === container.closer) this.#close(container)
      else if (byte === comma) this.#at++
      else this.#item(container)
    }
    return this.#out
  }

  #item(container: Container): void {
    if (container.items++ > 0) this.#out += ','
    this.#value(
      container.closer === closeArray ? container.field.child('[]') : this.#key(container),
    )
  }

  /** Writes the key of the next member, and says which field it names. */
  #key(container: Container): Field {
    const end = endOfString(this.#bytes, this.#at + 1, this.#bytes.length)
    const quoted = this.#bytes.toString('utf8', this.#at, end)
    const name: string = quoted.includes('\\') ? JSON.parse(quoted) : quoted.slice(1, -1)
    const field = container.field.child(name)
    this.#out += this.#showsName(name, field) ? `${quoted}:` : `"${nextMasked(container)}":`
    // Behind the key stands its colon.
    this.#at = skipSpace(this.#bytes, end, this.#bytes.length) + 1
    return field
  }

  #value(field: Field): void {
    const byte = this.#next()
    const isContainer = byte === openObject || byte === openArray
    if (!isContainer) this.#scalar(field)
    else if (field.action === 'drop') this.#skip('null')
    else if (this.#open.length === MAX_DEPTH) this.#skip(`"${MASKED}"`)
    else {
      this.#at++
      const closer = byte === openObject ? closeObject : closeArray
      this.#open.push({ field, closer, items: 0, maskedKeys: 0 })
      this.#out += byte === openObject ? '{' : '['
    }
  }

  #close({ closer }: Container): void {
    this.#at++
    this.#open.pop()
    this.#out += closer === closeObject ? '}' : ']'
  }

  #scalar(field: Field): void {
    const from = this.#at
    this.#at = endOfScalar(this.#bytes, from, this.#bytes.length)
    const token = this.#bytes.toString('utf8', from, this.#at)
    this.#out += maskedToken(token, this.#actionOf(field, token), this.#deps.masking)
  }

  /** Writes `instead` for a container, and goes on behind it. */
  #skip(instead: string): void {
    this.#out += instead
    let depth = 0
    do {
      const byte = this.#bytes[this.#at]
      if (byte === quote) this.#at = endOfString(this.#bytes, this.#at + 1, this.#bytes.length)
      else this.#at++
      if (byte === openObject || byte === openArray) depth++
      if (byte === closeObject || byte === closeArray) depth--
    } while (depth > 0)
  }

  /** A text in the place of a number is not what the schema knows: anything may stand in it. */
  #actionOf({ path, action }: Field, token: string): Action {
    return action ?? (this.#deps.known(path, saysMore(token)) ? 'keep' : 'mask')
  }

  #showsName(name: string, field: Field): boolean {
    return looksLikeName(name) || field.action === 'keep' || this.#deps.known(field.path, false)
  }

  #next(): number | undefined {
    this.#at = skipSpace(this.#bytes, this.#at, this.#bytes.length)
    return this.#bytes[this.#at]
  }
}

/** A text, but for those that are a number or a time written as one. */
function saysMore(token: string): boolean {
  return token.startsWith('"') && !numberOrTime.test(token)
}

const numberOrTime = /^"(?:-?[0-9]{1,7}(?:[.][0-9]{1,9})?|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z?)"$/

function maskedToken(token: string, action: Action, masks: ValueMasks): string {
  if (token === 'null' || (action === 'keep' && masks.hides === undefined)) return token
  if (action === 'drop') return 'null'
  const text: string = token.startsWith('"') ? JSON.parse(token) : token
  if (action !== 'keep') return JSON.stringify(masks[action](text))
  return masks.hides?.(text) === true ? 'null' : token
}

/** What programmers call a field, or a UUID: no address, number or name of a person in words. */
function looksLikeName(name: string): boolean {
  return /^[A-Za-z_$][A-Za-z0-9_$-]{0,63}$/.test(name) ? !/[0-9]{5}/.test(name) : isUuid(name)
}

function isUuid(name: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(name)
}

function nextMasked(container: Container): string {
  container.maskedKeys++
  return container.maskedKeys === 1 ? MASKED : `${MASKED}${container.maskedKeys}`
}
