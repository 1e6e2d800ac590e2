/**
 * Committed pins per second and their latency on a three-peer cluster of real processes, and how long a killed leader is missed.
 *
 *     npm run bench                                     everything, a few minutes
 *     npm run bench -- --seconds 2 --callers 1,16 --kills 0
 *
 * Callers are closed loops: each waits for its pin to be applied on the peer that it asked. The plain append+fdatasync loop of the same run
 * is what the disk gives to one caller. All processes share this machine's cores, the load generator too: read ratios, not absolutes.
 */
import {
  closeSync,
  fdatasyncSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { createClient } from '@pinset/client'
import { DEFAULT_PIN_OPTIONS, silentLogger } from '@pinset/interface'
import { startPeer } from '@pinset/peer'
import { CID } from 'multiformats/cid'

import { cidOf, must, type TestPeer, TestCluster, until } from '../test/end-to-end/harness.ts'

const ENTRY_BYTES = 200

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    callers: { type: 'string', default: '1,16,256' },
    kills: { type: 'string', default: '20' },
  },
})
const seconds = positive('--seconds', values.seconds)
const callerCounts = values.callers.split(',').map((text) => positive('--callers', text))
const kills = Number(values.kills)

interface Figures {
  readonly name: string
  readonly callers: number
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly errors: number
}

say(
  `node ${process.version}, ${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${seconds} s a cell\n`,
)
const table: Figures[] = [measureDisk()]
await measureInProcess()
await measureHttp()
print()
if (kills > 0) await measureKills()

/** What one caller gets from the disk alone. */
function measureDisk(): Figures {
  const directory = mkdtempSync(join(tmpdir(), 'pinset-bench-'))
  const file = openSync(join(directory, 'log'), 'a')
  const entry = Buffer.alloc(ENTRY_BYTES, 1)
  const latencies: number[] = []
  const end = performance.now() + seconds * 1000
  while (performance.now() < end) {
    const begin = performance.now()
    writeSync(file, entry)
    fdatasyncSync(file)
    latencies.push(performance.now() - begin)
  }
  closeSync(file)
  rmSync(directory, { recursive: true })
  return figures('append + fdatasync', 1, latencies, 0)
}

/** Callers in the process of the leader. */
async function measureInProcess(): Promise<void> {
  await using cluster = new TestCluster()
  const directory = cluster.directoryOf('leader')
  await must([
    'init',
    '--data',
    directory,
    '--name',
    'leader',
    '--listen',
    '/ip4/127.0.0.1/tcp/0',
    '--api',
    '127.0.0.1:0',
  ])
  quietTracker(directory)
  const leader = await startPeer({ directory, logger: silentLogger })
  try {
    await leader.cluster.ready({ signal: AbortSignal.timeout(30_000) })
    for (let n = 0; n < 2; n += 1) await addQuietly(cluster, leader.cluster.invite())
    await until(
      'three voters',
      async () => leader.cluster.clusterStatus().members.filter(({ suffrage }) => suffrage === 'voter').length === 3,
    )
    for (const callers of callerCounts) {
      await measure('in process, leader', callers, (cid) =>
        leader.cluster.pin({ ...DEFAULT_PIN_OPTIONS, cid: CID.parse(cid) }),
      )
    }
    const status = leader.cluster.clusterStatus()
    if (status.leader !== leader.peerId) say('note: leadership moved while this was measured\n')
  } finally {
    await leader.stop()
  }
}

/** Callers over HTTP: to the leader, then to a follower. */
async function measureHttp(): Promise<void> {
  await using cluster = await quietCluster()
  const leader = await cluster.leader()
  const follower = await cluster.follower()
  for (const [name, peer] of [
    ['HTTP, leader', leader],
    ['HTTP, follower', follower],
  ] as const) {
    const client = createClient({ url: peer.runFile.api })
    for (const callers of callerCounts) await measure(name, callers, (cid) => client.pin(CID.parse(cid)))
  }
}

