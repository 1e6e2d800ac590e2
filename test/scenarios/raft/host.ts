/**
 * One node with its driver, in the hands of a scenario: what the core asks for is carried out at once, or held until told.
 *
 * 1. Everything that crosses between core and host is deeply frozen: a write to a shared object throws (P45).
 * 2. A message waits for its write; what is promised is compared with the disk in the moment in which it leaves.
 * 3. An exception of the core stops the node; it is printed, and the disk stays as it is.
 */
import {
  createRaft,
  describeEntry,
  describeMessage,
  describePersistOp,
  describeReady,
  type Input,
  type Message,
  type NodeId,
  type PersistOp,
  type Raft,
  type RaftInit,
  type Ready,
  type SnapshotMeta,
} from '@pinset/raft'

import { checkApplied, checkPromise } from '../../simulator/invariants/durable-promises.ts'
import { deepFreeze } from '../../simulator/raft/frozen.ts'
import { Disk, type State } from './disk.ts'
import { decodeMembership } from './text.ts'

export type Held = 'writes' | 'applies' | 'loads'

export type Settings = Omit<RaftInit, 'id' | 'random' | 'decodeMembership'> & { readonly electionTicks: number }

/** What a host needs of its surroundings. */
export interface Surroundings {
  readonly snapshots: Map<string, State>
  print(line: string): void
  post(message: Message): void
  violated(rule: string): void
  applied(host: Host, index: number, text: string): void
}

export class Host {
  readonly id: NodeId
  disk = new Disk()
  readonly settings: Settings
  /** The election timeout that is drawn next, and from then on. */
  nextTimeout: number
  raft: Raft | null = null
  readonly held = new Set<Held>()
  /** Handed out for writing and not durable yet, oldest first. */
  writing: PersistOp[] = []
  /** Messages that wait for a write. */
  waiting: { readonly seq: number; readonly message: Message }[] = []
  loads: Ready['loads'][number][] = []
  /** Followers that need a snapshot, as asked for. */
  snapshotsNeeded: NodeId[] = []
  /** Snapshots sent, until the transfer is said to have ended. */
  sending: { readonly to: NodeId; readonly snapshot: SnapshotMeta }[] = []
  receiving: SnapshotMeta | null = null
  /** The next draw calls the core from within the core (P46). */
  reenters = false
  readonly #around: Surroundings

  constructor(id: NodeId, settings: Settings, around: Surroundings) {
    this.id = id
    this.settings = settings
    this.nextTimeout = settings.electionTicks
    this.#around = around
  }

  get up(): boolean {
    return this.raft !== null
  }

