/** The SQL that takes the fields of a mapping out of a body, as one struct. */
import { literal } from '../../lake/sql/quote.ts'
import type { Mapping } from './mapping.ts'

interface Shape {
  [member: string]: string | Shape
}

/** SQL for a struct of the fields: with a member for each member of the root that paths name. */
export function bodyStruct({ roots, fields }: Mapping): string {
  const shape: Shape = {}
  for (const { paths, as } of fields) {
    for (const path of paths) put(shape, path.split('.'), as.json ? 'JSON' : 'VARCHAR')
  }
  const cases = Object.entries(roots).map(([dialect, root]) => {
    const whole: Shape = {}
    if (root !== '') put(whole, root.split('.'), shape)
    const read = `from_json(body, ${literal(JSON.stringify(root === '' ? shape : whole))})`
    return [literal(dialect), root === '' ? read : memberOf(read, root)] as const
  })
  const [only] = cases
  if (cases.length === 1 && only) return only[1]
  return `CASE dialect ${cases.map(([name, read]) => `WHEN ${name} THEN ${read}`).join(' ')} END`
}

/** SQL for the member of a struct that a path leads to. */
export function memberOf(struct: string, path: string): string {
  return path.split('.').reduce((sql, name) => `struct_extract(${sql}, ${literal(name)})`, struct)
}

function put(shape: Shape, [name = '', ...rest]: readonly string[], value: string | Shape): void {
  if (rest.length === 0) {
    shape[name] = value
    return
  }
  const inner = shape[name] ?? {}
  if (typeof inner === 'string') throw new TypeError(`"${name}" is read both whole and in part`)
  shape[name] = inner
  put(inner, rest, value)
}
