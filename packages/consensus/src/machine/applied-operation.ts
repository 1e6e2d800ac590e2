import type { Operation } from '../codec/operation-codec.ts'
import type { OperationOutcome } from '../codec/outcome-codec.ts'

/** A committed operation and what became of it. */
export interface AppliedOperation {
  readonly operation: Operation
  readonly outcome: OperationOutcome
  /** Index of the entry that decided the outcome: this one, or an earlier one when the request was a repetition. */
  readonly revision: number
  /** The request was answered before; nothing was done. */
  readonly repeated: boolean
}
