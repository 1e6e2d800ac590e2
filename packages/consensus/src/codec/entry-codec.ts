/** Entries of the log, decoded for apply: all of an entry, or an error that stops applying right before it. */
import { CorruptError } from '@pinset/interface'
import type { Entry, EntryKind } from '@pinset/raft'

import { UpgradeRequiredError } from './errors.ts'
import { decodeMembershipEntry, type MembershipEntry } from './membership-codec.ts'
import { decodeBatch, type Operation } from './operation-codec.ts'

/** First of the bytes that the hash chain and the cluster id are made of; stable. */
export const ENTRY_KIND_NUMBERS: Readonly<Record<EntryKind, number>> = Object.freeze({
  noop: 0,
  operations: 1,
  membership: 2,
})

export type EntryContent =
  | { readonly kind: 'noop' }
  | { readonly kind: 'operations'; readonly operations: readonly Operation[] }
  | { readonly kind: 'membership'; readonly membership: MembershipEntry }

/** A committed entry with what it says. */
export interface DecodedEntry {
  readonly entry: Entry
  readonly content: EntryContent
}

/** @throws {UpgradeRequiredError} only a newer version can read it. @throws {CorruptError} naming the entry and the field. */
function decodeEntry(entry: Entry): DecodedEntry {
  try {
    return { entry, content: decodeContent(entry) }
  } catch (error) {
    const where = `entry ${entry.index} of term ${entry.term}`
    if (error instanceof UpgradeRequiredError)
      throw new UpgradeRequiredError(`${where}: ${error.message}`, { cause: error })
    if (error instanceof CorruptError) throw new CorruptError(`${where}: ${error.message}`, { cause: error })
    throw error
  }
}

/** Decode up to the first entry that cannot be read: apply `decoded`, then stop with `stopped` unless it is null. */
export function decodeEntries(entries: readonly Entry[]): {
  readonly decoded: readonly DecodedEntry[]
  readonly stopped: UpgradeRequiredError | CorruptError | null
} {
  const decoded: DecodedEntry[] = []
  for (const entry of entries) {
    try {
      decoded.push(decodeEntry(entry))
    } catch (error) {
      if (error instanceof UpgradeRequiredError || error instanceof CorruptError) return { decoded, stopped: error }
      throw error
    }
  }
  return { decoded, stopped: null }
}

function decodeContent(entry: Entry): EntryContent {
  switch (entry.kind) {
    case 'noop':
      return { kind: 'noop' }
    case 'operations':
      return { kind: 'operations', operations: decodeBatch(entry.data) }
    case 'membership':
      return { kind: 'membership', membership: decodeMembershipEntry(entry.data) }
  }
}
