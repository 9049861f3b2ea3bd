/**
 * The port for operators as the configuration has it: with certificates that are renewed as those
 * of the door are, and a proof by secrets that are read again.
 *
 * Guarantee: nothing here keeps a process from its work. Files that cannot be used are told of, and
 * the port opens once they can.
 */
import { errorText } from '../core/errors.ts'
import { type Lifecycle, startAll, stopAll } from '../core/lifecycle.ts'
import { basicProof } from '../ingress/proofs/basic.ts'
import { bearerProof } from '../ingress/proofs/bearer.ts'
import type { Proof } from '../ingress/proofs/proof.ts'
import type { Observer } from '../observe/events.ts'
import { type OpsPage, type OpsServer, openOpsServer } from '../ops/ops-server.ts'
import type { Config } from './config/schema.ts'
import type { Machine } from './machine.ts'
import { openLiveStore, type SourceLiveSecrets } from './secrets/live-store.ts'
import type { SecretSource } from './secrets/read-secret.ts'
import { readTls } from './tls/files.ts'
import { requireServable } from './tls/judgement.ts'
import { tlsRenewal } from './tls/renewal.ts'

export type Ops = Config['ops']

export interface OpsPortDeps extends Pick<Machine, 'clock' | 'files' | 'random'> {
  readonly observer: Observer
  readonly secretSource: SecretSource
}

export function opsPort(
  deps: OpsPortDeps,
  ops: Ops,
  pages: Readonly<Record<string, OpsPage>>,
): Lifecycle[] {
  const { host, port, tls, auth } = ops
  const from = deps.secretSource
  const sources = auth === undefined ? [] : [{ name: 'ops', auth }]
  const store = openLiveStore({ ...deps, from }, { sources })
  const proof = auth === undefined ? null : proofOf(auth, store.secrets.get('ops') ?? {})
  const server = openOpsServer(deps, { host, port, pages, proof, isTls: tls !== undefined })
  return [
    tls === undefined ? server : overTls({ ...deps, server }, { ...ops, tls }),
    {
      name: 'ops secrets',
      // What is slow to come holds up no start: until it is there, 503 is answered.
      start: async (signal) => void store.start(signal).catch(() => undefined),
      drain: (deadline) => store.drain(deadline),
      stop: () => store.stop(),
    },
  ]
}

function proofOf(auth: NonNullable<Ops['auth']>, own: SourceLiveSecrets): Proof {
  const none = { current: () => ({ values: [], complete: false }) }
  if ('bearer' in auth) return bearerProof({ secrets: own.bearer ?? none })
  return basicProof({ user: auth.basic.user, secrets: own.basic ?? none })
}

function overTls(
  deps: OpsPortDeps & { readonly server: OpsServer },
  { host, port, tls }: Ops & { readonly tls: NonNullable<Ops['tls']> },
): Lifecycle {
  const { server, observer, files } = deps
  let lives: readonly Lifecycle[] = [server]
  const served = async () => {
    try {
      const read = await readTls(files, tls)
      requireServable(read, tls)
      return read
    } catch (error) {
      observer('ops_unavailable', { host, port, reason: errorText(error) })
      return null
    }
  }
  return {
    name: server.name,
    async start(signal) {
      const read = await served()
      if (read !== null) await server.renewTls(read)
      lives = [server, tlsRenewal({ ...deps, ingress: server }, { config: tls, served: read })]
      await startAll(lives, signal)
    },
    drain: async () => undefined,
    stop: () => stopAll(lives, AbortSignal.abort()),
  }
}
