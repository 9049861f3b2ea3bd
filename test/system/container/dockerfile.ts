/** A Dockerfile as data: the instructions that ours uses, and an error for any other. */

export interface Image {
  readonly stages: readonly Stage[]
  /** Of the last stage. */
  readonly workdir: string
  readonly environment: Readonly<Record<string, string>>
  readonly user: string
  readonly volumes: readonly string[]
  readonly stopSignal: string
  readonly health: readonly string[]
  /** ENTRYPOINT and CMD. */
  readonly command: readonly string[]
}

export interface Stage {
  readonly name: string | null
  /** With arguments filled in. */
  readonly base: string
  readonly steps: readonly Step[]
}

export type Step =
  | { readonly kind: 'workdir'; readonly path: string }
  | { readonly kind: 'run'; readonly command: string }
  | {
      readonly kind: 'copy'
      /** The stage; null copies from the project. */
      readonly from: string | null
      readonly sources: readonly string[]
      readonly to: string
    }

interface OpenStage extends Stage {
  readonly steps: Step[]
}

interface OpenImage extends Image {
  readonly stages: OpenStage[]
}

export function readDockerfile(text: string): Image {
  const args = new Map<string, string>()
  let image: OpenImage = { ...nothing, stages: [] }
  for (const [name, rest] of instructionsOf(text)) {
    if (name === 'ARG') args.set(...pair(rest))
    else if (name === 'FROM') image = { ...nothing, stages: [...image.stages, stageOf(rest, args)] }
    else image = applied(image, name, rest)
  }
  return image
}

const nothing = {
  workdir: '/',
  environment: {},
  user: 'root',
  volumes: [],
  stopSignal: 'SIGTERM',
  health: [],
  command: [],
}

/** Comments go, lines that end in a backslash are joined. */
function instructionsOf(text: string): [string, string][] {
  const lines = text.split('\n').filter((line) => !line.startsWith('#'))
  const joined = lines.join('\n').replaceAll(/\\\n\s*/g, '')
  return joined.split('\n').flatMap((line): [string, string][] => {
    const [, name, rest] = /^([A-Z]+) (.+)$/.exec(line.trim()) ?? []
    if (name !== undefined && rest !== undefined) return [[name, rest]]
    if (line.trim() === '') return []
    throw new Error(`no instruction: ${line}`)
  })
}

function stageOf(rest: string, args: ReadonlyMap<string, string>): OpenStage {
  const [, base = '', name] = /^(\S+)(?: AS (\S+))?$/.exec(rest) ?? []
  const filled = base.replaceAll(/\$\{(\w+)\}/g, (_, arg: string) => args.get(arg) ?? '')
  return { name: name ?? null, base: filled, steps: [] }
}

function applied(image: OpenImage, name: string, rest: string): OpenImage {
  const steps: Step[] = image.stages.at(-1)?.steps ?? []
  switch (name) {
    case 'WORKDIR':
      steps.push({ kind: 'workdir', path: rest })
      return { ...image, workdir: rest }
    case 'RUN':
      steps.push({ kind: 'run', command: rest })
      return image
    case 'COPY':
      steps.push(copyOf(rest))
      return image
    case 'ENV':
      return {
        ...image,
        environment: { ...image.environment, ...Object.fromEntries([pair(rest)]) },
      }
    case 'USER':
      return { ...image, user: rest }
    case 'VOLUME':
      return { ...image, volumes: [...image.volumes, rest] }
    case 'STOPSIGNAL':
      return { ...image, stopSignal: rest }
    case 'HEALTHCHECK':
      return { ...image, health: JSON.parse(rest.slice(rest.indexOf('['))) }
    case 'ENTRYPOINT':
      return { ...image, command: JSON.parse(rest) }
    case 'CMD':
      return { ...image, command: [...image.command, ...JSON.parse(rest)] }
    case 'EXPOSE':
      return image
    default:
      throw new Error(`the instruction ${name} is not known here`)
  }
}

function copyOf(rest: string): Step {
  const words = rest.split(' ')
  const from = words[0]?.startsWith('--from=') ? words.shift()?.slice('--from='.length) : null
  const to = words.pop() ?? ''
  return { kind: 'copy', from: from ?? null, sources: words, to }
}

function pair(text: string): [string, string] {
  const at = text.indexOf('=')
  return [text.slice(0, at), text.slice(at + 1)]
}
