/** System calls out of what `strace -f` wrote. */

export interface TracedCall {
  readonly name: string
  /** The first argument; -1 where that is AT_FDCWD. */
  readonly fd: number
  /** All that stands in the trace of it, arguments and what was read. */
  readonly text: string
  /** Lines of the trace: a call that others interrupted begins and ends on different ones. */
  readonly begun: number
  readonly ended: number
  readonly result: number
}

/** Calls in the order in which they began; those that never returned are left out. */
export function parseTrace(trace: string): TracedCall[] {
  const calls: TracedCall[] = []
  /** By thread: what it has begun. */
  const open = new Map<string, { text: string; begun: number }>()
  for (const [line, entry] of trace.split('\n').entries()) {
    const [, thread = '', said = ''] = /^(\d+)\s+(.*)$/s.exec(entry) ?? []
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/s.exec(said)?.[1]
    const begun = resumed === undefined ? { text: '', begun: line } : open.get(thread)
    if (begun === undefined) continue
    const text = begun.text + (resumed ?? said)
    const unfinished = /^(.*)<unfinished \.\.\.>$/s.exec(text)?.[1]
    if (unfinished === undefined) calls.push(...callOf(text, { begun: begun.begun, ended: line }))
    else open.set(thread, { text: unfinished, begun: begun.begun })
  }
  return calls.sort((a, b) => a.begun - b.begun)
}

function callOf(text: string, lines: { begun: number; ended: number }): TracedCall[] {
  const [, name = '', fd = -1, result] = /^(\w+)\((?:AT_FDCWD|(\d+)).* = (-?\d+)/s.exec(text) ?? []
  if (result === undefined) return []
  return [{ name, fd: Number(fd), text, ...lines, result: Number(result) }]
}
