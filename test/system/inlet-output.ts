/** What a running Inlet says of itself, waited for: each process writes its lines when it can. */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { InletProcess } from './inlet-process.ts'

/** Waits for a line of output, as long as the process lives. */
export function until(inlet: InletProcess, line: RegExp): Promise<void> {
  return untilSaid(inlet, () => line.test(inlet.stderr()), `${line}`)
}

/** Waits until so many have started under the name, as long as the process lives. */
export function untilStarted(inlet: InletProcess, name: string, times: number): Promise<void> {
  return untilSaid(inlet, () => pidsOf(inlet, name).length >= times, `${times} starts of ${name}`)
}

async function untilSaid(inlet: InletProcess, isSaid: () => boolean, what: string): Promise<void> {
  let ended = false
  void inlet.ended.then(() => {
    ended = true
  })
  while (!isSaid()) {
    assert.ok(!ended, `it ended before ${what}:\n${inlet.stderr()}`)
    await sleep(20)
  }
}

/** Of every process that has said that it started under the name, the newest last. */
export function pidsOf(inlet: InletProcess, name: string): number[] {
  return [...inlet.stderr().matchAll(startOf(name, 'g'))].map(([, pid]) => Number(pid))
}

/** Of the newest process of the name, once there is one: its line may follow its parent's. */
export async function pidOf(inlet: InletProcess, name: string): Promise<number> {
  await until(inlet, startOf(name))
  return pidsOf(inlet, name).at(-1) ?? assert.fail(`${name} never started`)
}

/** What it serves to operators. */
export async function metricsOf(inlet: InletProcess, path = '/metrics'): Promise<string> {
  const listening = /"event":"ops_listening"[^\n]*"port":(\d+)/
  await until(inlet, listening)
  const [, port] = listening.exec(inlet.stderr()) ?? []
  return (await fetch(`http://127.0.0.1:${port}${path}`)).text()
}

/** Waits until it serves such a line: a process that is too busy to answer in time is left out. */
export async function untilMeasured(
  inlet: InletProcess,
  line: RegExp,
  path?: string,
): Promise<void> {
  while (!line.test(await metricsOf(inlet, path))) await sleep(50)
}

function startOf(name: string, flags?: string): RegExp {
  return new RegExp(`"role":"${name}","pid":(\\d+),"event":"process_started"`, flags)
}
