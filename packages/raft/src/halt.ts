/**
 * The end of a node whose disk has failed (P10).
 *
 * Y1 Nothing is written, sent, applied or promised any more; a write is never retried.
 * Y2 A leader first tells the most caught-up voter to take over. That is all.
 * Y3 Answers that were decided before are still given, once: places in the log, and reads that a quorum had confirmed.
 */
import { endHandover } from './roles.ts'
import { drop, type Core } from './state.ts'
import { mostCaughtUpVoter } from './transfer.ts'
import type { Message } from './types.ts'

export function halt(core: Core): void {
  const { role } = core
  if (role.role === 'halted') return
  let farewell: Message | null = null
  let reads: readonly number[] = []
  if (role.role === 'leader') {
    const heir = mostCaughtUpVoter(core, role)
    if (heir !== null && core.log.knows(heir.matchIndex)) {
      farewell = {
        kind: 'timeoutNow',
        from: core.id,
        to: heir.id,
        term: core.term,
        last: core.log.idAt(heir.matchIndex),
      }
    }
    reads = role.reads.drain()
    if (role.transfer !== null) core.outbox.transferred({ context: role.transfer.context, leader: null })
  }
  endHandover(core, null)
  core.role = { role: 'halted', reason: 'a write to the log failed; nothing may be promised any more' }
  core.outbox.discardMessages()
  core.outbox.discardRequests()
  core.persistence.discard()
  core.receipt = null
  for (const context of reads) drop(core, context, 'halted', 'this node has halted before a quorum confirmed the read')
  if (farewell !== null) core.outbox.send(farewell)
}
