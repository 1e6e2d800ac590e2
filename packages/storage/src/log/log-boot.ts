/**
 * Decides at start what the log is worth, and repairs what can be repaired.
 *
 * K1 Damage never passes for a torn tail (P18): it is reported, the log is cut before it, and voting is suspended, durably, before
 *    anything else is written. A leader brings the peer up to date again.
 * K2 The state that was applied is never taken back: where the log is destroyed at or below the applied index, the state becomes
 *    the base of the log.
 */
import { CorruptError } from '@pinset/interface'
import type { StateMeta } from '@pinset/interface'
import type { Index, RaftLogStore } from '@pinset/raft'

import type { BatchOperation, KeyValueStore } from '../key-value/port.ts'
import { mustUnseal, sealOf } from '../record/seal.ts'
import type { StorageDamage, StorageIdentity } from '../types.ts'
import {
  BASE_KEY,
  ENTRY_RANGE,
  HEAD_KEY,
  IDENTITY_KEY,
  decodeBase,
  decodeHead,
  decodeIdentity,
  encodeBase,
  encodeHead,
  entryKey,
  indexOfEntryKey,
} from './log-records.ts'
import type { LogHead, LogState } from './log-records.ts'
import { scanLog } from './log-scan.ts'
import type { LogScan, Stretch } from './log-scan.ts'

/** What stands in the log database beside the entries. */
export interface LogRoots {
  readonly head: LogHead
  readonly base: LogState['base']
  readonly identity: StorageIdentity
}

export interface BootedLog {
  readonly state: LogState
  readonly boot: RaftLogStore['boot']
  readonly hasLeftovers: boolean
  readonly damage: StorageDamage | null
}

/** @throws {CorruptError} naming path and key: without these records nothing can be said about the log. */
export async function readRoots(store: KeyValueStore): Promise<LogRoots> {
  const { path } = store
  const [headValue, baseValue, identityValue] = await store.getMany([HEAD_KEY, BASE_KEY, IDENTITY_KEY])
  try {
    const head = decodeHead(mustUnseal(HEAD_KEY, headValue, 'the head of the log with term and vote', path), path)
    const base = decodeBase(mustUnseal(BASE_KEY, baseValue, 'the base of the log', path), path)
    const identity = decodeIdentity(mustUnseal(IDENTITY_KEY, identityValue, 'the identity', path), path)
    if (sealOf(baseValue as Uint8Array) !== head.baseChecksum) {
      throw new CorruptError(`the base of the log in ${path} is not the one that its head names (index ${base.index})`)
    }
    if (sealOf(identityValue as Uint8Array) !== head.identityChecksum) {
      throw new CorruptError(`the identity in ${path} is not the one that the head of the log names`)
    }
    if (base.index > head.lastIndex) {
      throw new CorruptError(
        `the base of the log in ${path} (index ${base.index}) is above its end (index ${head.lastIndex})`,
      )
    }
    return { head, base, identity }
  } catch (err) {
    if (!(err instanceof CorruptError)) throw err
    throw new CorruptError(
      `${err.message}. This peer cannot take part with this database: remove it from the cluster, delete its data directory and let it join again`,
      { cause: err },
    )
  }
}

/** Check the whole log against head and state, and repair it. */
export async function bootLog(
  store: KeyValueStore,
  roots: LogRoots,
  meta: StateMeta,
  isMarked: boolean,
): Promise<BootedLog> {
  const scan = await scanLog(store, roots.head, roots.base)
  const found = findDamage(store, roots, meta, scan)
  const log = found === null || found.index > meta.appliedIndex ? scan.lower : aboveState(scan, roots.head, meta)
  const base = log === scan.lower && roots.head.lastIndex >= meta.appliedIndex ? roots.base : baseOfState(meta)
  const kept = base === roots.base ? log : clip(log, base)
  const votingSuspended = roots.head.votingSuspended || isMarked || found !== null
  let head: LogHead = { ...roots.head, votingSuspended }
  if (found !== null) {
    const highestTerm = Math.max(scan.highestTerm, meta.appliedTerm)
    const hardState = highestTerm > head.hardState.term ? { term: highestTerm, vote: null } : head.hardState
    const lastChecksum = kept.last === base.index ? 0 : kept.lastChecksum
    head = { ...head, hardState, lastIndex: kept.last, lastChecksum }
  }
  let state: LogState = { head, base, identity: roots.identity, lastTerm: kept.lastTerm }
  if (votingSuspended !== roots.head.votingSuspended || found !== null) {
    state = await repair(store, state, roots.head)
  }
  return {
    state,
    boot: {
      hardState: state.head.hardState,
      base,
      termRuns: kept.termRuns,
      lastIndex: kept.last,
      memberships: kept.memberships,
      votingSuspended,
    },
    hasLeftovers: scan.hasLeftovers || base.index > roots.base.index,
    damage: found,
  }
}

