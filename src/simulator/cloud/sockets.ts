/**
 * The sockets of notification channels: heartbeats, answers to pings, subscription in the socket,
 * and what is told to those who have subscribed. Nothing is kept for a channel without a socket.
 *
 * A second socket of a channel takes the place of the first. Source of the control messages: the
 * handlers of the official SDKs and threads of the developers' forum.
 */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Clock } from '../../core/clock.ts'
import { isArray, isObject, type JsonValue, parseJson } from '../../event/json.ts'
import { templateOf } from '../../event/topics.ts'
import type { Channel, Channels } from './channels.ts'

export interface SocketsDeps {
  readonly clock: Clock
  readonly channels: Channels
}

const HEARTBEAT_MS = 30_000
const MOST_MESSAGE_BYTES = 256 * 1024
/** What waits for a reader beyond this is cut off with its connection. */
const MOST_WAITING_BYTES = 16 * 2 ** 20

export class Sockets {
  readonly #deps: SocketsDeps
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: MOST_MESSAGE_BYTES })
  readonly #open = new Map<string, WebSocket>()
  readonly #stopHeartbeats: () => void

  constructor(deps: SocketsDeps) {
    this.#deps = deps
    this.#stopHeartbeats = deps.clock.every(HEARTBEAT_MS, () => {
      for (const socket of this.#open.values()) say(socket, metadata('WebSocket Heartbeat'))
    })
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const [, id = ''] = /^\/channels\/([^/?]+)$/.exec(request.url ?? '') ?? []
    const channel = this.#deps.channels.find(id)
    if (channel === null) {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n')
      return
    }
    this.#server.handleUpgrade(request, socket, head, (opened) => this.#take(channel, opened))
  }

  /** To how many channels it went. */
  tell(topic: string, message: JsonValue): number {
    let count = 0
    for (const { id } of this.#deps.channels.subscribed(topic)) {
      const socket = this.#open.get(id)
      if (socket === undefined) continue
      say(socket, message)
      count++
    }
    return count
  }

  /** As the platform does before it goes away: a word first, if there is to be one. */
  closeAll(isAnnounced: boolean): void {
    for (const socket of this.#open.values()) {
      if (isAnnounced)
        say(socket, { topicName: 'v2.system.socket_closing', version: '2', eventBody: {} })
      else socket.terminate()
    }
  }

  stop(): void {
    this.#stopHeartbeats()
    this.closeAll(false)
    this.#server.close()
  }

  #take(channel: Channel, socket: WebSocket): void {
    const { id } = channel
    this.#open.get(id)?.close(1000, 'another socket was opened')
    this.#open.set(id, socket)
    channel.isConnected = true
    socket.on('message', (data) => say(socket, answerTo(channel, parseJson(String(data)))))
    socket.on('error', () => socket.terminate())
    socket.on('close', () => {
      if (this.#open.get(id) !== socket) return
      this.#open.delete(id)
      channel.isConnected = false
    })
  }
}

function answerTo(channel: Channel, asked: JsonValue | undefined): JsonValue {
  const { message, topics, correlationId = null } = isObject(asked) ? asked : {}
  if (message === 'ping') return metadata('pong')
  if (message !== 'subscribe' || !isArray(topics))
    return { result: '400', status: 'failure', message: 'It is not understood.', correlationId }
  const wrong = topics.filter((topic) => templateOf(String(topic)) === null)
  if (wrong.length > 0)
    return { result: '400', status: 'failure', message: `Invalid: ${wrong[0]}`, correlationId }
  for (const topic of topics) channel.topics.add(String(topic))
  return { result: '200', status: 'subscribed', correlationId }
}

function metadata(message: string): JsonValue {
  return { topicName: 'channel.metadata', eventBody: { message } }
}

function say(socket: WebSocket, message: JsonValue): void {
  if (socket.bufferedAmount > MOST_WAITING_BYTES) socket.terminate()
  else if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message))
}
