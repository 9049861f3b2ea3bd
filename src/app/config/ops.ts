/** The key `ops`: what operators and their tools ask. */
import { z } from 'zod'
import { host, port } from './kinds.ts'
import { ownTls } from './listen.ts'
import { basic, bearer } from './proofs.ts'

const tls = z.strictObject(ownTls).meta({
  description:
    'Without it, plain HTTP is spoken, which only a loopback host may. Files that change are read again without a restart.',
})

const auth = z.union([z.strictObject({ bearer }), z.strictObject({ basic })]).meta({
  title: 'a bearer token, or a user and a password',
  description: 'What whoever asks must prove; anybody may where it is left out, on loopback.',
  examples: [
    '{ bearer: { secrets: [{ env: INLET_OPS_TOKEN }] } }',
    '{ basic: { user: prometheus, secrets: [{ file: /run/secrets/ops }] } }',
  ],
})

export const ops = z
  .strictObject({
    host: host({
      description:
        'The address that metrics are served on. One that other machines reach needs tls and auth.',
      example: '127.0.0.1',
    }).prefault('127.0.0.1'),
    port: port({
      description: 'The port of `GET /metrics` and `GET /books`; 0 takes any that is free.',
      example: 9464,
    }).prefault(9464),
    tls: tls.exactOptional(),
    auth: auth.exactOptional(),
  })
  .meta({
    description:
      'Where metrics are served, for Prometheus and whoever reads its format, and the books as a page.',
  })
