/** What consensus needs from outside, on one page. Adapters live in `storage`, `transport` and `peer`. */
import type {
  Dialer,
  Member,
  Pin,
  PinRecord,
  PinRequest,
  Rpc,
  Logger,
  StateReceiver,
  StateStore,
} from '@pinset/interface'
import type { RaftLogStore, RaftTransport } from '@pinset/raft'

/** What binds this database to a cluster. */
export interface StorageIdentity {
  /** Random, made with the database. */
  readonly storageId: string
  /** Hex; null until the peer is admitted to its first and only cluster. */
  readonly clusterId: string | null
  readonly epoch: number
  /** Members named by the cluster that admitted this peer, encoded by consensus; empty when it made the cluster itself. */
  readonly admission: Uint8Array
}

/** The durable side of one peer, opened. Nothing else writes to it. */
export interface ConsensusStorage {
  readonly identity: StorageIdentity
  readonly log: RaftLogStore
  /** The state in use; another object after `adoptState`. */
  readonly state: StateStore
  /** Bind to a cluster; durable when it resolves. @throws when bound to another one. */
  bind(identity: { readonly clusterId: string; readonly epoch: number; readonly admission: Uint8Array }): Promise<void>
  /** The first of `count` serials, all above `above`, that were never given out before and never will be again; durable when it resolves. */
  reserveSerials(reservation: { readonly count: number; readonly above: number }): Promise<number>
  /** Begin to receive a state beside the one in use; what an earlier receiver left is deleted. */
  receiveState(): Promise<StateReceiver>
  /** Open the received state whose switch `log.write` has made durable (`installSnapshot`), and delete the old one. */
  adoptState(): Promise<void>
  /**
   * Remember over restarts that this peer must not vote until a leader has brought it up to date.
   *
   * With `ifInDoubt` a storage that has failed is left to decide whether what it holds is in doubt: when it is not, this rejects.
   */
  setVotingSuspended(suspended: boolean, options?: { readonly ifInDoubt?: boolean }): Promise<void>
  /** Call this once a write has failed, whoever asked for it, and at once when one has already: nothing is written any more. */
  onFailure(listener: (failure: Error) => void): void
  close(): Promise<void>
}

export interface PrepareContext {
  readonly members: readonly Member[]
  /** The leader's time, Unix milliseconds. */
  readonly nowMs: number
  /** The pin as the leader's applied state has it. */
  readonly current: PinRecord | undefined
}

/** Runs on the leader, before the log: allocate and stamp. What it leaves open, `apply` never adds. */
export interface Prepare {
  pin(request: PinRequest, context: PrepareContext): Pin | Promise<Pin>
}

/** Time for the driver. The core sees only ticks. */
export interface Clock {
  /** Monotonic milliseconds. */
  nowMs(): number
  /** Unix milliseconds. */
  wallMs(): number
  /** Call back once after `delayMs`; returns what cancels it. */
  setTimer(delayMs: number, callback: () => void): () => void
}

export interface ConsensusComponents {
  readonly storage: ConsensusStorage
  readonly raftTransport: RaftTransport
  readonly rpc: Rpc
  readonly dialer: Dialer
  readonly prepare: Prepare
  readonly clock: Clock
  readonly logger: Logger
}
