/**
 * Handing committed entries to the state machine.
 *
 * A1 Only what is committed and durable here (P9).
 * A2 In order, each once; nothing while a snapshot is being installed (P38).
 * A3 Once bytes handed out and not yet reported reach `maxApplyingBytes`, nothing more is; the entry that reaches it still is.
 */
import { invariant } from './invariant.ts'
import { requestLoad } from './loading.ts'
import { entryBytes } from './settings.ts'
import { isInstalling, type Core } from './state.ts'
import type { Entry, Index } from './types.ts'

function applicableTo(core: Core): Index {
  return Math.min(core.commitIndex, core.persistence.durableIndex) // A1
}

function mayHandOut(core: Core): boolean {
  return (
    core.role.role !== 'halted' &&
    !isInstalling(core) && // A2
    core.apply.handedOutIndex < applicableTo(core) &&
    core.apply.outstandingBytes < core.settings.maxApplyingBytes // A3
  )
}

function isStaged(core: Core, index: Index): boolean {
  const { staged } = core.apply
  const first = staged[0]?.index ?? Infinity
  return index >= first && index < first + staged.length
}

/** Whether entries can be handed out now. */
export function canApply(core: Core): boolean {
  if (!mayHandOut(core)) return false
  const next = core.apply.handedOutIndex + 1
  return next >= core.log.cachedFrom || isStaged(core, next)
}

/** Ask for the next entries when they are only on disk. */
export function loadForApply(core: Core): void {
  const { apply, log, settings } = core
  if (apply.loadRequest !== 0 || !mayHandOut(core) || canApply(core)) return
  const from = apply.handedOutIndex + 1
  const to = Math.min(applicableTo(core), log.cachedFrom - 1)
  apply.staged = []
  apply.loadRequest = requestLoad(core, { from, to, node: null }, settings.maxApplyingBytes - apply.outstandingBytes)
}

/** The next entries for the state machine. */
export function handOut(core: Core): readonly Entry[] {
  if (!canApply(core)) return []
  const { apply, log, settings } = core
  const from = apply.handedOutIndex + 1
  const to = applicableTo(core)
  const room = settings.maxApplyingBytes - apply.outstandingBytes
  const entries = from >= log.cachedFrom ? log.slice(from, to, Infinity, room) : takeStaged(core, from, to, room)
  let bytes = 0
  for (const entry of entries) bytes += entryBytes(entry)
  const lastIndex = from + entries.length - 1
  invariant(entries.length > 0 && lastIndex <= to, 'A1 only what is committed and durable is applied')
  apply.handedOutIndex = lastIndex
  apply.outstandingBytes += bytes
  apply.outstanding.push({ lastIndex, bytes })
  return entries
}

/** The state machine has applied up to `index`. */
export function handleApplied(core: Core, index: Index): void {
  const { apply, receipt } = core
  if (receipt?.kind === 'restoring' && index === receipt.snapshot.index) {
    core.receipt = null
    apply.appliedIndex = index
    apply.handedOutIndex = index
    apply.outstanding.length = 0
    apply.outstandingBytes = 0
    apply.staged = []
    return
  }
  invariant(index <= apply.handedOutIndex, () => `A2 ${index} was handed out; ${apply.handedOutIndex} is the last`)
  if (index <= apply.appliedIndex) return
  apply.appliedIndex = index
  while ((apply.outstanding[0]?.lastIndex ?? Infinity) <= index) {
    apply.outstandingBytes -= (apply.outstanding.shift() as { readonly bytes: number }).bytes
  }
}

function takeStaged(core: Core, from: Index, to: Index, maxBytes: number): readonly Entry[] {
  const { staged } = core.apply
  const first = (staged[0] as Entry).index
  const entries: Entry[] = []
  let bytes = 0
  for (let at = from - first; at < staged.length; at += 1) {
    const entry = staged[at] as Entry
    bytes += entryBytes(entry)
    if (entry.index > to || (entries.length > 0 && bytes > maxBytes)) break
    entries.push(entry)
  }
  if (from + entries.length >= first + staged.length) core.apply.staged = []
  return entries
}
