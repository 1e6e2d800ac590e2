/**
 * Peers in one process: the production consensus and storage over disks in memory that crash, and a network that can be cut.
 * Time is real and fast.
 */
import type { Admission, ClusterStatus, Logger, PeerId, Pin, PinRequest, PinsetView } from '@pinset/interface'
import { DEFAULT_PIN_OPTIONS, silentLogger } from '@pinset/interface'
import { createStorage, MemoryDisk, openStorage } from '@pinset/storage'
import { createMemoryNetwork } from '@pinset/transport'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { sha256 } from 'multiformats/hashes/sha2'

import {
  createConsensus,
  foundCluster,
  OPERATION_VERSION,
  type ConsensusLimits,
  type PinsetConsensus,
} from '../../src/index.ts'
import type { Clock } from '../../src/ports.ts'

export const realClock: Clock = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  setTimer: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs)
    return () => clearTimeout(timer)
  },
}

type Transport = ReturnType<ReturnType<typeof createMemoryNetwork>['createTransport']>
type Storage = Awaited<ReturnType<typeof openStorage>>

export interface Running {
  readonly consensus: PinsetConsensus
  readonly transport: Transport
  readonly storage: Storage
}

export interface TestPeerOptions {
  readonly limits?: Partial<ConsensusLimits>
  readonly join?: { readonly clusterId?: string; readonly addresses: readonly string[] } | null
}

export class TestPeer {
  readonly peerId: PeerId
  readonly disk = new MemoryDisk()
  readonly #cluster: TestCluster
  running: Running | null = null
  options: TestPeerOptions

  constructor(cluster: TestCluster, peerId: PeerId, options: TestPeerOptions) {
    this.#cluster = cluster
    this.peerId = peerId
    this.options = options
  }

  get address(): string {
    return `/memory/${this.peerId}/p2p/${this.peerId}`
  }

  get consensus(): PinsetConsensus {
    if (this.running === null) {
      throw new Error(`${this.peerId} does not run`)
    }
    return this.running.consensus
  }

  get status(): ClusterStatus {
    return this.consensus.status()
  }

  async create(storageId: string, founds: boolean): Promise<void> {
    const member = {
      peerId: this.peerId,
      storageId,
      name: `name of ${this.peerId}`,
      addresses: [this.address],
      supportedVersion: OPERATION_VERSION,
    }
    const nonce = new Uint8Array(32).fill(7)
    const founded = founds ? foundCluster({ member, nonce, timeMs: Date.now() }) : null
    await createStorage(this.disk.mount(), {
      storageId,
      cluster: founded === null ? null : { clusterId: founded.clusterId, epoch: 1, entry: founded.entry },
    })
  }

  async start(): Promise<void> {
    const storage = await openStorage(this.disk.mount())
    const late: { consensus?: PinsetConsensus } = {}
    const { electionTimeoutMs, logger } = this.#cluster
    const transport = this.#cluster.network.createTransport(this.peerId, lateAdmission(late), {
      electionTimeoutMs,
      logger,
    })
    const consensus = createConsensus(
      {
        storage,
        raftTransport: transport,
        rpc: transport,
        dialer: transport,
        clock: realClock,
        logger,
        prepare: { pin: (request, { nowMs }) => toPin(request, nowMs) },
      },
      {
        peerId: this.peerId,
        name: `name of ${this.peerId}`,
        addresses: [this.address],
        electionTimeoutMs,
        heartbeatMs: electionTimeoutMs / 5,
        random: Math.random,
        join: this.options.join ?? null,
        limits: { leaderWaitMs: 5_000, handoverWaitMs: 1_000, ...this.options.limits },
      },
    )
    late.consensus = consensus
    this.running = { consensus, transport, storage }
    await transport.start()
    await consensus.start()
  }

  async stop(): Promise<void> {
    const { running } = this
    this.running = null
    await running?.consensus.stop()
    await running?.transport.stop()
    await running?.storage.close()
  }

  /** Power goes: nothing is handed over, what was not synced is lost. */
  async crash(): Promise<void> {
    const { running } = this
    this.running = null
    this.#cluster.network.isolate(this.peerId)
    this.disk.crash()
    await running?.transport.stop()
    await running?.consensus.stop()
    await running?.storage.close().catch(() => {})
    this.#cluster.network.heal(this.peerId)
  }
}

export class TestCluster {
  readonly network = createMemoryNetwork()
  readonly peers: TestPeer[] = []
  readonly electionTimeoutMs: number
  readonly logger: Logger

