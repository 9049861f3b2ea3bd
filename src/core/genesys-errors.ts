/**
 * The part of the error catalogue that is about Genesys Cloud; see ./errors.ts. `{call}` is a
 * method and a path, `{reason}` what the platform says, in one line.
 */
import type { ErrorEntry } from './error-entry.ts'

export const genesysErrors = {
  INL_GEN_SECRET: {
    disposition: 'retry',
    status: null,
    message: 'what Genesys Cloud is asked by cannot be read: {reason}',
    remedy: '{remedy}',
  },
  INL_GEN_UNREACHABLE: {
    disposition: 'retry',
    status: null,
    message: '{host} cannot be reached: {reason}',
    remedy: 'See that this machine may connect to it over HTTPS, past proxies and firewalls.',
  },
  INL_GEN_ANSWER: {
    disposition: 'retry',
    status: null,
    message: '{host} answered with what is no answer of Genesys Cloud: {reason}',
    remedy: 'See that nothing between here and there answers in its place, such as a proxy.',
  },
  INL_GEN_REGION: {
    disposition: 'reject',
    status: null,
    message: 'the client of {org} is not known at {host}',
    remedy:
      'Set orgs[].host to the region of the organisation, such as mypurecloud.de; where it is right, check clientId.',
  },
  INL_GEN_CREDENTIALS: {
    disposition: 'reject',
    status: null,
    message: '{host} does not take the client of {org}: {reason}',
    remedy:
      'Check clientId and clientSecret, and that the client is active and of the grant type Client Credentials.',
  },
  INL_GEN_TOKEN: {
    disposition: 'retry',
    status: null,
    message: '{org} does not take the token that it gave for {call}',
    remedy: 'See that the OAuth client was not disabled or deleted; a token is asked for again.',
  },
  INL_GEN_ORG: {
    disposition: 'reject',
    status: null,
    message: 'the client of {org} belongs to the organisation {found}, and orgs says {expected}',
    remedy: 'Use a client of that organisation, or correct orgId.',
  },
  INL_GEN_PERMISSION: {
    disposition: 'reject',
    status: null,
    message: 'the client of {org} may not {call}: it lacks {permissions}',
    remedy:
      'Give the OAuth client a role that has it (in Genesys Cloud: Admin, Integrations, OAuth, Roles).',
  },
  INL_GEN_NOT_FOUND: {
    disposition: 'reject',
    status: null,
    message: '{org} has nothing at {call}',
    remedy: 'It was deleted, or is of another organisation or region.',
  },
  INL_GEN_INTERVAL: {
    disposition: 'reject',
    status: null,
    message: '{org} does not answer {call} for so much at once: {reason}',
    remedy: 'Ask for smaller intervals.',
  },
  INL_GEN_REFUSED: {
    disposition: 'reject',
    status: null,
    message: '{org} refuses {call} ({status}): {reason}',
    remedy: 'Correct what it names.',
  },
  INL_GEN_RATE: {
    disposition: 'retry',
    status: null,
    message: '{org} is asked too often for {call}: {reason}',
    remedy: 'Try again in {seconds} s; see what else uses the same OAuth client.',
  },
  INL_GEN_FAILED: {
    disposition: 'retry',
    status: null,
    message: '{org} could not answer {call} ({status}): {reason}',
    remedy: 'Try again; where it goes on, look at status.mypurecloud.com.',
  },
  INL_GEN_JOB: {
    disposition: 'retry',
    status: null,
    message: 'a background job of {org} is {state}: {reason}',
    remedy: 'Submit it again, for a smaller interval where it goes on.',
  },
  INL_GEN_TOPICS: {
    disposition: 'reject',
    status: null,
    message:
      'channels of {org} ask for {topics} topics; {most} are the most that one OAuth client can have',
    remedy:
      'Name fewer users, queues or topics: 20 channels have 1,000 each, and one is kept free to take the place of another.',
  },
  INL_GEN_CHANNEL: {
    disposition: 'retry',
    status: null,
    message: 'a notification channel of {org} cannot be used: {reason}',
    remedy:
      'It is tried again. Where it goes on, see that this machine may open WebSockets to the streaming servers of the region.',
  },
  INL_GEN_SUBSCRIPTION: {
    disposition: 'reject',
    status: null,
    message: 'the subscription of {source} is not set up: {reason}',
    remedy: '{remedy}',
  },
  INL_GEN_AMBIGUOUS: {
    disposition: 'reject',
    status: null,
    message: '{org} has more than one subscription with the name {name}',
    remedy: 'Remove all but one, or give subscription.name another name.',
  },
  INL_GEN_FOREIGN_URL: {
    disposition: 'reject',
    status: null,
    message: 'an answer of {org} points to {host}, which is not of its domain',
    remedy:
      'Nothing was sent there. See that orgs[].host is right and nothing answers in its place.',
  },
} as const satisfies Record<string, ErrorEntry>
