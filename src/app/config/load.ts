/**
 * The front of this folder: a configuration file, read as a whole.
 *
 * Guarantee: either every key was understood and every check holds, or all that is wrong is told at
 * once. Paths in the result are absolute. No secret is read here; see ./secrets.ts.
 */
import { basename, dirname, resolve } from 'node:path'
import { InletError } from '../../core/errors.ts'
import type { Files } from '../../core/files.ts'
import { isSystemError } from '../../core/files.ts'
import { crossChecks } from './checks.ts'
import { explain } from './explain.ts'
import type { Complaint, Problem } from './problem.ts'
import { inOrder, located, problemLine } from './problem.ts'
import type { Config } from './schema.ts'
import { configJsonSchema, configSchema } from './schema.ts'
import type { SecretReference } from './secret-reference.ts'
import { soundSections } from './sections.ts'
import type { SinkConfig } from './sinks.ts'
import type { Org } from './sources.ts'
import { isBucket } from './storage.ts'
import { parseYaml, type YamlText } from './yaml-text.ts'

/** Places are kept, so that what is found later can be told at its line too. */
export interface ConfigFile {
  readonly path: string
  readonly config: Config
  locate(complaint: Complaint): Problem
}

export type LoadedConfig =
  | { readonly ok: true; readonly file: ConfigFile }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** Rejects with INL_APP_CONFIG_UNREADABLE where there is no such file. */
export async function loadConfig(files: Files, path: string): Promise<LoadedConfig> {
  const text = await readText(files, path)
  return parseConfig(text, path)
}

/** `path` is absolute; relative paths in the text start at its folder. Pure. */
export function parseConfig(text: string, path: string): LoadedConfig {
  const yaml = parseYaml(text)
  if (yaml.problems.length > 0) return { ok: false, problems: inOrder(yaml.problems) }
  const locate = (complaint: Complaint) => located(complaint, yaml.place)
  const { complaints, config } = judge(yaml)
  if (config === null || complaints.length > 0)
    return { ok: false, problems: inOrder(complaints.map(locate)) }
  return { ok: true, file: { path, config: withAbsolutePaths(config, dirname(path)), locate } }
}

/** The same complaints, thrown: for whoever can only go on with a sound file. */
export function configError(path: string, problems: readonly Problem[]): InletError {
  const file = basename(path)
  const list = problems.map((problem) => `\n  ${problemLine(file, problem)}`).join('')
  const count = problems.length === 1 ? '1 error' : `${problems.length} errors`
  return new InletError('INL_APP_CONFIG', { file: path, count, list })
}

function judge({ value }: YamlText): { complaints: Complaint[]; config: Config | null } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const what = value === null ? 'the file is empty' : 'the file is no mapping of keys to values'
    const remedy = 'Write at least one source; `inlet check-config --help` shows how.'
    return { complaints: [{ path: [], what, remedy }], config: null }
  }
  const result = configSchema.safeParse(value)
  const wrong = result.success
    ? []
    : explain(result.error.issues, { schema: configJsonSchema(), value })
  const complaints = [...wrong, ...crossChecks(soundSections(value))]
  return { complaints, config: result.data ?? null }
}

function withAbsolutePaths(config: Config, folder: string): Config {
  const at = (path: string) => resolve(folder, path)
  const { listen, ops, orgs, journal, lake, privacy, schemas, sources, sinks } = config
  const { tls } = listen
  return {
    ...config,
    listen: tls ? { ...listen, tls: withAbsoluteFiles(tls, at) } : listen,
    orgs: orgs.map((org) => withAbsoluteClient(org, at)),
    journal: { ...journal, dir: at(journal.dir) },
    lake: {
      ...lake,
      url: isBucket(lake.url) ? lake.url : at(lake.url),
      cacheDir: at(lake.cacheDir),
    },
    privacy: withAbsoluteKeys(privacy, at),
    schemas: { dir: at(schemas.dir) },
    ops: withAbsoluteOps(ops, at),
    sources: sources.map((source) => ({ ...source, auth: withAbsoluteSecrets(source.auth, at) })),
    sinks: sinks.map((sink) => withAbsoluteSink(sink, at)),
  }
}

