/**
 * Check that packages import only what their rank allows (ARCHITECTURE.md, "Ranks"): `node scripts/check-directions.ts`.
 *
 * Three sources must agree: the table below, each package.json's dependencies, and each tsconfig.json's references;
 * every `@pinset/*` import in `src` must be allowed by it, and no file may reach into another package's rooms.
 */
import { globSync, readFileSync } from 'node:fs'

const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  interface: [],
  raft: [],
  storage: ['interface', 'raft'],
  transport: ['interface', 'raft'],
  consensus: ['interface', 'raft'],
  ipfs: ['interface'],
  client: ['interface'],
  api: ['interface'],
  peer: ['interface', 'raft', 'storage', 'transport', 'consensus', 'ipfs', 'api'],
  cli: ['interface', 'peer', 'api', 'client'],
}
/** Packages that must run in any JavaScript engine or that must be deterministic: no `node:` imports. */
const WITHOUT_NODE = new Set(['interface', 'raft', 'client'])

const problems: string[] = []
const found = globSync('packages/*/package.json').map((path) => path.split('/')[1] ?? '')
for (const name of found)
  if (!(name in ALLOWED)) problems.push(`packages/${name}: not in the table of scripts/check-directions.ts`)

for (const [name, allowed] of Object.entries(ALLOWED)) {
  const manifest = JSON.parse(readFileSync(`packages/${name}/package.json`, 'utf8')) as {
    dependencies?: Record<string, string>
  }
  for (const dependency of Object.keys(manifest.dependencies ?? {})) {
    if (dependency.startsWith('@pinset/') && !allowed.includes(dependency.slice('@pinset/'.length))) {
      problems.push(`packages/${name}/package.json: depends on ${dependency}, which its rank does not allow`)
    }
  }
  const project = JSON.parse(readFileSync(`packages/${name}/tsconfig.json`, 'utf8')) as {
    references?: { path: string }[]
  }
  for (const { path } of project.references ?? []) {
    if (!allowed.includes(path.replace('../', '')))
      problems.push(`packages/${name}/tsconfig.json: references ${path}, which its rank does not allow`)
  }
  for (const file of globSync(`packages/${name}/src/**/*.ts`)) {
    const text = readFileSync(file, 'utf8')
    for (const match of text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)) {
      const target = match[1] ?? ''
      const scoped = /^@pinset\/([^/]+)(\/.*)?$/.exec(target)
      if (scoped !== null) {
        if (!allowed.includes(scoped[1] ?? ''))
          problems.push(`${file}: imports ${target}, which its rank does not allow`)
        if (scoped[2] !== undefined) problems.push(`${file}: imports ${target}; a package has one door, its index`)
      }
      if (target === 'pinset') problems.push(`${file}: imports the command line`)
      if (target.startsWith('node:') && WITHOUT_NODE.has(name))
        problems.push(`${file}: imports ${target}, but this package must run in any engine`)
      if (target.startsWith('.') && /(\.\.\/){2,}(?:[a-z]+\/)?src\//.test(target))
        problems.push(`${file}: imports ${target} across packages`)
    }
    if (
      name === 'raft' &&
      !file.endsWith('/ports.ts') &&
      /\b(Date|Math\.random|setTimeout|setInterval|Promise|queueMicrotask)\b\s*[.(<]/.test(
        text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, ''),
      )
    ) {
      problems.push(`${file}: the core has no clock, chance or promise`)
    }
  }
}

if (problems.length > 0) {
  process.stderr.write(`${problems.join('\n')}\n`)
  process.exit(1)
}
process.stdout.write(`directions: ${found.length} packages, all imports point down\n`)
