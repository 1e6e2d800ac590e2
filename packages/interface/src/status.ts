/** What a peer observes about a pin on its own IPFS node; local and never replicated. */
import type { CID } from 'multiformats/cid'

import type { MultiaddrText, PeerId } from './peer.ts'

/** Status words of IPFS Cluster, as its API prints them. */
export const PIN_STATUSES = [
  'undefined',
  'cluster_error',
  'pin_error',
  'unpin_error',
  'pinned',
  'pinning',
  'unpinning',
  'unpinned',
  'remote',
  'pin_queued',
  'unpin_queued',
  'unexpectedly_unpinned',
] as const

export type PinStatus = (typeof PIN_STATUSES)[number]

/** How far the fetch of one pin has come. */
export interface PinProgress {
  readonly blocks: number
  readonly bytes: number
}

/** The status of one pin on one peer. */
export interface PinInfo {
  readonly peerId: PeerId
  readonly peerName: string
  readonly ipfsPeerId: string
  readonly ipfsAddresses: readonly MultiaddrText[]
  readonly status: PinStatus
  /** When the status was entered, Unix milliseconds. */
  readonly timestampMs: number
  /** Empty unless the status is an error. */
  readonly error: string
  readonly attemptCount: number
  readonly priorityPin: boolean
  /** Present while the content is being fetched. */
  readonly progress?: PinProgress
}

/** The status of one pin on every peer. A peer that cannot be asked has the status `cluster_error`. */
export interface GlobalPinInfo {
  readonly cid: CID
  readonly name: string
  readonly allocations: readonly PeerId[]
  readonly origins: readonly MultiaddrText[]
  readonly createdMs: number
  readonly metadata: Readonly<Record<string, string>>
  readonly peers: readonly PinInfo[]
  /** Of the pinset that it was read from; only known on the peer that read it. */
  readonly revision?: number
}
