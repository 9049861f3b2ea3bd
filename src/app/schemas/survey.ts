/**
 * What the lake has seen beside what the registry knows: events by topic, and deviations that are
 * still ones under the schemas in force.
 *
 * Limit: a deviation that a newer version has made good disappears from here at once, and from
 * `silver.violations` when silver is rebuilt.
 */
import type { QuerySession } from '../../lake/query.ts'
import type { PlainValue } from '../../lake/query-result.ts'
import { literal } from '../../lake/sql/quote.ts'
import { topicKind } from '../../loader/topic-kind.ts'
import type { Schemas } from '../../schemas/registry.ts'
import { isCompatible, isOfShape } from '../../schemas/rules.ts'
import { schemaTopic } from '../../schemas/topic.ts'

/** Of one field of one topic. */
export interface OpenDeviation {
  readonly topic: string
  readonly path: string
  readonly rule: string
  readonly compatible: boolean
  readonly typesSeen: readonly string[]
  readonly events: number
  /** ISO 8601. */
  readonly firstSeen: string
  readonly lastSeen: string
}

/** How many events there are of each topic, by the names of the registry. */
export async function eventsByTopic(session: QuerySession): Promise<ReadonlyMap<string, number>> {
  const { rows } = await session.query(`
    SELECT dialect, event_type, any_value(topic) AS topic, count(*)
    FROM bronze.events
    GROUP BY dialect, event_type, ${topicKind}
    LIMIT 100000`)
  const counts = new Map<string, number>()
  for (const [dialect, eventType, topic, events] of rows) {
    const subject = { dialect: textOf(dialect), eventType: textOf(eventType) }
    const name = schemaTopic({ ...subject, topic: topic === null ? null : textOf(topic) })
    counts.set(name, (counts.get(name) ?? 0) + Number(events))
  }
  return counts
}

/** By topic, path and rule. Those of `topic` alone, where one is given. */
export async function openDeviations(
  session: QuerySession,
  schemas: Schemas,
  topic: string | null,
): Promise<OpenDeviation[]> {
  const { rows } = await session.query(`
    SELECT topic, coalesce(path, ''), rule, schema_version, type_seen, count(*) AS events,
      min(received_at), max(received_at)
    FROM silver.violations ${topic === null ? '' : `WHERE topic = ${literal(topic)}`}
    GROUP BY ALL ORDER BY ALL`)
  const found = new Map<string, OpenDeviation>()
  for (const row of rows) {
    const seen = { ...seenOf(row), topic: textOf(row[0]) }
    if (!isOpen(seen, schemas, textOf(row[3]))) continue
    const key = JSON.stringify([seen.topic, seen.path, seen.rule])
    found.set(key, merged(found.get(key), seen))
  }
  return [...found.values()]
}

function seenOf([, path, rule, , typeSeen, events, first, last]: readonly PlainValue[]) {
  return {
    path: textOf(path),
    rule: textOf(rule),
    compatible: isCompatible(textOf(rule)),
    typesSeen: typeSeen === null || typeSeen === undefined ? [] : [textOf(typeSeen)],
    events: Number(events),
    firstSeen: textOf(first),
    lastSeen: textOf(last),
  }
}

function merged(before: OpenDeviation | undefined, more: OpenDeviation): OpenDeviation {
  if (before === undefined) return more
  const [firstSeen = ''] = [before.firstSeen, more.firstSeen].sort()
  const [lastSeen = ''] = [before.lastSeen, more.lastSeen].sort().reverse()
  return {
    ...before,
    typesSeen: [...new Set([...before.typesSeen, ...more.typesSeen])].sort(),
    events: before.events + more.events,
    firstSeen,
    lastSeen,
  }
}

/** What is seen in the shape may be fine by now; what is seen in a value stays. */
function isOpen(seen: OpenDeviation, schemas: Schemas, version: string): boolean {
  if (seen.rule === 'unknown_field') return !schemas.isKnown(seen.topic, seen.path)
  return !isOfShape(seen.rule) || schemas.version(seen.topic) === version
}

function textOf(value: PlainValue | undefined): string {
  return value === null || value === undefined ? '' : String(value)
}
