/**
 * What a leader sends to one node or all, derived from its progress.
 *
 * D1 Appends and heartbeats leave at once, before the own sync; they promise nothing.
 * D2 A heartbeat's commit index is never above what its receiver is known to match (P4).
 * D3 Every message carries the newest read round at the moment in which it is made (P17).
 */
import { requestLoad } from './loading.ts'
import type { Progress } from './progress.ts'
import { entryBytes, LOAD_MESSAGES } from './settings.ts'
import type { Core, LeaderState } from './state.ts'
import type { Entry, Index } from './types.ts'

/** Bring everybody as far as limits allow; clears `dirty`. */
export function replicate(core: Core, leader: LeaderState): void {
  leader.dirty = false
  if (leader.reads.unsent) broadcastHeartbeat(core, leader)
  const shared = new SharedSlices(core)
  for (const progress of leader.progress.values()) replicateTo(core, leader, progress, shared)
}

export function broadcastHeartbeat(core: Core, leader: LeaderState): void {
  leader.reads.markSent()
  for (const progress of leader.progress.values()) {
    const commitIndex = Math.min(progress.matchIndex, core.commitIndex) // D2
    core.outbox.send({
      kind: 'heartbeat',
      from: core.id,
      to: progress.id,
      term: core.term,
      commitIndex,
      readRound: leader.reads.round,
    })
    progress.sentCommit = Math.max(progress.sentCommit, commitIndex)
  }
}

/** Whether it has answered within an election timeout; a new one is given as long for its first answer. */
export function isActive(core: Core, progress: Progress): boolean {
  return core.now - Math.max(progress.heardTick, progress.sinceTick) < core.settings.electionTicks
}

function replicateTo(core: Core, leader: LeaderState, progress: Progress, shared: SharedSlices): void {
  for (;;) {
    const { flow } = progress
    if (flow.kind === 'snapshot' || (flow.kind === 'probe' && flow.paused)) return
    if (progress.nextIndex <= core.log.base.index) {
      askForSnapshot(core, leader, progress)
      return
    }
    if (flow.kind === 'probe') {
      sendAppend(core, leader, progress, entriesFor(core, progress, shared))
      return
    }
    const entries = progress.inflights.full ? NO_ENTRIES : entriesFor(core, progress, shared)
    if (entries.length > 0) {
      sendAppend(core, leader, progress, entries)
      continue
    }
    if (flow.nudge || progress.wantsCommit(core.commitIndex)) sendAppend(core, leader, progress, NO_ENTRIES)
    return
  }
}

const NO_ENTRIES: readonly Entry[] = Object.freeze([])

function sendAppend(core: Core, leader: LeaderState, progress: Progress, entries: readonly Entry[]): void {
  const prev = core.log.idAt(progress.nextIndex - 1)
  let bytes = 0
  for (const entry of entries) bytes += entryBytes(entry)
  core.outbox.send({
    kind: 'appendEntries',
    from: core.id,
    to: progress.id,
    term: core.term,
    prev,
    entries,
    commitIndex: core.commitIndex,
    readRound: leader.reads.round,
  })
  progress.sent(entries.length, bytes, core.commitIndex)
}

/** The next entries for it, from memory; asks for a load and gives none when they are only on disk. */
function entriesFor(core: Core, progress: Progress, shared: SharedSlices): readonly Entry[] {
  const { log, settings } = core
  const from = progress.nextIndex
  if (from > log.lastIndex) return NO_ENTRIES
  if (from >= log.cachedFrom) {
    progress.staged = NO_ENTRIES
    return shared.from(from)
  }
  const first = progress.staged[0]?.index ?? Infinity
  if (from >= first && from < first + progress.staged.length) {
    return limited(progress.staged, from - first, settings.maxEntriesPerMessage, settings.maxBytesPerMessage)
  }
  progress.staged = NO_ENTRIES
  if (progress.loadRequest === 0) {
    const to = Math.min(log.cachedFrom - 1, log.lastIndex)
    progress.loadRequest = requestLoad(
      core,
      { from, to, node: progress.id },
      settings.maxBytesPerMessage * LOAD_MESSAGES,
    )
  }
  return NO_ENTRIES
}

function askForSnapshot(core: Core, leader: LeaderState, progress: Progress): void {
  // Nobody is sent a whole state who does not answer, or is about to be forgotten.
  const answers = progress.heardTick >= 0 && isActive(core, progress)
  if (!answers || leader.leaving.has(progress.id) || core.now < progress.snapshotRetryTick) {
    if (progress.flow.kind === 'replicate') progress.becomeProbe()
    return
  }
  progress.becomeSnapshot(0)
  core.outbox.snapshotNeeded({ to: progress.id })
}

function limited(entries: readonly Entry[], start: number, maxEntries: number, maxBytes: number): readonly Entry[] {
  let bytes = 0
  let end = start
  while (end < entries.length && end - start < maxEntries) {
    bytes += entryBytes(entries[end] as Entry)
    if (end > start && bytes > maxBytes) break
    end += 1
  }
  return start === 0 && end === entries.length ? entries : entries.slice(start, end)
}

/** Followers at the same place are sent the same array. */
class SharedSlices {
  readonly #core: Core
  #from: Index = 0
  #entries: readonly Entry[] = NO_ENTRIES

  constructor(core: Core) {
    this.#core = core
  }

  from(from: Index): readonly Entry[] {
    if (this.#from !== from) {
      const { log, settings } = this.#core
      this.#entries = log.slice(from, log.lastIndex, settings.maxEntriesPerMessage, settings.maxBytesPerMessage)
      this.#from = from
    }
    return this.#entries
  }
}
