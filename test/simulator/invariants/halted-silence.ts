/**
 * A node whose disk has failed writes, applies and promises nothing more; its last word may be to its successor.
 *
 * What was decided before the failure in the same turn is still told, in the Ready that tells of the halt and in no later one: reads
 * that a quorum had confirmed (that it had, `confirmed reads` checks), and the membership of a log that ends unwritten.
 */
import type { NodeId, Ready } from '@pinset/raft'

import { Violation } from './violation.ts'

export function checkHalted(
  node: NodeId,
  { persist, apply, restore, receive, send, sendAfter, reads, loads, snapshotsNeeded, soft, membership }: Ready,
): void {
  const spoken = [...send, ...sendAfter.map(({ message }) => message)].filter(({ kind }) => kind !== 'timeoutNow')
  if (spoken.length > 0) {
    throw new Violation('halted silence', `${node} has halted and sends ${spoken.map(({ kind }) => kind).join(', ')}`)
  }
  const isHalting = soft?.role === 'halted'
  const done = {
    persist,
    apply,
    reads: isHalting ? [] : reads,
    membership: isHalting || membership === null ? [] : [membership],
    loads,
    snapshotsNeeded,
    restore: restore === null ? [] : [restore],
    receive: receive === null ? [] : [receive],
  }
  for (const [what, items] of Object.entries(done)) {
    if (items.length > 0) {
      throw new Violation('halted silence', `${node} has halted and asks for: ${what}`)
    }
  }
}
