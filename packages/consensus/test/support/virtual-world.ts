/**
 * Peers in virtual time: production consensus and storage, a clock, a scheduler, a network and disks that obey one seed.
 * The same seed gives the same run.
 */
import {
  CommitOutcomeUnknownError,
  PeerUnreachableError,
  silentLogger,
  type Codec,
  type Dialer,
  type MultiaddrText,
  type PeerId,
  type Rpc,
  type RpcHandler,
  type RpcMethod,
} from '@pinset/interface'
import type { InstallSnapshot, Message, RaftTransport, RaftTransportHandler, SnapshotSendResult } from '@pinset/raft'
import { createStorage, MemoryDisk, openStorage } from '@pinset/storage'

import { createConsensus, foundCluster, OPERATION_VERSION, type PinsetConsensus } from '../../src/index.ts'
import type { Clock } from '../../src/ports.ts'

function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

interface Event {
  readonly dueMs: number
  readonly order: number
  readonly run: () => void
}

export class VirtualWorld {
  readonly random: () => number
  readonly peers: VirtualPeer[] = []
  /** Chance that a Raft message is lost. */
  lossRate = 0
  brokenDisk: VirtualPeer | null = null
  nowMs = 0
  events = 0
  #queue = new Map<number, Event>()
  #order = 0
  readonly #cut = new Set<string>()

  constructor(seed: number) {
    this.random = randomFrom(seed)
  }

  at(delayMs: number, run: () => void): () => void {
    const order = this.#order++
    this.#queue.set(order, { dueMs: this.nowMs + Math.max(0, delayMs), order, run })
    return () => this.#queue.delete(order)
  }

  async delay(ms: number): Promise<void> {
    await new Promise<void>((resolve) => this.at(ms, resolve))
  }

  /** Let time pass, one event at a time; after each, everything that was promised goes on. */
  async run(forMs: number, until: () => boolean = () => false): Promise<boolean> {
    const endMs = this.nowMs + forMs
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve))
      if (until()) {
        return true
      }
      let next: Event | undefined
      for (const event of this.#queue.values()) {
        if (
          next === undefined ||
          event.dueMs < next.dueMs ||
          (event.dueMs === next.dueMs && event.order < next.order)
        ) {
          next = event
        }
      }
      if (next === undefined || next.dueMs > endMs) {
        this.nowMs = endMs
        return false
      }
      this.#queue.delete(next.order)
      this.nowMs = next.dueMs
      this.events += 1
      next.run()
    }
  }

  cutOff(peer: VirtualPeer): void {
    this.#cut.add(peer.peerId)
  }

  heal(): void {
    this.#cut.clear()
    this.lossRate = 0
  }

  connected(from: string, to: string): boolean {
    return !this.#cut.has(from) && !this.#cut.has(to)
  }

  peer(peerId: string): VirtualPeer | undefined {
    return this.peers.find((each) => each.peerId === peerId)
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[Math.floor(this.random() * items.length)]
    if (item === undefined) {
      throw new Error('there is nothing to pick from')
    }
    return item
  }

  async add(options: { readonly founds: boolean }): Promise<VirtualPeer> {
    const peer = new VirtualPeer(this, `12D3KooWvirtual${this.peers.length + 1}` as PeerId)
    this.peers.push(peer)
    await peer.create(options.founds)
    return peer
  }
}

export class VirtualPeer {
  readonly peerId: PeerId
  readonly disk: MemoryDisk
  readonly #world: VirtualWorld
  running: {
    readonly consensus: PinsetConsensus
    readonly network: VirtualNetwork
    readonly close: () => Promise<void>
    readonly crashed: PromiseWithResolvers<never>
  } | null = null

  constructor(world: VirtualWorld, peerId: PeerId) {
    this.#world = world
    this.peerId = peerId
    this.disk = new MemoryDisk()
    this.mendDisk()
  }

  get address(): string {
    return `/memory/${this.peerId}/p2p/${this.peerId}`
  }

  /** Syncs take a while, and none fails. */
  mendDisk(): void {
    const world = this.#world
    this.disk.intercept = (event) => (event.phase === 'sync' ? world.delay(world.random() * 8) : undefined)
  }

