/**
 * Owns a run of the full stack: virtual time, the peers, the network, the invariants, and the count of events.
 *
 * W1 Everything that happens comes from the seed. W2 An event is one input to one core, or one fault; ticks count at most half.
 * W3 Between two happenings everything that was promised has gone on. W4 The first violation ends the run, wherever it was found.
 */
import { extendChain, FIRST_HEAD, type ConsensusStorage } from '@pinset/consensus'
import type { PeerId } from '@pinset/interface'
import type { Input, NodeId } from '@pinset/raft'

import { Coverage } from '../coverage.ts'
import { EventHeap } from '../event-heap.ts'
import { Checker, sweepEvery } from '../invariants/checker.ts'
import { EqualDigests } from '../invariants/equal-digests.ts'
import { Network, type Cargo, type NetworkHost } from '../network.ts'
import { Random } from '../random.ts'
import { Rhythms, type Occurrence, type RhythmHost } from '../rhythm.ts'
import type { RunOptions } from '../run.ts'
import { Trace } from '../trace.ts'
import type { CrashPlan, CrashPoint } from './disk-control.ts'
import { repeatDrained } from './drain.ts'
import { firstEntry, membershipOf, membersOf } from './memberships.ts'
import { SimulatedPeer } from './peer.ts'
import { PinsetModel } from './pinset-model.ts'
import type { Process, ProcessHost } from './process.ts'
import { hex } from './states.ts'
import { healedClock, healedDisk, healedSlowness, noiseOf, quieten } from './noise.ts'
import {
  quickReads,
  swarmFrom,
  type ClockOptions,
  type DiskOptions,
  type ReadOptions,
  type SlownessOptions,
  type Swarm,
} from './swarm.ts'
import type { SimulatedTransport } from './transport.ts'

/** What travels: something to do at the other end, and something to do when it does not come there. */
export interface Parcel extends Cargo {
  readonly arrive: () => void
  readonly lost?: () => void
}

export interface WorldInit extends RunOptions {
  readonly seed: number
  /** Settings that the seed does not choose. */
  readonly adjust?: (swarm: Swarm) => Swarm
  readonly crashPlan?: CrashPlan
  /** What the peers have instead of their storage: one that is broken. */
  readonly distortStorage?: DistortStorage
}

/** The chance of what a seed means for reads. */
const ofReads = 0x72656164

export type DistortStorage = (storage: ConsensusStorage) => ConsensusStorage

export class World implements RhythmHost, NetworkHost<Parcel>, ProcessHost {
  readonly seed: number
  readonly random: Random
  readonly swarm: Swarm
  readonly coverage = new Coverage()
  readonly trace: Trace
  readonly rhythms: Rhythms
  readonly network: Network<Parcel>
  readonly peers: readonly SimulatedPeer[]
  readonly checker: Checker
  readonly pinset = new PinsetModel()
  readonly digests = new EqualDigests()
  readonly crashPlan: CrashPlan | undefined
  readonly distortStorage: DistortStorage
  healed = false
  readonly #heap = new EventHeap()
  readonly #byId: ReadonlyMap<NodeId, SimulatedPeer>
  readonly #proposals = new WeakMap<Uint8Array, number>()
  #numbers = 0
  #ticks = 0
  #others = 0
  #sweepAt = sweepEvery
  #followed = 0
  #head: Uint8Array = FIRST_HEAD
  #problem: Error | null = null

