/**
 * The one writer of the Raft log. Owns the queue of persist operations and the messages that wait for them.
 *
 * PE1 At most one write is in flight; it takes everything that was queued (group commit).
 * PE2 Completions are reported in order, by the number of the last operation written.
 * PE3 A message leaves only once everything up to its number is durable; order per receiver is kept.
 * PE4 After the first failed write nothing is written and nothing waiting is sent, ever.
 */
import { invariant, type Message, type PersistOp, type RaftLogStore } from '@pinset/raft'

import { toError } from './waiting.ts'

export interface PersisterHandler {
  persisted(seq: number): void
  failed(error: Error): void
  /** Carry a message whose condition is met. */
  release(message: Message): void
}

export class Persister {
  readonly #log: Pick<RaftLogStore, 'write'>
  readonly #handler: PersisterHandler
  #queue: PersistOp[] = []
  #waiting: { readonly seq: number; readonly message: Message }[] = []
  #inFlight: Promise<void> | null = null
  #lastQueuedSeq = 0
  #durableSeq = 0
  #closed = false

  constructor(log: Pick<RaftLogStore, 'write'>, handler: PersisterHandler) {
    this.#log = log
    this.#handler = handler
  }

  /** Nothing is being written: a batch of proposals that is cut now is synced at once. */
  get free(): boolean {
    return this.#inFlight === null
  }

  get pendingCount(): number {
    return this.#queue.length
  }

  queue(ops: readonly PersistOp[]): void {
    if (this.#closed) {
      return
    }
    for (const op of ops) {
      invariant(op.seq > this.#lastQueuedSeq, () => `PE2 persist numbers rise: ${op.seq} after ${this.#lastQueuedSeq}`)
      this.#lastQueuedSeq = op.seq
      this.#queue.push(op)
    }
  }

  sendAfter(seq: number, message: Message): void {
    if (this.#closed) {
      return
    }
    if (seq <= this.#durableSeq) {
      this.#handler.release(message)
      return
    }
    // PE3 The core hands out numbers in order; a lower one later would still wait behind, which is safe.
    this.#waiting.push({ seq, message })
  }

  /** Begin a write when none is in flight. */
  flush(): void {
    if (this.#closed || this.#inFlight !== null || this.#queue.length === 0) {
      return
    }
    const ops = this.#queue // PE1
    this.#queue = []
    const last = ops.at(-1)?.seq ?? 0
    this.#inFlight = this.#write(ops, last)
  }

  /** Everything up to `seq` is durable: let go of what waited for it. */
  releaseUpTo(seq: number): void {
    if (this.#closed) {
      return
    }
    this.#durableSeq = Math.max(this.#durableSeq, seq)
    let released = 0
    while (released < this.#waiting.length) {
      const next = this.#waiting[released]
      if (next === undefined || next.seq > this.#durableSeq) {
        break
      }
      released += 1
      this.#handler.release(next.message) // PE3
    }
    if (released > 0) {
      this.#waiting = this.#waiting.slice(released)
    }
  }

  /** Forget what waits. A write in flight goes on; nobody hears of it. */
  close(): void {
    this.#closed = true // PE4
    this.#queue = []
    this.#waiting = []
  }

  /** Resolves once no write is in flight. */
  async settled(): Promise<void> {
    await this.#inFlight
  }

  async #write(ops: readonly PersistOp[], last: number): Promise<void> {
    try {
      await this.#log.write(ops)
    } catch (err) {
      this.#inFlight = null
      if (!this.#closed) {
        this.close()
        this.#handler.failed(toError(err))
      }
      return
    }
    this.#inFlight = null
    if (!this.#closed) {
      this.#handler.persisted(last)
    }
  }
}
