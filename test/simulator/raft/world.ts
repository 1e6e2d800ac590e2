/**
 * Owns a run: virtual time, the nodes, the network, the invariants, and the count of events.
 *
 * W1 Everything that happens comes from the seed. W2 An event is one input to one node, or one fault; ticks count at most half.
 */
import type { Entry, Index, Input, Message, NodeId } from '@pinset/raft'

import type { CreateCore } from './core.ts'
import { Coverage } from '../coverage.ts'
import { EventHeap } from '../event-heap.ts'
import { restartWhenHalted } from './faults.ts'
import { Checker, sweepEvery } from '../invariants/checker.ts'
import { encodeMembership, isMember, membershipOf } from './membership-data.ts'
import { Network } from '../network.ts'
import { SimulatedNode } from './node.ts'
import { Nonsense } from './nonsense.ts'
import { proposalOf } from './proposal-data.ts'
import { Random } from '../random.ts'
import { Rhythms, type Occurrence, type RhythmHost } from '../rhythm.ts'
import type { RunOptions } from '../run.ts'
import { emptyBase, SimulatedLog } from '../simulated-log.ts'
import { Snapshots } from './snapshots.ts'
import { applyEntry, emptyState } from './state-machine.ts'
import { noiseOf, quieten, swarmFrom, type DiskOptions, type Swarm } from './swarm.ts'
import { Trace } from '../trace.ts'

const healedDisk: DiskOptions = { latencyMin: 100, latencyMean: 1000, stall: 0, stallMean: 0 }

export interface WorldInit extends Pick<RunOptions, 'print' | 'skip' | 'without'> {
  readonly seed: number
  readonly createCore: CreateCore
  /** Settings that the seed does not choose. */
  readonly adjust?: (swarm: Swarm) => Swarm
}

export class World implements RhythmHost {
  readonly random: Random
  readonly swarm: Swarm
  readonly createCore: CreateCore
  readonly coverage = new Coverage()
  readonly trace: Trace
  readonly nodes: readonly SimulatedNode[]
  readonly network: Network<Message>
  readonly snapshots: Snapshots
  readonly checker: Checker
  readonly rhythms: Rhythms
  readonly nonsense: Nonsense
  healed = false
  readonly #heap = new EventHeap()
  readonly #byId: ReadonlyMap<NodeId, SimulatedNode>
  readonly #membershipProposals = new Map<number, Index>()
  readonly #servedReads = new Map<number, Index>()
  #contexts = 0
  #ticks = 0
  #others = 0
  #sweepAt = sweepEvery

  constructor({ seed, createCore, print, skip, without, adjust = (swarm) => swarm }: WorldInit) {
    this.random = new Random(seed)
    this.swarm = quieten(adjust(swarmFrom(this.random)), without ?? new Set())
    this.rhythms = new Rhythms(this, { seed, ...(skip && { skip }), ...(without && { without }) })
    this.createCore = createCore
    this.trace = new Trace(print ?? null)
    const ids = Array.from({ length: this.swarm.voters + this.swarm.spares }, (_, i) => `n${i + 1}`)
    this.checker = new Checker({ node: (id) => this.node(id), membershipOf, proposalOf })
    this.snapshots = new Snapshots(this)
    this.nonsense = new Nonsense(this)
    this.network = new Network(this, this.random.fork(), ids, this.swarm.network)
    this.nodes = ids.map((id, i) => new SimulatedNode(this, id, i))
    this.#byId = new Map(this.nodes.map((node) => [node.id, node]))
    noiseOf(this.swarm).forEach((kind) => this.count(`noise: ${kind}`))
    this.#bootstrap(ids.slice(0, this.swarm.voters))
  }

  get now(): number {
    return this.#heap.now
  }

  /** Events so far; ticks beyond half of them are not counted. */
  get events(): number {
    return this.#others + Math.min(this.#ticks, this.#others)
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

  node(id: NodeId): SimulatedNode {
    return this.#byId.get(id) as SimulatedNode
  }

  /** Undefined for a stranger. */
  find(id: NodeId): SimulatedNode | undefined {
    return this.#byId.get(id)
  }

  schedule(delay: number, run: () => void): void {
    this.#heap.schedule(delay, run)
  }

  /** Let the next thing happen. */
  advance(): void {
    this.#heap.runNext()
    if (this.happenings >= this.#sweepAt) {
      this.#sweepAt = this.happenings + sweepEvery
      this.sweep()
    }
  }

  sweep(): void {
    this.checker.sweep(this.nodes)
    for (const node of this.nodes) {
      node.checkCore()
    }
  }

  /** A node that has lost its disk is a stranger to all who do not name it since; so is one that nobody has ever named. */
  admits({ from, to }: Message): boolean {
    const receiver = this.find(to)
    const sender = this.node(from)
    return receiver !== undefined && this.#knows(sender, receiver) && this.#knows(receiver, sender)
  }

  #knows(node: SimulatedNode, other: SimulatedNode): boolean {
    other.admitted ||= isMember(membershipOf(node.log.membershipAt(node.log.lastIndex).data), other.id)
    return other.admitted
  }

