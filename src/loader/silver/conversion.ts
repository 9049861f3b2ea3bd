/**
 * How a value of a body becomes a value of a column: SQL on the text that `from_json` makes of a
 * JSON value, which is the value itself for a string and its JSON for anything else.
 *
 * Guarantee: a value that converts without loss is converted, anything else is null; no expression
 * ever raises. Durations are rounded to whole milliseconds, half away from zero, decimally.
 *
 * A cast that fails costs DuckDB many times one that holds: patterns stand before unusual ones.
 * Only CASE keeps DuckDB from computing what is not asked for; AND and OR compute both sides.
 */
import { EPOCH_SECONDS } from '../../event/time.ts'

export interface Conversion {
  /**
   * SQL for the column, quick and right for what bodies usually hold, null for anything else; left
   * out where `value` is quick itself. `raw` is a column of VARCHAR.
   */
  quick?(raw: string): string
  /** The same where every value is a string. */
  ofText?(raw: string): string
  /** The same where every value is a whole number and not negative. */
  ofCount?(raw: string): string
  /** SQL for the column; `isText` is SQL that tells whether the value is a string, and is slow. */
  value(raw: string, isText: string): string
  /** SQL for the word in `silver.violations`, where `raw` is not null and its value is. */
  rule(raw: string): string
  /** SQL that tells whether something of it is left out of its value; left out for never. */
  isPartial?(raw: string): string
  /** True where `raw` is JSON, so that a string stands in its quotes. */
  readonly json?: boolean
}

const always = (word: string) => () => `'${word}'`

/** False for what an object or an array is written as; also for some strings. Quick. */
const isBare = (raw: string) =>
  `(${raw} < '[' OR (${raw} >= '\\' AND ${raw} < '{') OR ${raw} >= '|')`

const ifBare = (raw: string, value: string) => `CASE WHEN ${isBare(raw)} THEN ${value} END`
const ifText = (raw: string, isText: string, value: string) =>
  `CASE WHEN ${isBare(raw)} THEN ${value} WHEN ${isText} THEN ${value} END`

export const text: Conversion = {
  ofText: (raw) => raw,
  quick: (raw) => ifBare(raw, raw),
  value: (raw, isText) => ifText(raw, isText, raw),
  rule: always('not_a_text'),
}

const camelWords = (raw: string) => `list_reduce(
  list_prepend('', string_split(lower(${raw}), '_')),
  lambda said, word: said || CASE WHEN said = '' THEN word ELSE upper(word[1]) || word[2:] END)`

/** `TRANSPORT_FAILURE` is `transportFailure`; what has lower-case letters stays. */
const camel = (raw: string) => `CASE WHEN NOT regexp_full_match(${raw}, '[A-Z0-9_]+') THEN ${raw}
  WHEN contains(${raw}, '_') THEN ${camelWords(raw)} ELSE lower(${raw}) END`

/** `VOICE` and `voice`: as the Genesys analytics API spells it. */
export const enumeration: Conversion = {
  ofText: camel,
  quick: (raw) => ifBare(raw, camel(raw)),
  value: (raw, isText) => ifText(raw, isText, camel(raw)),
  rule: always('not_a_text'),
}

/** The same, also for the names that presences have in the administration: `On Queue`. */
export const state: Conversion = {
  value: (raw, isText) =>
    ifText(
      raw,
      isText,
      `CASE WHEN regexp_full_match(${raw}, '[a-z].*')
    THEN ${raw} ELSE ${camelWords(`replace(${raw}, ' ', '_')`)} END`,
    ),
  rule: always('not_a_text'),
}

/** What the guides call otherwise has the name of the platform. */
const mediaNamed = (raw: string) => `CASE ${raw} WHEN 'call' THEN 'voice' WHEN 'phone' THEN 'voice'
  WHEN 'webchat' THEN 'chat' WHEN 'VOICE' THEN 'voice' ELSE ${camel(raw)} END`

export const media: Conversion = {
  ofText: mediaNamed,
  quick: (raw) => ifBare(raw, mediaNamed(raw)),
  value: (raw, isText) => ifText(raw, isText, mediaNamed(raw)),
  rule: always('not_a_text'),
}

/** A code that senders write in either case. */
export const lowerCase: Conversion = {
  ofText: (raw) => `lower(${raw})`,
  quick: (raw) => ifBare(raw, `lower(${raw})`),
  value: (raw, isText) => ifText(raw, isText, `lower(${raw})`),
  rule: always('not_a_text'),
}

/** Whole and as JSON writes it: by far the most. */
const isPlainWhole = (raw: string) => `TRY_CAST(${raw} AS BIGINT)::VARCHAR = ${raw}`
const asWhole = (raw: string) => `TRY_CAST(${raw} AS BIGINT)`

const number = String.raw`-?[0-9]{1,400}(\.[0-9]{1,400})?([eE][+-]?[0-9]{1,3})?`
const isNumber = (raw: string) => `regexp_full_match(${raw}, '${number}')`

