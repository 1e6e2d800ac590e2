/**
 * Generate TypeScript codecs from the `.proto` files of packages: `node scripts/generate-protobuf.ts [packages/<name> …]`.
 *
 * Protons writes TypeScript namespaces, which are not erasable; `@ts-nocheck` keeps the strict flags for all other files.
 */
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync, writeFileSync } from 'node:fs'

const roots = process.argv.length > 2 ? process.argv.slice(2) : ['packages/*']
for (const proto of globSync(roots.map((root) => `${root}/src/proto/*.proto`))) {
  const run = spawnSync('node_modules/.bin/protons', [proto, '--strict'], { stdio: 'inherit' })
  if (run.status !== 0) process.exit(run.status ?? 1)
  const output = proto.replace(/\.proto$/, '.ts')
  const header = `// @ts-nocheck generated from ${proto.split('/').at(-1)} by scripts/generate-protobuf.ts; do not edit\n`
  writeFileSync(output, header + readFileSync(output, 'utf8'))
}
