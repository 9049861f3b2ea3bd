#!/usr/bin/env node
/**
 * The command `inlet`. A checkout runs its TypeScript as it is; an installed package, which carries
 * no sources, runs what `npm run build` made of them.
 */
import { existsSync } from 'node:fs'

const source = new URL('../src/cli/main.ts', import.meta.url)
const built = new URL('../dist/cli/main.js', import.meta.url)

if (Number.parseInt(process.versions.node, 10) < 24) {
  console.error(
    `Inlet needs Node 24 or later, and this is ${process.version}. In a checkout, ` +
      'start it as `npx inlet`, which uses the Node that `npm ci` brought.',
  )
  process.exit(1)
}

await import(existsSync(source) ? source.href : built.href)
