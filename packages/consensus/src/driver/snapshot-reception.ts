/**
 * Receiving a snapshot: owns the state that is being filled beside the one in use, until the log switches to it.
 *
 * SR1 One reception at a time; a newer offer that the core takes replaces an older one.
 * SR2 Nothing is reported as received before it is verified whole, is the state that was offered, and is durable.
 * SR3 A broken reception is kept for `holdMs`, so that the same snapshot can be resumed after the last chunk that was written.
 * SR4 Every reception that the core has begun ends in `snapshotReceived` or `snapshotReceiveFailed`: one of them, once. What a stream
 *     comes to after it has broken off, or was replaced, is told to nobody: the core may be receiving the same snapshot anew.
 * SR5 What was reported as received stays until the core has taken or left it. A stream that asks for the same snapshot before the core
 *     knows is refused: its reception ends in that report, too.
 */
import { StoppedError, type Logger, type Row, type StateMeta, type StateReceiver } from '@pinset/interface'
import type { Input, InstallSnapshot, SnapshotAnswer, SnapshotMeta, SnapshotSink } from '@pinset/raft'

import type { Clock } from '../ports.ts'
import { toError } from './waiting.ts'

/** Checks the chunks of one snapshot, in order. */
export interface ChunkVerifier {
  /** The rows of the next chunk. @throws {CorruptError} */
  accept(chunk: Uint8Array): readonly Row[]
  /** Of the last accepted chunk, after which the sender resumes. */
  cursor(): Uint8Array
  /** All chunks are here: the meta data that they prove, of the state that was offered. @throws {CorruptError} */
  finish(): StateMeta
}

export interface SnapshotReceptionComponents {
  readonly receiveState: () => Promise<StateReceiver>
  readonly createVerifier: (snapshot: SnapshotMeta) => ChunkVerifier
  readonly clock: Clock
  readonly logger: Logger
  readonly input: (input: Input) => void
}

interface Reception {
  readonly snapshot: SnapshotMeta
  readonly receiver: StateReceiver
  readonly verifier: ChunkVerifier
  /** The stream that fills it now; null while it waits to be resumed. */
  sink: object | null
  /** The last write that was begun. */
  writing: Promise<void>
  /** A write failed half-way or a chunk was damaged: it cannot be resumed. */
  spoiled: boolean
  finished: boolean
  reported: boolean
  cancelExpiry: () => void
}

export class SnapshotReception {
  readonly #components: SnapshotReceptionComponents
  readonly #holdMs: number
  readonly #offers = new Map<InstallSnapshot, (accepted: boolean) => void>()
  #reception: Reception | null = null
  /** SR1 Beginnings do not overlap. */
  #beginning: Promise<unknown> = Promise.resolve()
  #stopped = false

  constructor(components: SnapshotReceptionComponents, holdMs = 600_000) {
    this.#components = components
    this.#holdMs = holdMs
  }

  /** A stream was opened with this message: ask the core. */
  async offer(message: InstallSnapshot): Promise<SnapshotAnswer> {
    if (this.#stopped) {
      return { kind: 'refused', reason: 'this peer is stopping' }
    }
    const known = this.#reception?.reported === true ? this.#reception : null
    const accepted = await new Promise<boolean>((resolve) => {
      this.#offers.set(message, resolve)
      this.#components.input({ kind: 'message', message })
    })
    if (!accepted) {
      return { kind: 'refused', reason: 'this peer needs no snapshot from this sender now' }
    }
    try {
      const beginning = this.#beginning.then(() => this.#begin(message.snapshot, known))
      this.#beginning = beginning.catch(() => {})
      return await beginning
    } catch (err) {
      this.#components.logger.warn('a snapshot could not be received', { from: message.from, err })
      this.#components.input({ kind: 'snapshotReceiveFailed', snapshot: message.snapshot }) // SR4
      return { kind: 'refused', reason: toError(err).message }
    }
  }

  /** The core's answer. */
  answered(message: InstallSnapshot, accepted: boolean): void {
    const resolve = this.#offers.get(message)
    this.#offers.delete(message)
    if (resolve !== undefined) {
      resolve(accepted)
    } else if (accepted) {
      this.#components.input({ kind: 'snapshotReceiveFailed', snapshot: message.snapshot })
    }
  }

