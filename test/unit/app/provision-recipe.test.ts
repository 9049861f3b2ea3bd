import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseConfig } from '../../../src/app/config/load.ts'
import { recipeFor, recipeSources } from '../../../src/app/provision-recipe.ts'

const orgId = '32aa07aa-db1b-4987-abd0-9483601ec29d'
const endpoint = 'https://in.example.com/genesys/bus'

// biome-ignore lint/suspicious/noExplicitAny: a template is looked at as any reader of JSON does.
type Template = any

function recipe(auth: string, more = `publicUrl: "${endpoint}"`, org = 'org: prod'): Template {
  const text = `listen: { host: 127.0.0.1, port: 8443 }
orgs: [{ name: prod, orgId: ${orgId} }]
sources:
  - { name: webhook, path: /webhook, auth: none }
  - name: bus
    ${org}
    path: /bus
    contract: eventbridge
    auth: ${auth}
    subscription:
      kind: eventbridge
      name: lake
      topics: [a]
      awsAccount: "123456789012"
      awsRegion: eu-central-1
      ${more}
`
  const loaded = parseConfig(text, '/etc/inlet/inlet.yaml')
  assert.ok(loaded.ok, JSON.stringify(loaded))
  const { config } = loaded.file
  const [source, ...others] = recipeSources(config)
  assert.ok(source !== undefined && others.length === 0)
  return JSON.parse(JSON.stringify(recipeFor(config, source)))
}

const keyIn = (secret: string) => `{ apiKey: { header: X-Api-Key, secrets: [${secret}] } }`

/** Names that are referred to, and names of resources and parameters. */
function references(value: unknown, found = new Set<string>()): Set<string> {
  if (typeof value !== 'object' || value === null) return found
  for (const [name, inner] of Object.entries(value)) {
    if (name === 'Ref') found.add(String(inner))
    else if (name === 'Fn::GetAtt') found.add(String(inner[0]))
    else references(inner, found)
  }
  return found
}

test('the recipe for EventBridge posts what is published to the source, with its key', () => {
  const { Resources, Parameters } = recipe(keyIn('{ awsSecret: prod/genesys }'))
  const { Bus, Connection, Destination, Rule } = Resources
  const name = `aws.partner/genesys.com/cloud/${orgId}/lake`
  assert.deepEqual(Bus.Properties, { Name: name, EventSourceName: name })
  assert.deepEqual(Destination.Properties, {
    ConnectionArn: { 'Fn::GetAtt': ['Connection', 'Arn'] },
    HttpMethod: 'POST',
    InvocationEndpoint: endpoint,
    InvocationRateLimitPerSecond: 300,
  })
  const ApiKeyValue = '{{resolve:secretsmanager:prod/genesys:SecretString}}'
  assert.deepEqual(Connection.Properties, {
    AuthorizationType: 'API_KEY',
    AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: 'X-Api-Key', ApiKeyValue } },
  })
  assert.equal(Parameters, undefined)
  const prefix = Rule.Properties.EventPattern.source[0].prefix
  assert.ok(name.startsWith(prefix))
  assert.deepEqual(Rule.Properties.EventBusName, { Ref: 'Bus' })
})

test('the recipe for EventBridge tries for long, and keeps what it gives up', () => {
  const { Resources } = recipe(keyIn('{ awsSecret: prod/genesys }'))
  const [target] = Resources.Rule.Properties.Targets
  assert.deepEqual(target.RetryPolicy, {
    MaximumEventAgeInSeconds: 86_400,
    MaximumRetryAttempts: 185,
  })
  assert.deepEqual(target.DeadLetterConfig, { Arn: { 'Fn::GetAtt': ['Queue', 'Arn'] } })
  assert.equal(Resources.Queue.Properties.MessageRetentionPeriod, 14 * 86_400)
  assert.equal(Resources.Queue.DeletionPolicy, 'Retain')
  const [statement] = Resources.QueuePolicy.Properties.PolicyDocument.Statement
  assert.equal(statement.Action, 'sqs:SendMessage')
  const onlyTheRule = { ArnEquals: { 'aws:SourceArn': { 'Fn::GetAtt': ['Rule', 'Arn'] } } }
  assert.deepEqual(statement.Condition, onlyTheRule)
  const { Policies } = Resources.Role.Properties
  const [invoke] = Policies[0].PolicyDocument.Statement
  assert.equal(invoke.Action, 'events:InvokeApiDestination')
  assert.deepEqual(invoke.Resource, { 'Fn::GetAtt': ['Destination', 'Arn'] })
})

