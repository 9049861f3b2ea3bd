/** The container and the service, as far as they can be looked at without running them. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { buildProgram } from '../../src/cli/program.ts'
import { quietShell } from '../support/shell.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { readDockerfile } from './container/dockerfile.ts'

const project = fileURLToPath(new URL('../..', import.meta.url))
const read = (path: string) => readFileSync(join(project, path), 'utf8')
const commands = buildProgram(quietShell).commands.map((command) => command.name())

suite('the Dockerfile', () => {
  const image = readDockerfile(read('Dockerfile'))

  test('builds on the Node that the project pins', () => {
    const { devDependencies } = JSON.parse(read('package.json'))
    const bases = new Set(image.stages.map(({ base }) => base))
    assert.deepEqual([...bases], [`node:${devDependencies.node}-bookworm-slim`])
  })

  test('copies what is there and what .dockerignore lets in', () => {
    const allowed = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
    const sources = image.stages.flatMap(({ steps }) =>
      steps.flatMap((step) => (step.kind === 'copy' && step.from === null ? step.sources : [])),
    )
    for (const source of sources) assert.ok(existsSync(join(project, source)), source)
    assert.deepEqual(new Set(sources), new Set(allowed.map((line) => line.slice(1))))
  })

  test('runs nothing of a dependency, and as nobody of the host', () => {
    const runs = image.stages.flatMap(({ steps }) =>
      steps.flatMap((step) => (step.kind === 'run' ? step.command : [])),
    )
    const installs = runs.filter((command) => command.startsWith('npm ci'))
    assert.equal(installs.length, 2)
    assert.ok(installs.every((command) => command.includes('--ignore-scripts')))
    assert.match(image.user, /^[1-9]\d{4,}:[1-9]\d{4,}$/)
  })

  test('starts and asks with commands that there are', () => {
    assert.ok(commands.includes(image.command[2] ?? ''))
    assert.ok(commands.includes(image.health[2] ?? ''))
    assert.ok(existsSync(join(project, (image.command[1] ?? '').replace('/opt/inlet/', ''))))
  })
})

suite('the systemd unit', () => {
  test('is sound, and keeps the service in a sandbox', async () => {
    const folder = await temporaryFolder()
    const unit = read('packaging/inlet.service')
    const [, path = ''] = /^ExecStart=(\S+)/m.exec(unit) ?? []
    // The program has to be where the unit says.
    writeFileSync(join(folder.path, 'inlet.service'), unit.replace(path, process.execPath))
    writeFileSync(join(folder.path, 'inlet.socket'), read('packaging/inlet.socket'))
    const analyze = (...args: string[]) =>
      promisify(execFile)('systemd-analyze', args, { cwd: folder.path })
    const { stdout, stderr } = await analyze('verify', './inlet.service', './inlet.socket')
    assert.equal(stdout + stderr, '')
    const security = await analyze('security', '--offline=yes', './inlet.service')
    const [, exposure] = /exposure level for inlet\.service: (\S+)/.exec(security.stdout) ?? []
    assert.ok(Number(exposure) < 2, security.stdout)
    await folder.dispose()
  })

  test('starts a command that there is, and gives it the time that it takes to drain', () => {
    const unit = read('packaging/inlet.service')
    const [, script = '', command = ''] = /^ExecStart=\S+ (\S+) (\S+)/m.exec(unit) ?? []
    assert.ok(script.endsWith('/node_modules/inlet/bin/inlet.js'))
    assert.ok(commands.includes(command))
    // Two stages of 40 s, one behind the other.
    assert.match(unit, /^KillMode=mixed$[\s\S]*^TimeoutStopSec=90$/m)
  })
})
