/**
 * Owns one simulated process: the production core, driven synchronously as the real driver drives it, over a disk.
 *
 * N1 Effects are carried out in the order of Ready; what waits for the disk leaves only after it, and not after a crash.
 * N2 `log` is what the core believes, rebuilt from its persist operations alone. N3 Nothing of an earlier run acts in a later one.
 */
import {
  describeReady,
  type Index,
  type Input,
  type Message,
  type NodeId,
  type Ready,
  type Role,
  type SnapshotMeta,
  type Term,
} from '@pinset/raft'

import { Attention } from './attention.ts'
import { type Core, type CoreStatus } from './core.ts'
import { Disk } from './disk.ts'
import { crossing, frozen } from './frozen.ts'
import type { Observed } from '../invariants/checker.ts'
import { checkHalted } from '../invariants/halted-silence.ts'
import { Violation } from '../invariants/violation.ts'
import { votersOfReads } from '../invariants/confirmed-reads.ts'
import { noteAnswers } from './answers.ts'
import { MachineDriver } from './machine-driver.ts'
import { decodeMembership, membershipOf } from './membership-data.ts'
import { NodeClock } from './node-clock.ts'
import { Outgoing } from './outgoing.ts'
import type { Random } from '../random.ts'
import { type SimulatedLog, writtenCommitIndex } from '../simulated-log.ts'
import type { MachineState } from './state-machine.ts'
import { inputText } from '../trace.ts'
import { roleTransition } from '../transitions.ts'
import { Witness } from './witness.ts'
import type { World } from './world.ts'

const drainsPerInput = 100

export class SimulatedNode implements Observed {
  readonly id: NodeId
  readonly ordinal: number
  readonly disk = new Disk()
  readonly machine: MachineDriver
  readonly clock: NodeClock
  readonly attention: Attention
  readonly random: Random
  run = 0
  log: SimulatedLog
  commitIndex: Index = 0
  role: Role = 'follower'
  term: Term = 0
  leader: NodeId | null = null
  /** Snapshots of the state that this run has opened. */
  readonly opened = new Map<string, MachineState>()
  /** For each follower, what was sent to it last and has not arrived. */
  readonly held = new Map<NodeId, { readonly snapshot: SnapshotMeta; readonly state: MachineState }>()
  /** What there is of a snapshot whose transfer has broken. */
  partial: { readonly id: string; readonly share: number } | null = null
  /** Snapshots that this run is receiving. */
  readonly receiving = new Set<string>()
  /** False from the loss of its disk until somebody who names it as a member speaks with it. */
  admitted = true
  readonly waitingReads = new Set<number>()
  readonly waitingTransfers = new Set<number>()
  readonly #world: World
  readonly #outgoing: Outgoing
  readonly #witness: Witness
  #core: Core | null = null
  #lastInput: Input['kind'] = 'tick'
  #steps = 0

  constructor(world: World, id: NodeId, ordinal: number) {
    this.#world = world
    this.id = id
    this.ordinal = ordinal
    this.random = world.random.fork()
    this.machine = new MachineDriver(world, this)
    this.clock = new NodeClock(world, this)
    this.attention = new Attention(world, this)
    this.#outgoing = new Outgoing(world, this)
    this.#witness = new Witness(world, this)
    this.log = this.disk.log.copy()
  }

  get running(): boolean {
    return this.#core !== null
  }

  get paused(): boolean {
    return this.attention.paused
  }

  get state(): MachineState {
    return this.machine.state
  }

  get idle(): boolean {
    return this.disk.idle && this.machine.idle && this.#steps === 0
  }

  /** The core's whole state as text. */
  describe(): string {
    return this.#core?.describe() ?? 'down'
  }

