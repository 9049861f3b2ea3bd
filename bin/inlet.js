#!/usr/bin/env node
/**
 * The command `inlet`. A checkout runs its TypeScript as it is; an installed package, which carries
 * no sources, runs what `npm run build` made of them.
 */
import { existsSync } from 'node:fs'
import * as nodeModule from 'node:module'
import { fileURLToPath } from 'node:url'

const source = new URL('../src/cli/main.ts', import.meta.url)
const built = new URL('../dist/cli/main.js', import.meta.url)

if (Number.parseInt(process.versions.node, 10) < 24) {
  console.error(
    `Inlet needs Node 24 or later, and this is ${process.version}. In a checkout, ` +
      'start it as `npx inlet`, which uses the Node that `npm ci` brought.',
  )
  process.exit(1)
}

// Halves the time until a gateway listens. Where the folder cannot be written, nothing is cached.
nodeModule.enableCompileCache(
  fileURLToPath(new URL('../node_modules/.cache/inlet', import.meta.url)),
)

await import(existsSync(source) ? source.href : built.href)
