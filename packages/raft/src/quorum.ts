/**
 * Majorities of voters. Pure; the property test compares it with a naive version.
 *
 * Q1 Only the given voters count, each once.
 * Q2 No voters: nothing is ever reached.
 */
import type { NodeId } from './types.ts'

export type VoteResult = 'won' | 'lost' | 'pending'

export function majorityOf(count: number): number {
  return Math.floor(count / 2) + 1
}

/** The largest number that a majority of the voters has reached; 0 without voters (Q2). */
export function quorumIndex(voters: readonly NodeId[], valueOf: (id: NodeId) => number): number {
  const count = voters.length
  if (count === 0) return 0
  if (count === 1) return valueOf(voters[0] as NodeId)
  const descending: number[] = []
  for (const voter of voters) {
    const value = valueOf(voter)
    let at = descending.length
    while (at > 0 && (descending[at - 1] as number) < value) {
      descending[at] = descending[at - 1] as number
      at -= 1
    }
    descending[at] = value
  }
  return descending[majorityOf(count) - 1] as number
}

/** Whether the votes decide; who has not answered is missing in `votes`. */
export function tallyVotes(voters: readonly NodeId[], votes: ReadonlyMap<NodeId, boolean>): VoteResult {
  let granted = 0
  let rejected = 0
  for (const voter of voters) {
    const vote = votes.get(voter)
    if (vote === true) granted += 1
    else if (vote === false) rejected += 1
  }
  const needed = majorityOf(voters.length)
  if (voters.length > 0 && granted >= needed) return 'won'
  return voters.length === 0 || rejected > voters.length - needed ? 'lost' : 'pending'
}

/** Whether a majority of the voters is active; never without voters (Q2). */
export function hasQuorum(voters: readonly NodeId[], isActive: (id: NodeId) => boolean): boolean {
  let active = 0
  for (const voter of voters) if (isActive(voter)) active += 1
  return voters.length > 0 && active >= majorityOf(voters.length)
}
