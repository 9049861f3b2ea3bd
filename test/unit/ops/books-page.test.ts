import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Measured, Reading } from '../../../src/observe/metrics.ts'
import { booksPage } from '../../../src/ops/books-page.ts'
import { readFamilies } from '../../../src/ops/families.ts'

const sources = ['prod', 'a<b']

async function pageOf(...measures: ((reading: Reading) => void)[]): Promise<string[]> {
  const measured = measures.map((measure): Measured => ({ measure }))
  const families = await Promise.all(
    measured.map((one, index) => readFamilies([one], { process: `gateway-${index}`, sources })),
  )
  // As they cross the channel of a child; without its marks, cell by cell.
  const page = booksPage(JSON.parse(JSON.stringify(families)))
  const rows = page.replaceAll(/<\/t[dh]><t[dh]>/g, ' | ').split('\n')
  return rows.map((row) => row.replaceAll(/<[^>]*>/g, '').trim())
}

suite('the page of the books', () => {
  test('shows of each source what came and what became of it, over all processes', async () => {
    const gateway = (stored: number) => (reading: Reading) => {
      reading.number('inlet_events_total', stored, { source: 'prod', outcome: 'stored' })
      reading.number('inlet_events_total', 2, { source: 'prod', outcome: 'shed' })
      reading.number('inlet_refused_requests_total', 1, { source: 'prod', reason: '401' })
      reading.number('inlet_refused_requests_total', 1, { source: '-', reason: '404' })
      reading.number('inlet_events_total', 1, { source: 'a<b', outcome: 'quarantined' })
    }
    const rows = await pageOf(gateway(1000), gateway(500))
    assert.ok(rows.includes('prod | 1,506 | 1,500 | 0 | 0 | 0 | 4 | 2'), rows.join('\n'))
    assert.ok(rows.includes('a&lt;b | 2 | 0 | 0 | 2 | 0 | 0 | 0'))
    assert.ok(rows.includes('no source | 2 | 0 | 0 | 0 | 0 | 0 | 2'))
  })

  test('shows what the last audit counted, and that what came is the sum of it', async () => {
    const counts = { event: 10, duplicate: 4, dead_letter: 2, note: 9, filtered: 3, shed: 1 }
    const audit = (missing: number) => (reading: Reading) => {
      for (const [outcome, count] of Object.entries({ ...counts, refused: 5, acknowledged: 16 }))
        reading.number('inlet_audit_counts', count, { outcome })
      reading.number('inlet_audit_faults', missing, { reason: 'missing' })
      reading.number('inlet_audit_timestamp_seconds', 1_760_000_000, {})
      reading.number('inlet_audit_warnings', 2 * missing, { reason: 'same_body' })
      reading.number('inlet_alert', missing, { source: '-', reason: 'audit' })
    }
    const clean = await pageOf(audit(0))
    assert.ok(clean.includes('25 | 10 | 4 | 2 | 3 | 1 | 5 | 16 | 0'), clean.join('\n'))
    assert.ok(clean.includes('Clean: 2025-10-09T08:53:20.000Z'))
    assert.ok(clean.includes('No alert is raised.'))
    assert.doesNotMatch(clean.join(), /several event ids/)
    const wrong = await pageOf(audit(1))
    assert.ok(wrong.includes('Not clean, 1 faults: 2025-10-09T08:53:20.000Z'))
    assert.ok(wrong.includes('Bodies under several event ids: 2'))
    assert.ok(wrong.includes('Alerts:audit'))
  })

  test('says that there was no audit', async () => {
    const page = (await pageOf(() => undefined)).join(' ')
    assert.match(page, /None has ended since the loader began/)
  })
})
