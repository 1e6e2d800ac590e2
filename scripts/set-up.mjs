/**
 * Install and build when needed, then run a command with the project's own Node: `node scripts/set-up.mjs [command [argument …]]`.
 *
 * Plain JavaScript, because it is the first thing that runs on a machine that has nothing but npm and some Node ≥ 20.
 * It is quick when nothing has changed: one hash of the lock file and one incremental build.
 */
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const MINIMUM_NODE_MAJOR = 24

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const bin = join(root, 'node_modules', '.bin')
const stamp = join(root, 'node_modules', '.pinset-installed')
const isWindows = process.platform === 'win32'

/** @param {string} what @returns {never} */
function fail(what) {
  process.stderr.write(`set-up: ${what}\n`)
  process.exit(1)
}

/** @param {string} command @param {string[]} args */
function run(command, args) {
  const path = `${bin}${delimiter}${process.env['PATH'] ?? ''}`
  // What npm tells its scripts about the outer run must not reach an inner npm. Output goes to standard error: standard output is the command's.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_(lifecycle|package|command)/.test(name)),
  )
  const done = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: isWindows,
    env: { ...env, PATH: path },
  })
  if (done.error !== undefined) fail(`cannot run ${command}: ${done.error.message}`)
  if (done.status !== 0) fail(`\`${command} ${args.join(' ')}\` failed (${done.status ?? done.signal}); see above`)
}

function installWhenNeeded() {
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  const have = existsSync(stamp) ? readFileSync(stamp, 'utf8') : ''
  if (have !== wanted) {
    process.stderr.write('set-up: installing dependencies (npm ci)\n')
    run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
    writeFileSync(stamp, wanted)
  }
}

function checkNode() {
  const version =
    spawnSync(join(bin, 'node'), ['--version'], { encoding: 'utf8', shell: isWindows }).stdout?.trim() ?? ''
  if (Number(version.slice(1).split('.')[0]) < MINIMUM_NODE_MAJOR || version === '') {
    fail(
      `the project's own Node ${MINIMUM_NODE_MAJOR} is missing (found ${version || 'none'} in node_modules/.bin). ` +
        'It comes with the dev dependency "node", whose install script must be allowed: run `npm ci` and look for its warning.',
    )
  }
}

installWhenNeeded()
checkNode()
run('tsc', ['-b'])

const [command, ...args] = process.argv.slice(2)
if (command !== undefined) {
  const path = `${bin}${delimiter}${process.env['PATH'] ?? ''}`
  const child = spawn(command, args, {
    cwd: root,
    stdio: 'inherit',
    shell: isWindows,
    env: { ...process.env, PATH: path },
  })
  // ctrl-C reaches the whole process group: the command decides when to end, and this process ends with it.
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => (signal === 'SIGINT' && process.stdin.isTTY ? undefined : child.kill(signal)))
  }
  child.on('error', (error) => fail(`cannot run ${command}: ${error.message}`))
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)))
}
