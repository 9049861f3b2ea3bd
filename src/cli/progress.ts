/** How far long work has come, for people: a line now and then, none for what ends soon. */
import type { Invocation } from './command-line.ts'

const EVERY_MS = 2000

/** `verb` is what is done, such as `replayed`. */
export function progress(
  { shell, remark }: Invocation,
  verb: string,
): (done: number, of: number | null) => void {
  const { clock } = shell.machine
  let toldAt = clock.elapsed()
  return (done, of) => {
    const now = clock.elapsed()
    if (now - toldAt < EVERY_MS) return
    toldAt = now
    const all = of === null ? '' : ` of ${of.toLocaleString('en')}`
    remark(`${done.toLocaleString('en')}${all} ${verb}`)
  }
}
