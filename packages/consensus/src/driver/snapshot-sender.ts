/**
 * Snapshots for followers whose log was compacted: owns the handles of the state that are held open for them.
 *
 * SS1 One handle per follower; its snapshot keeps its id, so that a broken transfer is resumed where it ended.
 * SS2 A handle without progress for `holdMs` is closed; so is every handle at stop.
 * SS3 The log is not compacted past the index of a held handle (`floorIndex`).
 * SS4 Every `snapshotNeeded` is answered: by `snapshotOpened`, or by `snapshotSent` with `received: false`.
 * SS5 What is still being opened when all is released is closed, not held.
 */
import type { Logger, StateMeta, StateSnapshot } from '@pinset/interface'
import type { Input, InstallSnapshot, NodeId, RaftTransport, SnapshotMeta } from '@pinset/raft'

import type { Clock } from '../ports.ts'
import { toError } from './waiting.ts'

export interface SnapshotSenderComponents {
  /** Opens the state in use. */
  readonly openSnapshot: () => Promise<StateSnapshot>
  /** Chunks of a state after the receiver's cursor. */
  readonly encodeChunks: (snapshot: StateSnapshot, id: string, resumeAfter: Uint8Array) => AsyncIterable<Uint8Array>
  readonly raftTransport: Pick<RaftTransport, 'sendSnapshot'>
  readonly clock: Clock
  readonly logger: Logger
  readonly input: (input: Input) => void
  readonly random: () => number
}

export interface SnapshotSenderInit {
  /** Names the sender in ids of snapshots. */
  readonly id: NodeId
  /** How long a handle is kept for a transfer that makes no progress, in milliseconds. @default 600000 */
  readonly holdMs?: number
}

interface Held {
  readonly snapshot: StateSnapshot
  readonly meta: SnapshotMeta
  sending: AbortController | null
  /** The core was told of it, and has not sent it since. */
  offered: boolean
  usedAtMs: number
  cancelExpiry: () => void
}

export class SnapshotSender {
  readonly #components: SnapshotSenderComponents
  readonly #id: NodeId
  readonly #holdMs: number
  readonly #held = new Map<NodeId, Held>()
  /** Replaced when all is released. */
  #opening = new Set<NodeId>()
  readonly #running = new Set<Promise<void>>()
  #stopped = false

  constructor(components: SnapshotSenderComponents, init: SnapshotSenderInit) {
    this.#components = components
    this.#id = init.id
    this.#holdMs = init.holdMs ?? 600_000
  }

  /** The lowest index of a held handle; infinite when none is held. SS3 */
  get floorIndex(): number {
    let floor = Number.POSITIVE_INFINITY
    for (const { meta } of this.#held.values()) {
      floor = Math.min(floor, meta.index)
    }
    return floor
  }

  /** The core wants a snapshot for this follower. */
  needed(to: NodeId): void {
    const held = this.#held.get(to)
    if (this.#stopped || this.#opening.has(to) || (held !== undefined && held.sending !== null)) {
      return
    }
    if (held !== undefined && !held.offered) {
      held.offered = true
      this.#components.input({ kind: 'snapshotOpened', to, snapshot: held.meta }) // SS1
      return
    }
    // What was offered and not sent is of no use any more.
    this.#release(to)
    this.#opening.add(to)
    this.#run(this.#open(to, this.#opening))
  }

  /** The core sends this one. */
  send(message: InstallSnapshot): void {
    const held = this.#held.get(message.to)
    if (this.#stopped || held === undefined || held.meta.id !== message.snapshot.id || held.sending !== null) {
      this.#components.input({ kind: 'snapshotSent', to: message.to, received: false })
      return
    }
    held.offered = false
    held.sending = new AbortController()
    this.#run(this.#transfer(message, held, held.sending.signal))
  }

