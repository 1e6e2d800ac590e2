/** Who leads, as this peer knows, and who waits to learn it. */
import { StoppedError, type PeerId } from '@pinset/interface'
import type { Role, SoftState } from '@pinset/raft'

import { waitFor, type Settle, type WaitOptions } from './waiting.ts'

export class LeaderWatch {
  #soft: SoftState
  #waiters = new Set<{ readonly wanted: (leader: PeerId | null) => boolean; readonly settle: Settle<PeerId | null> }>()
  readonly #listeners = new Set<(leader: PeerId | null) => void>()
  #closed: Error | null = null

  constructor(term: number) {
    this.#soft = { role: 'follower', term, leader: null }
  }

  get leader(): PeerId | null {
    return this.#soft.leader as PeerId | null
  }

  get term(): number {
    return this.#soft.term
  }

  get role(): Role {
    return this.#soft.role
  }

  /** Returns whether leader or term changed. */
  update(soft: SoftState): boolean {
    const before = this.#soft
    this.#soft = soft
    for (const waiter of Array.from(this.#waiters)) {
      if (waiter.wanted(this.leader)) {
        waiter.settle.done(this.leader)
      }
    }
    if (before.leader === soft.leader && before.term === soft.term) {
      return false
    }
    for (const listener of Array.from(this.#listeners)) {
      listener(this.leader)
    }
    return true
  }

  /** Resolves with the leader once one is known; null at the deadline. @throws {StoppedError} and the signal's reason */
  async waitForLeader(options: WaitOptions): Promise<PeerId | null> {
    return this.#wait((leader) => leader !== null, options)
  }

  /** Resolves once another leader than this is known; null at the deadline. */
  async waitForOther(than: PeerId | null, options: WaitOptions): Promise<PeerId | null> {
    return this.#wait((leader) => leader !== null && leader !== than, options)
  }

  /** Told at every change. */
  subscribe(listener: (leader: PeerId | null) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  close(cause: Error = new StoppedError('this peer has stopped')): void {
    this.#closed ??= cause
    for (const { settle } of Array.from(this.#waiters)) {
      settle.fail(this.#closed)
    }
  }

  async #wait(wanted: (leader: PeerId | null) => boolean, options: WaitOptions): Promise<PeerId | null> {
    if (this.#closed !== null) {
      throw this.#closed
    }
    if (wanted(this.leader)) {
      return this.leader
    }
    const waited = await waitFor<PeerId | null>(options, (settle) => {
      const waiter = { wanted, settle }
      this.#waiters.add(waiter)
      return () => this.#waiters.delete(waiter)
    })
    return waited.kind === 'done' ? waited.value : null
  }
}