  constructor(electionTimeoutMs = 150, logger: Logger = silentLogger) {
    this.electionTimeoutMs = electionTimeoutMs
    this.logger = logger
  }

  /** A new peer, not started. */
  async add(options: TestPeerOptions & { readonly founds?: boolean } = {}): Promise<TestPeer> {
    const number = this.peers.length + 1
    const peer = new TestPeer(this, `12D3KooWpeer${number}` as PeerId, options)
    await peer.create(`storage-${number}-${Math.random().toString(36).slice(2)}`, options.founds === true)
    this.peers.push(peer)
    return peer
  }

  /** A cluster of this many voters, all started and in agreement. */
  static async start(size: number, options: TestPeerOptions & { readonly logger?: Logger } = {}): Promise<TestCluster> {
    const cluster = new TestCluster(150, options.logger)
    const first = await cluster.add({ ...options, founds: true })
    await first.start()
    for (let number = 2; number <= size; number += 1) {
      const peer = await cluster.add({ ...options, join: { addresses: [first.address] } })
      await peer.start()
    }
    await until(
      () =>
        cluster.running.every(
          (peer) => votersOf(peer.status) === size && !peer.status.pending && peer.status.leader !== null,
        ),
      () => cluster.describe(),
    )
    // The leader has committed an entry of its term: indices do not move by themselves any more.
    await Promise.all(cluster.peers.map((peer) => peer.consensus.ready()))
    await cluster.agreed()
    return cluster
  }

  get running(): readonly TestPeer[] {
    return this.peers.filter((peer) => peer.running !== null)
  }

  async leader(): Promise<TestPeer> {
    return await until(
      () => this.running.find((peer) => peer.status.role === 'leader'),
      () => this.describe(),
    )
  }

  async follower(): Promise<TestPeer> {
    const leader = await this.leader()
    return await until(
      () => this.running.find((peer) => peer !== leader && peer.status.leader === leader.peerId),
      () => this.describe(),
    )
  }

  /** All running peers have applied the same, up to the end of the log. */
  async agreed(): Promise<void> {
    await until(
      () => {
        const statuses = this.running.map((peer) => peer.status)
        const [first] = statuses
        return (
          first !== undefined &&
          statuses.every(
            (status) =>
              status.appliedIndex === first.appliedIndex &&
              status.head === first.head &&
              status.stateDigest === first.stateDigest &&
              status.appliedIndex === status.commitIndex,
          )
        )
      },
      () => this.describe(),
    )
  }

  describe(): string {
    return this.peers
      .map((peer) => (peer.running === null ? `${peer.peerId} stopped` : JSON.stringify(peer.status)))
      .join('\n')
  }

  async stop(): Promise<void> {
    await Promise.all(this.running.map((peer) => peer.stop()))
  }
}

export function votersOf(status: ClusterStatus): number {
  return status.members.filter(({ suffrage }) => suffrage === 'voter').length
}

/** Wait for a condition, looked at again and again; fails with what `describe` says after 15 s. */
export async function until<Value>(
  condition: () => Value | undefined | false | null,
  describe: () => string = () => '',
): Promise<Value> {
  const endMs = performance.now() + 15_000
  for (;;) {
    const value = condition()
    if (value !== undefined && value !== false && value !== null) {
      return value
    }
    if (performance.now() > endMs) {
      throw new Error(`the condition did not come true in 15 s\n${describe()}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 3))
  }
}

export async function cidOf(text: string): Promise<CID> {
  return CID.createV1(raw.code, await sha256.digest(new TextEncoder().encode(text)))
}

export async function requestOf(text: string, overrides: Partial<PinRequest> = {}): Promise<PinRequest> {
  return { ...DEFAULT_PIN_OPTIONS, name: text, cid: await cidOf(text), ...overrides }
}

export async function namesIn(view: PinsetView): Promise<readonly string[]> {
  const names: string[] = []
  for await (const { pin } of view.pins()) {
    names.push(pin.name)
  }
  await view.close()
  return names.sort()
}

function toPin(request: PinRequest, nowMs: number): Pin {
  return { ...request, allocations: [], timestampMs: nowMs }
}

export function lateAdmission(late: { readonly consensus?: PinsetConsensus }): Admission {
  const admission = (): Admission => {
    if (late.consensus === undefined) {
      throw new Error('used before consensus stood')
    }
    return late.consensus.admission
  }
  return {
    identity: () => admission().identity(),
    admit: (peer, storageId, options) => admission().admit(peer, storageId, options),
    isMember: (peer) => admission().isMember(peer),
  }
}
