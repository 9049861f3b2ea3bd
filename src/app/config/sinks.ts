/** The key `sinks`: where rows of silver go besides the lake. */
import { z } from 'zod'
import { silverTables } from '../../tables/silver.ts'
import { duration, filePath, headerName, name, oneOf, wholeNumber } from './kinds.ts'
import { secret } from './secret-reference.ts'

const tableNames = silverTables.map((table) => table.name)

const common = {
  name: name({ description: 'What it is called, in metrics and messages.', example: 'warehouse' }),
  tables: z
    .array(
      oneOf(tableNames, {
        description: 'A table of silver.',
        example: 'silver.interactions',
      }),
    )
    .min(1)
    .exactOptional()
    .meta({
      title: 'a list of tables',
      description: 'The tables of silver whose rows are sent; all of them by default.',
      examples: ['[silver.interactions, silver.agent_states]'],
    }),
  every: duration({
    description: 'How often it is looked for rows that are new.',
    example: '10s',
    min: '100ms',
    max: '1d',
  }).prefault('10s'),
  rows: wholeNumber({
    description: 'Rows of one delivery, at most; those of one event stay together.',
    example: 500,
    min: 1,
    max: 5000,
  }).prefault(500),
}

const postgres = z.strictObject({
  ...common,
  kind: z.literal('postgres').meta({ title: 'postgres', description: 'A PostgreSQL database.' }),
  url: secret.meta({
    title: 'a reference to a secret',
    description: 'The connection string: postgres://user:password@host:5432/database.',
    examples: ['{ env: WAREHOUSE_URL }'],
  }),
  schema: name({
    description: 'The schema of its tables; made where it is missing.',
    example: 'inlet',
  }).prefault('inlet'),
})

const https = z.strictObject({
  ...common,
  kind: z
    .literal('https')
    .meta({ title: 'https', description: 'A server that takes JSON over HTTPS.' }),
  url: z.url({ protocol: /^https?$/ }).meta({
    title: 'an https URL',
    description: 'Where rows are posted as JSON. Plain http is for loopback only.',
    examples: ['https://crm.example.com/genesys'],
  }),
  bearer: secret.exactOptional(),
  apiKey: z
    .strictObject({
      header: headerName({ description: 'The header of the key.', example: 'X-Api-Key' }),
      secret,
    })
    .exactOptional(),
  signingKey: secret.exactOptional(),
  timeout: duration({
    description: 'An answer that takes longer is none.',
    example: '10s',
    min: '100ms',
    max: '10m',
  }).prefault('10s'),
  attempts: wholeNumber({
    description:
      'So often the server may refuse a delivery (400, 413, 422); then its events are sent one by one, and one that is refused again is named in `dir` and left out, once another behind it has arrived. 0: never, what comes behind waits.',
    example: 5,
    min: 0,
    max: 1000,
  }).prefault(5),
  dir: filePath({
    description: 'The folder that keeps how far it has come, on a disk that survives a restart.',
    example: '/var/lib/inlet/sinks',
  }).prefault('./data/sinks'),
})

export const sinkSchema = z.discriminatedUnion('kind', [postgres, https])
export type SinkConfig = z.output<typeof sinkSchema>

export const sinks = z.array(sinkSchema).meta({
  title: 'a list of sinks',
  description:
    'Where rows of silver go besides the lake: a PostgreSQL database, or a server that takes JSON. Each keeps how far it has come; none can hold the lake up.',
  examples: ['[{ name: warehouse, kind: postgres, url: { env: WAREHOUSE_URL } }]'],
})
