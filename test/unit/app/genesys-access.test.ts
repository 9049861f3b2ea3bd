import assert from 'node:assert/strict'
import { test } from 'node:test'
import { perMinuteOf } from '../../../src/app/genesys-access.ts'
import { defaultClientOptions } from '../../../src/genesys/open-client.ts'

test('what processes may ask in a minute is together what one client may', () => {
  const sum = Object.values(perMinuteOf).reduce((all, part) => all + part, 0)
  assert.equal(sum, defaultClientOptions.perMinute)
})
