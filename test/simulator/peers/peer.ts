/**
 * Owns one simulated peer over its restarts: its disk, its process of the moment, and what the invariants see of it.
 *
 * PE1 Production consensus and storage run unchanged; only clock, scheduler, network, disk and chance are the world's.
 * PE2 What a start finds on disk is what was durable, or that and the write that was under way; nothing else appears (checked).
 * PE3 What it says of itself is true (`complaints.ts`).
 */
import { createConsensus, type PinsetConsensus } from '@pinset/consensus'
import { silentLogger, type LogFields, type PeerId } from '@pinset/interface'
import type { Index, NodeId, RaftStatus, Role, Term } from '@pinset/raft'
import { createStorage, openStorage, type Storage } from '@pinset/storage'

import type { Observed, StateAt } from '../invariants/checker.ts'
import { Violation } from '../invariants/violation.ts'
import { emptyBase, SimulatedLog, writtenCommitIndex } from '../simulated-log.ts'
import { asked, type Answer } from './answers.ts'
import { checkComplaint, checkRefusal } from './complaints.ts'
import { DiskControl } from './disk-control.ts'
import { ObservedCore } from './observed-core.ts'
import { Process } from './process.ts'
import { Promises } from './promises.ts'
import { States } from './states.ts'
import { SimulatedTransport } from './transport.ts'
import { WatchedStorage } from './watched-storage.ts'
import type { World } from './world.ts'
import type { firstEntry } from './memberships.ts'

export type Founding = ReturnType<typeof firstEntry>

export class SimulatedPeer implements Observed {
  readonly id: PeerId
  readonly name: string
  readonly ordinal: number
  readonly control: DiskControl
  readonly promises: Promises
  readonly states: States
  storageId: string
  run = 0
  process: Process | null = null
  consensus: PinsetConsensus | null = null
  transport: SimulatedTransport | null = null
  /** As the core believes it. */
  log = new SimulatedLog()
  commitIndex: Index = 0
  role: Role = 'follower'
  term: Term = 0
  leader: NodeId | null = null
  wallJumpMs = 0
  /** Addresses to join by at the next starts; null: none, it waits to be added. */
  join: readonly string[] | null = null
  isStarting = false
  isStopping = false
  /** Its database is of no use any more, until it has another one and is a member with that. */
  isLost = false
  /** Lost, and it has an empty one. */
  isWiped = false
  /** It knows nobody any more who could heal it. */
  isStranded = false
  /** Some of its log is destroyed, and it has not started since. */
  isDamaged = false
  readonly #world: World
  #storage: Storage | null = null
  #core: ObservedCore | null = null
  #incarnation = 0
  #halted: Process | null = null
  #ending: Process | null = null

  constructor(world: World, ordinal: number) {
    this.#world = world
    this.ordinal = ordinal
    this.name = `p${ordinal + 1}`
    this.id = `12D3KooWp${ordinal + 1}` as PeerId
    this.storageId = `storage-${ordinal + 1}-0`
    this.control = new DiskControl(world, this.id)
    this.promises = new Promises(world, this)
    this.states = new States(world, this.id)
  }

  get address(): string {
    return `/memory/${this.id}/p2p/${this.id}`
  }

  get running(): boolean {
    return this.consensus !== null
  }

  /** Nothing runs and nothing is being started. */
  get isDown(): boolean {
    return this.process === null
  }

  /** It has lost something, or may at any moment: no other peer should. */
  get isWeak(): boolean {
    const { control, promises } = this
    const mayFail = control.isInDoubt || control.fault?.kind === 'failure'
    return promises.suspended || promises.isMarked || this.isDamaged || control.isFull || mayFail
  }

  get disk(): Promises {
    return this.promises
  }

  get state(): StateAt {
    return this.states.at
  }

  /** Make the databases. @param founding - the first entry, when the peer starts with a cluster. */
  async create(founding: Founding | null): Promise<void> {
    this.control.rest()
    await createStorage(this.control.disk.mount(), {
      storageId: this.storageId,
      cluster: founding === null ? null : { clusterId: founding.clusterId, epoch: 1, entry: founding.entry },
    })
    const [term, entries] = founding === null ? [0, []] : [1, [founding.entry]]
    this.promises.booted({ term, vote: null }, new SimulatedLog(emptyBase, entries), false)
    this.log = this.promises.log.copy()
  }

