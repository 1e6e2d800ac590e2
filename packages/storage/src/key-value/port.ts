/**
 * The small ordered key-value port on which all of this package's logic stands. LevelDB is one adapter, the crashing
 * memory disk another; both pass one conformance suite.
 *
 * Keys are ordered by their bytes. Whoever hands in keys and values must not change them afterwards.
 */
import type { AbortOptions } from '@pinset/interface'

export interface KeyValue {
  readonly key: Uint8Array
  readonly value: Uint8Array
}

export type BatchOperation =
  | { readonly kind: 'put'; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly kind: 'delete'; readonly key: Uint8Array }

export interface KeyRange extends AbortOptions {
  readonly gte?: Uint8Array
  readonly gt?: Uint8Array
  readonly lt?: Uint8Array
  /** @default false */
  readonly reverse?: boolean
  /** Entries in all. @default unlimited */
  readonly limit?: number
  /** Entries per chunk. @default 256 */
  readonly chunkEntries?: number
  /** A chunk ends with the entry that reaches this size. @default 65536 */
  readonly chunkBytes?: number
}

export const DEFAULT_CHUNK_ENTRIES = 256
export const DEFAULT_CHUNK_BYTES = 64 * 1024

export interface KeyValueReader {
  get(key: Uint8Array): Promise<Uint8Array | undefined>
  getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]>
  /** Non-empty chunks in order, from one point in time not before the first chunk was asked for. Fails once the reader is closed. */
  range(range?: KeyRange): AsyncIterable<readonly KeyValue[]>
}

/** One point in time. Holds disk space until closed. */
export interface KeyValueSnapshot extends KeyValueReader {
  /** Idempotent; ranges that are being read fail. */
  close(): Promise<void>
}

/** Bytes of a database that its adapter found destroyed when it was opened. */
export interface StoreDamage {
  /** The file. */
  readonly path: string
  readonly what: string
}

/** One open database. What is found in it at open is durable. */
export interface KeyValueStore extends KeyValueReader {
  /** Where it lies, for messages. */
  readonly path: string
  /** Seen at every open until `clearDamage`. */
  readonly damage: StoreDamage | null
  /**
   * Carry out the operations atomically; batches take effect in call order.
   *
   * With `sync` this batch and all before it are durable when it resolves. After a rejection nothing is promised about this
   * batch, and every later one, those on their way included, is rejected for the same reason. For want of space it has the code
   * ENOSPC or EDQUOT.
   */
  batch(operations: readonly BatchOperation[], options: { readonly sync: boolean }): Promise<void>
  /** What every batch that has resolved has written, and possibly what some in flight have. */
  snapshot(): KeyValueSnapshot
  /** Forget the damage, durably: the caller has recorded it. */
  clearDamage(): Promise<void>
  /** Waits for batches in flight; closes snapshots and ranges. Idempotent. */
  close(): Promise<void>
}

export interface OpenOptions {
  /** Make it; it must not exist. Without, it must. */
  readonly create: boolean
  /** Open also when a value is damaged, for a reader that checks each and can heal it. @default false */
  readonly leaveDamagedValues?: boolean
}

/** Named databases below one directory. Creation, removal and renaming are durable when they resolve. */
export interface KeyValueEnvironment {
  /** The directory, for messages. */
  readonly location: string
  /** Names of the databases in a directory, ascending; null when there is no such directory. */
  list(directory: string): Promise<readonly string[] | null>
  /**
   * Open `<directory>/<name>`.
   *
   * @throws {DatabaseMissingError} not there.
   * @throws {LockedError} another process holds it.
   * @throws {CorruptError} it cannot be read at all.
   */
  open(name: string, options: OpenOptions): Promise<KeyValueStore>
  /** Make `<directory>/<name>`, empty, where neither a database nor a directory is. */
  makeDirectory(name: string): Promise<void>
  /** Delete a closed database, or a directory of them. Idempotent. */
  remove(path: string): Promise<void>
  /** Rename a directory of closed databases in one atomic step. `to` must not exist. */
  rename(from: string, to: string): Promise<void>
}