/** The time from a kill -9 of the leader to the first pin that was asked for and acknowledged after it. */
async function measureKills(): Promise<void> {
  await using cluster = await quietCluster()
  const outagesMs: number[] = []
  for (let kill = 1; kill <= kills; kill += 1) {
    const leader = await cluster.leader()
    const follower = await cluster.follower()
    const client = createClient({ url: follower.runFile.api })
    await client.pin(CID.parse(cidOf(`before kill ${kill}`)))
    await leader.kill()
    const begin = performance.now()
    await until('a pin is acknowledged', async () => {
      await client.pin(CID.parse(cidOf(`after kill ${kill}`)))
      return true
    })
    outagesMs.push(performance.now() - begin)
    await leader.start()
    await cluster.agree()
  }
  outagesMs.sort((a, b) => a - b)
  say(`\nkill -9 of the leader, ${kills} times: without service p50 ${quantile(outagesMs, 0.5).toFixed(0)} ms, `)
  say(`p99 ${quantile(outagesMs, 0.99).toFixed(0)} ms, longest ${outagesMs.at(-1)?.toFixed(0) ?? '-'} ms\n`)
}

async function quietCluster(): Promise<TestCluster> {
  const cluster = new TestCluster()
  try {
    await addQuietly(cluster)
    const first = cluster.peer(1)
    for (let n = 0; n < 2; n += 1) await addQuietly(cluster, (await first.must('invite')).trim())
    await cluster.allVoters(3)
    return cluster
  } catch (error) {
    await cluster[Symbol.asyncDispose]()
    throw error
  }
}

async function addQuietly(cluster: TestCluster, token?: string): Promise<TestPeer> {
  return cluster.add(token === undefined ? [] : ['--join', token], (peer) => quietTracker(peer.directory))
}

/** The content of these pins exists nowhere: let the pin tracker look for one at a time. */
function quietTracker(directory: string): void {
  const path = join(directory, 'config.json')
  const config = JSON.parse(readFileSync(path, 'utf8')) as { tracker: { concurrency: number } }
  config.tracker.concurrency = 1
  writeFileSync(path, JSON.stringify(config))
}

async function measure(name: string, callers: number, pin: (cid: string) => Promise<unknown>): Promise<void> {
  const latencies: number[] = []
  let errors = 0
  const end = performance.now() + seconds * 1000
  await Promise.all(
    Array.from({ length: callers }, async (_, caller) => {
      for (let n = 0; performance.now() < end; n += 1) {
        const cid = cidOf(`${name} ${callers} ${caller} ${n}`)
        const begin = performance.now()
        try {
          await pin(cid)
          latencies.push(performance.now() - begin)
        } catch {
          errors += 1
        }
      }
    }),
  )
  table.push(figures(name, callers, latencies, errors))
}

function figures(name: string, callers: number, latencies: number[], errors: number): Figures {
  latencies.sort((a, b) => a - b)
  return {
    name,
    callers,
    perSecond: latencies.length / seconds,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    errors,
  }
}

function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN
}

function print(): void {
  say(
    `${'what'.padEnd(20)} ${'callers'.padStart(8)} ${'pins/s'.padStart(9)} ${'p50 ms'.padStart(9)} ${'p99 ms'.padStart(9)} ${'errors'.padStart(7)}\n`,
  )
  for (const row of table) {
    say(
      `${row.name.padEnd(20)} ${String(row.callers).padStart(8)} ${row.perSecond.toFixed(0).padStart(9)} ` +
        `${row.p50Ms.toFixed(2).padStart(9)} ${row.p99Ms.toFixed(2).padStart(9)} ${String(row.errors).padStart(7)}\n`,
    )
  }
}

function positive(flag: string, text: string): number {
  const number = Number(text)
  if (!(number > 0)) {
    process.stderr.write(`bench: ${flag} must be a number above 0, not "${text}"\n`)
    process.exit(1)
  }
  return number
}

function say(text: string): void {
  process.stdout.write(text)
}
