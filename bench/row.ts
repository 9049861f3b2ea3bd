/** What a measurement says: one number, and what is owed where something is. */
export interface Row {
  readonly what: string
  readonly value: number
  readonly unit: string
  readonly owed: { readonly atMost: number } | { readonly atLeast: number } | null
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2
}

export function formatRow({ what, value, unit, owed }: Row): string {
  const digits = value >= 100 ? 0 : 2
  const found = `${value.toFixed(digits)} ${unit}`.trim()
  if (owed === null) return `${what}: ${found}`
  const holds = 'atMost' in owed ? value <= owed.atMost : value >= owed.atLeast
  const limit = 'atMost' in owed ? `at most ${owed.atMost}` : `at least ${owed.atLeast}`
  return `${what}: ${found} (${limit} ${holds ? 'holds' : 'DOES NOT HOLD'})`
}
