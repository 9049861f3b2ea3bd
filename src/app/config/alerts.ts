/** The key `alerts`: what is worth telling an operator. */
import { z } from 'zod'
import { duration, fraction, wholeNumber } from './kinds.ts'

export const alerts = z
  .strictObject({
    silentAfter: duration({
      description:
        'A source that delivers nothing for so long is told of, and when it is heard again.',
      example: '10m',
      min: '1s',
      max: '30d',
    }).prefault('10m'),
    redeliveryRate: fraction({
      description:
        'A source is told of that delivers more than this share of its events again: it does not get its answers, or not in time.',
      example: 0.1,
    }).prefault(0.1),
    redeliveryWindow: duration({
      description: 'The time over which that share is taken, from 100 events on.',
      example: '10m',
      min: '1s',
      max: '1d',
    }).prefault('10m'),
    deadLetters: wholeNumber({
      description: 'More open dead letters than so many are told of.',
      example: 100,
      min: 0,
      max: 1_000_000_000,
    }).prefault(100),
    deadLetterAge: duration({
      description: 'A dead letter that is open for longer is told of.',
      example: '1d',
      min: '1m',
      max: '400d',
    }).prefault('1d'),
    channelGapAge: duration({
      description:
        'A gap of a notification channel that goes on, or that no reconciliation covers, for longer is told of.',
      example: '2h',
      min: '1m',
      max: '400d',
    }).prefault('2h'),
    violationRate: fraction({
      description:
        'A topic is told of when more than this share of its events deviates from its schema.',
      example: 0.05,
    }).prefault(0.05),
    nullRate: fraction({
      description:
        'A column of silver is told of that was filled and is null in more than this share of the rows of an event type.',
      example: 0.01,
    }).prefault(0.01),
    driftWindow: duration({
      description: 'The time over which these two shares are taken, from 100 events on.',
      example: '10m',
      min: '1s',
      max: '1d',
    }).prefault('10m'),
  })
  .meta({
    description:
      'What is told as a warning, once when it begins and once when it is over, and as the metric `inlet_alert`. Time counts from the start of the process.',
  })
