/** What `listen` must be for the sources: who can reach it, and whose certificates it can judge. */
import { clientHeaders } from '../../ingress/clients/proxy-word.ts'
import { isLoopback } from './listen.ts'
import type { Complaint } from './problem.ts'
import { proofHeaders } from './proofs.ts'
import type { Sections } from './sections.ts'

export function plainHttp({ listen }: Sections): Complaint[] {
  if (listen === null || listen.tls !== undefined || isLoopback(listen.host)) return []
  if (listen.trustedProxy !== 'none') return []
  const what = `is missing, and ${listen.host} can be reached by other machines`
  const remedy =
    'Add `tls: { certFile: server.pem, keyFile: server.key }` below listen, or listen on `host: 127.0.0.1`.'
  return [{ path: ['listen', 'tls'], what, remedy }]
}

/** What names a client is taken away from whoever sends it: it can carry no secret. */
export function proxyHeader({ sources }: Sections): Complaint[] {
  return sources.flatMap((source, index) => {
    if (source === null || source.auth === 'none') return []
    return proofHeaders(source.auth).flatMap(({ proof, header }) => {
      if (!clientHeaders.has(header.toLowerCase())) return []
      const path = ['sources', index, 'auth', proof, 'header']
      const what = `"${header}" is one in which proxies name clients`
      return [{ path, what, remedy: 'Let the sender use a header of its own.' }]
    })
  })
}

/** A certificate that nobody verifies proves nothing. */
export function clientTrust({ listen, sources }: Sections): Complaint[] {
  if (listen === null) return []
  const { tls, trustedProxy } = listen
  const hasTrust = tls?.clientCaFile !== undefined
  const complaints: Complaint[] = []
  const complain = (path: Complaint['path'], what: string, remedy: string) =>
    complaints.push({ path, what, remedy })
  if (!hasTrust && typeof tls?.clientCrlFile === 'string')
    complain(
      ['listen', 'tls', 'clientCrlFile'],
      'revokes certificates of no authority',
      'Add clientCaFile beside it.',
    )
  if (trustedProxy !== 'none' && trustedProxy.mode === 'passthrough') {
    const path = ['listen', 'trustedProxy', 'mode']
    if (trustedProxy.kind !== 'alb')
      complain(path, 'is for an ALB: others verify', 'Leave it out, or write `kind: alb`.')
    else if (!hasTrust)
      complain(
        path,
        'leaves it to Inlet to verify, which knows no authority',
        'Add `clientCaFile: clients.pem` below listen.tls.',
      )
  }
  if (hasTrust || trustedProxy !== 'none') return complaints
  for (const [index, source] of sources.entries()) {
    if (source === null || source.auth === 'none') continue
    if (source.auth.clientCertificates === undefined) continue
    complain(
      ['sources', index, 'auth', 'clientCertificates'],
      'cannot be judged: nothing says which authorities issue them',
      'Add `clientCaFile: clients.pem` below listen.tls, or declare listen.trustedProxy.',
    )
  }
  return complaints
}