  /** This peer does not lead any more, or its log was replaced: nothing is held. */
  releaseAll(): void {
    this.#opening = new Set()
    for (const to of Array.from(this.#held.keys())) {
      this.#release(to)
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.releaseAll() // SS2
    while (this.#running.size > 0) {
      await Promise.all(this.#running)
    }
  }

  async #open(to: NodeId, opening: Set<NodeId>): Promise<void> {
    try {
      const snapshot = await this.#components.openSnapshot()
      opening.delete(to)
      if (this.#opening !== opening) {
        await snapshot.close() // SS5
        this.#reportFailure(to)
        return
      }
      const nowMs = this.#components.clock.nowMs()
      const meta = toSnapshotMeta(snapshot.meta, this.#snapshotId(snapshot.meta))
      const held: Held = { snapshot, meta, sending: null, offered: true, usedAtMs: nowMs, cancelExpiry: () => {} }
      this.#held.set(to, held)
      this.#watch(to, held)
      this.#components.input({ kind: 'snapshotOpened', to, snapshot: meta })
    } catch (err) {
      opening.delete(to)
      this.#components.logger.warn('a snapshot for a follower could not be opened', { to, err })
      this.#reportFailure(to)
    }
  }

  async #transfer(message: InstallSnapshot, held: Held, signal: AbortSignal): Promise<void> {
    const { to } = message
    const { logger, raftTransport } = this.#components
    logger.info('sending a snapshot', { to, index: message.snapshot.index, id: message.snapshot.id })
    try {
      const result = await raftTransport.sendSnapshot(message, (resumeAfter) => this.#chunks(held, resumeAfter), {
        signal,
      })
      held.sending = null
      if (result.kind === 'received') {
        this.#release(to, held)
        this.#components.input({ kind: 'snapshotSent', to, received: true })
        return
      }
      logger.warn('a follower refused a snapshot', { to, reason: result.reason })
    } catch (err) {
      held.sending = null
      logger.warn('the transfer of a snapshot broke off; it is resumed when the follower is back', {
        to,
        err: toError(err),
      })
    }
    held.usedAtMs = this.#components.clock.nowMs()
    this.#reportFailure(to)
  }

  async *#chunks(held: Held, resumeAfter: Uint8Array): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.#components.encodeChunks(held.snapshot, held.meta.id, resumeAfter)) {
      held.usedAtMs = this.#components.clock.nowMs()
      yield chunk
    }
  }

  /** The core pauses before it tries again; unless it has asked again, and gets that answer. */
  #reportFailure(to: NodeId): void {
    if (this.#opening.has(to) || this.#held.get(to)?.offered === true) {
      return
    }
    this.#components.input({ kind: 'snapshotSent', to, received: false }) // SS4
  }

  #watch(to: NodeId, held: Held): void {
    const dueMs = held.usedAtMs + this.#holdMs
    held.cancelExpiry = this.#components.clock.setTimer(Math.max(0, dueMs - this.#components.clock.nowMs()), () => {
      if (this.#held.get(to) !== held) {
        return
      }
      if (this.#components.clock.nowMs() - held.usedAtMs >= this.#holdMs) {
        this.#release(to, held) // SS2
      } else {
        this.#watch(to, held)
      }
    })
  }

  #release(to: NodeId, held = this.#held.get(to)): void {
    if (held === undefined || this.#held.get(to) !== held) {
      return
    }
    this.#held.delete(to)
    held.cancelExpiry()
    held.sending?.abort(new DOMException('the snapshot is no longer held', 'AbortError'))
    this.#run(
      held.snapshot
        .close()
        .catch((err: unknown) => this.#components.logger.warn('a snapshot handle could not be closed', { err })),
    )
  }

  #run(work: Promise<void>): void {
    this.#running.add(work)
    void work.finally(() => this.#running.delete(work))
  }

  #snapshotId(meta: StateMeta): string {
    const nonce = Math.floor(this.#components.random() * 2 ** 48).toString(36)
    return `${this.#id}-${meta.appliedTerm}-${meta.appliedIndex}-${nonce}`
  }
}

export function toSnapshotMeta(meta: StateMeta, id: string): SnapshotMeta {
  return {
    id,
    term: meta.appliedTerm,
    index: meta.appliedIndex,
    membership: meta.membership,
    membershipIndex: meta.membershipIndex,
  }
}
