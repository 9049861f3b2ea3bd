import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { didYouMean } from '../../../../src/app/config/did-you-mean.ts'

suite('a guess at what was meant', () => {
  const words = ['host', 'port', 'healthPath', 'tls', 'eventbridge']

  test('is the nearest word, whatever the mistake', () => {
    assert.equal(didYouMean('hots', words), 'host')
    assert.equal(didYouMean('prt', words), 'port')
    assert.equal(didYouMean('healthpath', words), 'healthPath')
    assert.equal(didYouMean('heathPaths', words), 'healthPath')
    assert.equal(didYouMean('tsl', words), 'tls')
  })

  test('is not made where nothing is near', () => {
    assert.equal(didYouMean('x', words), null)
    assert.equal(didYouMean('firehose', words), null)
    assert.equal(didYouMean('anything', []), null)
  })
})
