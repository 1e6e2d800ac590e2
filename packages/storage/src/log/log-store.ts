/**
 * Raft's door to the log database: checks the order of what it is handed, and turns it into one commit. What an operation may do to
 * the log is for `LogBatch` to check.
 *
 * S1 Writes never overlap, and persist operations come in the order of their numbers, over all writes of this process.
 */
import type { Entry, Index, PersistOp, RaftLogStore } from '@pinset/raft'
import { invariant } from '@pinset/raft'

import { LogBatch } from './log-batch.ts'
import type { StateView } from './log-batch.ts'
import type { LogDatabase } from './log-database.ts'

export class LogStore implements RaftLogStore {
  readonly boot: RaftLogStore['boot']
  readonly #database: LogDatabase
  readonly #states: () => StateView
  #lastSeq = -Infinity
  #isWriting = false

  constructor(database: LogDatabase, boot: RaftLogStore['boot'], states: () => StateView) {
    this.#database = database
    this.boot = boot
    this.#states = states
  }

  async write(ops: readonly PersistOp[]): Promise<void> {
    invariant(!this.#isWriting, 'S1 writes to the log never overlap')
    if (ops.length === 0) return
    this.#isWriting = true
    try {
      await this.#database.commit(async (state) => {
        const batch = new LogBatch(state, this.#states(), async (index) => {
          const { entry, checksum } = await this.#database.readRecord(index)
          return { term: entry.term, checksum }
        })
        let seq = this.#lastSeq
        for (const op of ops) {
          invariant(op.seq > seq, () => `S1 persist operations come in order: ${op.seq} after ${seq}`)
          seq = op.seq
          await batch.add(op)
        }
        this.#lastSeq = seq
        return batch.finish()
      })
    } finally {
      this.#isWriting = false
    }
  }

  read(from: Index, to: Index, maxBytes: number): Promise<readonly Entry[]> {
    invariant(from >= 1 && to >= from, () => `a range of entries has a beginning and an end: [${from}, ${to}]`)
    return this.#database.read(from, to, maxBytes)
  }
}