  constructor(init: WorldInit) {
    const { seed, print, skip, without, adjust = (swarm) => swarm, crashPlan } = init
    this.seed = seed
    this.crashPlan = crashPlan
    this.distortStorage = init.distortStorage ?? ((storage) => storage)
    this.random = new Random(seed)
    this.swarm = quieten(adjust(swarmFrom(this.random, new Random(seed, ofReads))), without ?? new Set())
    this.rhythms = new Rhythms(this, { seed, ...(skip && { skip }), ...(without && { without }) })
    this.trace = new Trace(print ?? null)
    this.checker = new Checker({
      node: (id) => this.peer(id),
      membershipOf,
      proposalOf: ({ data }) => this.#proposals.get(data) ?? null,
    })
    noiseOf(this.swarm).forEach((kind) => this.count(`noise: ${kind}`))
    const { voters, spares } = this.swarm
    this.peers = Array.from({ length: voters + spares }, (_, ordinal) => new SimulatedPeer(this, ordinal))
    this.#byId = new Map(this.peers.map((peer) => [peer.id, peer]))
    const ids = this.peers.map(({ id }) => id)
    this.network = new Network<Parcel>(this, this.random.fork(), ids, this.swarm.network)
  }

  /** Make the disks and start everybody. */
  async begin(): Promise<void> {
    const { voters, isWhole } = this.swarm
    const named = this.peers.slice(0, isWhole ? voters : 1)
    const founding = firstEntry(
      named.map(({ id, storageId, name, address }) => ({ peerId: id, storageId, name, addresses: [address] })),
    )
    this.checker.matching.appended('', founding.entry, 0)
    this.checker.history.seed([founding.entry])
    this.followHistory()
    const addresses = named.map(({ address }) => address)
    for (const peer of this.peers) {
      const isNamed = named.includes(peer)
      await peer.create(isNamed ? founding : null)
      peer.join = !isNamed && peer.ordinal < voters ? addresses : null
      peer.start()
    }
  }

  get now(): number {
    return this.#heap.now
  }

  /** Events so far; ticks beyond half of them are not counted. */
  get events(): number {
    return this.#others + this.ticks
  }

