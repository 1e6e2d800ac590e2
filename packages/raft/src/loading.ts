/**
 * Entries that are no longer in memory, read by the driver.
 *
 * U1 While a read is under way, no operation removes anything in its range: compaction, truncation and snapshots wait.
 * U2 What comes back is used only when it is, by index and term, what the log has there.
 */
import type { Core, LoadRequest } from './state.ts'
import type { Entry, Index } from './types.ts'

export function requestLoad(core: Core, load: LoadRequest, maxBytes: number): number {
  core.nextLoad += 1
  const request = core.nextLoad
  core.loads.set(request, load)
  core.outbox.load({ request, from: load.from, to: load.to, maxBytes })
  return request
}

/** The lowest index that is being read; Infinity when none is. */
export function lowestLoading(core: Core): Index {
  let lowest = Infinity
  for (const load of core.loads.values()) lowest = Math.min(lowest, load.from)
  return lowest
}

/** The highest index that is being read; 0 when none is. */
export function highestLoading(core: Core): Index {
  let highest = 0
  for (const load of core.loads.values()) highest = Math.max(highest, load.to)
  return highest
}

export function handleEntriesLoaded(core: Core, request: number, entries: readonly Entry[]): void {
  const load = core.loads.get(request)
  if (load === undefined) return
  core.loads.delete(request)
  const usable = isPartOfLog(core, load, entries) ? entries : []
  if (load.node === null) {
    if (core.apply.loadRequest !== request) return
    core.apply.loadRequest = 0
    core.apply.staged = usable
    return
  }
  const { role } = core
  if (role.role !== 'leader') return
  const progress = role.progress.get(load.node)
  if (progress === undefined || progress.loadRequest !== request) return
  progress.loadRequest = 0
  progress.staged = usable
  // Without anything to use, the next heartbeat asks again.
  if (usable.length > 0) role.dirty = true
}

function isPartOfLog(core: Core, load: LoadRequest, entries: readonly Entry[]): boolean {
  return entries.every((entry, at) => entry.index === load.from + at && core.log.matches(entry))
}
