/**
 * Real peers for end-to-end tests: each a process and a data directory of its own, driven by the command line and HTTP like an operator would.
 *
 * A harness owns its directory and its processes; `await using` ends both.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { CID } from 'multiformats/cid'
import { create as createDigest } from 'multiformats/hashes/digest'

const PINSET = join(import.meta.dirname, '..', '..', 'packages', 'cli', 'bin', 'pinset.js')

/** A condition that has not come true by then is a failure. */
const CONDITION_TIMEOUT_MS = 60_000

export interface RunResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface ClusterJson {
  readonly clusterId: string | null
  readonly peerId: string
  readonly relation: string
  readonly role: string
  readonly leader: string | null
  readonly term: number
  readonly commitIndex: number
  readonly appliedIndex: number
  readonly head: string
  readonly stateDigest: string
  readonly members: readonly {
    readonly peerId: string
    readonly name: string
    readonly suffrage: string
    readonly wanted: string
    readonly reachable: boolean
  }[]
  readonly quorum: { readonly size: number; readonly reachable: number; readonly tolerates: number }
}

/** Run `pinset` to its end. */
export function pinset(
  args: readonly string[],
  options: { readonly input?: string; readonly env?: Record<string, string> } = {},
): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [PINSET, ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
    child.stdin.end(options.input ?? '')
  })
}

/** Repeat until `check` gives something that is not undefined or false; its last error is the failure's reason. */
export async function until<Value>(
  what: string,
  check: () => Promise<Value | undefined | false>,
  timeoutMs = CONDITION_TIMEOUT_MS,
): Promise<Value> {
  const deadline = performance.now() + timeoutMs
  let last: unknown
  for (;;) {
    try {
      const value = await check()
      if (value !== undefined && value !== false) return value
      last = undefined
    } catch (error) {
      last = error
    }
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs / 1000} s: ${what}`, { cause: last })
    await new Promise((wake) => setTimeout(wake, 20))
  }
}

export class TestPeer {
  readonly name: string
  readonly directory: string
  #child: ChildProcess | undefined
  #stderr = ''

  constructor(name: string, directory: string) {
    this.name = name
    this.directory = directory
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  get log(): string {
    return this.#stderr
  }

  /** `pinset start`; resolves once it says that it is ready. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [PINSET, 'start', '--data', this.directory], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, PINSET_LOG: 'info' },
    })
    this.#child = child
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text))
    await new Promise<void>((resolve, reject) => {
      let stdout = ''
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout += text
        if (stdout.includes('\n')) resolve()
      })
      child.once('exit', (code, signal) =>
        reject(new Error(`${this.name} ended with ${code ?? signal} before it was ready:\n${this.#stderr}`)),
      )
    })
  }

  /** SIGTERM, and wait for the end. @returns the exit code. */
  async stop(): Promise<number | null> {
    return this.#end('SIGTERM')
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child
    this.#child = undefined
    if (child === undefined) return null
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
    const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
    child.kill(signal)
    return ended
  }

  get runFile(): {
    readonly pid: number
    readonly peerId: string
    readonly api: string
    readonly addresses: readonly string[]
  } {
    return JSON.parse(readFileSync(join(this.directory, 'run.json'), 'utf8')) as TestPeer['runFile']
  }

  /** Run `pinset` against this peer. */
  cli(...args: readonly string[]): Promise<RunResult> {
    return pinset([...args, '--data', this.directory])
  }

  /** As `cli`, and a failure is an error with what was printed. */
  async must(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.cli(...args)
    if (code !== 0) throw new Error(`pinset ${args.join(' ')} on ${this.name} ended with ${code}: ${stderr}`)
    return stdout
  }

  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(`${this.runFile.api}${path}`, { signal: AbortSignal.timeout(30_000), ...init })
  }

  async cluster(): Promise<ClusterJson> {
    return (await (await this.fetch('/cluster')).json()) as ClusterJson
  }

  /** CIDs of the pinset as this peer has it. */
  async pins(): Promise<Set<string>> {
    const text = await (await this.fetch('/allocations')).text()
    return new Set(
      text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => (JSON.parse(line) as { cid: string }).cid),
    )
  }

  /** The status words of a pin, by peer id. */
  async statuses(cid: string): Promise<Record<string, string>> {
    const info = (await (await this.fetch(`/pins/${cid}`)).json()) as { peer_map: Record<string, { status: string }> }
    return Object.fromEntries(Object.entries(info.peer_map).map(([peerId, { status }]) => [peerId, status]))
  }
}