function findDamage(store: KeyValueStore, roots: LogRoots, meta: StateMeta, scan: LogScan): StorageDamage | null {
  const { path } = store
  const { head } = roots
  if (scan.damage !== null)
    return { path, index: scan.damage.index, what: `entry ${scan.damage.index}: ${scan.damage.what}` }
  if (head.lastIndex < meta.appliedIndex) {
    const what = `the log ends with entry ${head.lastIndex}, but entries up to ${meta.appliedIndex} were applied: its end is lost`
    return { path, index: head.lastIndex + 1, what }
  }
  // Nothing is missing that could be seen; the newest batches may be.
  if (store.damage !== null) return { path: store.damage.path, index: head.lastIndex + 1, what: store.damage.what }
  const term = Math.max(scan.highestTerm, meta.appliedTerm)
  if (head.hardState.term < term) {
    return {
      path,
      index: head.lastIndex,
      what: `the hard state is at term ${head.hardState.term}, the log at term ${term}`,
    }
  }
  return null
}

/** K2 What can be kept above the applied index when the log is destroyed at or below it: all or nothing. */
function aboveState(scan: LogScan, head: LogHead, meta: StateMeta): Stretch {
  const { upper } = scan
  const isWhole =
    upper.last === head.lastIndex && upper.first <= meta.appliedIndex + 1 && upper.last > meta.appliedIndex
  return isWhole
    ? upper
    : { ...upper, first: meta.appliedIndex + 1, last: meta.appliedIndex, termRuns: [], memberships: [] }
}

function baseOfState(meta: StateMeta): LogState['base'] {
  const { appliedIndex, appliedTerm, membership, membershipIndex } = meta
  return { index: appliedIndex, term: appliedTerm, membership, membershipIndex }
}

/** The part of a stretch above a new base. */
function clip(stretch: Stretch, base: LogState['base']): Stretch {
  const first = base.index + 1
  if (stretch.last < first) {
    return { first, last: base.index, lastTerm: base.term, lastChecksum: 0, termRuns: [], memberships: [] }
  }
  const above = stretch.termRuns.filter(({ index }) => index > first)
  const atFirst = stretch.termRuns.findLast(({ index }) => index <= first)
  const termRuns = atFirst === undefined ? above : [{ term: atFirst.term, index: first }, ...above]
  return { ...stretch, first, termRuns, memberships: stretch.memberships.filter(({ index }) => index >= first) }
}

/** One synced batch: cut, base, suspension (K1). */
async function repair(store: KeyValueStore, state: LogState, oldHead: LogHead): Promise<LogState> {
  const { value, checksum } = encodeBase(state.base)
  const head: LogHead = { ...state.head, seq: state.head.seq + 1, baseChecksum: checksum }
  const deletes = await keysToCut(store, head.lastIndex, oldHead.lastIndex)
  const operations: BatchOperation[] = [
    ...deletes.map((key): BatchOperation => ({ kind: 'delete', key })),
    { kind: 'put', key: HEAD_KEY, value: encodeHead(head) },
    { kind: 'put', key: BASE_KEY, value },
  ]
  await store.batch(operations, { sync: true })
  return { ...state, head }
}

/** Keys that no entry may have, and those after `lastIndex`: as found, for a damaged key may stand for any index. */
async function keysToCut(store: KeyValueStore, lastIndex: Index, oldLastIndex: Index): Promise<readonly Uint8Array[]> {
  const keys: Uint8Array[] = []
  try {
    for await (const chunk of store.range({ ...ENTRY_RANGE, chunkBytes: 1024 * 1024, chunkEntries: 4096 })) {
      for (const { key } of chunk) if ((indexOfEntryKey(key) ?? Infinity) > lastIndex) keys.push(key)
    }
  } catch (err) {
    if (!(err instanceof CorruptError)) throw err
    // What the database cannot read now must not come back later.
    for (let index = lastIndex + 1; index <= oldLastIndex; index++) keys.push(entryKey(index))
  }
  return keys
}
