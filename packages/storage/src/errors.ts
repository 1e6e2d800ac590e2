/** Errors that only this package throws; the others are in `@pinset/interface`. */

/** A database is not where it must be. */
export class DatabaseMissingError extends Error {
  override readonly name = 'DatabaseMissingError'
  readonly code = 'ERR_DATABASE_MISSING'
  readonly path: string
  constructor(path: string, options?: ErrorOptions) {
    super(`no database at ${path}`, options)
    this.path = path
  }
}

/** The database was made by something else, or by a newer version. */
export class StorageFormatError extends Error {
  override readonly name = 'StorageFormatError'
  readonly code = 'ERR_STORAGE_FORMAT'
  readonly path: string
  constructor(message: string, path: string, options?: ErrorOptions) {
    super(message, options)
    this.path = path
  }
}

/** A write or sync has failed; this storage writes nothing any more until the process has started again. */
export class StorageFailedError extends Error {
  override readonly name = 'StorageFailedError'
  readonly code = 'ERR_STORAGE_FAILED'
}

/** Whether a write failed for want of space: what was durable before it still is. */
export function isOutOfSpace(err: unknown): boolean {
  return err instanceof Error && 'code' in err && (err.code === 'ENOSPC' || err.code === 'EDQUOT')
}