  get ticks(): number {
    return Math.min(this.#ticks, this.#others)
  }

  /** All inputs and faults, however many ticks. */
  get happenings(): number {
    return this.#others + this.#ticks
  }

  get diskOptions(): DiskOptions {
    return this.healed ? healedDisk : this.swarm.disk
  }

  get readOptions(): ReadOptions {
    return this.healed ? quickReads : this.swarm.reads
  }

  clockOf({ ordinal }: SimulatedPeer): ClockOptions {
    return (this.healed ? null : this.swarm.clocks[ordinal]) ?? healedClock
  }

  slownessOf({ ordinal }: SimulatedPeer): SlownessOptions {
    return (this.healed ? null : this.swarm.slowness[ordinal]) ?? healedSlowness
  }

  /** The chance of one run of a peer, whatever else has happened. */
  randomOf({ ordinal, run }: SimulatedPeer): Random {
    return new Random(this.seed, 1_000_003 * (ordinal + 1) + run)
  }

  peer(id: NodeId): SimulatedPeer {
    return this.#byId.get(id) as SimulatedPeer
  }

  transportOf(id: NodeId): SimulatedTransport | undefined {
    return this.peer(id).transport ?? undefined
  }

  schedule(delay: number, run: () => void): void {
    this.#heap.schedule(delay, run)
  }

  /** Let one thing happen after the other until `done` says so. W3, W4 */
  async until(done: () => boolean): Promise<void> {
    await repeatDrained(
      () => {
        if (this.#problem !== null) {
          throw this.#problem
        }
        if (done()) {
          return true
        }
        this.#heap.runNext()
        if (this.happenings >= this.#sweepAt) {
          this.#sweepAt = this.happenings + sweepEvery
          this.sweep()
        }
        return false
      },
      this.trace.prints ? 20 : 0,
    )
  }

  sweep(): void {
    this.checker.sweep(this.peers)
    for (const peer of this.peers) {
      peer.checkCore()
    }
  }

  /** Look; what is found wrong ends the run. */
  guard(look: () => void): void {
    if (this.#problem === null) {
      try {
        look()
      } catch (err) {
        this.report(err)
      }
    }
  }

  report(err: unknown): void {
    this.#problem ??= err instanceof Error ? err : new Error(String(err))
  }

  /** While a peer may not vote, none is taken out. */
  get isFrail(): boolean {
    return this.peers.some((peer) => peer.isWeak)
  }

  /** Nothing of this run goes on. */
  end(): void {
    for (const peer of this.peers) {
      peer.crash(() => 0)
    }
  }

  // ---- the network's host ----

  deliver({ arrive }: Parcel): void {
    arrive()
  }

  lost({ lost }: Parcel): void {
    lost?.()
  }

  /** A reset connection takes the calls and snapshot streams with it. */
  reportUnreachable(reporter: NodeId, node: NodeId): void {
    const transport = this.transportOf(reporter)
    if (transport !== undefined && reporter !== node) {
      transport.unreachable(node as PeerId)
    }
  }

  /** After a while, as the other side of a refused stream hears of it. */
  tellUnreachable(reporter: NodeId, node: NodeId): void {
    this.schedule(this.network.delay(), () => this.reportUnreachable(reporter, node))
  }

  count(what: string): void {
    this.coverage.count(what)
  }

  // ---- what the invariants are fed ----

  countInput(peer: SimulatedPeer, input: Input): void {
    if (input.kind === 'tick') {
      this.#ticks++
    } else {
      this.#others++
    }
    this.trace.mix(this.now)
    this.trace.mix(peer.ordinal)
    this.trace.mixText(input.kind)
    if (input.kind === 'message') {
      this.trace.mixText(input.message.kind)
      this.trace.mix(input.message.term)
    }
  }

  occurred({ sort, kind, text, ordinal }: Occurrence): void {
    if (sort === 'fault') {
      this.#others++
    }
    this.count(`${sort}: ${kind}`)
    this.trace.mix(this.now)
    this.trace.line(this.now, sort, `#${ordinal} ${kind} ${text}`)
  }

  /** Unique in this run. */
  newNumber(): number {
    return ++this.#numbers
  }

  noteProposal(data: Uint8Array, number: number): void {
    this.#proposals.set(data, number)
  }

  /** The committed log says what every state has to be. */
  followHistory(): void {
    const { history, machines } = this.checker
    while (this.#followed < history.frontier) {
      const entry = history.entryAt(++this.#followed)
      if (entry !== undefined) {
        this.#head = extendChain(this.#head, entry)
        machines.holds('the log', this.#followed, hex(this.#head))
        this.pinset.apply(entry)
      }
    }
  }

  /** Each takes the other for what it is: the same database, or no member as far as it knows. */
  know(sender: SimulatedPeer, receiver: NodeId): boolean {
    const other = this.peer(receiver)
    return this.#takesFor(sender, other) && this.#takesFor(other, sender)
  }

  #takesFor({ log }: SimulatedPeer, { id, storageId }: SimulatedPeer): boolean {
    const known = membersOf(log.membershipAt(log.lastIndex).data).members.find(({ peerId }) => peerId === id)
    return known === undefined || known.storageId === storageId
  }

  // ---- faults that a disk asks for ----

  crashAt(peer: SimulatedPeer, point: CrashPoint, database: string): void {
    this.count(`crash ${point} a write`)
    if (peer.isStarting) {
      this.count('crash, starting')
    }
    const random = this.random.fork()
    peer.crash((name, unsynced) => (name === database ? (point === 'after' ? unsynced : 0) : random.int(unsynced + 1)))
    this.startLater(peer)
  }

  /** A halted process is ended by its operator sooner or later. */
  restartLater(peer: SimulatedPeer, process: Process): void {
    const random = this.random.fork()
    this.schedule(random.exponential(this.swarm.faults.downMean) + 1, () => {
      if (process.alive) {
        peer.crash((_, unsynced) => random.int(unsynced + 1))
        this.startLater(peer)
      }
    })
  }

  startLater(peer: SimulatedPeer): void {
    this.schedule(this.random.exponential(this.swarm.faults.downMean) + 1, () => peer.start())
  }
}
