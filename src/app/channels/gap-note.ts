/**
 * A gap of a notification channel as a note: what happened in between was told to nobody here, and
 * whoever reconciles fetches it.
 *
 * `{"channel":"prod/0","org":"prod","from":ms,"to":ms,"reason":"closed",
 *   "topics":{"v2.users.{id}.presence":120}}`
 *
 * `from` is when a connection was last heard, `to` when the next one was verified; `topics` counts
 * the topics that it carries, by their templates.
 */
import { guessTemplate, templateOf } from '../../event/topics.ts'
import type { ChannelGap } from '../../genesys/channels/channel-group.ts'
import type { NoteEntry } from '../../journal/entry.ts'

export const CHANNEL_GAP = 'channel_gap'

export interface GapNoteFacts {
  readonly org: string
  readonly source: string
}

export function gapNote(gap: ChannelGap, { org, source }: GapNoteFacts): NoteEntry {
  const { channel, from, to, reason } = gap
  const counts: Record<string, number> = {}
  for (const topic of gap.topics) {
    const template = templateOf(topic) ?? guessTemplate(topic)
    counts[template] = (counts[template] ?? 0) + 1
  }
  const detail = JSON.stringify({ channel, org, from, to, reason, topics: counts })
  return { kind: 'note', source, receivedAt: to, reason: CHANNEL_GAP, detail }
}