  /** The answer of a call, or that it is not known when the peer crashes before. */
  async ask<Value>(call: (consensus: PinsetConsensus) => Promise<Value>): Promise<Value> {
    const { running } = this
    if (running === null) {
      throw new Error(`${this.peerId} does not run`)
    }
    return await Promise.race([call(running.consensus), running.crashed.promise])
  }

  get consensus(): PinsetConsensus {
    if (this.running === null) {
      throw new Error(`${this.peerId} does not run`)
    }
    return this.running.consensus
  }

  async create(founds: boolean): Promise<void> {
    const { peerId } = this
    const storageId = `storage-${peerId.slice(-1)}`
    const member = { peerId, storageId, name: peerId, addresses: [this.address], supportedVersion: OPERATION_VERSION }
    const founded = founds
      ? foundCluster({ member, nonce: new Uint8Array(32).fill(3), timeMs: 1_800_000_000_000 })
      : null
    const { intercept } = this.disk
    this.disk.intercept = null
    await createStorage(this.disk.mount(), {
      storageId,
      cluster: founded === null ? null : { clusterId: founded.clusterId, epoch: 1, entry: founded.entry },
    })
    this.disk.intercept = intercept
  }

  async start(join: readonly string[] | null): Promise<void> {
    const world = this.#world
    const { intercept } = this.disk
    this.disk.intercept = null
    const storage = await openStorage(this.disk.mount())
    this.disk.intercept = intercept
    const network = new VirtualNetwork(world, this)
    let alive = true
    const clock: Clock = {
      nowMs: () => world.nowMs,
      wallMs: () => 1_800_000_000_000 + Math.floor(world.nowMs),
      setTimer: (delayMs, callback) => world.at(delayMs, () => alive && callback()),
    }
    const consensus = createConsensus(
      {
        storage,
        raftTransport: network,
        rpc: network,
        dialer: network,
        clock,
        logger: silentLogger,
        scheduler: { schedule: (task) => void world.at(0, () => alive && task()) },
        prepare: { pin: (request, { nowMs }) => ({ ...request, allocations: [], timestampMs: nowMs }) },
      },
      {
        peerId: this.peerId,
        name: this.peerId,
        addresses: [this.address],
        random: world.random,
        join: join === null ? null : { addresses: join },
        limits: { leaderWaitMs: 6_000, compactAfterEntries: 60, trailingEntries: 10 },
      },
    )
    const close = async (): Promise<void> => {
      network.alive = false
      const stopping = consensus.stop()
      alive = false
      await stopping.catch(() => {})
      await storage.close().catch(() => {})
    }
    const crashed = Promise.withResolvers<never>()
    crashed.promise.catch(() => {})
    this.running = { consensus, network, close, crashed }
    // What a start waits for takes no virtual time: nobody lets it pass meanwhile.
    this.disk.intercept = null
    await consensus.start()
    this.disk.intercept = intercept
  }

