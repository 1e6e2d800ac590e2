/**
 * What `wanted` lacks, as the leader sees it: when to promote a learner, or demote a voter.
 *
 * - PW1 Nothing is due while the newest membership is uncommitted.
 * - PW2 A learner is promoted when it holds something and has been within 64 entries of the leader's last for two election timeouts without a break,
 *   and is heard: one that has stopped is as caught up in an idle cluster as one that runs.
 * - PW3 Time counts only while the same leader leads and the same database follows.
 */
import type { Membership, PeerId } from '@pinset/interface'

import type { MembershipChange } from './next-membership.ts'

/** How many entries behind the leader's last a learner may be. */
export const CAUGHT_UP_ENTRIES = 64

export interface LeaderView {
  readonly nowMs: number
  readonly membership: Membership
  readonly membershipCommitted: boolean
  readonly lastIndex: number
  /** Null when not known. */
  matchIndex(peer: PeerId): number | null
  /** Heard within an election timeout: less than what PW2 waits for, else a learner could stop meanwhile and still pass for one that runs. */
  reachable(peer: PeerId): boolean
}

export class PromotionWatch {
  readonly #stableMs: number
  /** Since when each learner has been caught up; by peer and database. */
  #since = new Map<string, number>()

  /** @param electionTimeoutMs - the shortest one. */
  constructor(electionTimeoutMs: number) {
    this.#stableMs = 2 * electionTimeoutMs
  }

  /** This peer does not lead (any more). PW3 */
  reset(): void {
    this.#since.clear()
  }

  /** Look at the followers, about every tick or heartbeat; returns the change to propose now, if any. */
  observe(view: LeaderView): MembershipChange | null {
    const since = new Map<string, number>()
    for (const { peerId, storageId, suffrage, wanted } of view.membership.members) {
      if (suffrage !== 'learner' || wanted !== 'voter') continue
      const match = view.matchIndex(peerId)
      // In a short log everybody is near its end: who holds nothing has not been heard by the log at all.
      if (match === null || match === 0 || match < view.lastIndex - CAUGHT_UP_ENTRIES || !view.reachable(peerId))
        continue
      const key = `${peerId} ${storageId}`
      since.set(key, this.#since.get(key) ?? view.nowMs)
    }
    this.#since = since
    return view.membershipCommitted ? this.#due(view) : null // PW1
  }

  #due({ nowMs, membership }: LeaderView): MembershipChange | null {
    const voters = membership.members.filter((member) => member.suffrage === 'voter')
    for (const { peerId, storageId, suffrage, wanted } of membership.members) {
      const sinceMs = this.#since.get(`${peerId} ${storageId}`)
      if (sinceMs !== undefined && nowMs - sinceMs >= this.#stableMs) return { op: 'promote-peer', peerId, storageId } // PW2
      if (suffrage === 'voter' && wanted === 'learner' && voters.length > 1) return { op: 'demote-peer', peerId }
    }
    return null
  }
}
