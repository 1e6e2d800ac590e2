/**
 * F1 After the first failed batch or sync of the log or of the state in use nothing more is written (P10): what the disk holds
 *    then is not known, and a retried sync can claim what was already lost.
 */
import { StorageFailedError } from './errors.ts'

export class FailStop {
  readonly #location: string
  #failure: StorageFailedError | null = null
  /** Whether the mark is left. */
  #mark: Promise<boolean> = Promise.resolve(false)
  /** Leaves a mark, as well as it can, so that the next start does not vote. */
  readonly #leaveMark: () => Promise<void>

  constructor(location: string, leaveMark: () => Promise<void>) {
    this.#location = location
    this.#leaveMark = leaveMark
  }

  /** @throws {StorageFailedError} F1 */
  check(): void {
    if (this.#failure !== null) throw this.#failure
  }

  /** A write failed: refuse everything from now on. Returns the error to throw. */
  fail(what: string, cause: unknown, options: { readonly suspendVoting: boolean }): StorageFailedError {
    if (this.#failure === null) {
      const why = cause instanceof Error ? cause.message : String(cause)
      this.#failure = new StorageFailedError(
        `cannot write ${what} in ${this.#location}: ${why}; this peer is read-only until the disk is repaired and it is started again`,
        { cause },
      )
      // The mark is a last favour: when it fails too, there is nobody left to tell.
      if (options.suspendVoting) this.#mark = succeeded(this.#leaveMark())
    }
    return this.#failure
  }

  /** Resolves once the mark is left, with true, or could not be; with false also when none was to be left. */
  async marked(): Promise<boolean> {
    return await this.#mark
  }
}

function succeeded(work: Promise<void>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  )
}