test('the recipe for EventBridge refers to what it has, and to nothing else', () => {
  for (const secret of ['{ awsSecret: prod/genesys }', '{ env: GC_KEY }']) {
    const template = recipe(keyIn(secret))
    const has = { ...template.Resources, ...template.Parameters }
    for (const name of references(template)) assert.ok(Object.hasOwn(has, name), name)
  }
})

test('the recipe for EventBridge asks for a secret that CloudFormation cannot read', () => {
  const elsewhere = '{ awsSecret: { id: prod/genesys, region: us-east-1 } }'
  for (const secret of ['{ env: GC_KEY }', '{ file: key }', '{ awsParameter: /key }', elsewhere]) {
    const { Parameters, Resources } = recipe(keyIn(secret))
    assert.equal(Parameters.Secret.NoEcho, true)
    const { ApiKeyAuthParameters } = Resources.Connection.Properties.AuthParameters
    assert.deepEqual(ApiKeyAuthParameters.ApiKeyValue, { Ref: 'Secret' }, secret)
  }
})

test('the recipe for EventBridge proves itself by a password or a token too', () => {
  const secret = '{ awsSecret: { id: prod/genesys, key: bus } }'
  const value = '{{resolve:secretsmanager:prod/genesys:SecretString:bus}}'
  const basic = recipe(`{ basic: { user: genesys, secrets: [${secret}] } }`)
  assert.deepEqual(basic.Resources.Connection.Properties, {
    AuthorizationType: 'BASIC',
    AuthParameters: { BasicAuthParameters: { Username: 'genesys', Password: value } },
  })
  const bearer = recipe(`{ bearer: { secrets: [${secret}] } }`)
  const { AuthParameters } = bearer.Resources.Connection.Properties
  assert.deepEqual(AuthParameters.ApiKeyAuthParameters, {
    ApiKeyName: 'Authorization',
    ApiKeyValue: { 'Fn::Join': [' ', ['Bearer', value]] },
  })
})

test('the recipe for EventBridge asks for tokens where the source gives them', () => {
  const own = 'clientId: bus, tokenPath: /token, secrets: [{ awsSecret: prod/genesys }]'
  const { Connection } = recipe(`{ oauth: { ${own} } }`).Resources
  const ClientSecret = '{{resolve:secretsmanager:prod/genesys:SecretString}}'
  const grant = { Key: 'grant_type', Value: 'client_credentials', IsValueSecret: false }
  assert.deepEqual(Connection.Properties, {
    AuthorizationType: 'OAUTH_CLIENT_CREDENTIALS',
    AuthParameters: {
      OAuthParameters: {
        AuthorizationEndpoint: 'https://in.example.com/token',
        HttpMethod: 'POST',
        ClientParameters: { ClientID: 'bus', ClientSecret },
        OAuthHttpParameters: { BodyParameters: [grant] },
      },
    },
  })
})

test('the recipe for EventBridge is refused where EventBridge could not deliver', () => {
  const hmac = 'hmac: { header: X-Signature, encoding: hex, secrets: [{ env: GC_KEY }] }'
  const key = 'apiKey: { header: X-Api-Key, secrets: [{ env: GC_KEY }] }'
  assert.throws(() => recipe(`{ ${hmac} }`), /bus is not set up: an API destination proves/)
  assert.throws(() => recipe(`{ ${key}, ${hmac} }`), /an API destination proves itself/)
  assert.throws(() => recipe('none'), /an API destination proves itself/)
  assert.throws(() => recipe(`{ ${key} }`, ''), /it has no URL to deliver to/)
  assert.throws(() => recipe(`{ ${key} }`, undefined, ''), /it names no org/)
})
