/**
 * The limit that Inlet is measured against: a bare `node:http` server, as a child process, that
 * reads a body and answers what Inlet answers. It checks nothing, parses nothing and keeps nothing.
 */
import { createServer } from 'node:http'
import { serveParent } from './serve-parent.ts'

const answer = JSON.stringify({ outcome: 'stored' })
const headers = ['Content-Type', 'application/json', 'Content-Length', String(answer.length)]

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    response.writeHead(200, headers)
    response.end(answer)
  })
})

server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  serveParent(typeof address === 'object' && address !== null ? address.port : 0)
})
