/**
 * Every measurement, one after the other, each in a process of its own: `npm run bench`.
 *
 *   npm run bench -- [name ...]     only those named
 *
 * Figures are ratios in one run on one machine; they are printed and written to bench/results/,
 * with what the machine was. Nothing here passes or fails.
 */
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

const benches = {
  ingress: { file: 'ingress.ts', what: 'one process at the door, beside a bare node:http server' },
  overload: {
    file: 'overload.ts',
    what: 'three times what a source may deliver, half by strangers',
  },
  acknowledge: { file: 'acknowledge.ts', what: 'answers while a loader lands and compacts' },
  tls: { file: 'tls.ts', what: 'plain HTTP, TLS and mutual TLS, side by side' },
  workers: { file: 'workers.ts', what: 'one gateway and two on one port' },
  bronze: { file: 'bronze.ts', what: 'journal to bronze' },
  silver: { file: 'silver.ts', what: 'journal to silver' },
  freshness: { file: 'freshness.ts', what: 'from receipt to a row, and behind an outage' },
  upkeep: { file: 'upkeep.ts', what: 'what compaction rewrites and leaves' },
  growth: { file: 'growth.ts', what: 'lakes of one, ten and thirty million events' },
  'gateway-start': { file: 'gateway-start.ts', what: 'a gateway behind a full journal' },
  restart: { file: 'restart.ts', what: 'a loader that remembers ten million identities' },
} as const

type Name = keyof typeof benches

/** The last line of its output is its figures. */
function runBench(file: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [here(file)], { stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    child.stdout.on('data', (bytes) => {
      output += bytes
    })
    child.once('error', reject)
    child.once('close', (code) => {
      if (code !== 0) return reject(new Error(`${file} ended with ${code}\n${output}`))
      resolve(JSON.parse(output.trim().split('\n').at(-1) ?? 'null'))
    })
  })
}

function machine() {
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    commit: execFileSync('git', ['rev-parse', '--short', 'HEAD']).toString().trim(),
  }
}

async function main(): Promise<void> {
  const asked = process.argv.slice(2)
  const names = Object.keys(benches).filter(
    (name): name is Name => asked.length === 0 || asked.includes(name),
  )
  const figures: Record<string, unknown> = {}
  for (const name of names) {
    const { file, what } = benches[name]
    console.log(`\n${name}: ${what}`)
    figures[name] = await runBench(file)
    console.log(JSON.stringify(figures[name], null, 2))
  }
  const at = new Date(Date.now()).toISOString().slice(0, 19).replaceAll(':', '-')
  mkdirSync(here('results'), { recursive: true })
  const path = here(`results/${at}.json`)
  writeFileSync(path, `${JSON.stringify({ at, machine: machine(), figures }, null, 2)}\n`)
  console.log(`\nwritten to ${path}`)
}

await main()
