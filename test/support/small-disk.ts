/**
 * A small file system that really fills up: ext4 on a loop device where this process may mount, as
 * root may, else a tmpfs of that size. It is mounted in a namespace that one child process holds,
 * so it goes away with that process, and that one with the test, whatever becomes of either.
 */
import { type ChildProcess, spawn } from 'node:child_process'

export interface SmallDisk {
  /** The folder as processes see it that are started with `enter`. */
  readonly inside: string
  /** The same folder for calls of this process. */
  readonly outside: string
  /** What to put in front of a command so that it sees the disk. */
  readonly enter: readonly string[]
  close(): Promise<void>
}

interface Kind {
  readonly unshare: readonly string[]
  readonly enter: readonly string[]
  readonly script: string
}

/** `$1` is the folder, `$2` a file for an image, `$3` the size in MiB. */
const kinds: readonly Kind[] = [
  {
    unshare: ['--mount'],
    enter: ['--mount'],
    script: 'truncate -s "$3M" "$2" && mkfs.ext4 -q -F "$2" && mount -o loop "$2" "$1"',
  },
  {
    unshare: ['--user', '--map-root-user', '--mount'],
    enter: ['--user', '--preserve-credentials', '--mount'],
    script: 'mount -t tmpfs -o "size=$3m" tmpfs "$1"',
  },
]

/** `folder` is an empty one; an image may come to lie beside it. Throws where there is no kind. */
export async function mountSmallDisk(folder: string, mebibytes: number): Promise<SmallDisk> {
  const reasons: string[] = []
  for (const kind of kinds) {
    const held = await hold(kind, folder, mebibytes)
    if (typeof held !== 'string') return held
    reasons.push(held)
  }
  const remedy = 'Run the tests as root with e2fsprogs (as .ci/run does), or allow user namespaces.'
  throw new Error(`no small disk can be mounted: ${reasons.join('; ')}. ${remedy}`)
}

/** The disk, or why it cannot be had. */
async function hold(
  { unshare, enter, script }: Kind,
  folder: string,
  mebibytes: number,
): Promise<SmallDisk | string> {
  // The holder ends when its input does, which it does with this process at the latest.
  const shell = ['sh', '-c', `${script} && echo mounted && exec cat`, 'sh']
  const places = [folder, `${folder}.img`, String(mebibytes)]
  const holder = spawn('unshare', [...unshare, ...shell, ...places])
  const failure = await untilMounted(holder)
  if (failure !== null) return failure
  const ended = new Promise<void>((resolve) => holder.once('close', () => resolve()))
  return {
    inside: folder,
    outside: `/proc/${holder.pid}/root${folder}`,
    enter: ['nsenter', '--target', String(holder.pid), ...enter],
    close() {
      holder.stdin.end()
      return ended
    },
  }
}

function untilMounted(holder: ChildProcess): Promise<string | null> {
  let said = ''
  return new Promise((resolve) => {
    holder.once('error', (error) => resolve(error.message))
    holder.once('close', () => resolve(said.trim()))
    holder.stderr?.on('data', (bytes) => {
      said += bytes
    })
    holder.stdout?.once('data', () => resolve(null))
  })
}
