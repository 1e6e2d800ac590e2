/**
 * Several cores, a network that delivers when told, and disks that sync when told.
 *
 * Everything that enters or leaves a core is deeply frozen, so that a write to a shared object throws (P45).
 */
import {
  createRaft,
  describeMessage,
  type Entry,
  type EntryId,
  type Index,
  type Input,
  type Message,
  type NodeId,
  type PersistOp,
  type Raft,
  type RaftInit,
  type Ready,
  type SnapshotMeta,
} from '../src/index.ts'

import { decodeMembership, deepFreeze, Disk, diskWith, encodeMembership, text } from './disk.ts'

export const ELECTION_TICKS = 10
export const HEARTBEAT_TICKS = 2

export interface NodeOptions extends Partial<Omit<RaftInit, 'id' | 'decodeMembership'>> {
  /** Writes wait for `sync`. */
  readonly manualSync?: boolean
  /** Applied entries wait for `reportApplied`. */
  readonly manualApply?: boolean
}

export class TestNode {
  readonly id: NodeId
  readonly disk: Disk
  readonly options: NodeOptions
  raft: Raft
  up = true
  manualSync: boolean
  manualApply: boolean
  readys: Ready[] = []
  /** Handed out for writing, not yet durable. */
  writing: PersistOp[] = []
  held: { seq: number; message: Message }[] = []
  reported: Index = 0
  readonly accepted = new Map<number, EntryId>()
  readonly dropped: Ready['dropped'][number][] = []
  readonly reads: Ready['reads'][number][] = []
  readonly transferred: Ready['transferred'][number][] = []
  readonly pendingLoads: Ready['loads'][number][] = []
  manualLoads = false
  readonly #cluster: Cluster

  constructor(cluster: Cluster, id: NodeId, disk: Disk, options: NodeOptions) {
    this.#cluster = cluster
    this.id = id
    this.disk = disk
    this.options = options
    this.manualSync = options.manualSync ?? false
    this.manualApply = options.manualApply ?? false
    this.reported = disk.stateIndex
    this.raft = this.#create()
  }

  get status() {
    return this.raft.status()
  }

  #create(): Raft {
    const { manualSync: _sync, manualApply: _apply, ...settings } = this.options
    return createRaft(
      {
        id: this.id,
        electionTicks: ELECTION_TICKS,
        heartbeatTicks: HEARTBEAT_TICKS,
        random: () => this.#cluster.random(),
        decodeMembership,
        ...settings,
      },
      deepFreeze(this.disk.boot()),
    )
  }

  step(input: Input): void {
    if (!this.up) return
    this.raft.step(deepFreeze(input))
    this.pump()
  }

  /** Take what is ready and carry it out, as a driver does. */
  pump(): void {
    while (this.up && this.raft.hasReady()) {
      const ready = deepFreeze(this.raft.takeReady())
      this.readys.push(ready)
      this.#carryOut(ready)
    }
  }

  /** Make the oldest `count` writes durable, or all. */
  sync(count = Infinity): void {
    const done = this.writing.splice(0, count)
    for (const persist of done) this.disk.write(persist, this.#cluster.snapshots)
    const last = done.at(-1)
    if (last === undefined || !this.up) return
    const due = this.held.filter(({ seq }) => seq <= last.seq)
    this.held = this.held.filter(({ seq }) => seq > last.seq)
    for (const { message } of due) this.#cluster.post(message)
    this.step({ kind: 'persisted', seq: last.seq })
  }

  reportApplied(): void {
    const index = this.reported
    if (index > this.status.appliedIndex) this.step({ kind: 'applied', index })
  }

  answerLoads(): void {
    for (const { request, from, to } of this.pendingLoads.splice(0)) {
      const entries = this.disk.entries.filter(({ index }) => index >= from && index <= to)
      if (entries[0]?.index !== from) throw new Error(`${this.id} was asked for ${from}, which is not on disk`)
      this.step({ kind: 'entriesLoaded', request, entries })
    }
  }

  /** Stop at once; `survive` of the writes under way reach the disk. */
  crash(survive = 0): void {
    this.up = false
    for (const persist of this.writing.splice(0, survive)) this.disk.write(persist, this.#cluster.snapshots)
    this.writing = []
    this.held = []
    this.pendingLoads.length = 0
  }

  restart(): void {
    if (this.up) this.crash()
    this.up = true
    this.reported = this.disk.stateIndex
    this.readys = []
    this.raft = this.#create()
  }

  #carryOut(ready: Ready): void {
    for (const { context, id } of ready.accepted) this.accepted.set(context, id)
    this.dropped.push(...ready.dropped)
    this.reads.push(...ready.reads)
    this.transferred.push(...ready.transferred)
    for (const message of ready.send) this.#cluster.post(message)
    this.writing.push(...ready.persist)
    const durable = this.writing[0] ? this.writing[0].seq - 1 : Infinity
    for (const item of ready.sendAfter) {
      if (item.seq <= durable) this.#cluster.post(item.message)
      else this.held.push(item)
    }
    for (const entry of ready.apply) {
      if (entry.index !== this.disk.stateIndex + 1)
        throw new Error(`${this.id} applies ${entry.index} after ${this.disk.stateIndex}`)
      if (this.disk.at(entry.index)?.term !== entry.term)
        throw new Error(`${this.id} applies ${entry.index}, which is not durable`)
      this.disk.state.push({ term: entry.term, index: entry.index })
      this.disk.stateIndex = entry.index
      this.reported = entry.index
      this.#cluster.noteApplied(this.id, entry)
    }
    if (ready.restore) this.reported = ready.restore.index
    this.pendingLoads.push(...ready.loads)
    for (const { to } of ready.snapshotsNeeded) this.#cluster.openSnapshot(this, to)
    if (ready.receive) this.#cluster.received(this, ready.receive.snapshot)
    if (!this.manualSync && this.writing.length > 0) this.sync()
    if (!this.manualApply && this.up) this.reportApplied()
    if (!this.manualLoads && this.up) this.answerLoads()
  }
}

