/**
 * The entry of a Lambda function that masks the records of a Firehose stream: the handler is
 * `node_modules/inlet/dist/cli/lambda.handler`.
 *
 * `INLET_CONFIG` names the configuration, `inlet.yaml` beside the function by default, and
 * `INLET_SOURCE` whose events they are, where it has several sources. It is read when the first
 * records come, and again with the next ones where that failed.
 */
import { resolve } from 'node:path'
import { configError, loadConfig } from '../app/config/load.ts'
import type { Config } from '../app/config/schema.ts'
import type { Source } from '../app/config/sources.ts'
import {
  openTransform,
  type TransformAnswer,
  type TransformRequest,
} from '../app/firehose-transform.ts'
import { realMachine } from '../app/machine.ts'
import { InletError } from '../core/errors.ts'
import { secretSource } from './role-process.ts'

type Transform = (request: TransformRequest) => TransformAnswer

let opened: Promise<Transform> | null = null

export async function handler(request: TransformRequest): Promise<TransformAnswer> {
  opened ??= open().catch((error: unknown) => {
    opened = null
    throw error
  })
  const transform = await opened
  return transform(request)
}

async function open(): Promise<Transform> {
  const { env: environment } = process
  const path = resolve(environment['INLET_CONFIG'] ?? 'inlet.yaml')
  const loaded = await loadConfig(realMachine.files, path)
  if (!loaded.ok) throw configError(path, loaded.problems)
  const { config } = loaded.file
  const secrets = await secretSource({ environment, machine: realMachine })
  const source = sourceOf(config, environment['INLET_SOURCE'])
  return openTransform({ files: realMachine.files, secretSource: secrets }, config, source)
}

function sourceOf({ sources }: Config, name: string | undefined): Source {
  const [only, ...others] = sources
  if (name === undefined && only !== undefined && others.length === 0) return only
  const named = sources.find((one) => one.name === name)
  if (named !== undefined) return named
  throw new InletError('INL_ING_UNKNOWN_SOURCE', {
    source: name ?? 'INLET_SOURCE, which is not set',
  })
}
