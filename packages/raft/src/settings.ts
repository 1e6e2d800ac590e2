/**
 * Settings with their defaults filled in and checked.
 *
 * Owns: defaults, limits between settings. Not: what they do.
 */
import type { Entry, NodeId, RaftInit, RaftMembership } from './types.ts'

/** Memory and frame bytes of an entry beside its data; keeps limits true for empty entries. */
const ENTRY_OVERHEAD_BYTES = 32
/** Loads from disk are this many messages long, so that a follower far behind is not held to one message per read. */
export const LOAD_MESSAGES = 4
/** Election timeouts for which a removed node is still replicated to once its removal is committed. */
export const LEAVING_ELECTION_TIMEOUTS = 10
/** Terms above are nonsense: a cluster that elects a thousand times per second gets there in 140 000 years. */
export const MAX_TERM = 2 ** 52

export interface Settings {
  readonly id: NodeId
  readonly electionTicks: number
  readonly heartbeatTicks: number
  readonly maxEntriesPerMessage: number
  readonly maxBytesPerMessage: number
  readonly maxInflightMessages: number
  readonly maxInflightBytes: number
  readonly maxUncommittedBytes: number
  readonly maxApplyingBytes: number
  readonly maxCachedBytes: number
  readonly maxPendingReads: number
  readonly random: () => number
  readonly decodeMembership: (data: Uint8Array) => RaftMembership
}

/** @throws {RangeError} a setting is out of range or contradicts another. */
export function resolveSettings(init: RaftInit): Settings {
  const settings: Settings = {
    id: init.id,
    electionTicks: init.electionTicks ?? 20,
    heartbeatTicks: init.heartbeatTicks ?? 2,
    maxEntriesPerMessage: init.maxEntriesPerMessage ?? 1024,
    maxBytesPerMessage: init.maxBytesPerMessage ?? 262_144,
    maxInflightMessages: init.maxInflightMessages ?? 64,
    maxInflightBytes: init.maxInflightBytes ?? 4_194_304,
    maxUncommittedBytes: init.maxUncommittedBytes ?? 16_777_216,
    maxApplyingBytes: init.maxApplyingBytes ?? 8_388_608,
    maxCachedBytes: init.maxCachedBytes ?? 16_777_216,
    maxPendingReads: init.maxPendingReads ?? 65_536,
    random: init.random,
    decodeMembership: init.decodeMembership,
  }
  for (const [name, value] of Object.entries(settings)) {
    if (typeof value === 'number' && (!Number.isSafeInteger(value) || value < 1)) {
      throw new RangeError(`${name} must be a positive integer, is ${value}`)
    }
  }
  if (settings.id === '') throw new RangeError('id must not be empty')
  if (settings.electionTicks <= settings.heartbeatTicks) {
    throw new RangeError(
      `electionTicks (${settings.electionTicks}) must exceed heartbeatTicks (${settings.heartbeatTicks})`,
    )
  }
  if (settings.maxInflightBytes < settings.maxBytesPerMessage) {
    throw new RangeError(
      `maxInflightBytes (${settings.maxInflightBytes}) must be at least maxBytesPerMessage (${settings.maxBytesPerMessage})`,
    )
  }
  return settings
}

/** Bytes that an entry counts for in every limit. */
export function entryBytes(entry: Entry): number {
  return entry.data.byteLength + ENTRY_OVERHEAD_BYTES
}