export class TestCluster implements AsyncDisposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'pinset-e2e-'))
  readonly peers: TestPeer[] = []

  /** A running cluster of voters. */
  static async of(count: number): Promise<TestCluster> {
    const cluster = new TestCluster()
    try {
      for (let n = 1; n <= count; n += 1) await cluster.add()
      await cluster.allVoters(count)
      return cluster
    } catch (error) {
      await cluster[Symbol.asyncDispose]()
      throw error
    }
  }

  /** A data directory that is not there yet. */
  directoryOf(name: string): string {
    return join(this.directory, name)
  }

  peer(n: number): TestPeer {
    const peer = this.peers[n - 1]
    if (peer === undefined) throw new Error(`there is no peer ${n}`)
    return peer
  }

  /** `pinset init` (with an invitation of the first peer, unless this is the first) and `pinset start`. */
  async add(extra?: readonly string[], beforeStart: (peer: TestPeer) => void = () => {}): Promise<TestPeer> {
    const name = `peer-${this.peers.length + 1}`
    const peer = new TestPeer(name, this.directoryOf(name))
    const first = this.peers[0]
    const join = extra ?? (first === undefined ? [] : ['--join', (await first.must('invite')).trim()])
    await must([
      'init',
      '--data',
      peer.directory,
      '--name',
      name,
      '--listen',
      '/ip4/127.0.0.1/tcp/0',
      '--api',
      '127.0.0.1:0',
      ...join,
    ])
    this.peers.push(peer)
    beforeStart(peer)
    await peer.start()
    return peer
  }

  /** Resolves once each of these peers sees this many voters, nothing else, and a leader. */
  async allVoters(count: number, peers: readonly TestPeer[] = this.peers): Promise<void> {
    for (const peer of peers) {
      await until(`${peer.name} sees ${count} voters and a leader`, async () => {
        const { leader, members } = await peer.cluster()
        return leader !== null && members.length === count && members.every(({ suffrage }) => suffrage === 'voter')
      })
    }
  }

  /** The peer that these peers agree on as their leader. */
  async leader(peers: readonly TestPeer[] = this.peers): Promise<TestPeer> {
    return until('one leader', async () => {
      const statuses = await Promise.all(peers.map((peer) => peer.cluster()))
      const leader = statuses[0]?.leader
      if (leader === null || leader === undefined || statuses.some((status) => status.leader !== leader))
        return undefined
      return peers[statuses.findIndex(({ peerId }) => peerId === leader)]
    })
  }

  async follower(peers: readonly TestPeer[] = this.peers): Promise<TestPeer> {
    const leader = await this.leader(peers)
    const follower = peers.find((peer) => peer !== leader)
    if (follower === undefined) throw new Error('there is no follower')
    return follower
  }

  /** Resolves once these peers have applied the same log and hold the same state. */
  async agree(peers: readonly TestPeer[] = this.peers): Promise<ClusterJson> {
    return until('equal heads and digests', async () => {
      const statuses = await Promise.all(peers.map((peer) => peer.cluster()))
      const [first, ...others] = statuses
      if (first === undefined) return undefined
      const equal = others.every(
        (other) =>
          other.appliedIndex === first.appliedIndex &&
          other.head === first.head &&
          other.stateDigest === first.stateDigest,
      )
      return equal ? first : undefined
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.peers.map((peer) => peer.kill()))
    rmSync(this.directory, { recursive: true, force: true })
  }
}

export async function must(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await pinset(args)
  if (code !== 0) throw new Error(`pinset ${args.join(' ')} ended with ${code}: ${stderr}`)
  return stdout
}

/** A CID of content that nobody has. */
export function cidOf(text: string): string {
  return CID.createV1(0x55, createDigest(0x12, createHash('sha256').update(text).digest())).toString()
}

/** Bytes that look random and are the same for the same seed. */
export function bytesOf(seed: string, length: number): Uint8Array {
  const bytes = Buffer.alloc(length)
  for (let at = 0, n = 0; at < length; n += 1)
    at += createHash('sha256').update(`${seed} ${n}`).digest().copy(bytes, at)
  return bytes
}
