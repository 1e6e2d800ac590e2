/**
 * Run the golden scenarios, or write down what they print now: `npm run scenarios -- [--rewrite] [name …]`.
 *
 * A name is a part of a scenario's file name. What `--rewrite` has changed is to be read before it is committed.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values, positionals } = parseArgs({
  options: { rewrite: { type: 'boolean', default: false } },
  allowPositionals: true,
})

const root = fileURLToPath(new URL('..', import.meta.url))
const escaped = positionals.map((name) => name.replaceAll(/[^\w-]/g, String.raw`\$&`))
const { status } = spawnSync(
  process.execPath,
  [
    fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url)),
    'run',
    '--project',
    'scenarios',
    ...(escaped.length === 0 ? [] : ['-t', escaped.join('|')]),
  ],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...(values.rewrite ? { PINSET_SCENARIOS: 'rewrite' } : {}) },
  },
)
process.exit(status ?? 1)
