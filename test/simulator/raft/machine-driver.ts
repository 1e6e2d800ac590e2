/**
 * Owns a node's state machine: applies what the core hands out, makes the state durable lazily, asks for compaction,
 * reads entries for the core.
 *
 * M1 The log is compacted only up to the durable state. M2 After `restore` nothing that was queued before is applied.
 */
import type { Entry, Ready } from '@pinset/raft'

import { Violation } from '../invariants/violation.ts'
import type { SimulatedNode } from './node.ts'
import { applyEntry, emptyState, type MachineState } from './state-machine.ts'
import type { World } from './world.ts'

export class MachineDriver {
  state: MachineState = emptyState
  readonly #world: World
  readonly #node: SimulatedNode
  #queue: Entry[] = []
  #busy = false
  #flushing = false
  /** Counts starts and restores; work of an earlier one is dropped. */
  #generation = 0

  constructor(world: World, node: SimulatedNode) {
    this.#world = world
    this.#node = node
  }

  get idle(): boolean {
    return !this.#busy && this.#queue.length === 0
  }

  get #applyMean(): number {
    return this.#world.healed ? 0 : this.#world.swarm.machine.applyMean
  }

  start(durable: MachineState): void {
    this.state = durable
    this.#queue = []
    this.#busy = false
    this.#flushing = false
    this.#generation++
  }

  carryOut(ready: Ready): void {
    if (ready.restore !== null) {
      this.#restore(ready.restore.index)
    }
    this.#queue.push(...ready.apply)
    this.#apply()
    for (const { request, from, to, maxBytes } of ready.loads) {
      this.#load(request, from, to, maxBytes)
    }
  }

  #restore(index: number): void {
    const { state } = this.#node.disk
    if (state.index !== index) {
      throw new Violation(
        'persist order',
        `${this.#node.id} is told to restore ${index}, its disk has a state at ${state.index}`,
      )
    }
    this.start(state)
    this.#world.coverage.count('state restored')
    this.#world.checker.restored(this.#node.id, state)
    this.#later(this.#world.random.exponential(this.#applyMean), () => this.#node.input({ kind: 'applied', index }))
  }

  #apply(): void {
    if (this.#busy || this.#queue.length === 0) {
      return
    }
    this.#busy = true
    this.#later(this.#world.random.exponential(this.#applyMean), () => {
      const { random } = this.#world
      const entries = this.#queue.splice(
        0,
        random.chance(0.2) ? random.between(1, this.#queue.length) : this.#queue.length,
      )
      for (const entry of entries) {
        const before = this.state
        this.state = applyEntry(before, entry)
        this.#world.checker.applied(this.#node.id, before.index, this.state, entry)
      }
      this.#busy = false
      this.#node.input({ kind: 'applied', index: this.state.index })
      this.#apply()
      this.#flushLater()
    })
  }

  #flushLater(): void {
    if (this.#flushing) {
      return
    }
    this.#flushing = true
    const { random, swarm } = this.#world
    this.#later(random.exponential(swarm.machine.flushMean), () => {
      this.#flushing = false
      if (this.#node.disk.state.index > this.state.index) {
        return // The switch to a snapshot is durable; this state is on its way out.
      }
      this.#node.disk.state = this.state
      if (random.chance(swarm.machine.compact) && !this.#world.healed) {
        this.#compact()
      }
    })
  }

  #compact(): void {
    const { random, swarm } = this.#world
    const low = this.#node.log.base.index
    const high = this.#node.disk.state.index
    if (high > low) {
      this.#node.input({
        kind: 'compact',
        index: random.chance(swarm.machine.compactToTip) ? high : random.between(low + 1, high),
      })
    }
  }

  /** Reads the log at the beginning or at the end of the time that it takes: the core holds on to what it asks for. */
  #load(request: number, from: number, to: number, maxBytes: number): void {
    const world = this.#world
    const node = this.#node
    const { run } = node
    const early = world.random.chance(0.5) ? this.#read(from, to, maxBytes) : null
    const loadMean = world.healed ? 0 : world.swarm.machine.loadMean
    world.schedule(world.random.exponential(loadMean), () => {
      if (node.running && node.run === run) {
        const entries = early ?? this.#read(from, to, maxBytes)
        node.when(run, () => node.input({ kind: 'entriesLoaded', request, entries }))
      }
    })
  }

  #read(from: number, to: number, maxBytes: number): Entry[] {
    const { disk, id } = this.#node
    const entries = disk.log.read(from, to, maxBytes)
    if (entries.length === 0) {
      throw new Violation(
        'persist order',
        `${id} asks for entries ${from}–${to}, its disk has (${disk.log.base.index}, ${disk.log.lastIndex}]`,
      )
    }
    this.#world.coverage.count('entries loaded')
    return entries
  }

  #later(delay: number, action: () => void): void {
    const generation = this.#generation
    const { run } = this.#node
    this.#world.schedule(delay, () =>
      this.#node.when(run, () => {
        if (this.#generation === generation) {
          action()
        }
      }),
    )
  }
}
