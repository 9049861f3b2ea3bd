/** NGINX as the guide sets it up, in a folder of its own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../src/core/free-port.ts'
import { temporaryFolder } from './temporary.ts'

const guide = new URL('../../docs/guides/nginx.md', import.meta.url)

export interface NginxFiles {
  readonly server: { readonly certificate: string; readonly key: string }
  readonly clients: string
  readonly revoked: string
  /** What Inlet's certificate comes from. */
  readonly inletCa: string
}

export interface Nginx {
  readonly port: number
  stop(): Promise<void>
}

/** `upstream`: the port of Inlet on loopback. Rejects where NGINX is not installed. */
export async function startNginx(upstream: number, files: NginxFiles): Promise<Nginx> {
  const { path, dispose } = await temporaryFolder()
  const port = await freePort('127.0.0.1')
  await mkdir(join(path, 'inlet'))
  const texts = {
    'inlet/server.pem': files.server.certificate,
    'inlet/server.key': files.server.key,
    'inlet/clients.pem': files.clients,
    'inlet/revoked.pem': files.revoked,
    'inlet/inlet-ca.pem': files.inletCa,
    'nginx.conf': frame(path, guideBlock(path, port, upstream)),
  }
  for (const [name, text] of Object.entries(texts)) await writeFile(join(path, name), text)
  const PATH = `${process.env['PATH']}:/usr/sbin`
  const child = spawn('nginx', ['-p', path, '-c', join(path, 'nginx.conf')], {
    env: { ...process.env, PATH },
    stdio: ['ignore', 'inherit', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (piece) => {
    said += piece
  })
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`nginx ended with ${code}: ${said}`)
  })
  const failed = once(child, 'error').then(([error]) => {
    throw new Error(`nginx cannot be started (install nginx-light): ${error}`)
  })
  await Promise.race([answers(port), ended, failed])
  ended.catch(() => undefined)
  failed.catch(() => undefined)
  return {
    port,
    async stop() {
      child.kill('SIGTERM')
      if (child.exitCode === null) await once(child, 'exit')
      await dispose()
    },
  }
}

/** The block of the guide, with the places of this test in it. */
function guideBlock(path: string, port: number, upstream: number): string {
  const block = /^```nginx\n([\s\S]*?)^```$/m.exec(readFileSync(guide, 'utf8'))?.[1] ?? ''
  return replaced(block, [
    ['10.0.0.6:8443', `127.0.0.1:${upstream}`],
    ['listen 443 ssl', `listen 127.0.0.1:${port} ssl`],
    ['/etc/nginx', path],
  ])
}

function replaced(text: string, changes: readonly (readonly [string, string])[]): string {
  return changes.reduce((before, [from, to]) => {
    if (!before.includes(from)) throw new Error(`the guide does not say ${from}`)
    return before.replaceAll(from, to)
  }, text)
}

function frame(path: string, block: string): string {
  const user = process.getuid?.() === 0 ? 'user root;' : ''
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  const temporary = places.map((name) => `${name}_temp_path ${path}/${name};`).join('\n')
  return `${user}
daemon off;
worker_processes 1;
pid ${path}/pid;
error_log stderr error;
events {}
http {
access_log off;
${temporary}
${block}}
`
}

async function answers(port: number): Promise<void> {
  for (;;) {
    const socket = connect({ port, host: '127.0.0.1' })
    const isOpen = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'close').then(() => false),
    ]).catch(() => false)
    socket.destroy()
    if (isOpen) return
    await sleep(20)
  }
}
