/** How large groups become, and what room a journal needs for them. Pure. */

/** A group begins no further call beyond this: more in one write would not be any faster. */
export const GROUP_BYTES = 4 * 2 ** 20
/** What an entry takes beside its body, about: ids, topic, headers, sender. */
export const ENTRY_OVERHEAD_BYTES = 512
/** Locks, durable marks and headers of a partition, rounded up. */
const SMALL_FILES_BYTES = 64 * 2 ** 10

/** One call of `append`. */
export interface LargestCall {
  /** Of all bodies together. */
  readonly bytes: number
  readonly entries: number
}

/** A group is joined by calls until it has `GROUP_BYTES`: the last may be the largest. */
export function largestGroup({ bytes, entries }: LargestCall): number {
  return GROUP_BYTES + bytes + entries * ENTRY_OVERHEAD_BYTES
}

/**
 * The least `maxBytes` with which a journal whose records have all landed takes any call. Of each
 * partition the newest segment stays: it is closed once it has `segmentBytes`, by a group that may
 * be the largest.
 */
export function smallestJournal(
  call: LargestCall,
  { partitions, segmentBytes }: { readonly partitions: number; readonly segmentBytes: number },
): number {
  const group = largestGroup(call)
  return partitions * (segmentBytes + group + SMALL_FILES_BYTES) + group
}
