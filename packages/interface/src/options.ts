/** Options that operations of several packages share. */

export interface AbortOptions {
  /** Stops the waiting. What was already proposed may still commit. */
  readonly signal?: AbortSignal
}

export interface ReadOptions extends AbortOptions {
  /** Wait until this peer has applied the log up to this revision (log index). */
  readonly minRevision?: number
  /**
   * `local` answers from what this peer has applied; `linearizable` reflects every write that completed before the read began.
   *
   * @default 'local'
   */
  readonly consistency?: 'local' | 'linearizable'
}

export interface WriteOptions extends AbortOptions {
  /** Take effect only if the pin's `modifiedIndex` is this; 0 means that the pin must be absent. */
  readonly ifModifiedIndex?: number
  /** A UUIDv7; repeating a write with the same key within 15 minutes gives the first answer again. */
  readonly idempotencyKey?: string
  /** Who asked, for the audit trail. */
  readonly actor?: string
}

/** Has a life: `start` once, `stop` as often as one likes. */
export interface Startable {
  start(options?: AbortOptions): Promise<void>
  stop(): Promise<void>
}
