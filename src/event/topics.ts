/**
 * The official Genesys topics: templates such as `v2.users.{id}.presence`, and the concrete topics
 * of events, where each `{id}` is one segment. The list and where it comes from:
 * ./topic-templates.json.
 */
import official from './topic-templates.json' with { type: 'json' }

export const topicTemplates: readonly string[] = official.templates

interface Node {
  readonly next: Map<string, Node>
  template: string | null
}

const placeholder = '{id}'
const root = treeOf(topicTemplates)

/** The official template that a concrete topic (or a template itself) follows, else null. */
export function templateOf(topic: string): string | null {
  return descend(root, topic.split('.'), 0)
}

/**
 * A literal segment is preferred to `{id}`: `edges.phones.x` is a phone and not the edge "phones".
 */
function descend(node: Node, segments: readonly string[], depth: number): string | null {
  const segment = segments[depth]
  if (segment === undefined) return node.template
  for (const key of [segment, placeholder]) {
    const next = segment === '' ? undefined : node.next.get(key)
    const found = next === undefined ? null : descend(next, segments, depth + 1)
    if (found !== null) return found
  }
  return null
}

function treeOf(templates: readonly string[]): Node {
  const top: Node = { next: new Map(), template: null }
  for (const template of templates) {
    let node = top
    for (const segment of template.split('.')) {
      const next = node.next.get(segment) ?? { next: new Map(), template: null }
      node.next.set(segment, next)
      node = next
    }
    node.template = template
  }
  return top
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** What the template of a topic outside of the official list would be: its UUIDs are its ids. */
export function guessTemplate(topic: string): string {
  return topic
    .split('.')
    .map((segment) => (uuid.test(segment) ? placeholder : segment))
    .join('.')
}

/** Topics whose first id is a conversation. */
const ofConversation = /^v2\.(?:conversations|(?:[a-z]+\.){1,2}conversation)\.([^.{}]+)/

/** The conversation that a concrete topic names, else null. */
export function conversationOf(topic: string): string | null {
  return ofConversation.exec(topic)?.[1] ?? null
}

const snapshots = /^v2\.(?:users|routing\.queues)\.[^.]+\.conversations(?:\.|$)/

/** True for topics whose body is a conversation as it stands, named by the body's `id`. */
export function isSnapshot(topic: string): boolean {
  return snapshots.test(topic)
}
