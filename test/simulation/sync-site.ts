/**
 * Where in the code a sync is called from: `src/core/node-files.ts:88 < src/core/clock.ts:12`, the
 * two nearest frames of this repository's sources, or the nearest of all where none is of `src`.
 */
const root = new URL('../../', import.meta.url).href
const own = /^(node:|test\/simulation\/(forgetful-\w+|sync-site)\.ts:)/

export function syncSite(): string {
  const holder = { stack: '' }
  Error.captureStackTrace(holder, syncSite)
  const frames = [...holder.stack.matchAll(/(?:\(|at (?:async )?)([^\s()]+):(\d+):\d+\)?$/gm)]
    .map(([, file = '', line = '']) => `${file.replace(root, '')}:${line}`)
    .filter((frame) => !own.test(frame))
  const sources = frames.filter((frame) => frame.startsWith('src/'))
  return (sources.length > 0 ? sources.slice(0, 2) : frames.slice(0, 1)).join(' < ')
}
