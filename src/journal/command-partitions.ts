/**
 * Partitions that commands write, beside those of gateways: one command at a time holds each. What
 * they hold lands as all else does.
 */

/** What operators decide. */
export const operatorPartition = 'operator'
/** Dead letters that go through the road again. */
export const replayPartition = 'replay'
/** Existing history. */
export const importPartition = 'import'
