/** The shapes of this package's door. */
import type { StateReceiver, StateStore } from '@pinset/interface'
import type { Entry, RaftLogStore } from '@pinset/raft'

/** What binds this database to a cluster. */
export interface StorageIdentity {
  /** Random, made with the database. */
  readonly storageId: string
  /** Hex; null until the peer is admitted to its first and only cluster. */
  readonly clusterId: string | null
  /** 0 while there is no cluster. */
  readonly epoch: number
  /** Members named by the cluster that admitted this peer, encoded by consensus; empty when it made the cluster itself. */
  readonly admission: Uint8Array
}

export interface ClusterBinding {
  readonly clusterId: string
  /** ≥ 1. */
  readonly epoch: number
  readonly admission: Uint8Array
}

/** A block of numbers that name requests. */
export interface SerialReservation {
  /** How many, ≥ 1. */
  readonly count: number
  /** All of them lie above this one; 0 when nothing is known of earlier ones. */
  readonly above: number
}

/** Something on disk was not what had been written, and was cut off. */
export interface StorageDamage {
  readonly path: string
  /** First log index that is, or may be, concerned. */
  readonly index: number
  readonly what: string
}

export interface SuspendOptions {
  /**
   * A storage that has failed has decided already whether what it holds is in doubt: when it is not, leave no mark, and reject.
   *
   * @default false
   */
  readonly ifInDoubt?: boolean
}

/** The durable side of one peer, opened. One writer. */
export interface Storage {
  readonly identity: StorageIdentity
  readonly log: RaftLogStore
  /** The state in use; another object after `adoptState`. */
  readonly state: StateStore
  /** Found by this start; null when everything was whole. Voting is suspended when it is not. */
  readonly damage: StorageDamage | null
  /**
   * Bind to a cluster; durable when it resolves. Binding again to the same cluster and epoch replaces the admission.
   *
   * @throws {RefusedError} bound to another cluster or epoch.
   */
  bind(identity: ClusterBinding): Promise<void>
  /** The first of `count` serials that were never given out before and never will be again; durable when it resolves. */
  reserveSerials(reservation: SerialReservation): Promise<number>
  /** Begin to receive a state beside the one in use; what an earlier receiver left is deleted. */
  receiveState(): Promise<StateReceiver>
  /** Open the received state whose switch `log.write` has made durable, and delete the old one once its snapshots are closed. */
  adoptState(): Promise<void>
  /**
   * Remember over restarts that this peer must not vote until a leader has brought it up to date.
   *
   * To suspend voting resolves also when nothing can be written any more, but a mark is left that says the same.
   */
  setVotingSuspended(suspended: boolean, options?: SuspendOptions): Promise<void>
  /**
   * Call this once a write has failed, whoever asked for it, and at once when one has already: nothing is written any more. One
   * listener; a later one replaces it. It must not throw.
   */
  onFailure(listener: (failure: Error) => void): void
  /** Waits for writes in flight; closes every snapshot and receiver. Idempotent. */
  close(): Promise<void>
}

export interface StorageInit {
  /** Random and unique; chosen by the caller. Not empty. */
  readonly storageId: string
  /** The cluster that is founded with this database, or null for a peer that will be admitted to one. */
  readonly cluster: {
    readonly clusterId: string
    readonly epoch: number
    /** Entry 1 of term 1. */
    readonly entry: Entry
  } | null
}
