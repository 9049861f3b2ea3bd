/**
 * Builds the image of the Dockerfile without a Docker daemon and runs it as a container would:
 *
 *   npm run test:container
 *
 * The instructions are taken from the Dockerfile: a stage is a folder, COPY copies from the
 * project, RUN runs in the folder that WORKDIR names. The outcome then runs as the user of the
 * image, on a root that is read-only but for its volume and /tmp; it has to become healthy, take an
 * event, and end at the signal of the image with the event in the lake.
 *
 * Limits: the base image is this machine's /usr with the pinned Node. Needs root, as CI is, and the
 * registry that npm is set up for.
 */
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../src/core/free-port.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { type Image, readDockerfile, type Stage } from './container/dockerfile.ts'

const project = fileURLToPath(new URL('../..', import.meta.url))
const nodeFolder = dirname(process.execPath)

/** Does what the stages say; the root of the last one. */
function build({ stages }: Image, folder: string): string {
  const roots = new Map<string, string>()
  let root = ''
  for (const [index, stage] of stages.entries()) {
    root = join(folder, stage.name ?? `stage-${index}`)
    buildStage(stage, { root, roots })
    if (stage.name !== null) roots.set(stage.name, root)
  }
  return root
}

function buildStage(
  { steps }: Stage,
  { root, roots }: { root: string; roots: ReadonlyMap<string, string> },
): void {
  let workdir = root
  for (const step of steps) {
    if (step.kind === 'workdir') {
      workdir = join(root, step.path)
      mkdirSync(workdir, { recursive: true })
    } else if (step.kind === 'run') {
      console.log(`RUN ${step.command}`)
      // What it names of the image is below the root of the stage.
      const script = step.command.replaceAll(' /var/', ` ${root}/var/`)
      const env = { ...process.env, PATH: `${nodeFolder}:${process.env['PATH']}` }
      execFileSync('sh', ['-ec', script], { cwd: workdir, env, stdio: ['ignore', 2, 2] })
    } else {
      const from = step.from === null ? project : (roots.get(step.from) ?? assert.fail(step.from))
      for (const source of step.sources) {
        const to = join(workdir, step.to === './' ? source : step.to)
        cpSync(join(from, source), to, { recursive: true, verbatimSymlinks: true })
      }
    }
  }
}

/** `$1` is the root; the rest is the command. Mounts go with the process. */
const inContainer = (image: Image) => `
root=$1; shift
mkdir -p $root/usr $root/node $root/proc $root/dev $root/tmp
for name in lib lib64 bin; do ln -sfn usr/$name $root/$name; done
mount --make-rprivate /
mount --bind $root $root
mount --rbind /usr $root/usr
mount --bind ${nodeFolder} $root/node
mount --rbind /proc $root/proc
mount --rbind /dev $root/dev
mount -t tmpfs tmpfs $root/tmp
${image.volumes.map((path) => `mount --bind $root${path} $root${path}`).join('\n')}
mount -o remount,ro,bind $root
cd $root${image.workdir}
exec chroot --userspec=${image.user} $root env -i PATH=/node:/usr/bin:/bin "$@"
`

function start(image: Image, root: string, command: readonly string[]) {
  const script = ['unshare', '--mount', 'sh', '-ec', inContainer(image), 'sh', root] as const
  const environment = Object.entries(image.environment).map((pair) => pair.join('='))
  const [program, ...args] = [...script, ...environment, ...command]
  const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  return { child, ended: once(child, 'exit').then(([code, signal]) => code ?? signal) }
}

async function main(): Promise<void> {
  const image = readDockerfile(readFileSync(join(project, 'Dockerfile'), 'utf8'))
  const folder = await temporaryFolder()
  const root = build(image, folder.path)
  const [port, ops] = [await freePort(), await freePort()]
  const [volume = assert.fail('it has no volume')] = image.volumes
  mkdirSync(join(root, 'etc/inlet'), { recursive: true })
  writeFileSync(
    join(root, 'etc/inlet/inlet.yaml'),
    `listen: { host: 127.0.0.1, port: ${port}, workers: 2 }
ops: { port: ${ops} }
sources: [{ name: trial, path: /events, auth: none }]
journal: { dir: ${volume}/journal, minFree: 0B, ephemeral: true }
lake: { url: ${volume}/lake, commitEvery: 1s }
`,
  )
  const [executable, script] = image.command
  const inlet = (...args: string[]) =>
    start(image, root, [executable ?? '', script ?? '', ...args, '-c', '/etc/inlet/inlet.yaml'])
  for (const args of [['--version'], ['--help'], ['check-config'], ['doctor']]) {
    assert.equal(await inlet(...args).ended, 0, `inlet ${args.join(' ')}`)
  }
  const running = start(image, root, image.command)
  try {
    const healthy = async () => (await start(image, root, image.health).ended) === 0
    for (let tries = 0; !(await healthy()); tries++) {
      assert.ok(tries < 600 && running.child.exitCode === null, 'it did not become healthy')
      await sleep(500)
    }
    const body = '{"messageId":"1","eventType":"call.event"}'
    const answer = await fetch(`http://127.0.0.1:${port}/events`, { method: 'POST', body })
    assert.deepEqual(await answer.json(), { outcome: 'stored' })
    running.child.kill(image.stopSignal as NodeJS.Signals)
    assert.equal(await running.ended, 0)
    assert.equal(await healthy(), false)
    assert.equal(await inlet('audit').ended, 0)
  } finally {
    running.child.kill('SIGKILL')
  }
  await folder.dispose()
}

await main()
console.log('container: 1 passed, 0 failed')
