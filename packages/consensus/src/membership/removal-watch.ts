/**
 * How a peer that nobody talks to any more learns whether it was removed.
 *
 * - RW1 Only a committed membership of the own cluster says so: same cluster id, no earlier epoch, without this peer and database,
 *   and either newer than the one applied here, or RW4. One that the own log holds, too, says nothing of those behind it, for this peer
 *   may have been added again. A guess from silence or from the own log never does.
 * - RW2 It is asked while this peer holds itself for a member and has known no leader for a while; then again and again.
 * - RW3 Nothing is wiped, and nothing is founded: the answer is told, no more.
 * - RW4 A membership that holds this peer may have been lost by its leader before it was committed, and nobody replicates to this peer
 *   any more. It never took effect if committed history that reaches up to its index ends in another one. History that ends
 *   below the newest membership of the own log proves nothing about that one.
 */
import type { Logger, Member, MembershipAt, PeerId, Rpc } from '@pinset/interface'

import type { Clock, StorageIdentity } from '../ports.ts'
import { askMembers, type OwnCluster, type ToldMembership } from './ask-members.ts'

export interface RemovalWatchComponents {
  readonly identity: () => StorageIdentity
  /** The members last known, to be asked. */
  readonly members: () => readonly Member[]
  /** Index of the membership that the applied state holds; what is committed here for certain. */
  readonly appliedMembershipIndex: () => number
  /** Index of the newest membership in the own log, committed or not; none that lists this peer is above it. */
  readonly newestMembershipIndex: () => number
  /** Indexes of memberships in the own log without this peer, newer than the one applied here. */
  readonly leftOutAt: () => readonly number[]
  /** True while this peer holds itself for a member and knows no leader. */
  readonly isLost: () => boolean
  readonly rpc: Pick<Rpc, 'call'>
  readonly clock: Clock
  readonly logger: Logger
  /** This peer is not in this committed membership. */
  readonly onRemoved: (told: MembershipAt) => void
}

export interface RemovalWatchInit {
  readonly peerId: PeerId
  /** How long no leader is known before members are asked, in milliseconds. @default 5000 */
  readonly silenceMs?: number
  /** Between two questions, in milliseconds. @default 10000 */
  readonly intervalMs?: number
}

/** How often this peer looks whether it is lost. */
const LOOK_MS = 1_000

export class RemovalWatch {
  readonly #components: RemovalWatchComponents
  readonly #peerId: PeerId
  readonly #silenceMs: number
  readonly #intervalMs: number
  readonly #stopped = new AbortController()
  #lostSinceMs: number | null = null
  #askedAtMs = Number.NEGATIVE_INFINITY
  #cancelTimer: (() => void) | null = null
  #asking: Promise<void> | null = null

  constructor(components: RemovalWatchComponents, init: RemovalWatchInit) {
    this.#components = components
    this.#peerId = init.peerId
    this.#silenceMs = init.silenceMs ?? 5_000
    this.#intervalMs = init.intervalMs ?? 10_000
  }

  /** Begin to watch. */
  start(): void {
    this.#schedule()
  }

  /** Idempotent. */
  async stop(): Promise<void> {
    this.#stopped.abort()
    this.#cancelTimer?.()
    this.#cancelTimer = null
    await this.#asking
  }

  /** Ask now, whatever is known; returns whether this peer has learned that it was removed. */
  async ask(): Promise<boolean> {
    const { identity, members, onRemoved, logger } = this.#components
    const others = members()
      .map((member) => member.peerId)
      .filter((peer, at, all) => peer !== this.#peerId && all.indexOf(peer) === at)
    const accept = (answer: ToldMembership): boolean => tellsRemoval(answer, this.#own())
    const { signal } = this.#stopped
    const told = await askMembers(this.#components, identity(), others, accept, { signal })
    // The log may have gone on since the answer was accepted.
    if (told === null || signal.aborted || !accept(told)) return false
    logger.warn('This peer was removed from the cluster', { by: told.by, index: told.index })
    onRemoved({ index: told.index, membership: told.membership })
    return true
  }

  #own(): Own {
    const { identity, appliedMembershipIndex, newestMembershipIndex, leftOutAt } = this.#components
    const cluster = identity()
    return {
      peerId: this.#peerId,
      storageId: cluster.storageId,
      membershipIndex: appliedMembershipIndex(),
      newestMembershipIndex: newestMembershipIndex(),
      leftOutAt: leftOutAt(),
      cluster,
    }
  }

  #schedule(): void {
    if (this.#stopped.signal.aborted) return
    this.#cancelTimer = this.#components.clock.setTimer(LOOK_MS, () => {
      this.#asking = this.#look().finally(() => {
        this.#asking = null
        this.#schedule()
      })
    })
  }

  /** RW2 */
  async #look(): Promise<void> {
    const nowMs = this.#components.clock.nowMs()
    if (!this.#components.isLost()) {
      this.#lostSinceMs = null
      return
    }
    this.#lostSinceMs ??= nowMs
    if (nowMs - this.#lostSinceMs < this.#silenceMs || nowMs - this.#askedAtMs < this.#intervalMs) return
    this.#askedAtMs = nowMs
    try {
      await this.ask()
    } catch (error) {
      this.#components.logger.warn('Members could not be asked whether this peer was removed', { err: error })
    }
  }
}

/** What an answer is judged by. */
interface Own {
  readonly peerId: PeerId
  readonly storageId: string
  /** Of the membership applied here. */
  readonly membershipIndex: number
  /** Of the newest membership in the log. */
  readonly newestMembershipIndex: number
  readonly leftOutAt: readonly number[]
  readonly cluster: OwnCluster
}

/** Does this answer say that the peer was removed? RW1 */
export function tellsRemoval(told: Omit<ToldMembership, 'by'>, own: Own): boolean {
  const listed = told.membership.members.some(
    (member) => member.peerId === own.peerId && member.storageId === own.storageId,
  )
  if (!listed && told.epoch >= own.cluster.epoch && told.appliedIndex >= own.newestMembershipIndex) return true // RW4
  if (own.leftOutAt.includes(told.index)) return false // RW1
  return !listed && told.epoch >= own.cluster.epoch && told.index > own.membershipIndex
}
