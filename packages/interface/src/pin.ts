/** What stays pinned, and how. Field names and meanings follow IPFS Cluster's `api.Pin`. */
import type { CID } from 'multiformats/cid'

import type { MultiaddrText, PeerId } from './peer.ts'

/** `recursive` keeps the whole DAG, `direct` only the root block. */
export type PinMode = 'recursive' | 'direct'

/** What a user chooses about a pin. */
export interface PinOptions {
  /** Number of peers that must hold the content, or −1 for every peer. 0 asks for the peer's default. */
  readonly replicationFactorMin: number
  readonly replicationFactorMax: number
  /** At most 255 UTF-8 bytes; empty when unnamed. */
  readonly name: string
  readonly mode: PinMode
  /** Peers preferred by the user when allocating. */
  readonly userAllocations: readonly PeerId[]
  /** Unix time in milliseconds after which the pin may be removed, or null for never. */
  readonly expireAtMs: number | null
  readonly metadata: Readonly<Record<string, string>>
  /** The pin whose options and allocations are taken over, or null. */
  readonly pinUpdate: CID | null
  /** Where the content can be fetched; each with a `/p2p/` part. */
  readonly origins: readonly MultiaddrText[]
}

/** A pin as a peer received and validated it, before the leader has allocated it. */
export interface PinRequest extends PinOptions {
  readonly cid: CID
}

/** One item of the replicated pinset. */
export interface Pin extends PinRequest {
  /** Peers that must hold the content; empty when every peer must (`replicationFactorMax` −1). */
  readonly allocations: readonly PeerId[]
  /** The leader's time when the pin was proposed, Unix milliseconds. */
  readonly timestampMs: number
}

/** A pin with its place in the replicated history. */
export interface PinRecord {
  readonly pin: Pin
  /** Log index of the entry that wrote this pin last; what `ifModifiedIndex` is compared with. */
  readonly modifiedIndex: number
}

/** The options of a pin about which the user said nothing. */
export const DEFAULT_PIN_OPTIONS: PinOptions = Object.freeze({
  replicationFactorMin: -1,
  replicationFactorMax: -1,
  name: '',
  mode: 'recursive',
  userAllocations: [],
  expireAtMs: null,
  metadata: Object.freeze({}),
  pinUpdate: null,
  origins: [],
})

/** Limits on what a user may put into a pin; an operation is at most 32 KiB in the log. */
export const PIN_LIMITS = Object.freeze({
  maxNameBytes: 255,
  maxMetadataEntries: 64,
  maxMetadataKeyBytes: 128,
  maxMetadataValueBytes: 1024,
  maxOrigins: 20,
  maxUserAllocations: 64,
  maxCidBytes: 128,
})
