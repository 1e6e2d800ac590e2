/**
 * The memberships of the log by index. What is in force is the newest one, committed or not.
 *
 * H1 A pure function of base and log: truncation rolls it back, nothing else does (P30).
 * H2 Ascending; the first is the one in force at the base, when there was any.
 */
import { invariant } from './invariant.ts'
import type { Index, NodeId, RaftMembership } from './types.ts'

export interface MembershipAt {
  readonly index: Index
  readonly data: Uint8Array
  readonly membership: RaftMembership
}

export class MembershipHistory {
  #items: MembershipAt[] = []

  /** In force: the newest in the log; null before the first. */
  get current(): MembershipAt | null {
    return this.#items.at(-1) ?? null
  }

  /** The one before the current; null when it is not known any more. */
  get previous(): MembershipAt | null {
    return this.#items.at(-2) ?? null
  }

  get items(): readonly MembershipAt[] {
    return this.#items
  }

  append(item: MembershipAt): void {
    const current = this.current
    invariant(current === null || current.index < item.index, 'H2 memberships ascend')
    this.#items.push(item)
  }

  truncate(from: Index): void {
    while (this.#items.length > 0 && (this.#items.at(-1) as MembershipAt).index >= from) this.#items.pop()
  }

  /** The one in force at `index`. */
  at(index: Index): MembershipAt | null {
    return this.#items.findLast((item) => item.index <= index) ?? null
  }

  /** Forget those that were replaced at or before `index`. */
  compact(index: Index): void {
    const inForce = this.#items.findLastIndex((item) => item.index <= index)
    if (inForce > 0) this.#items = this.#items.slice(inForce)
  }

  /** Begin anew with what is in force at a base. */
  reset(item: MembershipAt | null): void {
    this.#items = item === null ? [] : [item]
  }
}

export function isVoter(membership: RaftMembership, id: NodeId): boolean {
  return membership.voters.includes(id)
}

/** Whether it is one by the rules of this package: sorted, without repeats, disjoint, at least one voter. */
export function isWellFormed(membership: RaftMembership): boolean {
  const { voters, learners } = membership
  return (
    voters.length > 0 &&
    ascends(voters) &&
    ascends(learners) &&
    voters.every((id) => id !== '' && !learners.includes(id)) &&
    learners[0] !== ''
  )
}

/** Nodes whose part differs between the two: added, removed, promoted or demoted. Sorted. */
export function changedNodes(before: RaftMembership, after: RaftMembership): readonly NodeId[] {
  const part = (membership: RaftMembership, id: NodeId): string =>
    isVoter(membership, id) ? 'voter' : membership.learners.includes(id) ? 'learner' : 'none'
  const nodes = new Set([...before.voters, ...before.learners, ...after.voters, ...after.learners])
  return [...nodes].filter((id) => part(before, id) !== part(after, id)).sort()
}

function ascends(ids: readonly NodeId[]): boolean {
  for (let at = 1; at < ids.length; at += 1) if ((ids[at - 1] as NodeId) >= (ids[at] as NodeId)) return false
  return true
}
