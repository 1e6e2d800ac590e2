/** A node whose disk has failed writes, applies and promises nothing more; its last word may be to its successor. */
import type { NodeId, Ready } from '@pinset/raft'

import { Violation } from './violation.ts'

export function checkHalted(
  node: NodeId,
  { persist, apply, restore, receive, send, sendAfter, reads, loads, snapshotsNeeded }: Ready,
): void {
  const spoken = [...send, ...sendAfter.map(({ message }) => message)].filter(({ kind }) => kind !== 'timeoutNow')
  if (spoken.length > 0) {
    throw new Violation('halted silence', `${node} has halted and sends ${spoken.map(({ kind }) => kind).join(', ')}`)
  }
  const done = {
    persist,
    apply,
    reads,
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
