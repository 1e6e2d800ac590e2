/**
 * Owns one run of a peer's process: its clocks, timers and turns, and whether it lives, is stopped by a signal, or is gone.
 *
 * PR1 Whatever reaches a process from outside comes through `when`; nothing comes to one that is gone.
 * PR2 A paused process does nothing; what came meanwhile waits for it, each source in its order.
 */
import type { Clock, Scheduler } from '@pinset/consensus'

import { interleaved, type Waiting } from '../backlog.ts'
import type { Random } from '../random.ts'
import type { ClockOptions, SlownessOptions } from './swarm.ts'

/** Wall time of every clock at the beginning of a run, before its offset. */
export const epochMs = 1_800_000_000_000

export interface ProcessHost {
  /** µs */
  readonly now: number
  schedule(delay: number, run: () => void): void
}

export interface ProcessInit {
  readonly run: number
  readonly random: Random
  readonly clock: () => ClockOptions
  readonly slowness: () => SlownessOptions
  /** Ms that the wall clock has jumped. */
  readonly wallJumpMs: () => number
}

const nothing = (): void => undefined

export class Process {
  readonly run: number
  readonly clock: Clock
  readonly scheduler: Scheduler
  readonly random: Random
  readonly #host: ProcessHost
  readonly #init: ProcessInit
  #isAlive = true
  #isPaused = false
  #backlog: Waiting[] = []
  readonly #onEnd = new Set<() => void>()
  /** Monotonic time is counted in stretches of one rate. */
  #stretch: { readonly rate: number; readonly from: number; readonly ms: number }

  constructor(host: ProcessHost, init: ProcessInit) {
    this.#host = host
    this.#init = init
    this.run = init.run
    this.random = init.random
    // No two processes count from the same beginning.
    this.#stretch = { rate: init.clock().rate, from: host.now, ms: init.random.int(1_000_000) }
    this.clock = {
      nowMs: () => this.#nowMs(),
      wallMs: () => Math.floor(epochMs + host.now / 1000 + init.clock().wallOffsetMs + init.wallJumpMs()),
      setTimer: (delayMs, callback) => this.#setTimer(delayMs, callback),
    }
    this.scheduler = {
      schedule: (task) => this.later(init.random.exponential(init.slowness().turnMean), task, 'turns'),
    }
  }

  get alive(): boolean {
    return this.#isAlive
  }

  get paused(): boolean {
    return this.#isPaused
  }

  /** Do this now, later if the process is paused; `gone` if it is gone, or dies before. */
  when(action: () => void, source = 'own', gone: () => void = nothing): void {
    if (!this.#isAlive) {
      gone()
    } else if (this.#isPaused) {
      this.#backlog.push({ source, run: () => this.when(action, source, gone), gone })
    } else {
      action()
    }
  }

  /** After so many µs. */
  later(delay: number, action: () => void, source = 'own', gone: () => void = nothing): void {
    this.#host.schedule(delay, () => this.when(action, source, gone))
  }

  /** Resolves after so many µs, never when the process is gone. */
  async delay(us: number): Promise<void> {
    await new Promise<void>((resolve) => this.later(us, resolve))
  }

  pause(): void {
    this.#isPaused = this.#isAlive
  }

  resume(): void {
    if (this.#isPaused) {
      this.#isPaused = false
      const backlog = interleaved(this.#backlog, this.random)
      this.#backlog = []
      for (const { run } of backlog) {
        run()
      }
    }
  }

  /** Calls back when the process is gone; returns what takes that back. */
  onEnd(callback: () => void): () => void {
    this.#onEnd.add(callback)
    return () => this.#onEnd.delete(callback)
  }

  end(): void {
    if (!this.#isAlive) {
      return
    }
    this.#isAlive = false
    this.#isPaused = false
    const callbacks = [...this.#backlog.map(({ gone }) => gone), ...this.#onEnd]
    this.#backlog = []
    this.#onEnd.clear()
    for (const callback of callbacks) {
      callback()
    }
  }

  #nowMs(): number {
    const { rate } = this.#init.clock()
    const { now } = this.#host
    const { rate: before, from, ms } = this.#stretch
    const nowMs = ms + ((now - from) * before) / 1000
    if (rate !== before) {
      this.#stretch = { rate, from: now, ms: nowMs }
    }
    return nowMs
  }

  #setTimer(delayMs: number, callback: () => void): () => void {
    let wanted: (() => void) | null = callback
    const us = Math.ceil((Math.max(0, delayMs) * 1000) / this.#init.clock().rate)
    const late = this.random.exponential(this.#init.slowness().timerMean)
    this.later(us + late, () => wanted?.(), 'timers')
    return () => {
      wanted = null
    }
  }
}
