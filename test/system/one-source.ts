/** The `inlet.yaml` that most tests of real processes begin with. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A source without a proof on this machine alone, no ops port, and the sections that are given. */
export function writeOneSource(folder: string, port: number, sections: string): void {
  const text = `listen: { host: 127.0.0.1, port: ${port} }
sources: [{ name: trial, path: /events, auth: none }]
journal: { minFree: 0B, ephemeral: true }
ops: { port: 0 }
${sections}
`
  writeFileSync(join(folder, 'inlet.yaml'), text)
}
