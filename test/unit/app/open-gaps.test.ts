import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { type OrgInterval, uncovered } from '../../../src/app/channels/open-gaps.ts'

const of = (org: string, from: number, to: number): OrgInterval => ({ org, from, to })

suite('a gap of channels is open', () => {
  const gap = of('prod', 10, 20)
  const cases: readonly (readonly [string, readonly OrgInterval[], boolean])[] = [
    ['where nothing was compared', [], true],
    ['until all of it was compared', [of('prod', 5, 19)], true],
    ['not where one comparison covers it', [of('prod', 5, 25)], false],
    ['not where several do', [of('prod', 15, 20), of('prod', 0, 15)], false],
    ['where they leave a hole', [of('prod', 0, 14), of('prod', 15, 30)], true],
    ['where another organisation was compared', [of('test', 0, 30)], true],
  ]
  for (const [what, covered, isOpen] of cases)
    test(what, () => assert.deepEqual(uncovered([gap, gap], covered), isOpen ? [gap] : []))
})
