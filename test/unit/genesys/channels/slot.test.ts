import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { seededRandom, systemRandom } from '../../../../src/core/random.ts'
import {
  type Effect,
  type Gap,
  isLive,
  LIFE_MS,
  newSlot,
  PING_MS,
  SILENT_MS,
  type Slot,
  type SlotEvent,
  step,
} from '../../../../src/genesys/channels/slot.ts'

const PAUSE_MS = 1000
const WALL = Date.UTC(2026, 0, 2)

/** A slot, and time that passes for it. */
function startSlot(provenAt = WALL - 60_000) {
  let slot = newSlot(provenAt)
  let elapsed = 0
  const effects: Effect[] = []
  const send = (event: SlotEvent) => {
    const context = { elapsed, now: WALL + elapsed, pauseAfter: (n: number) => n * PAUSE_MS }
    const done = step(slot, event, context)
    slot = done.slot
    effects.push(...done.effects)
    return done.effects
  }
  const tick = (mayRotate = true) => send({ kind: 'tick', mayRotate })
  return {
    get slot(): Slot {
      return slot
    },
    get elapsed() {
      return elapsed
    },
    effects,
    send,
    tick,
    /** Lets time pass and tells what is decided then. */
    after(ms: number, mayRotate = true) {
      elapsed += ms
      return tick(mayRotate)
    },
    pass: (ms: number) => {
      elapsed += ms
    },
    live() {
      const [opened] = tick()
      assert.equal(opened?.kind, 'open')
      return send({ kind: 'verified', link: slot.link, bornAt: elapsed })
    },
  }
}