/** Null for what a DECIMAL of 64 bits cannot hold. */
const decimal = (raw: string) => `TRY_CAST(${raw} AS DECIMAL(18,6))`
const rounded = (value: string) => `round(${value})::BIGINT`
const notNegative = (value: string) => `CASE WHEN ${value} >= 0 THEN ${value} END`

const metricRule = (raw: string) => `CASE WHEN NOT ${isNumber(raw)} THEN 'not_a_number'
  WHEN starts_with(${raw}, '-') THEN 'negative' ELSE 'out_of_range' END`

export const whole: Conversion = {
  ofCount: asWhole,
  quick: (raw) => `CASE WHEN ${isPlainWhole(raw)} THEN ${asWhole(raw)} END`,
  value: (raw) => `CASE WHEN ${isPlainWhole(raw)} THEN ${asWhole(raw)}
    WHEN ${isNumber(raw)} THEN
    CASE WHEN ${decimal(raw)} = ${rounded(decimal(raw))} THEN ${rounded(decimal(raw))} END END`,
  rule: (raw) => `CASE WHEN ${isNumber(raw)} THEN 'not_whole' ELSE 'not_a_number' END`,
}

/** A duration that the body has in milliseconds. */
export const milliseconds: Conversion = {
  ofCount: asWhole,
  quick: (raw) => `CASE WHEN ${isPlainWhole(raw)} THEN ${notNegative(asWhole(raw))} END`,
  value: (raw) => `CASE WHEN ${isPlainWhole(raw)} THEN ${notNegative(asWhole(raw))}
    WHEN ${isNumber(raw)} THEN ${notNegative(rounded(decimal(raw)))} END`,
  rule: metricRule,
}

/** A duration that the body has in seconds; `1.0005` is 1001 ms. */
export const seconds: Conversion = {
  quick: (raw) => `CASE WHEN regexp_full_match(${raw}, '[0-9]{1,9}([.][0-9]{1,40})?')
    THEN ${rounded(decimal(`(${raw} || 'e3')`))} END`,
  value: (raw) => `CASE WHEN ${isNumber(raw)} THEN
    ${notNegative(rounded(decimal(`(TRY_CAST(${raw} AS DECIMAL(18,9)) * 1000)`)))} END`,
  rule: metricRule,
}

const exactDouble = (raw: string) => `CASE
  WHEN TRY_CAST(${raw} AS DOUBLE) BETWEEN 0 AND 9007199254740992
  THEN TRY_CAST(${raw} AS DOUBLE) END`

/** A value of a metric. Beyond 2^53 a DOUBLE is no longer every whole number. */
export const metric: Conversion = {
  ofCount: exactDouble,
  quick: (raw) => `CASE WHEN regexp_full_match(${raw}, '[0-9]{1,16}([.][0-9]{1,17})?')
    THEN ${exactDouble(raw)} END`,
  value: (raw) => `CASE WHEN ${isNumber(raw)} THEN ${exactDouble(raw)} END`,
  rule: metricRule,
}

export const boolean: Conversion = {
  value: (raw) => `CASE ${raw} WHEN 'true' THEN true WHEN 'false' THEN false END`,
  rule: always('not_a_boolean'),
}

const iso = (() => {
  const clock = '([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.,][0-9]{1,9})?)?'
  return `[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ]${clock}([Zz]|[+-][0-9]{2}(:?[0-9]{2})?)?)?`
})()

/**
 * Epoch milliseconds or seconds, or ISO 8601 (without a zone UTC; digits beyond milliseconds are
 * cut off). Strict, as the time of an event is: the malformed `2021-04-2T15:30:51.418Z` is not
 * guessed at.
 */
export const time: Conversion = {
  quick: (raw) => `CASE WHEN ${isUsualIso(raw)} THEN TRY_CAST(${raw} AS TIMESTAMPTZ)
    WHEN strlen(${raw}) = 13 AND ${raw} >= '1' THEN ${epochTime(raw, '1000')} END`,
  value: (raw) => `CASE WHEN regexp_full_match(${raw}, '${iso}') THEN ${isoTime(raw)}
    ELSE ${epochTime(raw, microsecondsOf(raw))} END`,
  rule: always('not_a_time'),
}

/** 0001-01-01 and the end of 9999, in ms: what a date column of any engine can hold. */
const earliest = -62_135_596_800_000
const last = 253_402_300_799_999

const epochTime = (raw: string, microseconds: string) => `CASE WHEN ${isPlainWhole(raw)}
  AND ${asWhole(raw)} BETWEEN ${earliest} AND ${last}
  THEN make_timestamptz(${asWhole(raw)} * ${microseconds}) END`

/** Of what the number counts: seconds or milliseconds. */
const microsecondsOf = (raw: string) => `CASE WHEN ${asWhole(raw)} >= ${EPOCH_SECONDS.from}
  AND ${asWhole(raw)} < ${EPOCH_SECONDS.below} THEN 1000000 ELSE 1000 END`

/** `2026-01-02T03:04:05.678Z`; 24 o'clock and the year 0 are left to the slow way. */
const isUsualIso = (raw: string) => `(strlen(${raw}) = 24 AND ${raw} >= '0001'
  AND ${raw} LIKE '____-__-__T__:__:__.___Z' AND NOT contains(${raw}, 'T24'))`

