/**
 * Run the golden scenarios, or write down what they print now.
 *
 * What `--rewrite` has changed is to be read before it is committed.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const usage = `scenarios [--rewrite] [NAME …]

  NAME        those with NAME in their path below test/scenarios (default: all)
  --rewrite   put what is printed now in place of what the files say; read the difference before it is committed
  --help      print this

Exit code: 0 when all print what their files say, 1 when one does not, 2 when the arguments make no sense.
`

const root = fileURLToPath(new URL('..', import.meta.url))

function fail(reason: string): never {
  process.stderr.write(`scenarios: ${reason}\n`)
  process.exit(2)
}

function parse() {
  try {
    return parseArgs({
      options: { rewrite: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
      allowPositionals: true,
    })
  } catch (error) {
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split(/\.? To |\n/)
    return fail(`${reason}; --help lists what there is`)
  }
}

/** Of the scenarios that were asked for, as their tests are called. */
function titles(asked: readonly string[]): readonly string[] {
  const paths = readdirSync(new URL('../test/scenarios', import.meta.url), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.txt'))
    .map((path) => path.replaceAll('\\', '/').slice(0, -'.txt'.length))
  const found = asked.flatMap((name) => {
    const part = name.replace(/^(\.\/)?test\/scenarios\//, '').replace(/\.txt$/, '')
    const matching = paths.filter((path) => path.includes(part))
    return matching.length > 0 ? matching : fail(`no scenario has "${name}" in its name; see test/scenarios/README.md`)
  })
  return found.map((path) => path.slice(path.lastIndexOf('/') + 1))
}

const { values, positionals } = parse()
if (values.help) {
  process.stdout.write(usage)
  process.exit(0)
}
const chosen = titles(positionals)
const { status, signal } = spawnSync(
  process.execPath,
  [
    fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url)),
    'run',
    '--project',
    'scenarios',
    ...(chosen.length === 0 ? [] : ['-t', chosen.join('|')]),
  ],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...(values.rewrite ? { PINSET_SCENARIOS: 'rewrite' } : {}) },
  },
)
process.exit(status ?? (signal === 'SIGINT' ? 130 : 1))