  start(): void {
    if (this.process !== null) {
      return
    }
    const world = this.#world
    this.run++
    const process = new Process(world, {
      run: this.run,
      random: world.randomOf(this),
      clock: () => world.clockOf(this),
      slowness: () => world.slownessOf(this),
      wallJumpMs: () => this.wallJumpMs,
    })
    this.process = process
    this.isStarting = true
    this.control.serve(process, (point, database) => world.crashAt(this, point, database))
    this.#boot(process).catch((err: unknown) => {
      if (process.alive) {
        this.#startFailed(process, err)
      }
    })
  }

  /** The process is gone at once. @param keep - how many of the unsynced batches of a database survive. */
  crash(keep: (database: string, unsynced: number) => number): void {
    if (this.process === null) {
      return
    }
    this.#gone(this.process)
    this.control.disk.crash({ keep })
  }

  /** Stop as on SIGTERM: leadership is handed over, everything that was begun ends. */
  async stop(): Promise<void> {
    const { process, consensus, transport } = this
    if (process === null || consensus === null) {
      return
    }
    this.isStopping = true
    await consensus.stop()
    if (transport !== null) {
      transport.isOpen = false
    }
    await this.#storage?.close()
    if (process.alive) {
      this.#world.count('stopped')
      this.#gone(process)
      this.control.disk.crash({ keep: (_, unsynced) => unsynced })
    }
  }

  checkCore(): void {
    this.#core?.checkInvariants()
  }

  /** Lose the disk, while down; what comes after is another database of the same peer. */
  wipe(): void {
    this.isWiped = true
    this.isStranded = false
    this.isDamaged = false
    this.#incarnation++
    this.storageId = `storage-${this.ordinal + 1}-${this.#incarnation}`
    this.control.replaceDisk()
    this.promises.booted({ term: 0, vote: null }, new SimulatedLog(), false)
    this.states.wiped()
    this.log = new SimulatedLog()
    this.commitIndex = 0
    this.term = 0
    this.#world.checker.monotonic.wiped(this.id)
    this.#world.checker.recovered.wiped(this.id)
  }

  /** Bytes on its disk are not what they were. */
  damaged(what: 'log' | 'roots' | 'state' | 'all'): void {
    // A start that was killed has cut the log, and has not told yet: more damage does not undo that.
    this.isDamaged = what === 'log' || (this.isDamaged && what !== 'all')
    this.isLost = what !== 'log'
    this.isWiped = false
  }

  /** It is a member with the database that it has now. */
  found(): void {
    this.isLost = false
    this.isWiped = false
  }

  /** Ask this peer's consensus; what a crash leaves open is answered as unknown. */
  ask<Value>(call: (consensus: PinsetConsensus) => Promise<Value>): Promise<Answer<Value>> {
    return asked(this.process, this.consensus, call)
  }

  /** Ask it to show its pins. PE3 */
  show<Value>(call: (consensus: PinsetConsensus) => Promise<Value>): Promise<Answer<Value>> {
    const { process } = this
    return asked(process, this.consensus, async (consensus) => {
      try {
        return await call(consensus)
      } catch (err) {
        if (process?.alive === true) {
          this.guard(() => checkRefusal(this, consensus, err)) // PE3
        }
        throw err
      }
    })
  }

  coreStarted(appliedIndex: Index, { role, term, leader }: RaftStatus): void {
    this.commitIndex = appliedIndex
    this.role = role
    this.term = term
    this.leader = leader
  }

  coreObserved(status: RaftStatus): void {
    this.role = status.role
    this.term = status.term
    this.leader = status.leader
    this.commitIndex = writtenCommitIndex(status, this.commitIndex, this.log)
    if (status.role === 'halted') {
      this.#haltedRun(this.process)
    } else if (this.promises.isSuspended && !status.votingSuspended) {
      this.promises.isSuspended = false
      this.promises.isBarred = false
      const { history, recovered } = this.#world.checker
      recovered.recovered(this.id, this.promises.log, history.frontier, (index) => history.termAt(index))
      this.#world.count('suspension lifted')
    } else if (!this.promises.isSuspended && status.votingSuspended) {
      this.promises.isSuspended = true
    }
  }

  /** Look, and report what is found wrong. */
  guard(look: () => void): void {
    this.#world.guard(look)
  }

  describe(): string {
    return `${this.consensus?.describe() ?? 'down'}\n${JSON.stringify(this.consensus?.status() ?? null)}`
  }

  async #boot(process: Process): Promise<void> {
    const world = this.#world
    const storage = await openStorage(this.control.disk.mount())
    const { boot } = storage.log
    const entries =
      boot.lastIndex > boot.base.index
        ? await this.control.aside(() => storage.log.read(boot.base.index + 1, boot.lastIndex, Infinity))
        : []
    if (!process.alive) {
      return
    }
    this.guard(() => this.#found(storage, new SimulatedLog(boot.base, entries)))
    const transport = new SimulatedTransport(world, this, process)
    const consensus = createConsensus(
      {
        storage: new WatchedStorage(world.distortStorage(storage), this, process),
        raftTransport: transport,
        rpc: transport.calls,
        dialer: transport,
        clock: process.clock,
        scheduler: process.scheduler,
        logger: { ...silentLogger, error: (message, details) => this.#complains(process, message, details) },
        createCore: (init, found) => (this.#core = new ObservedCore(world, this, process, init, found)),
        prepare: { pin: (request, { nowMs }) => ({ ...request, allocations: [], timestampMs: nowMs }) },
      },
      {
        peerId: this.id,
        name: this.name,
        addresses: [this.address],
        electionTimeoutMs: world.swarm.electionTimeoutMs,
        heartbeatMs: world.swarm.heartbeatMs,
        random: () => process.random.float(),
        join: this.join === null ? null : { addresses: this.join },
        limits: world.swarm.limits,
      },
    )
    this.#storage = storage
    this.consensus = consensus
    this.transport = transport
    transport.isOpen = true
    await consensus.start()
    if (process.alive) {
      this.isStarting = false
      world.count(this.run === 1 ? 'first start' : 'restart')
    }
  }

  /** PE2 */
  #found(storage: Storage, log: SimulatedLog): void {
    const { hardState, votingSuspended } = storage.log.boot
    const { promises } = this
    const isKnown = promises.explain(hardState, log)
    // A start that was killed has found the damage already, and has cut the log: the next one is told by the mark alone.
    const isCut = this.isDamaged && (storage.damage !== null || (!isKnown && votingSuspended))
    if (!isKnown && !isCut) {
      throw new Violation(
        'durable log',
        `${this.id} finds ${describe(log)}, term ${hardState.term}, vote ${hardState.vote}; durable was ${describe(promises.log)}, term ${promises.hardState.term}, vote ${promises.hardState.vote}`,
      )
    }
    if (promises.isBarred && !votingSuspended) {
      throw new Violation('suspended silence', `${this.id} forgets over a restart that it may not vote`)
    }
    if (storage.damage !== null || isCut) {
      this.#world.count('damage found')
      this.#world.checker.recovered.damaged(this.id, promises.log, log.lastIndex)
      // Who has lost even the first membership, and was never told of members by others, lets nobody in who could heal it.
      this.isStranded = log.membershipAt(log.lastIndex).index === 0 && storage.identity.admission.length === 0
      this.isLost ||= this.isStranded
    }
    this.isDamaged = false
    this.control.isInDoubt = false
    promises.booted(hardState, log, votingSuspended)
    this.log = log.copy()
    this.states.booted(storage.state.meta)
  }

  #gone(process: Process): void {
    process.end()
    this.process = null
    this.consensus = null
    this.transport = null
    this.#storage = null
    this.#core = null
    this.isStarting = false
    this.isStopping = false
    this.role = 'follower'
    this.leader = null
    this.log = this.promises.log.copy()
    this.commitIndex = Math.min(this.commitIndex, this.log.lastIndex)
  }

  #haltedRun(process: Process | null): void {
    if (process !== null && this.#halted !== process) {
      this.#halted = process
      this.promises.isSuspended = true
      this.#world.count('halted')
      this.#endLater(process)
    }
  }

  /** Somebody will end a process that has halted, or applies nothing any more. */
  #endLater(process: Process): void {
    if (this.#ending !== process) {
      this.#ending = process
      this.#world.restartLater(this, process)
    }
  }

  #complains(process: Process, message: string, details: LogFields = {}): void {
    // Two writes at once may have found the last room.
    this.control.hasFailed ||= this.control.isFull
    if (!process.alive) {
      return
    }
    this.guard(() => checkComplaint(this, message, details)) // PE3
    if (this.control.unread.state && (this.consensus?.status().haltedReason ?? null) !== null) {
      this.#world.count('stopped by a read')
      this.#endLater(process)
    }
  }

  /** A disk that fails while it is opened: the process ends, and somebody starts it again. */
  #startFailed(process: Process, err: unknown): void {
    if (!this.control.hasFailed && !this.control.isFull && !this.isLost) {
      this.#world.report(new Violation('start', `${this.id} does not start: ${String(err)}`, { cause: err }))
      return
    }
    this.#world.count('start failed')
    if (this.control.unread.log || this.control.unread.state) {
      this.#world.count('start failed by a read')
    }
    this.crash((_, unsynced) => process.random.int(unsynced + 1))
    if (!this.isLost || this.isWiped) {
      this.#world.startLater(this)
    }
  }
}

function describe(log: SimulatedLog): string {
  return `(${log.base.index}, ${log.lastIndex}] to term ${log.lastTerm}`
}
