/**
 * From prepared operations to entries, on the leader, and back: owns the queue before the log and the table of what waits in it.
 *
 * B1 No timer: a batch is cut when nothing is being written, or when it is full.
 * B2 An operation is answered by (term, index, position): an entry of another term at its index means that it is certainly not
 *    committed; an index passed over by a snapshot means that nobody here knows.
 * B3 Every operation that was taken is settled exactly once.
 */
import type { Entry, EntryId } from '@pinset/raft'

import type { Driver, Dropped } from '../driver/driver.ts'

/** What became of one operation, as far as the peer that proposed it knows. */
export type ProposalResult<Outcome> =
  | { readonly kind: 'decided'; readonly outcome: Outcome; readonly revision: number }
  /** Certainly not in the log, and will not be by this proposal. */
  | { readonly kind: 'not-proposed'; readonly reason: Dropped['reason'] | 'lost'; readonly leader: string | null; readonly detail: string }
  | { readonly kind: 'unknown'; readonly detail: string }

export interface PreparedOperation<Outcome> {
  /** Encoded, as it stands in the entry. */
  readonly bytes: Uint8Array
  settle(result: ProposalResult<Outcome>): void
}

export interface BatcherInit {
  /** Bytes of operations per entry. @default 262144 */
  readonly maxBatchBytes?: number
  /** Operations per entry. @default 1000 */
  readonly maxBatchOperations?: number
  readonly encodeBatch: (operations: readonly Uint8Array[]) => Uint8Array
}

/** What an operation adds to a batch besides its own bytes: tag and length. */
const OVERHEAD_BYTES = 4

interface Proposed<Outcome> {
  readonly term: number
  readonly operations: readonly PreparedOperation<Outcome>[]
}

export class Batcher<Outcome> {
  readonly #driver: Pick<Driver, 'propose' | 'persisterFree' | 'wake'>
  readonly #maxBatchBytes: number
  readonly #maxBatchOperations: number
  readonly #encodeBatch: BatcherInit['encodeBatch']
  #queue: PreparedOperation<Outcome>[] = []
  #queuedBytes = 0
  /** By index. One index may hold several: an entry that was cut off here may still commit until another one at its index has. */
  readonly #proposed = new Map<number, readonly Proposed<Outcome>[]>()

  constructor(driver: Pick<Driver, 'propose' | 'persisterFree' | 'wake'>, init: BatcherInit) {
    this.#driver = driver
    this.#maxBatchBytes = init.maxBatchBytes ?? 256 * 1024
    this.#maxBatchOperations = init.maxBatchOperations ?? 1000
    this.#encodeBatch = init.encodeBatch
  }

  get queuedCount(): number {
    return this.#queue.length
  }

  add(operation: PreparedOperation<Outcome>): void {
    this.#queue.push(operation)
    this.#queuedBytes += operation.bytes.length + OVERHEAD_BYTES
    this.#driver.wake()
  }

  /** Called at the beginning of a turn of the driver. */
  cut(): void {
    while (this.#queue.length > 0 && (this.#driver.persisterFree || this.#full())) {
      this.#propose(this.#take()) // B1
    }
  }

  /** This entry is applied; `outcomes` are those of its operations, in order. */
  applied(entry: Pick<Entry, 'term' | 'index'>, outcomes: readonly Outcome[]): void {
    const proposals = this.#proposed.get(entry.index)
    if (proposals === undefined) {
      return
    }
    this.#proposed.delete(entry.index)
    for (const { term, operations } of proposals) {
      for (const [position, operation] of operations.entries()) {
        const outcome = outcomes[position]
        if (term !== entry.term || outcome === undefined) {
          operation.settle(lost(entry)) // B2
        } else {
          operation.settle({ kind: 'decided', outcome, revision: entry.index })
        }
      }
    }
  }

  /** The state jumped to this index: what became of the entries up to there is not known here. */
  jumped(index: number): void {
    for (const [at, proposals] of [...this.#proposed]) {
      if (at <= index) {
        this.#proposed.delete(at)
        for (const { operations } of proposals) {
          settleAll(operations, { kind: 'unknown', detail: 'the log was replaced by a snapshot' }) // B2
        }
      }
    }
  }

  /** Nothing more will be learned: what stands in the log is unknown, what waits before it is certainly not. */
  close(detail: string): void {
    const queue = this.#queue
    this.#queue = []
    this.#queuedBytes = 0
    settleAll(queue, { kind: 'not-proposed', reason: 'halted', leader: null, detail })
    const proposed = [...this.#proposed.values()].flat()
    this.#proposed.clear()
    for (const { operations } of proposed) {
      settleAll(operations, { kind: 'unknown', detail })
    }
  }

  #full(): boolean {
    return this.#queuedBytes >= this.#maxBatchBytes || this.#queue.length >= this.#maxBatchOperations
  }

  #take(): readonly PreparedOperation<Outcome>[] {
    let bytes = 0
    let count = 0
    for (const operation of this.#queue) {
      if (count > 0 && (count >= this.#maxBatchOperations || bytes + operation.bytes.length + OVERHEAD_BYTES > this.#maxBatchBytes)) {
        break
      }
      bytes += operation.bytes.length + OVERHEAD_BYTES
      count += 1
    }
    const taken = this.#queue.slice(0, count)
    this.#queue = this.#queue.slice(count)
    this.#queuedBytes -= bytes
    return taken
  }

  #propose(operations: readonly PreparedOperation<Outcome>[]): void {
    const data = this.#encodeBatch(operations.map((each) => each.bytes))
    this.#driver.propose(data, {
      accepted: ({ term, index }: EntryId) => {
        this.#proposed.set(index, [...(this.#proposed.get(index) ?? []), { term, operations }])
      },
      dropped: ({ reason, leader, detail }) => settleAll(operations, { kind: 'not-proposed', reason, leader, detail }),
    })
  }
}

function lost(entry: EntryId): ProposalResult<never> {
  return { kind: 'not-proposed', reason: 'lost', leader: null, detail: `another entry stands at ${entry.index}, of term ${entry.term}` }
}

function settleAll<Outcome>(operations: readonly PreparedOperation<Outcome>[], result: ProposalResult<Outcome>): void {
  for (const operation of operations) {
    operation.settle(result) // B3
  }
}
