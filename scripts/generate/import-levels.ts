/**
 * The import rule as the linter takes it, so that editors show a breach while it is typed.
 * biome.json extends this file; the authority is test/tidy/imports.ts.
 */
export function importLevels(levels: readonly (readonly string[])[]): string {
  const overrides = levels.flatMap((level, index) =>
    level.flatMap((folder) => {
      const above = levels.slice(index + 1).flat()
      const denied = [...level.filter((sibling) => sibling !== folder), ...above]
      return denied.length === 0 ? [] : [override(folder, denied)]
    }),
  )
  return `${JSON.stringify({ overrides }, null, 2)}\n`
}

function override(folder: string, denied: readonly string[]) {
  const message = 'A folder imports from itself and from lower levels: pass it in instead.'
  const patterns = [{ group: denied.map((name) => `../**/${name}/**`), message }]
  return {
    includes: [`src/${folder}/**`],
    linter: {
      rules: { style: { noRestrictedImports: { level: 'error', options: { patterns } } } },
    },
  }
}
