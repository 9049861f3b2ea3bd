import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { suite, test } from 'node:test'
import { parseDuration } from '../../../../src/core/units.ts'
import { planOf } from '../../../../src/genesys/provisioning/plan.ts'
import { wantedOf } from '../../../../src/genesys/provisioning/wanted.ts'

const folder = new URL('../../../golden/provisioning/', import.meta.url)
const read = (name: string) => JSON.parse(readFileSync(new URL(name, folder), 'utf8'))

suite('the plan of what Genesys Cloud is to deliver', () => {
  for (const name of readdirSync(folder))
    test(name.replaceAll('-', ' '), () => {
      const { asked, found } = read(`${name}/in.json`)
      const asking = wantedOf(asked, parseDuration('5d'))
      const plan = 'wanted' in asking ? planOf(asking.wanted, found) : asking
      assert.deepEqual(JSON.parse(JSON.stringify(plan)), read(`${name}/out.json`))
    })
})
