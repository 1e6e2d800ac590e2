/**
 * From prepared operations to entries, on the leader: owns the queue before the log.
 *
 * BA1 No timer: a batch is cut when nothing is being written, or when it is full.
 * BA2 An operation is answered by the fate of its entry and its position in it.
 * BA3 Every operation that was taken is settled exactly once.
 * BA4 An entry holds one operation of a CID at most: its index is the pin's `modifiedIndex`, and must name one state of the pin, or a
 *    conditional write would pass over a change that came after the state that it was meant for.
 */
import { invariant, type EntryId } from '@pinset/raft'

import type { Dropped } from '../driver/contexts.ts'
import type { Driver } from '../driver/driver.ts'
import type { EntryFate, ProposalTable } from '../driver/proposal-table.ts'

/** What became of one operation, as far as the peer that proposed it knows. */
export type ProposalResult<Decision> =
  | { readonly kind: 'decided'; readonly decision: Decision }
  /** Certainly not in the log, and will not be by this proposal. */
  | {
      readonly kind: 'not-proposed'
      readonly reason: Dropped['reason'] | 'lost'
      readonly leader: string | null
      readonly detail: string
    }
  | { readonly kind: 'unknown'; readonly detail: string }

export interface PreparedOperation<Decision> {
  /** Encoded, as it stands in the entry. */
  readonly bytes: Uint8Array
  /** Equal for operations of one CID. BA4 */
  readonly key: string
  settle(result: ProposalResult<Decision>): void
}

export interface BatcherInit {
  /** Bytes of operations per entry. @default 262144 */
  readonly maxBatchBytes?: number
  /** Operations per entry. @default 1000 */
  readonly maxBatchOperations?: number
  readonly encodeBatch: (operations: readonly Uint8Array[]) => Uint8Array
}

type BatcherDriver = Pick<Driver, 'onTurnBegins' | 'persisterFree' | 'propose' | 'wake'>

/** What an operation adds to a batch besides its own bytes: tag and length. */
const OVERHEAD_BYTES = 4

export class Batcher<Decision> {
  readonly #driver: BatcherDriver
  readonly #maxBatchBytes: number
  readonly #maxBatchOperations: number
  readonly #encodeBatch: BatcherInit['encodeBatch']
  #queue: PreparedOperation<Decision>[] = []
  /** What stands before this in the queue was taken. */
  #head = 0
  #queuedBytes = 0
  readonly #table: ProposalTable<readonly Decision[]>

  constructor(driver: BatcherDriver, table: ProposalTable<readonly Decision[]>, init: BatcherInit) {
    this.#driver = driver
    this.#table = table
    this.#maxBatchBytes = init.maxBatchBytes ?? 256 * 1024
    this.#maxBatchOperations = init.maxBatchOperations ?? 1000
    this.#encodeBatch = init.encodeBatch
    driver.onTurnBegins(() => this.cut())
  }

  get queuedCount(): number {
    return this.#queue.length - this.#head
  }

  /**
   * Take an operation. It is proposed by `cut()` at the beginning of the driver's next turn, which this asks for, with all that was
   * added until then; while a write is in flight, at the turn after that write, unless the batch is full before.
   */
  add(operation: PreparedOperation<Decision>): void {
    this.#queue.push(operation)
    this.#queuedBytes += operation.bytes.length + OVERHEAD_BYTES
    this.#driver.wake()
  }

  /** Propose what waits, at the beginning of a turn of the driver. */
  cut(): void {
    while (this.queuedCount > 0 && (this.#driver.persisterFree || this.#full())) {
      this.#propose(this.#take()) // BA1
    }
  }

  /** What waits before the log is certainly not in it. */
  close(detail: string): void {
    const queue = this.#queue.slice(this.#head)
    this.#queue = []
    this.#head = 0
    this.#queuedBytes = 0
    settleAll(queue, { kind: 'not-proposed', reason: 'halted', leader: null, detail })
  }

  #full(): boolean {
    return this.#queuedBytes >= this.#maxBatchBytes || this.queuedCount >= this.#maxBatchOperations
  }

  #take(): readonly PreparedOperation<Decision>[] {
    const keys = new Set<string>()
    let bytes = 0
    let count = 0
    for (let at = this.#head; at < this.#queue.length; at++) {
      const operation = this.#queue[at] as PreparedOperation<Decision>
      if (
        count > 0 &&
        (count >= this.#maxBatchOperations ||
          bytes + operation.bytes.length + OVERHEAD_BYTES > this.#maxBatchBytes ||
          keys.has(operation.key)) // BA4
      ) {
        break
      }
      keys.add(operation.key)
      bytes += operation.bytes.length + OVERHEAD_BYTES
      count += 1
    }
    const taken = this.#queue.slice(this.#head, this.#head + count)
    this.#head += count
    // Many small entries may be cut from a long queue: it is not copied for each of them.
    if (2 * this.#head >= this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head)
      this.#head = 0
    }
    this.#queuedBytes -= bytes
    return taken
  }

  #propose(operations: readonly PreparedOperation<Decision>[]): void {
    const data = this.#encodeBatch(operations.map((each) => each.bytes))
    this.#driver.propose(data, {
      accepted: (id: EntryId) => this.#table.add(id, (fate) => settleByFate(operations, fate)),
      dropped: ({ reason, leader, detail }) => settleAll(operations, { kind: 'not-proposed', reason, leader, detail }),
    })
  }
}

function settleByFate<Decision>(
  operations: readonly PreparedOperation<Decision>[],
  fate: EntryFate<readonly Decision[]>,
): void {
  switch (fate.kind) {
    case 'applied':
      for (const [position, operation] of operations.entries()) {
        const decision = fate.value[position]
        invariant(
          decision !== undefined,
          () => `BA2 the entry at ${fate.revision} has a decision for operation ${position}`,
        )
        operation.settle({ kind: 'decided', decision }) // BA2
      }
      return
    case 'lost':
      settleAll(operations, { kind: 'not-proposed', reason: 'lost', leader: null, detail: fate.detail })
      return
    case 'unknown':
      settleAll(operations, fate)
  }
}

function settleAll<Decision>(
  operations: readonly PreparedOperation<Decision>[],
  result: ProposalResult<Decision>,
): void {
  for (const operation of operations) {
    operation.settle(result) // BA3
  }
}