export class Cluster {
  readonly nodes = new Map<NodeId, TestNode>()
  readonly snapshots = new Map<string, readonly EntryId[]>()
  /** On their way, oldest first. */
  messages: Message[] = []
  /** Whether a message gets through. */
  passes: (message: Message) => boolean = () => true
  /** Snapshot transfers are carried out at once unless this is false. */
  autoSnapshots = true
  wanted: { readonly leader: TestNode; readonly to: NodeId }[] = []
  arriving: { readonly node: TestNode; readonly snapshot: SnapshotMeta }[] = []
  readonly log: string[] = []
  readonly appliedTerms = new Map<Index, number>()
  readonly #leaders = new Map<number, NodeId>()
  #seed: number
  #serial = 0

  constructor(seed = 1) {
    this.#seed = seed
  }

  /** mulberry32 */
  random(): number {
    this.#seed = (this.#seed + 0x6d2b79f5) | 0
    let value = Math.imul(this.#seed ^ (this.#seed >>> 15), 1 | this.#seed)
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296
  }

  static of(
    voters: readonly NodeId[],
    options: NodeOptions & { readonly learners?: readonly NodeId[]; readonly seed?: number } = {},
  ): Cluster {
    const { learners = [], seed = 1, ...nodeOptions } = options
    const cluster = new Cluster(seed)
    for (const id of [...voters, ...learners]) cluster.add(id, diskWith(voters, learners), nodeOptions)
    return cluster
  }

  add(id: NodeId, disk = new Disk(), options: NodeOptions = {}): TestNode {
    const node = new TestNode(this, id, disk, options)
    this.nodes.set(id, node)
    return node
  }

  node(id: NodeId): TestNode {
    const node = this.nodes.get(id)
    if (node === undefined) throw new Error(`no node ${id}`)
    return node
  }

  post(message: Message): void {
    this.log.push(describeMessage(message))
    if (this.passes(message)) this.messages.push(deepFreeze(message))
  }

  /** Deliver message `at`. */
  deliver(at = 0): Message {
    const [message] = this.messages.splice(at, 1)
    if (message === undefined) throw new Error('nothing is on its way')
    this.nodes.get(message.to)?.step({ kind: 'message', message })
    this.check()
    return message
  }

  /** Deliver until nothing is on its way. */
  settle(limit = 100_000): void {
    for (let count = 0; this.messages.length > 0 || this.arriving.length > 0; count += 1) {
      if (count > limit) throw new Error(`still busy: ${this.messages.slice(0, 3).map(describeMessage).join('; ')}`)
      if (this.messages.length > 0) this.deliver()
      if (this.autoSnapshots) this.finishSnapshots()
      else if (this.messages.length === 0) break
    }
  }

  tick(id: NodeId, count = 1): void {
    for (let at = 0; at < count; at += 1) this.node(id).step({ kind: 'tick' })
  }

  /** Time passes for everybody, and messages arrive within a tick. */
  run(ticks: number): void {
    for (let at = 0; at < ticks; at += 1) {
      for (const node of this.nodes.values()) node.step({ kind: 'tick' })
      this.settle()
    }
  }

  /** Let `id` campaign and win. */
  elect(id: NodeId): TestNode {
    const node = this.node(id)
    for (let attempt = 0; attempt < 20 && node.status.role !== 'leader'; attempt += 1) {
      for (const other of this.nodes.values()) if (other !== node) this.forgetLeader(other)
      node.step({ kind: 'campaign' })
      this.settle()
    }
    if (node.status.role !== 'leader') throw new Error(`${id} is not elected:\n${node.raft.describe()}`)
    return node
  }

  /** Let enough ticks pass at one node that it holds on to no leader; it may campaign, in vain. */
  forgetLeader(node: TestNode): void {
    const { passes } = this
    this.passes = () => false
    for (let at = 0; at < ELECTION_TICKS && node.up; at += 1) node.step({ kind: 'tick' })
    this.passes = passes
  }

  leader(): TestNode {
    const leaders = [...this.nodes.values()].filter((node) => node.up && node.status.role === 'leader')
    const newest = leaders.sort((one, other) => other.status.term - one.status.term)[0]
    if (newest === undefined)
      throw new Error(`no leader:\n${[...this.nodes.values()].map((node) => node.raft.describe()).join('\n')}`)
    return newest
  }

  propose(id: NodeId, value: string): number {
    this.#serial += 1
    this.node(id).step({ kind: 'propose', data: text(value), context: this.#serial })
    return this.#serial
  }

  change(id: NodeId, voters: readonly NodeId[], learners: readonly NodeId[] = []): number {
    this.#serial += 1
    const node = this.node(id)
    const expectedIndex = node.status.membership?.index ?? 0
    node.step({
      kind: 'proposeMembership',
      data: encodeMembership(voters, learners),
      expectedIndex,
      context: this.#serial,
    })
    return this.#serial
  }

  read(id: NodeId): number {
    this.#serial += 1
    this.node(id).step({ kind: 'readIndex', context: this.#serial })
    return this.#serial
  }

  transfer(id: NodeId, to: NodeId | null): number {
    this.#serial += 1
    this.node(id).step({ kind: 'transfer', to, context: this.#serial })
    return this.#serial
  }

  cut(...ids: readonly NodeId[]): void {
    this.passes = (message) => !ids.includes(message.from) && !ids.includes(message.to)
    this.messages = this.messages.filter((message) => this.passes(message))
  }

  heal(): void {
    this.passes = () => true
  }

  snapshotOf(node: TestNode): SnapshotMeta {
    const { disk } = node
    const index = node.status.appliedIndex
    const term = index === disk.base.index ? disk.base.term : (disk.at(index)?.term ?? 0)
    const membership = [...disk.entries].findLast((entry) => entry.kind === 'membership' && entry.index <= index)
    this.#serial += 1
    const id = `s${this.#serial}`
    this.snapshots.set(
      id,
      disk.state.filter((applied) => applied.index <= index),
    )
    return {
      id,
      term,
      index,
      membership: membership?.data ?? disk.base.membership,
      membershipIndex: membership?.index ?? disk.base.membershipIndex,
    }
  }

  openSnapshot(leader: TestNode, to: NodeId): void {
    this.wanted.push({ leader, to })
    if (this.autoSnapshots) this.openWanted()
  }

  openWanted(): void {
    for (const { leader, to } of this.wanted.splice(0))
      leader.step({ kind: 'snapshotOpened', to, snapshot: this.snapshotOf(leader) })
  }

  received(node: TestNode, snapshot: SnapshotMeta): void {
    this.arriving.push({ node, snapshot })
  }

  finishSnapshots(): void {
    for (const { node, snapshot } of this.arriving.splice(0)) node.step({ kind: 'snapshotReceived', snapshot })
  }

  noteApplied(id: NodeId, entry: Entry): void {
    const known = this.appliedTerms.get(entry.index)
    if (known !== undefined && known !== entry.term)
      throw new Error(`${id} applies ${entry.term}/${entry.index}, another applied term ${known}`)
    this.appliedTerms.set(entry.index, entry.term)
  }

  /** At most one leader per term, and every core is sound. */
  check(): void {
    for (const node of this.nodes.values()) {
      if (!node.up) continue
      const { role, term } = node.raft.status()
      if (role !== 'leader') continue
      const known = this.#leaders.get(term)
      if (known !== undefined && known !== node.id)
        throw new Error(`two leaders of term ${term}: ${known} and ${node.id}`)
      this.#leaders.set(term, node.id)
    }
  }

  checkAll(): void {
    for (const node of this.nodes.values()) if (node.up) node.raft.checkInvariants()
  }
}

/** One core without a network: what it is given and what it returns. */
export class Bench {
  readonly node: TestNode
  readonly cluster: Cluster

  constructor(id: NodeId, disk: Disk, options: NodeOptions = {}) {
    this.cluster = new Cluster()
    this.node = this.cluster.add(id, disk, options)
  }

  get raft(): Raft {
    return this.node.raft
  }

  get status() {
    return this.node.status
  }

  /** Everything sent since the last call. */
  sent(): Message[] {
    return this.cluster.messages.splice(0)
  }

  receive(message: Message): void {
    this.node.step({ kind: 'message', message })
  }

  step(input: Input): void {
    this.node.step(input)
  }

  tick(count = 1): void {
    for (let at = 0; at < count; at += 1) this.node.step({ kind: 'tick' })
  }
}
