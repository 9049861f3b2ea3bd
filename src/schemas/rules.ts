/**
 * Every rule that an event can deviate from, as data: the words of `silver.violations.rule`.
 *
 * `compatible` drift loses nothing: the event says what it said before, in another form or with
 * something beside it. After incompatible drift a value that silver has a column for is null there.
 * `by` tells who sees it: the shape of a body, judged once for all bodies of that shape, or the
 * value, which SQL looks at.
 */
export interface RuleEntry {
  readonly compatible: boolean
  readonly by: 'shape' | 'value'
  readonly description: string
}

export const ruleCatalogue = {
  unknown_field: {
    compatible: true,
    by: 'shape',
    description: 'The schema does not know the field, which is masked until it is approved.',
  },
  type_converted: {
    compatible: true,
    by: 'shape',
    description: 'Another type than the schema says, which can be read as that: a number as text.',
  },
  type_changed: {
    compatible: false,
    by: 'shape',
    description: 'Another type than the schema says, which cannot be read as that.',
  },
  missing_required: {
    compatible: false,
    by: 'shape',
    description: 'A field that the schema requires is not there.',
  },
  null_required: {
    compatible: false,
    by: 'shape',
    description: 'A field that the schema requires is null.',
  },
  further_deviations: {
    compatible: false,
    by: 'shape',
    description: 'The body deviates in more places than are told one by one.',
  },
  not_readable_by_sql: {
    compatible: false,
    by: 'value',
    description: 'The body is nested too deeply, or ends what reads it; it stays in bronze.',
  },
  not_unicode: {
    compatible: true,
    by: 'value',
    description: 'A text holds what Unicode does not know, written as U+FFFD.',
  },
  event_time_impossible: {
    compatible: false,
    by: 'value',
    description: 'The time of the event is more than 400 days before its receipt or a day after.',
  },
  not_a_time: { compatible: false, by: 'value', description: 'A time that cannot be read.' },
  not_a_number: { compatible: false, by: 'value', description: 'A text that holds no number.' },
  not_whole: {
    compatible: false,
    by: 'value',
    description: 'A number that has a fraction, where only whole ones are.',
  },
  negative: {
    compatible: false,
    by: 'value',
    description: 'A duration or a count below zero.',
  },
  out_of_range: {
    compatible: false,
    by: 'value',
    description: 'A number too large for its column.',
  },
  not_a_text: {
    compatible: false,
    by: 'value',
    description: 'A list or an object where a text belongs.',
  },
  not_a_boolean: {
    compatible: false,
    by: 'value',
    description: 'Neither true nor false.',
  },
  not_a_list: { compatible: false, by: 'value', description: 'No list where one belongs.' },
  not_an_object: { compatible: false, by: 'value', description: 'No object where one belongs.' },
  not_a_list_of_texts: {
    compatible: false,
    by: 'value',
    description: 'A list of something else than objects of plain values, where those belong.',
  },
  too_many: {
    compatible: false,
    by: 'value',
    description: 'A list or an object of more elements than are read.',
  },
  not_a_metric: {
    compatible: false,
    by: 'value',
    description: 'A value among the metrics of a session that is none.',
  },
  not_an_interval: {
    compatible: false,
    by: 'value',
    description: 'No two times with a slash between them.',
  },
} as const satisfies Record<string, RuleEntry>

export type Rule = keyof typeof ruleCatalogue

/** Whether another schema could make it good: what SQL sees in a value is so under any. */
export function isOfShape(rule: string): boolean {
  return Object.hasOwn(ruleCatalogue, rule) && ruleCatalogue[rule as Rule].by === 'shape'
}

/** What is not in the catalogue, as a row of a later version may be, counts as incompatible. */
export function isCompatible(rule: string): boolean {
  return Object.hasOwn(ruleCatalogue, rule) && ruleCatalogue[rule as Rule].compatible
}