  /** The state was switched to what was received, or what was received is of no use any more. */
  clear(): void {
    const reception = this.#reception
    this.#reception = null
    reception?.cancelExpiry()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    for (const [message, resolve] of Array.from(this.#offers)) {
      this.#offers.delete(message)
      resolve(false)
    }
    const reception = this.#reception
    this.clear()
    if (reception !== null) {
      reception.sink = null
      await reception.writing.catch(() => {})
    }
  }

  /** `known` was reported as received before the core was asked. */
  async #begin(snapshot: SnapshotMeta, known: Reception | null): Promise<SnapshotAnswer> {
    const found = this.#reception
    if (found !== null && found !== known && found.reported && found.snapshot.id === snapshot.id) {
      return { kind: 'refused', reason: 'an earlier stream has brought this snapshot meanwhile' } // SR5
    }
    if (found !== null) {
      found.sink = null // SR1 an older stream of the same snapshot writes no more
      await found.writing.catch(() => {})
      found.cancelExpiry()
      if (this.#reception === found && found.snapshot.id === snapshot.id && !found.spoiled && !found.finished) {
        return { kind: 'accepted', resumeAfter: found.verifier.cursor(), sink: this.#sink(found) } // SR3
      }
      this.#reception = null
      if (!found.finished) {
        await found.receiver.abort()
      }
    }
    const receiver = await this.#components.receiveState()
    if (this.#stopped) {
      await receiver.abort()
      throw new StoppedError('this peer is stopping')
    }
    const reception: Reception = {
      snapshot,
      receiver,
      verifier: this.#components.createVerifier(snapshot),
      sink: null,
      writing: Promise.resolve(),
      spoiled: false,
      finished: false,
      reported: false,
      cancelExpiry: () => {},
    }
    this.#reception = reception
    return { kind: 'accepted', resumeAfter: new Uint8Array(0), sink: this.#sink(reception) }
  }

  #sink(reception: Reception): SnapshotSink {
    const token = {}
    reception.sink = token
    const current = (): boolean => reception.sink === token && this.#reception === reception
    return {
      write: (chunk) => {
        if (!current()) {
          return Promise.reject(new StoppedError('this stream was replaced by a newer one'))
        }
        const writing = this.#write(reception, chunk)
        reception.writing = writing
        return writing
      },
      end: async () => {
        if (!current()) {
          throw new StoppedError('this stream was replaced by a newer one')
        }
        await this.#finish(reception, current)
      },
      abort: (reason) => {
        if (current()) {
          this.#broke(reception, reason)
        }
      },
    }
  }

  async #write(reception: Reception, chunk: Uint8Array): Promise<void> {
    try {
      const rows = reception.verifier.accept(chunk)
      if (rows.length > 0) {
        await reception.receiver.write(rows)
      }
    } catch (err) {
      reception.spoiled = true
      throw err
    }
  }

  async #finish(reception: Reception, current: () => boolean): Promise<void> {
    try {
      const meta = reception.verifier.finish() // SR2
      const finishing = reception.receiver.finish(meta)
      reception.writing = finishing
      await finishing
    } catch (err) {
      reception.spoiled = true
      if (current()) {
        this.#broke(reception, toError(err))
      }
      throw err
    }
    reception.finished = true
    if (!current()) {
      throw new StoppedError(
        'this stream broke off, or was replaced by a newer one, before what it brought was durable',
      ) // SR4
    }
    reception.sink = null
    reception.reported = true
    this.#components.input({ kind: 'snapshotReceived', snapshot: reception.snapshot })
  }

  #broke(reception: Reception, reason: Error): void {
    reception.sink = null
    this.#components.logger.warn('the reception of a snapshot broke off', {
      index: reception.snapshot.index,
      err: reason,
    })
    this.#components.input({ kind: 'snapshotReceiveFailed', snapshot: reception.snapshot }) // SR4
    reception.cancelExpiry()
    reception.cancelExpiry = this.#components.clock.setTimer(reception.spoiled ? 0 : this.#holdMs, () => {
      if (this.#reception === reception && reception.sink === null) {
        this.#reception = null
        void reception.writing
          .catch(() => {})
          .then(() => reception.receiver.abort())
          .catch((err: unknown) => this.#components.logger.warn('a received state could not be deleted', { err }))
      }
    })
  }
}
