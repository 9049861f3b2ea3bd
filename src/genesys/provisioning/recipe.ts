/**
 * What AWS needs beside the integration with Amazon EventBridge, as a CloudFormation template: the
 * bus of the partner event source, a rule, the API destination that posts to Inlet with its key, a
 * queue for what could not be delivered, and an alarm on it. Pure.
 *
 * No secret is in it: CloudFormation reads it from Secrets Manager, or asks for it and shows it to
 * nobody. Sources: docs/guides/eventbridge.md; CloudFormation's reference of AWS::Events.
 */
import type { JsonObject } from '../../event/json.ts'

/** Where CloudFormation finds a secret; `parameter`: whoever creates the stack types it. */
export type RecipeSecret =
  | { readonly kind: 'secretsManager'; readonly id: string; readonly key: string | null }
  | { readonly kind: 'parameter' }

export type RecipeProof =
  | { readonly kind: 'apiKey'; readonly header: string; readonly secret: RecipeSecret }
  | { readonly kind: 'basic'; readonly user: string; readonly secret: RecipeSecret }
  | { readonly kind: 'bearer'; readonly secret: RecipeSecret }
  | {
      readonly kind: 'oauth'
      readonly clientId: string
      /** Where it asks for tokens. */
      readonly endpoint: string
      readonly secret: RecipeSecret
    }

export interface Recipe {
  readonly source: string
  readonly orgId: string
  /** The name of the integration, which is the suffix of the event source. */
  readonly suffix: string
  readonly endpoint: string
  readonly proof: RecipeProof
}

/** What a destination does at most unless its quota is raised. */
const CALLS_PER_SECOND = 300
/** What a rule does at most: the source's `contract: eventbridge` counts with it. */
const retryPolicy = { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 }
const FOURTEEN_DAYS_S = 1_209_600
const PARTNER = 'aws.partner/genesys.com'

export function recipeOf(recipe: Recipe): JsonObject {
  const { source, proof } = recipe
  const { value, isAsked } = secretText(proof.secret)
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: `Events of Genesys Cloud to the source ${source} of Inlet`,
    ...(isAsked && {
      Parameters: {
        Secret: { Type: 'String', NoEcho: true, Description: 'What proves the sender to Inlet' },
      },
    }),
    Resources: { ...way(recipe, authorisation(proof, value)), ...undelivered },
    Outputs: { Undelivered: { Value: { Ref: 'Queue' } } },
  }
}

function way({ orgId, suffix, endpoint }: Recipe, authorised: JsonObject): JsonObject {
  const name = `${PARTNER}/cloud/${orgId}/${suffix}`
  return {
    Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: name, EventSourceName: name } },
    Connection: { Type: 'AWS::Events::Connection', Properties: authorised },
    Destination: {
      Type: 'AWS::Events::ApiDestination',
      Properties: {
        ConnectionArn: arnOf('Connection'),
        HttpMethod: 'POST',
        InvocationEndpoint: endpoint,
        InvocationRateLimitPerSecond: CALLS_PER_SECOND,
      },
    },
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: policy({ Action: 'sts:AssumeRole', Principal: events }),
        Policies: [
          {
            PolicyName: 'invoke',
            PolicyDocument: policy({
              Action: 'events:InvokeApiDestination',
              Resource: arnOf('Destination'),
            }),
          },
        ],
      },
    },
    Rule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        EventBusName: { Ref: 'Bus' },
        EventPattern: { source: [{ prefix: PARTNER }] },
        State: 'ENABLED',
        Targets: [
          {
            Id: 'inlet',
            Arn: arnOf('Destination'),
            RoleArn: arnOf('Role'),
            RetryPolicy: retryPolicy,
            DeadLetterConfig: { Arn: arnOf('Queue') },
          },
        ],
      },
    },
  }
}

const events = { Service: 'events.amazonaws.com' }

/** What EventBridge gave up, for as long as a queue keeps it. Any of it is worth an alarm. */
const undelivered: JsonObject = {
  Queue: {
    Type: 'AWS::SQS::Queue',
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
    Properties: { MessageRetentionPeriod: FOURTEEN_DAYS_S, SqsManagedSseEnabled: true },
  },
  QueuePolicy: {
    Type: 'AWS::SQS::QueuePolicy',
    Properties: {
      Queues: [{ Ref: 'Queue' }],
      PolicyDocument: policy({
        Action: 'sqs:SendMessage',
        Principal: events,
        Resource: arnOf('Queue'),
        Condition: { ArnEquals: { 'aws:SourceArn': arnOf('Rule') } },
      }),
    },
  },
  Alarm: {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmDescription: 'Events of Genesys Cloud that Inlet has never seen',
      Namespace: 'AWS/SQS',
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': ['Queue', 'QueueName'] } }],
      Statistic: 'Maximum',
      Period: 300,
      EvaluationPeriods: 1,
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
    },
  },
}

function authorisation(proof: RecipeProof, value: JsonObject | string): JsonObject {
  if (proof.kind === 'basic')
    return {
      AuthorizationType: 'BASIC',
      AuthParameters: { BasicAuthParameters: { Username: proof.user, Password: value } },
    }
  if (proof.kind === 'oauth') {
    const grant = { Key: 'grant_type', Value: 'client_credentials', IsValueSecret: false }
    const asked = {
      AuthorizationEndpoint: proof.endpoint,
      HttpMethod: 'POST',
      ClientParameters: { ClientID: proof.clientId, ClientSecret: value },
      OAuthHttpParameters: { BodyParameters: [grant] },
    }
    return {
      AuthorizationType: 'OAUTH_CLIENT_CREDENTIALS',
      AuthParameters: { OAuthParameters: asked },
    }
  }
  const key =
    proof.kind === 'apiKey'
      ? { ApiKeyName: proof.header, ApiKeyValue: value }
      : { ApiKeyName: 'Authorization', ApiKeyValue: { 'Fn::Join': [' ', ['Bearer', value]] } }
  return { AuthorizationType: 'API_KEY', AuthParameters: { ApiKeyAuthParameters: key } }
}

function secretText(secret: RecipeSecret): { value: JsonObject | string; isAsked: boolean } {
  if (secret.kind === 'parameter') return { value: { Ref: 'Secret' }, isAsked: true }
  const { id, key } = secret
  const member = key === null ? '' : `:${key}`
  return { value: `{{resolve:secretsmanager:${id}:SecretString${member}}}`, isAsked: false }
}

function arnOf(resource: string): JsonObject {
  return { 'Fn::GetAtt': [resource, 'Arn'] }
}

function policy(statement: JsonObject): JsonObject {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] }
}
