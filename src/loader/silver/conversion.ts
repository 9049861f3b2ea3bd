/**
 * How a value of a body becomes a value of a column: SQL on the text that `from_json` makes of a
 * JSON value, which is the value itself for a string and its JSON for anything else.
 *
 * Guarantee: a value that converts without loss is converted, anything else is null; no expression
 * ever raises. Durations are rounded to whole milliseconds, half away from zero, decimally.
 *
 * A cast that fails costs DuckDB many times one that holds: patterns stand before the unusual ones.
 */

export interface Conversion {
  /** SQL for the column; `raw` is a column of VARCHAR, `isText` tells whether it was a string. */
  value(raw: string, isText: string): string
  /** SQL for the word in `silver.violations`, where `raw` is not null and its value is. */
  rule(raw: string): string
  /** True where `raw` is JSON, so that a string stands in its quotes. */
  readonly json?: boolean
}

const always = (word: string) => () => `'${word}'`

/** Begins as an object or an array does; a string may too. Comparing is cheapest. */
const bracketed = (raw: string) =>
  `(${raw} >= '[' AND (${raw} < '\\' OR (${raw} >= '{' AND ${raw} < '|')))`

const plainText = (raw: string, isText: string) =>
  `CASE WHEN ${bracketed(raw)} AND NOT ${isText} THEN NULL ELSE ${raw} END`

const camelWords = (raw: string) => `list_reduce(
  list_prepend('', string_split(lower(${raw}), '_')),
  lambda said, word: said || CASE WHEN said = '' THEN word ELSE upper(word[1]) || word[2:] END)`

/** `TRANSPORT_FAILURE` is `transportFailure`; what has lower-case letters stays. */
const camel = (raw: string) => `CASE WHEN NOT regexp_full_match(${raw}, '[A-Z0-9_]+') THEN ${raw}
  WHEN contains(${raw}, '_') THEN ${camelWords(raw)} ELSE lower(${raw}) END`

const number = String.raw`-?[0-9]{1,18}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?`
const isNumber = (raw: string) => `regexp_full_match(${raw}, '${number}')`

/** The rule of a metric that is null. */
const metricRule = (raw: string) => `CASE WHEN NOT ${isNumber(raw)} THEN 'not_a_number'
  WHEN starts_with(${raw}, '-') THEN 'negative' ELSE 'out_of_range' END`

const notNegative = (value: string) => `CASE WHEN ${value} >= 0 THEN ${value} END`

/** Whole and as JSON writes it: by far the most. */
const isPlainWhole = (raw: string) => `TRY_CAST(${raw} AS BIGINT)::VARCHAR = ${raw}`

/** With more digits than a DECIMAL of 64 bits can hold it is null. */
const rounded = (raw: string) => `round(TRY_CAST(${raw} AS DECIMAL(18,6)))::BIGINT`

const iso =
  '[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ]([01][0-9]|2[0-3]):[0-9]{2}(:[0-5][0-9]([.,][0-9]{1,9})?)?([Zz]|[+-][0-9]{2}(:?[0-9]{2})?)?)?'

export const text: Conversion = { value: plainText, rule: always('not_a_text') }

export const whole: Conversion = {
  value: (raw) => `CASE WHEN ${isPlainWhole(raw)} THEN TRY_CAST(${raw} AS BIGINT)
    WHEN ${isNumber(raw)} AND TRY_CAST(${raw} AS DECIMAL(18,6)) = ${rounded(raw)}
    THEN ${rounded(raw)} END`,
  rule: (raw) => `CASE WHEN ${isNumber(raw)} THEN 'not_whole' ELSE 'not_a_number' END`,
}

/** A duration that the body has in milliseconds. */
export const milliseconds: Conversion = {
  value: (raw) => `CASE WHEN ${isPlainWhole(raw)} THEN ${notNegative(`TRY_CAST(${raw} AS BIGINT)`)}
    WHEN ${isNumber(raw)} THEN ${notNegative(rounded(raw))} END`,
  rule: metricRule,
}

const roundedSeconds = (raw: string) =>
  `round(TRY_CAST(TRY_CAST(${raw} AS DECIMAL(18,9)) * 1000 AS DECIMAL(18,6)))::BIGINT`