  /** The network has brought it. */
  deliver(message: Message): void {
    this.nonsense.remember(message)
    this.takeIn(message)
  }

  takeIn(message: Message): void {
    const receiver = this.node(message.to)
    receiver.when(receiver.run, () => receiver.input({ kind: 'message', message }), message.from)
  }

  /** All that was said by or to this node, and not yet heard, is lost with its disk. */
  disconnect(node: NodeId): void {
    this.network.resetNode(node)
    this.nonsense.forget(node)
  }

  reportUnreachable(reporter: NodeId, node: NodeId): void {
    if (reporter !== node) {
      const to = this.node(reporter)
      to.when(to.run, () => to.input({ kind: 'unreachable', node }), node)
    }
  }

  count(what: string): void {
    this.coverage.count(what)
  }

  countInput(input: Input): void {
    if (input.kind === 'tick') {
      this.#ticks++
    } else {
      this.#others++
    }
    this.trace.mix(this.now)
    this.trace.mixText(input.kind)
    if (input.kind === 'message') {
      this.trace.mixText(input.message.kind)
      this.trace.mix(input.message.term)
    }
  }

  /** A fault is an event by itself; an operation becomes one with the input that it is. */
  occurred({ sort, kind, text, ordinal }: Occurrence): void {
    if (sort === 'fault') {
      this.#others++
    }
    this.coverage.count(`${sort}: ${kind}`)
    this.trace.mix(this.now)
    this.trace.line(this.now, sort, `#${ordinal} ${kind} ${text}`)
  }

  newContext(): number {
    return ++this.#contexts
  }

  noteMembershipProposal(context: number, expectedIndex: Index): void {
    this.#membershipProposals.set(context, expectedIndex)
  }

  expectedIndexOf(context: number): Index | undefined {
    return this.#membershipProposals.get(context)
  }

  isMembershipProposal(context: number): boolean {
    return this.#membershipProposals.has(context)
  }

  readServed(context: number, index: Index): void {
    if (this.healed) {
      this.#servedReads.set(context, index)
    }
  }

  servedRead(context: number): Index | undefined {
    return this.#servedReads.get(context)
  }

  /** A write may fail only where the rest can do without that node's vote: at most one node is halted or suspended. */
  mayFail(node: SimulatedNode): boolean {
    if (this.swarm.voters < 3 || this.nodes.some((other) => other !== node && other.disk.suspended)) {
      return false
    }
    restartWhenHalted(this, node, node.random)
    return true
  }

  /**
   * A log may be damaged only where the others hold what it loses: no other node is suspended, and every membership that
   * rests on its word has three voters. What was on its way from or to that node is lost with its connections.
   */
  mayDamage(node: SimulatedNode): boolean {
    const isLarge = ({ data }: { readonly data: Uint8Array }): boolean => membershipOf(data).voters.length >= 3
    const may =
      node.run > 0 &&
      this.nodes.every(
        (other) =>
          !other.disk.suspended &&
          [...other.log.memberships, other.log.membershipAt(other.log.base.index)].every(
            (at) => at.index === 0 || isLarge(at),
          ),
      )
    if (may) {
      this.disconnect(node.id)
    }
    return may
  }

  /** Entry 1 of term 1 names the first voters; each of them starts with it. */
  #bootstrap(voters: readonly NodeId[]): void {
    const first: Entry = { term: 1, index: 1, kind: 'membership', data: encodeMembership({ voters, learners: [] }) }
    this.checker.matching.appended('', first, 0)
    this.checker.history.seed([first])
    this.checker.machines.holds('', 1, applyEntry(emptyState, first).head)
    for (const node of this.nodes) {
      if (voters.includes(node.id)) {
        node.disk.hardState = { term: 1, vote: null }
        node.disk.log = new SimulatedLog(emptyBase, [first])
      }
      node.start()
    }
  }
}
