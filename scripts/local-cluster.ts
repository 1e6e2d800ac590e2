/**
 * A local cluster to try things on: three peers, each a process and a data directory of its own, until ctrl-C.
 *
 *     npm start                                         three peers in .pinset/, APIs on 9094, 9194 and 9294
 *     npm start -- --peers 5 --data /tmp/c --ports any
 *
 * A peer that ends, or is killed, leaves the others running; the script says how to start it again, and ends with the last one.
 * The first start makes the peers with the same commands that an operator types; later ones find them and keep everything.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'

const FIRST_API_PORT = 9094
const FIRST_CLUSTER_PORT = 9096
const PORT_STEP = 100
const READY_TIMEOUT_MS = 60_000
const STOP_TIMEOUT_MS = 20_000
/** Of journal lines. */
const WARN = 40
const NO_LEADER = 'There is no leader'
const LEADER = new Set(['This peer leads', 'Another peer leads'])

const usage = `npm start -- [--peers N] [--data DIR] [--ports fixed|any]

  --peers N      how many peers, from 1 to 9 (default 3)
  --data DIR     where the peers' data directories are (default .pinset)
  --ports fixed  new peers listen at 9094, 9194, … (API) and 9096, 9196, … (cluster), the first one's IPFS node at 4001 (default)
  --ports any    new peers listen at free ports; those that are there already keep theirs
  --help         print this
`

const values = parse()
if (values.help) {
  process.stdout.write(usage)
  process.exit(0)
}
const count = Number(values.peers)
if (!Number.isInteger(count) || count < 1 || count > 9)
  fail(`--peers must be a number from 1 to 9, not "${values.peers}"`)
if (values.ports !== 'fixed' && values.ports !== 'any') fail(`--ports must be "fixed" or "any", not "${values.ports}"`)

const root = resolve(values.data)
const pinset = join(import.meta.dirname, '..', 'packages', 'cli', 'bin', 'pinset.js')
const children = new Map<number, ChildProcess>()
/** Peers that have said that they know no leader, and not yet that there is one again. */
const leaderless = new Set<number>()
let isUp = false
let stopping = false

process.on('SIGINT', () => void stop(0))
process.on('SIGTERM', () => void stop(0))

const fresh = !existsSync(join(directoryOf(1), 'config.json'))
say(fresh ? `making ${count} peers in ${shown(root)}` : `starting the peers in ${shown(root)}`)
const started = performance.now()
for (let peer = 1; peer <= count; peer += 1) {
  if (!existsSync(join(directoryOf(peer), 'config.json'))) init(peer)
  await start(peer)
}
await allReady()
isUp = true
say(
  `${count} ${count === 1 ? 'peer is' : 'peers are'} ready after ${((performance.now() - started) / 1000).toFixed(1)} s\n`,
)
process.stdout.write(whatToTry())