  /** Nothing is handed over; a random part of what was not synced survives. */
  crash(): void {
    const { running } = this
    if (running !== null) {
      this.running = null
      running.network.alive = false
      this.disk.crash({ keep: (_, unsynced) => Math.floor(this.#world.random() * (unsynced + 1)) })
      running.crashed.reject(new CommitOutcomeUnknownError('the peer has crashed'))
      void running.close()
    }
  }
}

class VirtualNetwork implements RaftTransport, Rpc, Dialer {
  readonly #world: VirtualWorld
  readonly #peer: VirtualPeer
  alive = true
  handler: RaftTransportHandler | null = null
  readonly handlers = new Map<
    string,
    { readonly method: RpcMethod<unknown, unknown>; readonly handler: RpcHandler<unknown, unknown> }
  >()
  readonly heardMs = new Map<string, number>()
  readonly #lastArrivalMs = new Map<string, number>()

  constructor(world: VirtualWorld, peer: VirtualPeer) {
    this.#world = world
    this.#peer = peer
  }

  setHandler(handler: RaftTransportHandler): void {
    this.handler = handler
  }

  send(message: Exclude<Message, InstallSnapshot>): void {
    const world = this.#world
    if (!this.alive || world.random() < world.lossRate) {
      return
    }
    const { to } = message
    const arrivesMs = Math.max(world.nowMs + 0.5 + world.random() * 6, this.#lastArrivalMs.get(to) ?? 0)
    this.#lastArrivalMs.set(to, arrivesMs)
    const target = world.peer(to)?.running?.network
    world.at(arrivesMs - world.nowMs, () => {
      if (this.alive && target?.alive === true && world.connected(this.#peer.peerId, to)) {
        void target.receive(this.#peer, message)
      }
    })
  }

  async receive(from: VirtualPeer, message: Message): Promise<void> {
    if (await this.#admits(from)) {
      this.heardMs.set(from.peerId, this.#world.nowMs)
      this.handler?.onMessage(message)
    }
  }

  async #admits(from: VirtualPeer): Promise<boolean> {
    const sender = from.running?.consensus.admission.identity()
    const own = this.#peer.running?.consensus.admission
    if (
      sender === undefined ||
      own === undefined ||
      sender.clusterId === null ||
      own.identity().clusterId !== sender.clusterId
    ) {
      return false
    }
    return (await own.admit(from.peerId, sender.storageId)).kind === 'admitted'
  }

  async sendSnapshot(
    message: InstallSnapshot,
    open: (resumeAfter: Uint8Array) => AsyncIterable<Uint8Array>,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<SnapshotSendResult> {
    const broken = (): PeerUnreachableError => new PeerUnreachableError('broken', message.to as PeerId)
    const target = await this.#reach(message.to)
    if (target.handler === null || !(await target.#admits(this.#peer))) {
      throw broken()
    }
    const answer = await target.handler.onSnapshot(message)
    if (answer.kind === 'refused') {
      return answer
    }
    try {
      for await (const chunk of open(answer.resumeAfter)) {
        await this.#world.delay(1 + this.#world.random() * 20)
        options.signal?.throwIfAborted()
        if (!this.alive || !target.alive || !this.#world.connected(this.#peer.peerId, message.to)) {
          throw broken()
        }
        await answer.sink.write(chunk)
      }
      await answer.sink.end()
    } catch (err) {
      answer.sink.abort(err as Error)
      throw broken()
    }
    return { kind: 'received' }
  }

  async call<Request, Response>(
    peer: PeerId,
    method: RpcMethod<Request, Response>,
    request: Request,
  ): Promise<Response> {
    const target = peer === this.#peer.peerId ? this : await this.#reach(peer)
    const served = target.handlers.get(method.name)
    const admission = target.#peer.running?.consensus.admission
    if (served === undefined || (method.policy === 'member' && admission?.isMember(this.#peer.peerId) !== true)) {
      throw new PeerUnreachableError('not served', peer)
    }
    const controller = new AbortController()
    const copied = recode(method.request, request)
    const response = await served.handler(copied, { from: this.#peer.peerId, signal: controller.signal })
    await this.#world.delay(0.5 + this.#world.random() * 6)
    if (!this.alive || !target.alive || !this.#world.connected(this.#peer.peerId, peer)) {
      throw new PeerUnreachableError('the answer was lost', peer)
    }
    return recode(method.response, response as Response)
  }

  async callAddress<Request, Response>(
    address: MultiaddrText,
    method: RpcMethod<Request, Response>,
    request: Request,
  ): Promise<Response> {
    return await this.call(address.slice(address.lastIndexOf('/') + 1) as PeerId, method, request)
  }

  handle<Request, Response>(method: RpcMethod<Request, Response>, handler: RpcHandler<Request, Response>): () => void {
    this.handlers.set(method.name, { method, handler } as never)
    return () => this.handlers.delete(method.name)
  }

  setPeers(): void {}

  sinceHeardMs(peer: PeerId): number | null {
    const heardMs = this.heardMs.get(peer)
    return heardMs === undefined ? null : this.#world.nowMs - heardMs
  }

  listenAddresses(): readonly MultiaddrText[] {
    return [this.#peer.address]
  }

  async #reach(peer: string): Promise<VirtualNetwork> {
    const target = this.#world.peer(peer)?.running?.network
    await this.#world.delay(0.5 + this.#world.random() * 6)
    if (!this.alive || target?.alive !== true || !this.#world.connected(this.#peer.peerId, peer)) {
      throw new PeerUnreachableError('out of reach', peer as PeerId)
    }
    return target
  }
}

function recode<Value>(codec: Codec<Value>, value: Value): Value {
  return codec.decode(codec.encode(value))
}

export function isUnknown(err: unknown): boolean {
  return err instanceof CommitOutcomeUnknownError
}
