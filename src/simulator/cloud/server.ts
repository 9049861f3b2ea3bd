/**
 * The HTTP server of the simulated Genesys Cloud: login, API and the simulator's own control in one
 * place, in plain HTTP on loopback.
 *
 * Bounded in connections and in the bytes of a request; whoever asks wrongly is told so.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Random } from '../../core/random.ts'
import { type JsonValue, parseJson } from '../../event/json.ts'
import { notFound, type Reply, type Route, refusal } from './exchange.ts'
import type { Gate } from './gate.ts'

const MOST_BODY_BYTES = 2 ** 20
const limits = { requestTimeout: 30_000, headersTimeout: 10_000, maxHeaderSize: 16 * 1024 }
const CONNECTIONS = 200

export interface CloudServerDeps {
  readonly random: Random
  readonly gate: Gate
  readonly routes: readonly Route[]
  /** What to do wrong; asks for no token. */
  readonly control: (body: JsonValue | undefined) => Reply
}

interface Known extends Route {
  readonly pattern: RegExp
}

export function makeCloudServer(deps: CloudServerDeps): Server {
  const known = deps.routes.map((route) => ({ ...route, pattern: patternOf(route.path) }))
  const server = createServer(limits, (request, response) => {
    void respond(deps, known, { request, response })
  })
  server.maxConnections = CONNECTIONS
  return server
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

async function respond(deps: CloudServerDeps, known: readonly Known[], exchange: Exchange) {
  const { request, response } = exchange
  try {
    const text = await readBody(request)
    const reply =
      text === null
        ? refusal(413, 'request.too.large', 'The request is too large.')
        : replyTo(deps, known, { request, text })
    const { status, body, headers } = reply
    const correlation = { 'inin-correlation-id': deps.random.uuid() }
    const type = body === undefined ? {} : { 'content-type': 'application/json' }
    response.writeHead(status, { ...correlation, ...type, ...headers })
    response.end(body === undefined ? undefined : JSON.stringify(body))
  } catch {
    // The connection broke while the request came.
    response.destroy()
  }
}

function replyTo(
  { gate, control }: CloudServerDeps,
  known: readonly Known[],
  { request, text }: { readonly request: IncomingMessage; readonly text: string },
): Reply {
  const { method = 'GET', url = '/', headers } = request
  const parsed = URL.parse(url, 'http://simulator')
  if (parsed === null) return notFound(url)
  const { pathname, searchParams: query } = parsed
  if (method === 'POST' && pathname === '/oauth/token')
    return gate.login(headers.authorization ?? '', new URLSearchParams(text))
  if (method === 'POST' && pathname === '/simulator/control') return control(parseJson(text))
  const entered = gate.enter(headers.authorization ?? '')
  if ('status' in entered) return entered
  const replied = routed(known, { method, pathname })
  if (replied === null) return { ...notFound(pathname), headers: entered.headers }
  const { route, params } = replied
  const asked = { params, query, body: parseJson(text), clientId: entered.clientId }
  const reply = gate.stop(route) ?? route.handle(asked)
  return { ...reply, headers: { ...entered.headers, ...reply.headers } }
}

function routed(known: readonly Known[], at: { method: string; pathname: string }) {
  for (const route of known) {
    const match = route.method === at.method ? route.pattern.exec(at.pathname) : null
    if (match !== null) return { route, params: { ...match.groups } }
  }
  return null
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`)
}

/** Null where it is too large. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of request) {
    length += piece.length
    if (length <= MOST_BODY_BYTES) pieces.push(piece)
  }
  return length > MOST_BODY_BYTES ? null : Buffer.concat(pieces).toString('utf8')
}
