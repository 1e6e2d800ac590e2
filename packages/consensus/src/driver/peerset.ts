/**
 * The newest membership of the own log, and how this peer stands to it.
 *
 * PS1 `removed` is said only on evidence: a committed membership without this peer after one that held it with this storage, or a
 *    member's answer that says so; never because an old log does not list this peer yet.
 * PS2 A removal that is not committed is not one yet: this peer may still be needed to elect a leader.
 */
import type { Member, MembershipAt, PeerId, PeerRelation } from '@pinset/interface'
import type { RaftBoot } from '@pinset/raft'

import { membershipOf, NO_MEMBERS } from '../codec/membership-codec.ts'

export interface PeersetInit {
  readonly peerId: PeerId
  readonly storageId: string
  readonly boot: Pick<RaftBoot, 'base' | 'memberships'>
}

export class Peerset {
  readonly #peerId: PeerId
  readonly #storageId: string
  #newest: MembershipAt = { index: 0, membership: NO_MEMBERS }
  /** Highest index of a membership that held this peer; 0 when none is known. */
  #heldAtIndex = 0
  /** Before the newest one, ascending, back to the last that is known to be committed. */
  #former: readonly MembershipAt[] = []
  /** Of a membership that is applied here, and so committed. */
  #committedIndex = 0
  /** Up to here, memberships that hold this peer are out of force, as a member has told; 0 when none did. */
  #removedAtIndex = 0
  /** Out of force as well, whatever its index: the newest one when that was told. */
  #outOfForce: MembershipAt | null = null

  constructor(init: PeersetInit) {
    this.#peerId = init.peerId
    this.#storageId = init.storageId
    const { base, memberships } = init.boot
    if (base.membershipIndex > 0) {
      this.update(base.membershipIndex, base.membership)
    }
    for (const { index, data } of memberships) {
      this.update(index, data)
    }
  }

  get newest(): MembershipAt {
    return this.#newest
  }

  get members(): readonly Member[] {
    return this.#newest.membership.members
  }

  /**
   * Members before the newest membership, while that is not known to be committed: if it is cut off, they are it again. All since the
   * last committed one: which of those between were cut off together with what came after them is not told.
   */
  get former(): readonly Member[] {
    return this.#newest.index > this.#committedIndex ? this.#former.flatMap(({ membership }) => membership.members) : []
  }

  /** Indexes of memberships without this peer that are not known to be committed. */
  get leftOutAt(): readonly number[] {
    return [...this.#former, this.#newest]
      .filter(
        ({ index, membership }) =>
          index > this.#committedIndex && !membership.members.some((each) => this.#isSelf(each)),
      )
      .map(({ index }) => index)
  }

  get self(): Member | undefined {
    return this.members.find((each) => this.#isSelf(each))
  }

  member(peerId: PeerId): Member | undefined {
    return this.members.find((each) => each.peerId === peerId)
  }

  get relation(): PeerRelation {
    if (this.#removedAtIndex > 0 && (this.#removedAtIndex >= this.#newest.index || this.#outOfForce === this.#newest)) {
      return 'removed' // PS1
    }
    if (this.self !== undefined) {
      return 'member'
    }
    if (this.#heldAtIndex === 0) {
      return 'joining'
    }
    return this.#newest.index <= this.#committedIndex ? 'removed' : 'member' // PS2
  }

  /**
   * The newest membership in the log is this one now; a lower index than before when entries were cut off. `before` are those that the log
   * holds below it: several may come at once.
   */
  update(index: number, data: Uint8Array, before: RaftBoot['memberships'] = []): void {
    const held = before
      .filter((each) => each.index > this.#committedIndex)
      .map((each) => ({ index: each.index, membership: membershipOf(each.data) }))
    const others = [...this.#former, this.#newest].filter((each) => held.every((other) => other.index !== each.index))
    this.#former = [...others, ...held]
      .filter((each) => each.index > 0 && each.index < index)
      .sort((one, other) => one.index - other.index)
    this.#newest = { index, membership: index === 0 ? NO_MEMBERS : membershipOf(data) }
    if (this.self !== undefined) {
      this.#heldAtIndex = index
    } else if (this.#heldAtIndex > index) {
      this.#heldAtIndex = 0 // The entry that held this peer was cut off: it was never committed.
    }
  }

  /** Memberships up to this index are committed. Returns whether that is news. */
  committed(index: number): boolean {
    const isNews = index > this.#committedIndex
    this.#committedIndex = Math.max(this.#committedIndex, index)
    if (this.#newest.index <= this.#committedIndex) this.#outOfForce = null // It is in force: what was told was before it.
    const inForce = this.#former.findLastIndex((each) => each.index <= this.#committedIndex)
    if (inForce > 0) this.#former = this.#former.slice(inForce)
    return isNews
  }

  /** A member has told a committed membership without this peer, newer than any that is committed here. PS1 */
  learnRemoval(toldIndex: number): void {
    this.#removedAtIndex = toldIndex
    this.#outOfForce = this.#newest
  }

  #isSelf({ peerId, storageId }: Member): boolean {
    return peerId === this.#peerId && storageId === this.#storageId
  }
}
