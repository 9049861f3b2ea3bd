import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  eventTypes,
  isEventType,
  knownType,
  typeOfTemplate,
  typeOfTopic,
} from '../../../src/event/event-types.ts'
import { conversationOf, templateOf, topicTemplates } from '../../../src/event/topics.ts'

const none: ReadonlySet<string> = new Set()
const uuid = '6c307511-b2b9-437a-a8df-6ec4ce4a2bbd'
const concrete = (template: string) => template.replaceAll('{id}', uuid)

describe('event types of topics', () => {
  it('cover every official template, each with a name of its own', () => {
    assert.equal(topicTemplates.length, 242)
    assert.equal(new Set(typeOfTemplate.values()).size, 242)
    for (const type of eventTypes) assert.ok(isEventType(type), type)
  })

  it('are found from the template and from a concrete topic', () => {
    for (const template of topicTemplates) {
      const type = typeOfTemplate.get(template)
      assert.equal(typeOfTopic(null, template, none), type)
      assert.equal(typeOfTopic(concrete(template), null, none), type)
    }
  })

  it('of a conversation are its bare lifecycle', () => {
    for (const type of [
      ...['customer.start', 'customer.end', 'acd.start', 'acd.end', 'user.start', 'user.end'],
      ...['flow.start', 'flow.end', 'flow.outcome', 'voicemail.start', 'voicemail.end'],
      ...['attributes', 'acw', 'wrapup', 'contact', 'outbound'],
    ])
      assert.equal(typeOfTopic(`v2.detail.events.conversation.${uuid}.${type}`, null, none), type)
  })

  it('of other topics name the thing in the singular and what is told of it', () => {
    for (const [template, type] of [
      ['v2.detail.events.agent.{id}.state', 'agent.state'],
      ['v2.analytics.queues.{id}.observations', 'queue.observations'],
      ['v2.analytics.conversation.{id}.metrics', 'conversation.metrics'],
      ['v2.users.{id}.presence', 'user.presence'],
      ['v2.users.{id}.routingStatus', 'user.routingStatus'],
      ['v2.users.{id}.conversations.calls', 'user.conversations.calls'],
      ['v2.conversations.{id}.transcription', 'conversation.transcription'],
      ['v2.audits.entitytype.{id}.entityid.{id}', 'audit'],
      ['v2.users.{id}.workforcemanagement.schedules', 'user.wfm.schedules'],
    ] as const)
      assert.equal(typeOfTopic(concrete(template), null, none), type)
  })

  it('are other for what is not in the list', () => {
    for (const topic of [
      ...['', '.', 'v2', 'v2.', 'v2.users', `v2.users.${uuid}`, 'v2.users..presence'],
      ...[`v2.users.${uuid}.presence.`, `v2.users.${uuid}.presence.more`, 'v3.users.x.presence'],
      ...['constructor', '__proto__', '.'.repeat(512), 'v2.__proto__.x'],
    ])
      assert.equal(typeOfTopic(topic, null, none), 'other', topic)
  })

  it('are those of the configuration for topics that only it knows', () => {
    const extra = new Set(['newthing.happened'])
    assert.equal(typeOfTopic(`v2.newthings.${uuid}.happened`, null, extra), 'newthing.happened')
    assert.equal(typeOfTopic(null, 'v2.newthings.{id}.happened', extra), 'newthing.happened')
    assert.equal(typeOfTopic(`v2.newthings.${uuid}.ended`, null, extra), 'other')
  })
})

describe('topic templates', () => {
  it('prefer a literal segment, and take it for an id where that leads nowhere', () => {
    assert.equal(
      templateOf('v2.telephony.providers.edges.phones.x'),
      'v2.telephony.providers.edges.phones.{id}',
    )
    assert.equal(
      templateOf('v2.telephony.providers.edges.phones.metrics'),
      'v2.telephony.providers.edges.phones.{id}',
    )
    assert.equal(templateOf('v2.telephony.providers.edges.phones.softwareupdate.x'), null)
    assert.equal(templateOf('v2.flows.outcomes'), 'v2.flows.{id}')
  })

  it('tell the conversation of a concrete topic', () => {
    for (const topic of [
      ...['v2.conversations.c-1.transcription', 'v2.analytics.conversation.c-1.metrics'],
      ...['v2.detail.events.conversation.c-1.acd.end', 'v2.conversations.c-1'],
      'v2.speechandtextanalytics.conversation.c-1.sentiment',
    ])
      assert.equal(conversationOf(topic), 'c-1', topic)
  })

  it('tell no conversation where a topic names none', () => {
    for (const topic of [
      ...['v2.users.u.conversations.calls', 'v2.analytics.conversations.details.jobs.availability'],
      ...['v2.detail.events.conversation.{id}.acw', 'v2.conversations', 'v2.conversations..x'],
    ])
      assert.equal(conversationOf(topic), null, topic)
  })
})

describe('types that a body names itself', () => {
  it('count only if the catalogue or the configuration has them', () => {
    assert.equal(knownType('interaction', none), 'interaction')
    assert.equal(knownType('surveyDone', none), 'other')
    assert.equal(knownType('surveyDone', new Set(['surveyDone'])), 'surveyDone')
    assert.equal(knownType('toString', none), 'other')
    assert.equal(knownType(null, none), 'other')
  })

  it('are of a limited alphabet and length', () => {
    for (const name of ['', 'a b', 'a/b', 'ä', 'x'.repeat(65), 'a\n'])
      assert.equal(isEventType(name), false)
    assert.equal(isEventType('x'.repeat(64)), true)
  })
})
