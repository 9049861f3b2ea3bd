/** The key `listen`: where senders reach Inlet. */
import { z } from 'zod'
import { filePath, host, networks, oneOf, optional, port, urlPath, wholeNumber } from './kinds.ts'

/** What any listener under TLS has. */
export const ownTls = {
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
}

const tls = z
  .strictObject({
    ...ownTls,
    clientCaFile: filePath({
      description:
        'The authorities that client certificates come from, PEM: roots and those between. Needed where a source names clientCertificates, unless a trusted proxy verifies them.',
      example: 'clients.pem',
    }).exactOptional(),
    clientCrlFile: optional(
      filePath({
        description:
          'Revoked client certificates: a list of every authority in clientCaFile, PEM or DER. Past its next update, no client certificate is let in. `null` for none.',
        example: 'revoked.pem',
      }),
    ),
  })
  .meta({
    description:
      'Without it, plain HTTP is spoken, which only a loopback host may, or one behind a trusted proxy. Files that change are read again without a restart.',
  })

const proxy = z.strictObject({
  kind: oneOf(['alb', 'nginx', 'envoy'], {
    description:
      'Whose headers name the client: an AWS load balancer, NGINX as the guide sets it up, or Envoy.',
    example: 'nginx',
  }),
  mode: oneOf(['verify', 'passthrough'], {
    description:
      'Of an ALB: whether it verifies client certificates, or passes them on for Inlet to verify against clientCaFile.',
    example: 'verify',
  }).prefault('verify'),
  addresses: networks({
    description: 'Where the proxy connects from. Nobody else is believed.',
    example: '[10.0.0.0/16]',
  }),
})

export const trustedProxy = z.union([z.literal('none'), proxy]).meta({
  title: '"none" or a proxy',
  description:
    'The proxy that is believed about the address and the certificate of a client. `none`: both are those of the connection.',
  examples: ['{ kind: nginx, addresses: [10.0.0.0/16] }'],
})

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
      description:
        'Answers 200 after a TLS handshake with the listener, else 503; needs no proof. No source may have this path.',
      example: '/healthz',
    }).prefault('/healthz'),
    trustedProxy: trustedProxy.prefault('none'),
    tls: tls.exactOptional(),
  })
  .meta({ description: 'Where senders reach Inlet.' })

/** Addresses that no other machine can reach. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}
