/** The files that `listen.tls` names: certificate, key, client authorities, revocations. */
import { errorText, InletError } from '../../core/errors.ts'
import type { Files } from '../../core/files.ts'
import type { TlsOptions } from '../../ingress/options.ts'
import type { Config } from '../config/schema.ts'

export type TlsConfig = NonNullable<Config['listen']['tls']>
export type TlsFileKey = 'certFile' | 'keyFile' | 'clientCaFile' | 'clientCrlFile'

/** In the order in which they are read. */
export function tlsFiles(config: TlsConfig): readonly (readonly [TlsFileKey, string])[] {
  const keys = ['certFile', 'keyFile', 'clientCaFile', 'clientCrlFile'] as const
  return keys.flatMap((key) => {
    const path = config[key]
    return typeof path === 'string' ? [[key, path] as const] : []
  })
}

/** Rejects with INL_APP_TLS_FILE where one cannot be read; null for null. */
export async function readTls(
  files: Files,
  config: TlsConfig | undefined,
): Promise<TlsOptions | null> {
  if (config === undefined) return null
  const texts: Partial<Record<TlsFileKey, string>> = {}
  for (const [key, path] of tlsFiles(config)) texts[key] = await readPem(files, key, path)
  const { certFile: cert = '', keyFile: key = '', clientCaFile: ca, clientCrlFile: crl } = texts
  const { minVersion } = config
  if (ca === undefined) return { cert, key, minVersion }
  return { cert, key, minVersion, clients: { ca, crl: crl ?? null } }
}

/** PEM. Rejects with INL_APP_TLS_FILE. */
export async function readPem(files: Files, key: TlsFileKey, path: string): Promise<string> {
  try {
    const bytes = await files.readAll(path)
    // Authorities publish their lists as DER.
    return key === 'clientCrlFile' && bytes[0] === 0x30 ? crlPem(bytes) : bytes.toString()
  } catch (error) {
    throw new InletError('INL_APP_TLS_FILE', { key, path, reason: errorText(error) }, error)
  }
}

function crlPem(der: Buffer): string {
  return `-----BEGIN X509 CRL-----\n${der.toString('base64')}\n-----END X509 CRL-----\n`
}
