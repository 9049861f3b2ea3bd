/** The key `listen`: where senders reach Inlet. */
import { z } from 'zod'
import { filePath, host, oneOf, port, urlPath, wholeNumber } from './kinds.ts'

const tls = z
  .strictObject({
    certFile: filePath({
      description: 'The certificate and the chain behind it, PEM.',
      example: 'server.pem',
    }),
    keyFile: filePath({
      description: 'The private key of the certificate, PEM.',
      example: 'server.key',
    }),
    minVersion: oneOf(['TLSv1.2', 'TLSv1.3'], {
      description: 'The oldest version of TLS that is spoken.',
      example: 'TLSv1.3',
    }).prefault('TLSv1.2'),
  })
  .meta({ description: 'Without it, plain HTTP is spoken, which only a loopback host may.' })

export const listen = z
  .strictObject({
    host: host({
      description: 'The address to listen on.',
      example: '127.0.0.1',
    }).prefault('0.0.0.0'),
    port: port({
      description: 'The port to listen on; 0 takes any that is free.',
      example: 8443,
    }).prefault(8443),
    workers: wholeNumber({
      description:
        'Gateway processes that share the port, each with a partition of the journal; one a core that the loader leaves.',
      example: 2,
      min: 1,
      max: 64,
    }).prefault(1),
    healthPath: urlPath({
      description: 'Answers 200 while events are taken. No source may have this path.',
      example: '/healthz',
    }).prefault('/healthz'),
    tls: tls.exactOptional(),
  })
  .meta({ description: 'Where senders reach Inlet.' })

/** Addresses that no other machine can reach. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}
