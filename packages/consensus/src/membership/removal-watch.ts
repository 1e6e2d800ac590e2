/**
 * How a peer that nobody talks to any more learns whether it was removed.
 *
 * - RW1 Only a committed membership of the own cluster says so: same cluster id, no earlier epoch, newer than the one applied
 *   here, and without this peer and database. A guess from silence or from the own log never does.
 * - RW2 It is asked while this peer holds itself for a member and has known no leader for a while; then again and again.
 * - RW3 Nothing is wiped, and nothing is founded: the answer is told, no more.
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
    const { identity, members, appliedMembershipIndex, onRemoved, logger } = this.#components
    const { storageId } = identity()
    const others = members()
      .map((member) => member.peerId)
      .filter((peer, at, all) => peer !== this.#peerId && all.indexOf(peer) === at)
    const own = { peerId: this.#peerId, storageId, membershipIndex: appliedMembershipIndex(), cluster: identity() }
    const told = await askMembers(this.#components, own.cluster, others, (answer) => tellsRemoval(answer, own), {
      signal: this.#stopped.signal,
    })
    if (told === null || this.#stopped.signal.aborted) return false
    logger.warn('This peer was removed from the cluster', { by: told.by, index: told.index })
    onRemoved({ index: told.index, membership: told.membership })
    return true
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

/** Does this answer say that the peer was removed? RW1 */
export function tellsRemoval(
  told: Pick<ToldMembership, 'epoch' | 'index' | 'membership'>,
  own: {
    readonly peerId: PeerId
    readonly storageId: string
    readonly membershipIndex: number
    readonly cluster: OwnCluster
  },
): boolean {
  const listed = told.membership.members.some(
    (member) => member.peerId === own.peerId && member.storageId === own.storageId,
  )
  return !listed && told.epoch >= own.cluster.epoch && told.index > own.membershipIndex
}