suite('the life of a channel', () => {
  test('begins with a gap since it was last proven', () => {
    const one = startSlot(WALL - 5000)
    one.pass(300)
    assert.deepEqual(one.live(), [
      { kind: 'gap', gap: { from: WALL - 5000, to: WALL + 300, reason: 'start' } },
    ])
    assert.equal(one.slot.phase, 'live')
  })

  test('asks whoever says nothing, then takes it for dead', () => {
    const one = startSlot()
    one.live()
    assert.deepEqual(one.after(PING_MS - 1), [])
    assert.deepEqual(one.after(1), [{ kind: 'ping', link: 1 }])
    one.send({ kind: 'heard', link: 1 })
    assert.deepEqual(one.after(PING_MS), [{ kind: 'ping', link: 1 }])
    const effects = one.after(SILENT_MS - PING_MS)
    assert.deepEqual(effects, [
      { kind: 'drop', link: 1 },
      { kind: 'open', link: 2, isNew: false },
    ])
    one.pass(700)
    assert.deepEqual(one.send({ kind: 'verified', link: 2, bornAt: one.elapsed }), [
      {
        kind: 'gap',
        gap: { from: WALL + PING_MS, to: WALL + PING_MS + SILENT_MS + 700, reason: 'silent' },
      },
    ])
  })

  test('is exchanged when it grows old, without a gap', () => {
    const one = startSlot()
    one.live()
    for (let time = 0; time < LIFE_MS; time += PING_MS) {
      one.after(PING_MS, false)
      one.send({ kind: 'heard', link: 1 })
    }
    assert.deepEqual(one.tick(false), [])
    assert.deepEqual(one.tick(), [{ kind: 'open', link: 2, isNew: true }])
    assert.equal(one.slot.phase, 'rotating')
    assert.deepEqual(one.send({ kind: 'verified', link: 2, bornAt: one.elapsed }), [
      { kind: 'retire', link: 1 },
    ])
    one.send({ kind: 'lost', link: 1, reason: 'closed' })
    assert.equal(one.slot.phase, 'live')
    assert.equal(one.slot.gap, null)
  })

  test('goes on where another cannot be opened, and tries again later', () => {
    const one = startSlot()
    one.live()
    one.send({ kind: 'changed' })
    one.tick()
    one.send({ kind: 'lost', link: 2, reason: 'failed' })
    assert.equal(one.slot.phase, 'live')
    assert.deepEqual(one.after(PAUSE_MS - 1), [])
    assert.deepEqual(one.after(1), [{ kind: 'open', link: 3, isNew: true }])
    // What is told of one that failed is of no concern.
    assert.deepEqual(one.send({ kind: 'verified', link: 2, bornAt: one.elapsed }), [])
  })

  test('is lost while another is opened: that one ends the gap', () => {
    const one = startSlot()
    one.live()
    assert.deepEqual(one.send({ kind: 'closing', link: 1 }), [
      { kind: 'open', link: 2, isNew: false },
    ])
    assert.equal(one.slot.phase, 'closing')
    one.pass(10)
    one.send({ kind: 'heard', link: 1 })
    assert.deepEqual(one.send({ kind: 'lost', link: 1, reason: 'closed' }), [])
    assert.equal(one.slot.phase, 'connecting')
    one.pass(10)
    assert.deepEqual(one.send({ kind: 'verified', link: 2, bornAt: one.elapsed }), [
      { kind: 'gap', gap: { from: WALL + 10, to: WALL + 20, reason: 'closed' } },
    ])
  })

  test('waits longer with each failure, in a channel of its own', () => {
    const one = startSlot()
    one.live()
    assert.deepEqual(one.send({ kind: 'lost', link: 1, reason: 'gone' }), [
      { kind: 'open', link: 2, isNew: true },
    ])
    for (let failures = 1; failures < 5; failures++) {
      one.send({ kind: 'lost', link: one.slot.link, reason: 'failed' })
      assert.equal(one.slot.phase, 'dead')
      assert.deepEqual(one.after(failures * PAUSE_MS - 1), [])
      const [open] = one.after(1)
      assert.deepEqual(open, { kind: 'open', link: one.slot.link, isNew: true })
    }
    assert.equal(one.slot.gap?.reason, 'gone')
  })

  test('is live or in a gap at every moment, whatever happens', () => {
    const seed = systemRandom.below(2 ** 31)
    const random = seededRandom(seed)
    for (let history = 0; history < 300; history++) {
      const one = startSlot(WALL)
      /** When it was live: what gaps have to leave. */
      const lived: [number, number][] = []
      let liveSince: number | null = null
      for (let count = 0; count < 200; count++) {
        one.pass(random.below(20_000))
        const link = random.below(one.slot.made + 2)
        const events: SlotEvent[] = [
          { kind: 'tick', mayRotate: random.below(2) === 0 },
          { kind: 'heard', link },
          { kind: 'verified', link, bornAt: one.elapsed },
          { kind: 'closing', link },
          { kind: 'lost', link, reason: 'closed' },
          { kind: 'changed' },
        ]
        const before = one.slot
        one.send(events[random.below(events.length)] ?? { kind: 'changed' })
        if (!isLive(before) && isLive(one.slot)) liveSince = WALL + one.elapsed
        if (isLive(before) && !isLive(one.slot)) lived.push([liveSince ?? 0, before.provenAt])
        assert.equal(isLive(one.slot), one.slot.gap === null, `seed ${seed}`)
        assert.equal(one.slot.next === null, !['rotating', 'closing'].includes(one.slot.phase))
      }
      const gaps = one.effects.flatMap((effect): Gap[] =>
        effect.kind === 'gap' ? [effect.gap] : [],
      )
      const open = one.slot.gap === null ? [] : [one.slot.gap.from]
      // Each gap begins where a life was last proven and ends where the next one begins.
      assert.deepEqual(
        [...gaps.map(({ from }) => from), ...open],
        [WALL, ...lived.map(([, until]) => until)],
        `seed ${seed}`,
      )
      const begun = [...lived.map(([since]) => since), ...(isLive(one.slot) ? [liveSince] : [])]
      assert.deepEqual(
        gaps.map(({ to }) => to),
        begun,
        `seed ${seed}`,
      )
      const opened = one.effects.flatMap((effect) => (effect.kind === 'open' ? effect.link : []))
      assert.deepEqual(
        opened,
        opened.map((_, index) => index + 1),
        `seed ${seed}`,
      )
    }
  })
})
