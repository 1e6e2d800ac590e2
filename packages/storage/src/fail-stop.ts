/**
 * F1 After the first failed batch or sync of the log or of the state in use nothing more is written (P10): what the disk holds
 *    then is not known, and a retried sync can claim what was already lost.
 * F2 A failed write of the log leaves a mark, whatever failed before it. One for want of space does not: what was durable
 *    before it still is, and what it has left behind is made durable, or dropped, when the log is opened the next time.
 * F3 The first failure is told to one listener, whoever asked for the write: nobody may wait for it.
 */
import { StorageFailedError, isOutOfSpace } from './errors.ts'

export class FailStop {
  readonly #location: string
  #failure: StorageFailedError | null = null
  #listener: ((failure: StorageFailedError) => void) | null = null
  /** Whether the mark is left. */
  #mark: Promise<boolean> = Promise.resolve(false)
  /** Leaves a mark, as well as it can, so that the next start does not vote. */
  readonly #leaveMark: () => Promise<void>

  constructor(location: string, leaveMark: () => Promise<void>) {
    this.#location = location
    this.#leaveMark = leaveMark
  }

  get hasFailed(): boolean {
    return this.#failure !== null
  }

  /** F3; at once when it has failed already. */
  onFailure(listener: (failure: StorageFailedError) => void): void {
    this.#listener = listener
    if (this.#failure !== null) listener(this.#failure)
  }

  /** @throws {StorageFailedError} F1 */
  check(): void {
    if (this.#failure !== null) throw this.#failure
  }

  /** A write failed: refuse everything from now on. Returns the error to throw. */
  fail(what: string, cause: unknown, options: { readonly suspendVoting: boolean }): StorageFailedError {
    const isFirst = this.#failure === null
    const why = cause instanceof Error ? cause.message : String(cause)
    const remedy = isOutOfSpace(cause) ? 'there is room for it' : 'the disk is repaired'
    this.#failure ??= new StorageFailedError(
      `cannot write ${what} in ${this.#location}: ${why}; this peer is read-only until ${remedy} and it is started again`,
      { cause },
    )
    // The mark is a last favour: when it fails too, there is nobody left to tell.
    if (options.suspendVoting) this.#mark = this.#marking()
    if (isFirst) this.#listener?.(this.#failure)
    return this.#failure
  }

  /** Leave the mark unless it is there. Resolves with whether it is. */
  async mark(): Promise<boolean> {
    this.#mark = this.#marking()
    return await this.#mark
  }

  /** Resolves once the mark is left, with true, or could not be; with false also when none was to be left. */
  async marked(): Promise<boolean> {
    return await this.#mark
  }

  async #marking(): Promise<boolean> {
    return (await this.#mark) || (await succeeded(this.#leaveMark()))
  }
}

function succeeded(work: Promise<void>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  )
}