/** DuckDB reads neither a comma nor a time without seconds, and letters in upper case only. */
function isoTime(raw: string): string {
  const dotted = `replace(upper(${raw}), ',', '.')`
  const whole = `regexp_replace(${dotted}, '^(.{10}[T ].{5})(Z|[+-].*)?$', '\\1:00\\2')`
  const short = `regexp_replace(${whole}, '([.][0-9]{3})[0-9]+', '\\1')`
  const read = `TRY_CAST(${short} AS TIMESTAMPTZ)`
  return `CASE WHEN epoch_ms(${read}) BETWEEN ${earliest} AND ${last} THEN ${read} END`
}

const isList = (raw: string) => `starts_with(${raw}, '[')`
const textsOf = (raw: string, value: string) => `CASE WHEN ${raw} = '[]' THEN []::VARCHAR[]
  WHEN ${isList(raw)} THEN CASE
    WHEN NOT list_has_any(json_type(${raw}, '$[*]'), ['OBJECT', 'ARRAY']) THEN ${value} END END`
const known = (raw: string) =>
  `list_filter(from_json(${raw}, '["VARCHAR"]'), lambda one: one IS NOT NULL)`
const listRule = (raw: string) => `CASE WHEN ${isList(raw)} THEN 'not_a_text' ELSE 'not_a_list' END`

/** A list of texts; without those that are null. */
export const texts: Conversion = {
  json: true,
  value: (raw) => textsOf(raw, known(raw)),
  rule: listRule,
}

export const enumerations: Conversion = {
  json: true,
  value: (raw) => textsOf(raw, `list_transform(${known(raw)}, lambda one: ${camel('one')})`),
  rule: listRule,
}

/** The JSON of an object. */
export const object: Conversion = {
  json: true,
  value: (raw) => `CASE WHEN starts_with(${raw}, '{') THEN ${raw} END`,
  rule: always('not_an_object'),
}

/** Who took part. */
export const people: Conversion = listOf(['id', 'role', 'name'])

/**
 * A list of objects with these members, as texts. An element that is no object is left out, and of
 * one that is a member that is no text: what stands beside it is as good as ever.
 */
export function list(...members: readonly string[]): Conversion {
  return listOf(members)
}

function listOf(members: readonly string[]): Conversion {
  const shape = JSON.stringify([Object.fromEntries(members.map((name) => [name, 'VARCHAR']))])
  const read = (raw: string) => `from_json(${raw}, '${shape}')`
  const elements = (raw: string) => `list_filter(${read(raw)}, lambda one: one IS NOT NULL)`
  const types = (raw: string) => members.map((name) => `json_type(${raw}, '$[*].${name}')`)
  const isFlat = (raw: string) => `json_type(${raw}, '$[*]') <@ ['OBJECT', 'NULL']
    AND NOT list_has_any(${types(raw).join(' || ')}, ['OBJECT', 'ARRAY'])`
  const own = members.map((name) => `one."${name}"`)
  const asJson = JSON.stringify(Object.fromEntries(members.map((name) => [name, 'JSON'])))
  const flatten = members.map(
    (name, index) => `"${name}": CASE WHEN json_type(${own[index]}) NOT IN ('OBJECT', 'ARRAY')
      THEN ${own[index]} ->> '$' END`,
  )
  const kept = (raw: string) => `list_transform(list_transform(
    list_filter(from_json(${raw}, '["JSON"]'), lambda one: json_type(one) = 'OBJECT'),
    lambda one: from_json(one, '${asJson}')), lambda one: {${flatten.join(', ')}})`
  const isSurelyFlat = `coalesce(${own.join(', ')}) IS NOT NULL AND
    ${own.map((member) => `coalesce(${isBare(member)}, true)`).join(' AND ')}`
  const flat = (raw: string) => `list_filter(${read(raw)}, lambda one: ${isSurelyFlat})`
  return {
    json: true,
    quick: (raw) => `CASE WHEN ${isList(raw)} THEN
      CASE WHEN len(${flat(raw)}) = json_array_length(${raw}) THEN ${flat(raw)} END END`,
    value: (raw) => `CASE WHEN ${isList(raw)} THEN
      CASE WHEN ${isFlat(raw)} THEN ${elements(raw)} ELSE ${kept(raw)} END END`,
    rule: (raw) => `CASE WHEN ${isList(raw)} THEN 'not_a_list_of_texts' ELSE 'not_a_list' END`,
    isPartial: (raw) => `CASE WHEN ${isList(raw)} THEN NOT (${isFlat(raw)}) ELSE false END`,
  }
}

/** `2026-01-01T00:00:00.000Z/2026-01-01T00:30:00.000Z` */
export const intervalStart = intervalPart(1)
export const intervalEnd = intervalPart(2)

function intervalPart(part: 1 | 2): Conversion {
  return {
    value: (raw) => time.value(`split_part(${raw}, '/', ${part})`, 'true'),
    rule: always('not_an_interval'),
  }
}