function withAbsoluteSink(sink: SinkConfig, at: (path: string) => string): SinkConfig {
  const settle = (secret: SecretReference) => absolute(secret, at)
  if (sink.kind === 'postgres') return { ...sink, url: settle(sink.url) }
  const { bearer, apiKey, signingKey, dir } = sink
  return {
    ...sink,
    dir: at(dir),
    ...(bearer && { bearer: settle(bearer) }),
    ...(apiKey && { apiKey: { ...apiKey, secret: settle(apiKey.secret) } }),
    ...(signingKey && { signingKey: settle(signingKey) }),
  }
}

function withAbsoluteClient(org: Org, at: (path: string) => string): Org {
  const { clientId, clientSecret } = org
  return {
    ...org,
    ...(clientId && { clientId: absolute(clientId, at) }),
    ...(clientSecret && { clientSecret: absolute(clientSecret, at) }),
  }
}

type Tls = NonNullable<Config['listen']['tls']>

function withAbsoluteFiles(tls: Tls, at: (path: string) => string): Tls {
  const { certFile, keyFile, clientCaFile, clientCrlFile } = tls
  return {
    ...tls,
    certFile: at(certFile),
    keyFile: at(keyFile),
    ...(clientCaFile && { clientCaFile: at(clientCaFile) }),
    ...(clientCrlFile && { clientCrlFile: at(clientCrlFile) }),
  }
}

function withAbsoluteOps(ops: Config['ops'], at: (path: string) => string): Config['ops'] {
  const { tls, auth, ...others } = ops
  return {
    ...others,
    ...(tls && { tls: { ...tls, certFile: at(tls.certFile), keyFile: at(tls.keyFile) } }),
    ...(auth && {
      auth:
        'bearer' in auth
          ? { bearer: withAbsoluteProof(auth.bearer, at) }
          : { basic: withAbsoluteProof(auth.basic, at) },
    }),
  }
}

function withAbsoluteKeys(privacy: Config['privacy'], at: (path: string) => string) {
  const { key, previous } = privacy
  return {
    ...privacy,
    ...(key && { key: absolute(key, at) }),
    previous: previous.map((one) => absolute(one, at)),
  }
}

function absolute(secret: SecretReference, at: (path: string) => string): SecretReference {
  return 'file' in secret ? { file: at(secret.file) } : secret
}

type Auth = Config['sources'][number]['auth']

function withAbsoluteSecrets(auth: Auth, at: (path: string) => string): Auth {
  if (auth === 'none') return auth
  const settle = <Proof extends WithSecrets>(proof: Proof) => withAbsoluteProof(proof, at)
  const { hmac, apiKey, basic, bearer, firehoseKey, oauth } = auth
  return {
    ...auth,
    ...(hmac && { hmac: settle(hmac) }),
    ...(apiKey && { apiKey: settle(apiKey) }),
    ...(basic && { basic: settle(basic) }),
    ...(bearer && { bearer: settle(bearer) }),
    ...(firehoseKey && { firehoseKey: settle(firehoseKey) }),
    ...(oauth && { oauth: settle(oauth) }),
  }
}

interface WithSecrets {
  readonly secrets: SecretReference[]
}

function withAbsoluteProof<Proof extends WithSecrets>(
  proof: Proof,
  at: (path: string) => string,
): Proof {
  return { ...proof, secrets: proof.secrets.map((one) => absolute(one, at)) }
}

async function readText(files: Files, path: string): Promise<string> {
  try {
    return (await files.readAll(path)).toString('utf8')
  } catch (error) {
    const reason = isSystemError(error, 'ENOENT') ? 'there is no such file' : String(error)
    throw new InletError('INL_APP_CONFIG_UNREADABLE', { path, reason }, error)
  }
}
