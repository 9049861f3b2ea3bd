/** Where the output of a command can go no further. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const inlet = fileURLToPath(new URL('../../bin/inlet.js', import.meta.url))

test('an output that is full ends a command with a sentence, and 1', () => {
  const full = openSync('/dev/full', 'w')
  try {
    const { status, stderr } = spawnSync(process.execPath, [inlet, '--help'], {
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
    })
    assert.match(stderr, /^inlet: the output cannot be written: ENOSPC: [^\n]+\n$/)
    assert.equal(status, 1)
  } finally {
    closeSync(full)
  }
})
