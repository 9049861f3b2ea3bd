import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { histogramOf, type Measured } from '../../../src/observe/metrics.ts'
import { familiesText, readFamilies } from '../../../src/ops/families.ts'

const sources = ['prod']

suite('metrics for Prometheus', () => {
  test('stand side by side by process, one head a metric', async () => {
    const measured: Measured = {
      measure: (reading) => reading.number('inlet_process_resident_bytes', 7, {}),
    }
    const both = [
      await readFamilies([measured], { process: 'gateway', sources }),
      await readFamilies([measured], { process: 'loader', sources }),
    ]
    // As they cross the channel of a child.
    const text = await familiesText(JSON.parse(JSON.stringify(both)))
    assert.equal(text.match(/# TYPE inlet_process_resident_bytes gauge/g)?.length, 1)
    assert.match(text, /^inlet_process_resident_bytes\{process="gateway"\} 7$/m)
    assert.match(text, /^inlet_process_resident_bytes\{process="loader"\} 7$/m)
    assert.doesNotMatch(text, /inlet_events_total/)
  })

  test('a label outside its set is told as other, whoever made it up', async () => {
    const reasons = ['401', 'x"} 1\nfake', '<script>', '__proto__']
    const measured: Measured = {
      measure(reading) {
        for (const reason of reasons)
          reading.number('inlet_refused_requests_total', 1, { source: '-', reason })
        reading.number('inlet_events_total', 2, { source: 'stranger', outcome: 'stored' })
      },
    }
    const families = await readFamilies([measured], { process: 'gateway', sources })
    const lines = (await familiesText([families])).split('\n').filter((line) => /^\w/.test(line))
    assert.deepEqual(lines, [
      'inlet_refused_requests_total{source="-",reason="401",process="gateway"} 1',
      'inlet_refused_requests_total{source="-",reason="other",process="gateway"} 3',
      'inlet_events_total{source="other",outcome="stored",process="gateway"} 2',
    ])
  })

  test('a histogram has its buckets, its sum and its count', async () => {
    const seconds = histogramOf('inlet_freshness_seconds')
    for (const value of [0.2, 3, 1e9]) seconds.observe(value)
    const measured: Measured = {
      measure: (reading) => reading.histogram('inlet_freshness_seconds', seconds, {}),
    }
    const text = await familiesText([await readFamilies([measured], { process: 'l', sources })])
    assert.match(text, /^inlet_freshness_seconds_bucket\{le="0.5",process="l"\} 1$/m)
    assert.match(text, /^inlet_freshness_seconds_bucket\{le="5",process="l"\} 2$/m)
    assert.match(text, /^inlet_freshness_seconds_bucket\{le="\+Inf",process="l"\} 3$/m)
    assert.match(text, /^inlet_freshness_seconds_sum\{process="l"\} 1000000003.2$/m)
    assert.match(text, /^inlet_freshness_seconds_count\{process="l"\} 3$/m)
  })

  test('a histogram stands once for each label, and those outside of its set are one', async () => {
    const seconds = (...values: number[]) => {
      const histogram = histogramOf('inlet_event_latency_seconds')
      for (const value of values) histogram.observe(value)
      return histogram
    }
    const sourced = { prod: seconds(0, 2), stranger: seconds(1, 1), another: seconds(0.05) }
    const measured: Measured = {
      measure(reading) {
        for (const [source, values] of Object.entries(sourced))
          reading.histogram('inlet_event_latency_seconds', values, { source })
      },
    }
    const text = await familiesText([await readFamilies([measured], { process: 'l', sources })])
    const lines = text.split('\n')
    const of = (metric: string) =>
      lines.filter((line) => line.startsWith(`inlet_event_latency_seconds_${metric}{`))
    assert.deepEqual(of('count'), [
      'inlet_event_latency_seconds_count{source="prod",process="l"} 2',
      'inlet_event_latency_seconds_count{source="other",process="l"} 3',
    ])
    assert.deepEqual(of('sum'), [
      'inlet_event_latency_seconds_sum{source="prod",process="l"} 2',
      'inlet_event_latency_seconds_sum{source="other",process="l"} 2.05',
    ])
    assert.deepEqual(
      of('bucket').filter((line) => /le="(0|0.1|\+Inf)"/.test(line)),
      [
        'inlet_event_latency_seconds_bucket{source="prod",le="0",process="l"} 1',
        'inlet_event_latency_seconds_bucket{source="prod",le="0.1",process="l"} 1',
        'inlet_event_latency_seconds_bucket{source="prod",le="+Inf",process="l"} 2',
        'inlet_event_latency_seconds_bucket{source="other",le="0",process="l"} 0',
        'inlet_event_latency_seconds_bucket{source="other",le="0.1",process="l"} 1',
        'inlet_event_latency_seconds_bucket{source="other",le="+Inf",process="l"} 3',
      ],
    )
  })
})
