/** The key `ops`: what operators and their tools ask. */
import { z } from 'zod'
import { host, port } from './kinds.ts'

export const ops = z
  .strictObject({
    host: host({
      description: 'The address that metrics are served on. This version serves loopback only.',
      example: '127.0.0.1',
    }).prefault('127.0.0.1'),
    port: port({
      description: 'The port of `GET /metrics` and `GET /books`; 0 takes any that is free.',
      example: 9464,
    }).prefault(9464),
  })
  .meta({
    description:
      'Where metrics are served, for Prometheus and whoever reads its format, and the books as a page.',
  })
