/** `inlet sinks --resend`: what a server refused for good, once it takes it. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { event } from '../../support/deliveries.ts'
import { openDesk, plainConfig } from '../../support/shell.ts'

test('sinks --resend sends what was refused, says how much, and knows its sinks', async () => {
  let refused = 'event-a'
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const piece of request) body += piece
    response.writeHead(refused !== '' && body.includes(refused) ? 422 : 200).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const desk = await openDesk()
  const resend = async (name: string) => {
    const { code, stdout, stderr } = await desk.run('sinks', '--resend', name)
    return [code, stdout || stderr] as const
  }
  const left = async () => JSON.parse((await desk.run('status', '--json')).stdout).sinks[0].refused
  try {
    const crm = `{ name: crm, kind: https, url: "http://127.0.0.1:${port}/", attempts: 1,
      tables: [silver.other_events] }`
    await desk.write('inlet.yaml', `${plainConfig}sinks: [${crm}]\n`)
    assert.deepEqual(await resend('crm'), [0, '0 events arrived, 0 refused again\n'])
    const order = { dialect: 'generic', eventType: 'order.placed', source: 'trial' } as const
    await desk.append(event('event-a', '{"id":"a"}', order), event('event-b', '{"id":"b"}', order))
    assert.equal((await desk.run('loader', '--once')).code, 0)
    assert.equal((await desk.run('sinks', '--once')).code, 0)
    assert.equal(await left(), 1)
    assert.deepEqual(await resend('crm'), [1, '0 events arrived, 1 refused again\n'])
    assert.equal(await left(), 1)
    refused = ''
    assert.deepEqual(await resend('crm'), [0, '1 event arrived, 0 refused again\n'])
    assert.equal(await left(), 0)
    const [code, text] = await resend('warehouse')
    assert.equal(code, 2)
    assert.match(text, /no HTTPS sink is named warehouse\. There is crm\./)
  } finally {
    server.close()
    server.closeAllConnections()
    await desk.dispose()
  }
})