/** A duration that the body has in seconds. */
export const seconds: Conversion = {
  value: (raw) => `CASE WHEN regexp_full_match(${raw}, '[0-9]{1,9}([.][0-9]{1,40})?')
    THEN round(TRY_CAST(${raw} || 'e3' AS DECIMAL(18,6)))::BIGINT
    WHEN ${isNumber(raw)} THEN ${notNegative(roundedSeconds(raw))} END`,
  rule: metricRule,
}

/** A value of a metric. */
export const metric: Conversion = {
  value: (raw) => `CASE WHEN ${isNumber(raw)} THEN CASE WHEN TRY_CAST(${raw} AS DOUBLE) >= 0
    AND isfinite(TRY_CAST(${raw} AS DOUBLE)) THEN TRY_CAST(${raw} AS DOUBLE) END END`,
  rule: metricRule,
}

export const boolean: Conversion = {
  value: (raw) => `CASE ${raw} WHEN 'true' THEN true WHEN 'false' THEN false END`,
  rule: always('not_a_boolean'),
}

/** `VOICE` and `voice`: as the Genesys analytics API spells it. */
export const enumeration: Conversion = {
  value: (raw, isText) =>
    `CASE WHEN ${bracketed(raw)} AND NOT ${isText} THEN NULL ELSE ${camel(raw)} END`,
  rule: always('not_a_text'),
}

/** As `enumeration`; what the guides call otherwise has the name of the platform. */
export const media: Conversion = {
  value: (raw, isText) => `CASE ${raw} WHEN 'call' THEN 'voice' WHEN 'phone' THEN 'voice'
    WHEN 'webchat' THEN 'chat' ELSE ${enumeration.value(raw, isText)} END`,
  rule: enumeration.rule,
}

const isList = (raw: string) => `starts_with(${raw}, '[')`

/** A list of texts; without those that are null. */
export const texts: Conversion = {
  json: true,
  value: (raw) => `CASE WHEN ${raw} = '[]' THEN []::VARCHAR[]
    WHEN ${isList(raw)} AND NOT list_has_any(json_type(${raw}, '$[*]'), ['OBJECT', 'ARRAY'])
    THEN list_filter(from_json(${raw}, '["VARCHAR"]'), lambda one: one IS NOT NULL) END`,
  rule: (raw) => `CASE WHEN ${isList(raw)} THEN 'not_a_text' ELSE 'not_a_list' END`,
}

export const object: Conversion = {
  json: true,
  value: (raw) => `CASE WHEN starts_with(${raw}, '{') THEN ${raw} END`,
  rule: always('not_an_object'),
}

/**
 * Epoch milliseconds, or ISO 8601 (without a zone UTC; digits beyond milliseconds are cut off).
 * Strict, as the time of an event is: the malformed `2021-04-2T15:30:51.418Z` is not guessed at.
 */
export const time: Conversion = {
  value: (raw) => `CASE WHEN contains(${raw}, '-') AND NOT starts_with(${raw}, '-') THEN
      CASE WHEN regexp_full_match(${raw}, '${iso}') THEN ${isoTime(raw)} END
    WHEN ${isPlainWhole(raw)} AND TRY_CAST(${raw} AS BIGINT) BETWEEN ${earliest} AND ${last}
    THEN make_timestamptz(TRY_CAST(${raw} AS BIGINT) * 1000) END`,
  rule: always('not_a_time'),
}

/** 0001-01-01 and the end of 9999, in ms: what a date column of any engine can hold. */
const earliest = -62_135_596_800_000
const last = 253_402_300_799_999

/** DuckDB reads neither a comma nor a time without seconds, and letters in upper case only. */
function isoTime(raw: string): string {
  const dotted = `replace(upper(${raw}), ',', '.')`
  const whole = `regexp_replace(${dotted}, '^(.{10}[T ].{5})(Z|[+-].*)?$', '\\1:00\\2')`
  const short = `regexp_replace(${whole}, '([.][0-9]{3})[0-9]+', '\\1')`
  const read = `TRY_CAST(${short} AS TIMESTAMPTZ)`
  return `CASE WHEN strlen(${raw}) = 24 AND ends_with(${raw}, 'Z') AND ${raw} >= '0001'
    THEN TRY_CAST(${raw} AS TIMESTAMPTZ)
    WHEN epoch_ms(${read}) BETWEEN ${earliest} AND ${last} THEN ${read} END`
}