function parse() {
  try {
    return parseArgs({
      options: {
        data: { type: 'string', default: join(import.meta.dirname, '..', '.pinset') },
        peers: { type: 'string', default: '3' },
        ports: { type: 'string', default: 'fixed' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values
  } catch (error) {
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split(/\. |\n/)
    return fail(`${reason}; --help lists what there is`)
  }
}

function directoryOf(peer: number): string {
  return join(root, `peer-${peer}`)
}

/** `pinset init` for the first, `pinset init --join` with an invitation of the first for the others. */
function init(peer: number): void {
  const any = values.ports === 'any'
  const args = ['init', '--data', directoryOf(peer), '--name', `peer-${peer}`]
  args.push('--listen', `/ip4/127.0.0.1/tcp/${any ? 0 : FIRST_CLUSTER_PORT + (peer - 1) * PORT_STEP}`)
  args.push('--api', `127.0.0.1:${any ? 0 : FIRST_API_PORT + (peer - 1) * PORT_STEP}`)
  if (peer > 1) args.push('--join', run(['invite', '--data', directoryOf(1)]).trim())
  run(args)
}

function run(args: readonly string[]): string {
  const done = spawnSync(process.execPath, [pinset, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (done.status !== 0) {
    void stop(1)
    throw new Error(`pinset ${args[0] ?? ''} failed`)
  }
  return done.stdout
}

/** Resolves once the peer says that it is ready. */
async function start(peer: number): Promise<void> {
  const directory = directoryOf(peer)
  // A process group of its own: ctrl-C reaches only this script, which stops the peers in its own order.
  const child = spawn(process.execPath, [pinset, 'start', '--data', directory], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: { ...process.env, PINSET_LOG: process.env['PINSET_LOG'] ?? 'info' },
  })
  children.set(peer, child)
  const prefix = `peer-${peer} | `
  if (child.stderr !== null) createInterface(child.stderr).on('line', (line) => journal(peer, line))
  await new Promise<void>((done) => {
    const timer = setTimeout(() => {
      say(`peer-${peer} was not ready within ${READY_TIMEOUT_MS / 1000} s`)
      void stop(1)
    }, READY_TIMEOUT_MS)
    if (child.stdout !== null) {
      createInterface(child.stdout).on('line', (line) => {
        process.stdout.write(`${prefix}${line}\n`)
        clearTimeout(timer)
        done()
      })
    }
    // Not `exit`: what it said last, such as why it cannot start, comes first.
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      children.delete(peer)
      leaderless.delete(peer)
      if (stopping) return
      say(`peer-${peer} has ended (${signal ?? `exit code ${code}`})`)
      if (!isUp)
        say(
          'peers keep the ports in their config.json; `npm start -- --data DIR --ports any` makes others at free ones',
        )
      if (!isUp || children.size === 0) return void stop(1)
      say(`${children.size} of ${count} peers go on; start peer-${peer} again, in another terminal, with`)
      say(`  npx pinset start --data ${quoted(shown(directory))}`)
    })
  })
}

interface JournalLine {
  readonly level?: number
  readonly msg?: string
  readonly url?: string
  readonly status?: number
  readonly reason?: string
  readonly leader?: string
  readonly term?: number
  readonly err?: { readonly message?: string }
}

/** A peer's journal is JSON lines; what peers say of each other while all are being stopped is of no interest. */
function journal(peer: number, line: string): void {
  if (stopping) return
  const entry = journalLine(line)
  if (entry !== null && !isShown(peer, entry)) return
  const { msg = line, url, status, reason, leader, term, err } = entry ?? {}
  const details = [url, status, reason, err?.message, leader, term === undefined ? undefined : `term ${term}`]
  const given = details.filter((detail) => detail !== undefined && detail !== null && detail !== '')
  const text = given.length === 0 ? msg : `${msg} (${given.join(', ')})`
  process.stderr.write(`peer-${peer} | ${text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, ' ')}\n`)
}

/** Null: a line of something else, such as the reason why `pinset start` ends. */
function journalLine(line: string): JournalLine | null {
  try {
    const entry: unknown = JSON.parse(line)
    return typeof entry === 'object' ? entry : null
  } catch {
    return null
  }
}

/** Errors; once all are ready also warnings, and who leads: that there is no leader once until there is one again. */
function isShown(peer: number, { level = WARN, msg = '' }: JournalLine): boolean {
  if (process.env['PINSET_LOG'] !== undefined || level > WARN) return true
  if (!isUp) return false // Peers that come up one after the other miss each other for a while.
  if (msg === NO_LEADER) {
    if (leaderless.has(peer)) return false
    leaderless.add(peer)
  }
  if (LEADER.has(msg)) leaderless.delete(peer)
  return LEADER.has(msg) || level >= WARN
}

function quoted(path: string): string {
  return /^[\w./-]+$/u.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`
}

/** Every peer is a voter and has a leader. */
async function allReady(): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS
  for (let peer = 1; peer <= count; peer += 1) {
    for (;;) {
      const status = (await (await fetch(`${apiOf(peer)}/cluster`)).json()) as {
        leader: string | null
        members: { suffrage: string }[]
      }
      if (status.leader !== null && status.members.filter(({ suffrage }) => suffrage === 'voter').length >= count) break
      if (Date.now() > deadline) {
        say(`the peers did not agree on a leader within ${READY_TIMEOUT_MS / 1000} s`)
        return stop(1)
      }
      await new Promise((wake) => setTimeout(wake, 50))
    }
  }
}

function apiOf(peer: number): string {
  return (JSON.parse(readFileSync(join(directoryOf(peer), 'run.json'), 'utf8')) as { api: string }).api
}

function whatToTry(): string {
  const first = values.ports === 'fixed' ? '' : ` --api ${apiOf(1)}`
  const commands = [
    [`${first} add README.md`, 'add a file and pin it on all peers'],
    [`${first} status`, 'how each pin stands on each peer'],
    [`${first} cluster status`, 'leader, term, quorum'],
    [` --api ${apiOf(Math.min(2, count))} pin ls`, 'the same pinset, from another peer'],
  ] as const
  const width = Math.max(...commands.map(([command]) => command.length))
  return [
    'Try, in another terminal:',
    '',
    ...commands.map(([command, meaning]) => `  npx pinset${command.padEnd(width)}   ${meaning}`),
    '',
    'ctrl-C stops all peers; the next `npm start` keeps everything. Kill one, and the others go on.',
    '',
  ].join('\n')
}

async function stop(code: number): Promise<void> {
  if (stopping) return
  stopping = true
  if (children.size > 0) say('stopping')
  const ended = [...children.values()].map(
    (child) =>
      new Promise<void>((done) => {
        child.once('exit', () => done())
        if (child.exitCode !== null || child.signalCode !== null) done()
        child.kill('SIGTERM')
      }),
  )
  const late = setTimeout(() => {
    say('a peer does not stop; killing it')
    for (const child of children.values()) child.kill('SIGKILL')
  }, STOP_TIMEOUT_MS)
  await Promise.all(ended)
  clearTimeout(late)
  process.exit(code)
}

function shown(path: string): string {
  const short = relative(process.cwd(), path)
  return short.startsWith('..') ? path : `${short}/`
}

function say(what: string): void {
  process.stderr.write(`local cluster: ${what}\n`)
}

function fail(what: string): never {
  say(what)
  process.exit(1)
}