  start(): void {
    const world = this.#world
    const { random } = this
    this.run++
    world.checker.confirmed.started(this.id)
    this.log = this.disk.log.copy()
    this.machine.start(this.disk.state)
    const boot = this.disk.boot()
    this.#core = this.#guard('boot', () =>
      world.createCore(
        { ...world.swarm.raft, id: this.id, random: () => random.float(), decodeMembership },
        frozen(boot, world.swarm.sharing),
      ),
    )
    const status = this.#core.status()
    this.commitIndex = boot.appliedIndex
    this.role = status.role
    this.term = status.term
    this.leader = status.leader
    this.#witness.started(status)
    world.checker.started(this)
    this.#trace(() => `start run ${this.run}: ${this.#core?.describe()}`)
    this.drain()
    this.clock.begin()
  }

  /**
   * @param random - chooses what of the unfinished write survives.
   * @param survivors - or exactly this many operations.
   */
  crash(random = this.random, survivors?: number): void {
    if (this.#core === null) {
      return
    }
    const lost = this.disk.crash(random, this.#outgoing, survivors)
    this.#world.coverage.count('persist lost in a crash', lost)
    this.#core = null
    this.#outgoing.clear()
    this.#steps = 0
    this.opened.clear()
    this.held.clear()
    this.partial = null
    this.receiving.clear()
    this.waitingReads.clear()
    this.waitingTransfers.clear()
    this.role = 'follower'
    this.leader = null
    this.log = this.disk.log.copy()
    this.machine.start(this.disk.state)
    this.#trace(() => `crash, ${lost} operations lost`)
    this.attention.died()
  }

  /** Lose the disk, while down. */
  wipe(): void {
    this.admitted = false
    this.disk.wipe()
    this.log = this.disk.log.copy()
    this.machine.start(this.disk.state)
    this.#world.checker.monotonic.wiped(this.id)
    this.#world.checker.recovered.wiped(this.id)
  }

  /** Do this if that run of the process still lives, now or later; `gone` if it does not, or dies before. */
  when(run: number, action: () => void, source?: string, gone?: () => void): void {
    this.attention.when(run, action, source, gone)
  }

  /** Step one input; usually what is ready is taken at once. */
  input(input: Input, takeReady = false): void {
    const core = this.#core
    if (core === null) {
      return
    }
    const world = this.#world
    world.countInput(input)
    this.#trace(() => `· ${inputText(input)}`)
    if (input.kind === 'persistFailed') {
      world.checker.confirmed.failed(this.id)
    }
    const given = crossing(input, world.swarm.sharing)
    if (input.kind === 'message') {
      this.#stepMessage(core, input.message, given)
    } else {
      this.#guard(input.kind, () => core.step(given))
    }
    this.#steps++
    this.#lastInput = input.kind
    this.#witness.stepped(input, core)
    if (!takeReady && this.random.chance(world.swarm.deferReady) && this.#steps < 32) {
      const { run } = this
      world.schedule(this.random.int(2000), () => this.when(run, () => this.drain()))
    } else {
      this.drain()
    }
  }

  #stepMessage(core: Core, message: Message, given: Input): void {
    const isFollowed = this.#steps === 0 && this.role === 'follower' && this.leader === message.from
    const before = message.kind === 'requestVote' ? core.status() : null
    this.#guard(message.kind, () => core.step(given))
    if (message.kind === 'requestVote' && before !== null) {
      this.#witness.asked(message, before, core.status())
    } else {
      this.#witness.heard(message, isFollowed)
    }
  }

  /** Take what is ready and carry it out. */
  drain(): void {
    const core = this.#core
    if (core === null) {
      return
    }
    const single = this.#steps <= 1
    for (let i = 0; this.#core === core && this.#guard('hasReady', () => core.hasReady()); i++) {
      if (i === drainsPerInput) {
        throw new Violation('termination', `${this.id} is still ready after ${drainsPerInput} times`)
      }
      const ready = this.#guard('takeReady', () => core.takeReady())
      this.#carryOut(frozen(ready, this.#world.swarm.sharing), core.status(), single)
    }
    if (this.#core !== core) {
      return
    }
    this.#steps = 0
    const status = core.status()
    this.#observe(status, single)
    this.#witness.drained(status)
  }

  /** The core's own invariants, and what it believes of others. */
  checkCore(): void {
    const core = this.#core
    if (core === null) {
      return
    }
    this.#guard('checkInvariants', () => core.checkInvariants())
    // What was stepped and not carried out is not in the log yet.
    if (this.role === 'leader' && this.#steps === 0) {
      this.#world.checker.believing(this, core.status().progress)
    }
  }

  #carryOut(ready: Ready, status: CoreStatus, single: boolean): void {
    const world = this.#world
    const { checker } = world
    const { term } = this
    this.#witness.given(ready)
    if (status.role === 'halted') {
      checkHalted(this.id, ready)
    }
    if (world.trace.prints) {
      for (const line of describeReady(ready).split('\n')) {
        this.#trace(() => `  → ${line}`)
      }
    }
    for (const op of ready.persist) {
      checker.persisting(this, op, status.commitIndex, single)
      this.log.carryOut(op)
    }
    this.#observe(status, single)
    this.#witness.toldMembership(ready, status)
    this.#outgoing.carryOut(ready)
    checker.applying(this, ready)
    this.machine.carryOut(ready)
    noteAnswers(world, this, ready, votersOfReads(this.log, ready, status, { term, single }, membershipOf))
    for (const { to } of ready.snapshotsNeeded) {
      world.snapshots.open(this, to)
    }
    if (ready.receive !== null) {
      this.receiving.add(ready.receive.snapshot.id)
    }
  }

  #observe(status: CoreStatus, single: boolean): void {
    const before = { role: this.role, term: this.term, commitIndex: this.commitIndex }
    this.role = status.role
    this.term = status.term
    this.leader = status.leader
    this.commitIndex = writtenCommitIndex(status, this.commitIndex, this.log)
    const { trace, coverage } = this.#world
    trace.mix(this.ordinal)
    trace.mix(this.term)
    trace.mix(this.commitIndex)
    trace.mix(this.log.lastIndex)
    if (before.role !== status.role) {
      const { voters } = membershipOf(this.log.membershipAt(this.log.lastIndex).data)
      coverage.count(
        roleTransition(before, this, {
          input: this.#lastInput,
          isTransferring: this.waitingTransfers.size > 0,
          isVoter: voters.includes(this.id),
        }),
      )
    }
    const written = status.role !== 'halted'
    if (written && (status.lastId.index !== this.log.lastIndex || status.lastId.term !== this.log.lastTerm)) {
      throw new Violation(
        'persist order',
        `${this.id} believes in ${status.lastId.term}/${status.lastId.index}, persisted to ${this.log.lastTerm}/${this.log.lastIndex}`,
      )
    }
    if (this.disk.suspended && !status.votingSuspended && status.role !== 'halted') {
      this.disk.recover()
      const { history, recovered } = this.#world.checker
      recovered.recovered(this.id, this.disk.log, history.frontier, (index) => history.termAt(index))
      coverage.count('suspension lifted')
    }
    this.#world.checker.observed(this, before, single)
  }

  #guard<T>(what: string, call: () => T): T {
    try {
      return call()
    } catch (cause) {
      throw new Violation(
        'core threw',
        `${this.id} in ${what}: ${cause instanceof Error ? cause.message : String(cause)}`,
        { cause },
      )
    }
  }

  #trace(text: () => string): void {
    const { trace } = this.#world
    if (trace.prints) {
      trace.line(this.#world.now, this.id, text())
    }
  }
}
