/** Who stands in front of a simulated Genesys Cloud, and may answer in its place. */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Front {
  /** Host and port. */
  readonly host: string
  close(): void
}

/** True where it has taken the request: what is left is asked of the cloud, and answered so. */
export type Takes = (incoming: IncomingMessage, outgoing: ServerResponse) => boolean

export async function startFront(cloud: { readonly host: string }, takes: Takes): Promise<Front> {
  const [host = '', port = ''] = cloud.host.split(':')
  const server = createServer((incoming, outgoing) => {
    if (takes(incoming, outgoing)) return
    const { method = 'GET', url: path = '/', headers } = incoming
    const passed = request({ host, port, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(outgoing)
    })
    incoming.pipe(passed)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
