/** Figures of real samples, told apart from everything else that is in their rows. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { arrivalsOf, openSilver, type Silver } from '../../../support/silver-rows.ts'

const samples = join(import.meta.dirname, '../../../../samples')
const silver: Silver = await openSilver()
after(() => silver.close())

describe('a real Analytics record', () => {
  it('gives the times that its metrics tell', async () => {
    const body = readFileSync(join(samples, 'analytics/conversation1.json'))
    const rows = await silver.rows(arrivalsOf(body))
    const agent = rows.find(({ purpose }) => purpose === 'agent')
    assert.equal(rows.length, 3)
    assert.deepEqual(
      [agent?.['talk_ms'], agent?.['held_ms'], agent?.['handle_ms']],
      [374_561, 544_176, 918_737],
    )
  })
})
