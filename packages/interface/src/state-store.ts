/**
 * The replicated state on disk, as rows of bytes. What a row means is for `consensus` to know; where it lies, for `storage`.
 *
 * Rows of one table are ordered by the bytes of their key.
 */
import type { AbortOptions } from './options.ts'

/** Tables of the state. Every row belongs to the state digest and to snapshots. */
export const STATE_TABLES = ['pin', 'origin', 'request', 'idempotency', 'expiry'] as const
export type StateTable = (typeof STATE_TABLES)[number]

export interface RowKey {
  readonly table: StateTable
  /** At most 1 KiB. */
  readonly key: Uint8Array
}

export interface Row extends RowKey {
  /** At most 64 KiB. */
  readonly value: Uint8Array
}

/** Everything about the state at one applied index that is not a row. Written in the same batch as the rows. */
export interface StateMeta {
  readonly appliedIndex: number
  readonly appliedTerm: number
  /** Hash-chain head at `appliedIndex`, 32 bytes. */
  readonly head: Uint8Array
  /** Sum mod 2²⁵⁶ of the SHA-256 of each row, 32 bytes big endian. */
  readonly digest: Uint8Array
  /** Encoded membership at `appliedIndex`, as it stands in its entry; empty when there is none. */
  readonly membership: Uint8Array
  readonly membershipIndex: number
  /** Highest leader's time applied so far, Unix milliseconds. */
  readonly committedTimeMs: number
  /** Version of the highest operation applied; a peer that cannot read it must not open the state. */
  readonly operationVersion: number
  /** Pins in the state, kept so that nobody has to count them. */
  readonly pinCount: number
}

export interface StateWrite {
  readonly puts: readonly Row[]
  readonly deletes: readonly RowKey[]
  readonly meta: StateMeta
}

export interface RowRange extends AbortOptions {
  readonly table?: StateTable
  /** Rows strictly after this key; with `table`, its key; without, in table order. */
  readonly after?: RowKey
  readonly limit?: number
}

/** A point in time of the state; holds disk space until closed. */
export interface StateSnapshot extends AsyncDisposable {
  readonly meta: StateMeta
  get(key: RowKey): Promise<Uint8Array | undefined>
  /** Chunks of rows in order, each chunk at most 256 rows and about 64 KiB. Reads ahead by one chunk at most. */
  rows(range?: RowRange): AsyncIterable<readonly Row[]>
  close(): Promise<void>
}

/** The state in use. One writer; writes are applied in call order. */
export interface StateStore {
  /** Of the last write that was begun; what is read may be behind of it by the writes in flight. */
  readonly meta: StateMeta
  getMany(keys: readonly RowKey[]): Promise<readonly (Uint8Array | undefined)[]>
  /** One atomic batch. With `sync` it and everything before it is durable when the promise resolves. */
  write(write: StateWrite, options: { readonly sync: boolean }): Promise<void>
  snapshot(): Promise<StateSnapshot>
}

/** A state that is being received beside the one in use; becomes it when the log store switches to it. */
export interface StateReceiver {
  /** Number of the state database that is being filled. */
  readonly stateNumber: number
  /** Rows in order, none twice. */
  write(rows: readonly Row[]): Promise<void>
  /** Write the meta data and make everything durable. */
  finish(meta: StateMeta): Promise<void>
  /** Delete what was received. Idempotent. */
  abort(): Promise<void>
}
