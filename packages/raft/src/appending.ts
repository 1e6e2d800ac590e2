/** A leader's own entries: into the log, onto the disk queue, and on their way. */
import { drop, type Core, type LeaderState } from './state.ts'
import { entryBytes } from './settings.ts'
import { isVoter } from './membership-history.ts'
import type { Entry, EntryKind, RaftMembership } from './types.ts'

export function handlePropose(core: Core, data: Uint8Array, context: number): void {
  const { role } = core
  if (role.role !== 'leader') {
    drop(core, context, role.role === 'halted' ? 'halted' : 'not-leader', 'this node does not lead')
    return
  }
  if (role.transfer !== null) {
    drop(core, context, 'busy', `leadership is being handed over to ${role.transfer.to}`)
    return
  }
  const current = core.log.memberships.current
  if (current === null || !isVoter(current.membership, core.id)) {
    drop(core, context, 'busy', 'this node leads until its removal is committed')
    return
  }
  appendOwn(core, role, 'operations', data, context, null)
}

/** Append an entry of the own term; false, with an answer to `context`, when there is no room. */
export function appendOwn(
  core: Core,
  leader: LeaderState,
  kind: EntryKind,
  data: Uint8Array,
  context: number | null,
  membership: RaftMembership | null,
): boolean {
  const entry: Entry = { term: core.term, index: core.log.lastIndex + 1, kind, data }
  const bytes = entryBytes(entry)
  if (context !== null) {
    if (leader.uncommittedBytes > 0 && leader.uncommittedBytes + bytes > core.settings.maxUncommittedBytes) {
      drop(core, context, 'busy', `${leader.uncommittedBytes} bytes wait for their commit`)
      return false
    }
    core.outbox.accepted({ context, id: { term: entry.term, index: entry.index } })
  }
  core.log.append(entry, membership)
  core.persistence.append(entry)
  if (leader.uncommitted.length === 0) leader.uncommittedFrom = entry.index
  leader.uncommitted.push(bytes)
  leader.uncommittedBytes += bytes
  leader.dirty = true
  return true
}
