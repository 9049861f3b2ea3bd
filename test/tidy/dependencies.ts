/**
 * What npm may bring: exact versions, verified, from anywhere, running nothing while it installs.
 */
import type { Finding } from './source.ts'

export interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly allowScripts?: Readonly<Record<string, boolean>>
}

export interface Lock {
  readonly packages: Readonly<Record<string, LockedPackage>>
}

export interface LockedPackage {
  readonly resolved?: string
  readonly integrity?: string
  readonly hasInstallScript?: boolean
  readonly link?: boolean
  readonly optional?: boolean
  readonly os?: readonly string[]
  readonly libc?: readonly string[]
}

/** `node` unpacks its binary from a package beside it, without a download. */
const scriptsAllowed = ['node']

export function unpinnedVersions(path: string, manifest: Manifest): Finding[] {
  const { dependencies, devDependencies, optionalDependencies } = manifest
  const all = { ...dependencies, ...devDependencies, ...optionalDependencies }
  return Object.entries(all)
    .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    .map(([name, version]) => `${path}:1: ${name} is "${version}": pin the exact version`)
}

export function installScripts(path: string, lock: Lock): Finding[] {
  return thirdParty(lock)
    .filter(([name, { hasInstallScript }]) => hasInstallScript && !scriptsAllowed.includes(name))
    .map(([name]) => `${path}:1: ${name} runs a script while it installs: choose another package`)
}

export function allowedScripts(path: string, manifest: Manifest): Finding[] {
  return Object.keys(manifest.allowScripts ?? {})
    .filter((name) => !scriptsAllowed.includes(name))
    .map((name) => `${path}:1: allowScripts lets ${name} run while it installs`)
}

/**
 * With `resolved` the lock binds an installation to one host; the integrity is what must hold.
 * Optional packages for systems that no gate runs on may lack it: a registry that serves only Linux
 * cannot tell.
 */
export function boundLocks(path: string, lock: Lock): Finding[] {
  return thirdParty(lock).flatMap(([name, { resolved, integrity, link, optional, os, libc }]) => {
    if (link === true) return []
    if (resolved !== undefined)
      return [`${path}:1: ${name} is bound to a host: set omit-lockfile-registry-resolved in npm`]
    const elsewhere = os?.includes('linux') !== true || libc?.includes('musl') === true
    if (integrity !== undefined || (optional === true && os !== undefined && elsewhere)) return []
    return [`${path}:1: ${name} has no integrity`]
  })
}

function thirdParty(lock: Lock): [string, LockedPackage][] {
  return Object.entries(lock.packages)
    .filter(([path]) => path.includes('node_modules/'))
    .map(([path, entry]) => [path.replace(/^.*node_modules\//, ''), entry])
}
