/**
 * The kinds of values that the configuration holds. A field is declared once, from a kind and its
 * facts; validation, the published JSON Schema, the reference page and the text of every complaint
 * come from that.
 *
 * `title` in the schema names the kind: a complaint reads "5 is not a size with a unit".
 */
import { z } from 'zod'
import { parseDuration, parseSize } from '../../core/units.ts'
import { parseNetwork } from '../../ingress/clients/address-list.ts'

export interface Facts {
  /** Whole sentences for the reference page. */
  readonly description: string
  /** A value as somebody would write it. */
  readonly example: string | number | boolean
}

/** Both ends are allowed. */
export interface Bounds {
  readonly min: string
  readonly max: string
}

/** Bytes. */
export function size(facts: Facts & Bounds) {
  const pattern = /^\d+(\.\d+)?\s*(B|KiB|MiB|GiB|TiB)$/
  return quantity(facts, { title: 'a size with a unit', pattern, parse: parseSize })
}

/** Milliseconds. */
export function duration(facts: Facts & Bounds) {
  const pattern = /^\d+(\.\d+)?\s*(ms|s|m|h|d)$/
  return quantity(facts, { title: 'a duration with a unit', pattern, parse: parseDuration })
}

function quantity(
  facts: Facts & Bounds,
  kind: { title: string; pattern: RegExp; parse: (text: string) => number },
) {
  const { min, max, example } = facts
  const description = `${facts.description} From ${min} to ${max}.`
  const [least, most] = [kind.parse(min), kind.parse(max)]
  return pattern(kind, { description, example }).transform((text, context) => {
    const value = kind.parse(text)
    if (value < least) context.addIssue({ code: 'custom', message: `is less than ${min}` })
    if (value > most) context.addIssue({ code: 'custom', message: `is more than ${max}` })
    return value
  })
}

export function wholeNumber({ min, max, ...facts }: Facts & { min: number; max: number }) {
  const description = `${facts.description} From ${min} to ${max}.`
  const title = `a whole number from ${min} to ${max}`
  return titled(z.int().min(min).max(max), title, { ...facts, description })
}

export function fraction(facts: Facts) {
  return titled(z.number().gt(0).max(1), 'a number above 0 and at most 1', facts)
}

export function port(facts: Facts) {
  return titled(z.int().min(0).max(65_535), 'a port number', facts)
}

export function flag(facts: Facts) {
  return titled(z.boolean(), 'true or false', facts)
}

export function oneOf<const Words extends readonly string[]>(words: Words, facts: Facts) {
  return titled(z.enum(words), words.join(' or '), facts)
}

export function host(facts: Facts) {
  return pattern({ title: 'a host name or address', pattern: /^[A-Za-z0-9._:%-]{1,253}$/ }, facts)
}

/** What things are called in messages, metrics and rows. */
export function name(facts: Facts) {
  const title = 'a name (letters, digits, "-", "_" and ".", at most 64)'
  return pattern({ title, pattern: /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/ }, facts)
}

export function uuid(facts: Facts) {
  const hex = '[0-9a-fA-F]'
  const shape = new RegExp(`^${hex}{8}(-${hex}{4}){3}-${hex}{12}$`)
  return pattern({ title: 'a UUID', pattern: shape }, facts)
}