  /** Start from what is on disk. */
  start(): void {
    const { hardState, log, appliedIndex, suspended } = this.disk
    this.print(
      `boots term=${hardState.term} vote=${hardState.vote ?? '-'} base=${log.base.term}/${log.base.index} last=${log.lastTerm}/${log.lastIndex} applied=${appliedIndex}${suspended ? ' suspended' : ''}`,
    )
    this.#guard(() => {
      this.raft = createRaft(
        { ...this.settings, id: this.id, random: () => this.#random(), decodeMembership },
        deepFreeze(this.disk.boot()),
      )
    })
    this.pump()
  }

  /** Several inputs, then what they lead to. */
  step(...inputs: readonly Input[]): void {
    this.#guard(() => {
      for (const input of inputs) this.raft?.step(deepFreeze(input))
    })
    this.pump()
  }

  /** Make the oldest writes durable, up to `seq`. */
  persist(seq = Infinity): void {
    const done = this.writing.filter((op) => op.seq <= seq)
    this.writing = this.writing.filter((op) => op.seq > seq)
    const last = done.at(-1)
    if (last === undefined) return
    for (const op of done) this.#write(op)
    this.#release(last.seq)
    this.step({ kind: 'persisted', seq: last.seq })
  }

  /** Stop at once; the oldest `keep` of the writes under way reach the disk. */
  crash(keep: number): void {
    for (const [at, op] of this.writing.entries()) {
      this.print(`${at < keep ? 'kept' : 'lost'} ${describePersistOp(op)}`)
      if (at < keep) this.#write(op)
    }
    for (const { message } of this.waiting) this.print(`unsent ${describeMessage(message)}`)
    this.#stop()
  }

  /** A write fails: nothing under way reaches the disk, which from now on says that a write has failed. */
  failWrite(): void {
    for (const op of this.writing) this.print(`failed ${describePersistOp(op)}`)
    this.writing = []
    this.disk.suspended = true
    const waiting = this.waiting.splice(0)
    for (const { message } of waiting) this.print(`unsent ${describeMessage(message)}`)
    this.step({ kind: 'persistFailed' })
  }

  reportApplied(): void {
    const { appliedIndex } = this.disk
    if (this.raft !== null && appliedIndex > this.raft.status().appliedIndex)
      this.step({ kind: 'applied', index: appliedIndex })
  }

  answerLoads(): void {
    for (const { request, from, to, maxBytes } of this.loads.splice(0))
      this.step({ kind: 'entriesLoaded', request, entries: this.disk.log.read(from, to, maxBytes) })
  }

  print(line: string): void {
    this.#around.print(`${this.id}| ${line}`)
  }

  pump(): void {
    for (;;) {
      let ready: Ready | null = null
      this.#guard(() => {
        ready = this.raft?.hasReady() === true ? deepFreeze(this.raft.takeReady()) : null
      })
      if (ready === null) break
      this.#carryOut(ready)
    }
    // A suspension that has ended needs no mark any more.
    if (
      this.raft !== null &&
      this.disk.suspended &&
      !this.raft.status().votingSuspended &&
      this.raft.status().halted === null
    ) {
      this.disk.suspended = false
      this.print('may vote again')
    }
  }

  #carryOut(ready: Ready): void {
    for (const line of describeReady(ready).split('\n')) this.print(line)
    for (const message of ready.send) this.#post(message)
    this.writing.push(...ready.persist)
    const durable = this.writing[0] === undefined ? Infinity : this.writing[0].seq - 1
    for (const item of ready.sendAfter) {
      if (item.seq <= durable) this.#post(item.message)
      else this.waiting.push(item)
    }
    this.#apply(ready)
    this.loads.push(...ready.loads)
    for (const { to } of ready.snapshotsNeeded) this.snapshotsNeeded.push(to)
    for (const message of ready.send)
      if (message.kind === 'installSnapshot') this.sending.push({ to: message.to, snapshot: message.snapshot })
    if (ready.receive !== null) this.receiving = ready.receive.snapshot
    if (!this.held.has('writes')) this.persist()
    if (!this.held.has('applies')) this.reportApplied()
    if (!this.held.has('loads')) this.answerLoads()
  }

  #apply(ready: Ready): void {
    this.#lawful(() => checkApplied(this.id, ready.apply, this.disk))
    for (const entry of ready.apply) {
      const text = describeEntry(entry)
      this.#lawful(() => this.disk.apply(entry, text))
      this.#around.applied(this, entry.index, text)
    }
  }

  #write(op: PersistOp): void {
    this.#lawful(() => this.disk.write(op, this.#around.snapshots))
    if (op.installSnapshot !== undefined && this.receiving?.id === op.installSnapshot.snapshot.id) this.receiving = null
  }

  #release(seq: number): void {
    const due = this.waiting.filter((item) => item.seq <= seq)
    this.waiting = this.waiting.filter((item) => item.seq > seq)
    for (const { message } of due) {
      if (this.held.has('writes')) this.print(`sent ${describeMessage(message)}`)
      this.#post(message)
    }
  }

  #post(message: Message): void {
    this.#lawful(() => checkPromise(message, this.disk, null))
    this.#around.post(message)
  }

  #lawful(action: () => void): void {
    try {
      action()
    } catch (error) {
      this.#around.violated(`${this.id}: ${(error as Error).message}`)
    }
  }

  #guard(action: () => void): void {
    try {
      action()
    } catch (error) {
      this.print(`stops: ${(error as Error).message}`)
      this.#stop()
    }
  }

  #stop(): void {
    this.raft = null
    this.writing = []
    this.waiting = []
    this.loads = []
    this.snapshotsNeeded = []
    this.sending = []
    this.receiving = null
  }

  #random(): number {
    if (this.reenters) {
      this.reenters = false
      this.raft?.step({ kind: 'tick' })
    }
    const { electionTicks } = this.settings
    return (this.nextTimeout - electionTicks + 0.5) / electionTicks
  }
}
