/**
 * How a sender speaks: what the body of a request holds, and what is read in its answer. One object
 * for a request, which may remember what it was asked.
 */

import type { InletError } from '../../core/errors.ts'
import type { Random } from '../../core/random.ts'
import { type Answer, answerTo, type RefusalFacts, refusal } from '../answers.ts'
import type { Delivery, Intake, Receipt } from '../intake.ts'

export interface Protocol {
  /** Resolves once everything in the body is durable. Rejects as the intake does. */
  take(intake: Intake, delivery: Delivery): Promise<Receipt>
  answerTo(receipt: Receipt): Answer
  refusal(error: InletError, facts: RefusalFacts, random: Random): Answer
}

/** Events as a body, outcomes as the answer. */
export const plain: Protocol = {
  take: (intake, delivery) => intake.take(delivery),
  answerTo,
  refusal,
}