/** Compared with the path of a request as it stands on the wire: no escapes, no query. */
export function urlPath(facts: Facts) {
  const title = 'the path of a URL (beginning with "/", without "?", "#", "%" or spaces)'
  return pattern({ title, pattern: /^\/[A-Za-z0-9._~!$&'()*+,;=:@/-]{0,255}$/ }, facts)
}

export function headerName(facts: Facts) {
  const shape = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/
  return pattern({ title: 'the name of an HTTP header', pattern: shape }, facts)
}

/** Of basic authorisation (RFC 7617), where a colon ends it. */
export function userName(facts: Facts) {
  const title = 'the name of a user (ASCII without ":")'
  return pattern({ title, pattern: /^[ -9;-~]{1,200}$/ }, facts)
}

/** Of the catalogue, or one that a body may name itself by. */
export function eventTypeName(facts: Facts) {
  const title = 'an event type (letters, digits, "-", "_" and ".", at most 64)'
  return pattern({ title, pattern: /^[A-Za-z0-9._-]{1,64}$/ }, facts)
}

/** Leads to a value in an event. */
export function fieldPath(facts: Facts) {
  const title = 'names of members with dots between them'
  const shape = /^[^.[\]\s]+(\[\])?(\.[^.[\]\s]+(\[\])?){0,15}$/
  return pattern({ title, pattern: shape }, facts)
}

/** Of the file system; relative ones start at the folder of the configuration file. */
export function filePath(facts: Facts) {
  return pattern({ title: 'a path of the file system', pattern: /^[^\r\n\0]{1,4096}$/ }, facts)
}

const bucket = '[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]'
const bucketPlace = `s3://${bucket}(/[A-Za-z0-9!_*'()-][A-Za-z0-9!_.*'()=-]{0,254}){0,16}/?`

/** A bucket of S3, and what the keys in it begin with. */
export function bucketUrl(facts: Facts) {
  const title = 'a bucket of S3 (such as "s3://bucket/prefix")'
  return pattern({ title, pattern: new RegExp(`^${bucketPlace}$`) }, facts)
}

/** Relative folders start at the folder of the configuration file. */
export function folderOrBucket(facts: Facts) {
  const title = 'a folder or a bucket of S3 (such as "s3://bucket/prefix")'
  const folder = '(?![A-Za-z][A-Za-z0-9+.-]*://)[^\\r\\n\\0]{1,4096}'
  return pattern({ title, pattern: new RegExp(`^(${folder}|${bucketPlace})$`) }, facts)
}

/** Of Amazon's servers or of others, which name theirs as they like. */
export function bucketRegion(facts: Facts) {
  return pattern({ title: 'the region of a bucket', pattern: /^[a-z0-9][a-z0-9-]{0,62}$/ }, facts)
}

/** Of a server: without a user, a path or a query. */
export function endpointUrl(facts: Facts) {
  const title = 'the URL of a server (scheme, host and port alone)'
  const shape = /^https?:\/\/([A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?\/?$/
  return pattern({ title, pattern: shape }, facts)
}

export function certificateName(description: string) {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what no name may hold.
  const shape = /^[^\u0000-\u001f\u007f]{1,253}$/
  const title = 'a name of a certificate'
  return pattern({ title, pattern: shape }, { description, example: 'genesys-prod' })
}

export function fingerprint(facts: Facts) {
  const title = 'a SHA-256 fingerprint (64 hexadecimal digits, colons between pairs allowed)'
  return pattern({ title, pattern: /^[0-9A-Fa-f]{2}(:?[0-9A-Fa-f]{2}){31}$/ }, facts)
}

/** Addresses and networks, at least one. */
export function networks(facts: Facts) {
  const title = 'an IP address or a network such as 10.0.0.0/16'
  const network = z
    .string()
    .refine((text) => parseNetwork(text) !== null, { message: `is not ${title}` })
    .meta({ title })
  return titled(z.array(network).min(1).max(1000), 'a list of addresses and networks', facts)
}

/** `null` says the same as leaving it out. */
export function optional<Schema extends z.ZodType>(schema: Schema) {
  return schema
    .nullable()
    .exactOptional()
    .meta(schema.meta() ?? {})
}

export function environmentName(facts: Facts) {
  const title = 'the name of an environment variable'
  return pattern({ title, pattern: /^[A-Za-z_][A-Za-z0-9_]*$/ }, facts)
}

/** Of AWS: the name or the ARN of a secret or a parameter. */
export function awsName(facts: Facts) {
  const shape = /^[A-Za-z0-9/_+=.@:!-]{1,2048}$/
  return pattern({ title: 'a name or an ARN of AWS', pattern: shape }, facts)
}

export function awsRegion(facts: Facts) {
  return pattern({ title: 'a region of AWS', pattern: /^[a-z]{2}(-[a-z]+)+-\d$/ }, facts)
}

/** Of a member of a JSON object. */
export function jsonKey(facts: Facts) {
  return pattern({ title: 'the key of a JSON object', pattern: /^.{1,256}$/ }, facts)
}

/** RFC 6901, to a member. */
export function jsonPointer(facts: Facts) {
  const shape = /^(\/([^~/]|~[01])*)+$/
  return pattern({ title: 'a JSON pointer (such as "/detail/id")', pattern: shape }, facts)
}

function pattern(kind: { title: string; pattern: RegExp }, facts: Facts) {
  return titled(z.string().regex(kind.pattern), kind.title, facts)
}

function titled<Schema extends z.ZodType>(schema: Schema, title: string, facts: Facts): Schema {
  return schema.meta({ title, description: facts.description, examples: [facts.example] })
}
