import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { hasCode, InletError } from '../../../src/core/errors.ts'
import { viewJson } from '../../../src/event/json-view.ts'
import type { Call, GenesysClient } from '../../../src/genesys/client.ts'
import { pagesByCursor, pagesByNumber } from '../../../src/genesys/paging.ts'

const users: Call = { method: 'GET', path: '/api/v2/users' }

/** Answers with what the test says for each call, and remembers what it was asked. */
function clientOf(answers: (call: Call, index: number) => unknown) {
  const asked: Call[] = []
  const client: GenesysClient = {
    org: 'prod',
    async call(call) {
      const text = JSON.stringify(answers(call, asked.length)) ?? ''
      asked.push(call)
      const bytes = Buffer.from(text)
      return { status: 200, bytes, view: text === '' ? undefined : viewJson(bytes) }
    },
    follow(uri) {
      if (!uri.startsWith('/api/v2/'))
        throw new InletError('INL_GEN_FOREIGN_URL', { org: 'prod', host: uri })
      return { method: 'GET', path: uri }
    },
    own: (uri) => new URL(uri),
  }
  return { client, asked }
}

async function idsOf(pages: AsyncIterable<{ entities: readonly { slice: Buffer }[] }>) {
  const ids: unknown[] = []
  for await (const { entities } of pages)
    for (const { slice } of entities) ids.push(JSON.parse(slice.toString()).id)
  return ids
}

suite('pages by number', () => {
  test('go on by nextUri, or by the count of pages where there is none', async () => {
    const byUri = clientOf(({ path }) =>
      path.includes('?')
        ? { entities: [{ id: 2 }] }
        : { entities: [{ id: 1 }], nextUri: `${path}?2` },
    )
    assert.deepEqual(await idsOf(pagesByNumber(byUri.client, users, 1)), [1, 2])
    const byCount = clientOf(({ query }) => ({
      entities: [{ id: query?.['pageNumber'] }],
      pageCount: 3,
    }))
    assert.deepEqual(await idsOf(pagesByNumber(byCount.client, users, 1)), [1, 2, 3])
  })

  test('end where an answer is null, empty or of another shape', async () => {
    const shapes = [
      ...[undefined, null, [], {}, 'text', 5],
      ...[{ entities: null }, { entities: {} }, { entities: [null, 1, 'x', []], pageCount: 9 }],
      { entities: [], nextUri: '/api/v2/users?pageNumber=2' },
    ]
    for (const shape of shapes) {
      const { client, asked } = clientOf(() => shape)
      assert.deepEqual(await idsOf(pagesByNumber(client, users, 1)), [])
      assert.equal(asked.length, 1)
    }
  })

  test('do not follow an answer to another server', async () => {
    const nextUri = 'https://evil.example/api/v2/users'
    const { client, asked } = clientOf(() => ({ entities: [{ id: 1 }], nextUri }))
    await assert.rejects(idsOf(pagesByNumber(client, users, 1)), (error) =>
      hasCode(error, 'INL_GEN_FOREIGN_URL'),
    )
    assert.equal(asked.length, 1)
  })

  test('do not go round for ever', async () => {
    const { client } = clientOf(({ path }) => ({ entities: [{ id: 1 }], nextUri: path }))
    await assert.rejects(idsOf(pagesByNumber(client, users, 1)), /pages without end/)
  })
})

suite('pages by cursor', () => {
  test('go on until an answer has none', async () => {
    const { client, asked } = clientOf((_, index) => ({
      conversations: [{ id: index }],
      ...(index < 2 && { cursor: `c${index}` }),
    }))
    assert.deepEqual(await idsOf(pagesByCursor(client, users, 'conversations')), [0, 1, 2])
    assert.deepEqual(
      asked.map(({ query }) => query?.['cursor']),
      [undefined, 'c0', 'c1'],
    )
  })

  test('end where an answer is null or its cursor no text', async () => {
    for (const shape of [undefined, null, { cursor: null }, { cursor: 5 }, { cursor: '' }]) {
      const { client, asked } = clientOf(() => shape)
      assert.deepEqual(await idsOf(pagesByCursor(client, users, 'conversations')), [])
      assert.equal(asked.length, 1)
    }
  })

  test('do not go round for ever', async () => {
    const { client } = clientOf((_, index) => ({ cursor: index % 2 === 0 ? 'a' : 'b' }))
    await assert.rejects(idsOf(pagesByCursor(client, users, 'x')), /pages without end/)
  })
})
