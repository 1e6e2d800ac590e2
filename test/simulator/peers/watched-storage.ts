/** The production storage of one run, handed on unchanged; what it says to be durable or written is shown to the invariants. */
import type { ConsensusStorage, StorageIdentity } from '@pinset/consensus'
import type { StateReceiver, StateStore } from '@pinset/interface'
import type { RaftLogStore } from '@pinset/raft'

import type { SimulatedPeer } from './peer.ts'
import type { Process } from './process.ts'

export class WatchedStorage implements ConsensusStorage {
  readonly log: RaftLogStore
  readonly #storage: ConsensusStorage
  readonly #peer: SimulatedPeer
  readonly #process: Process
  #watched: { readonly inner: StateStore; readonly outer: StateStore } | null = null

  constructor(storage: ConsensusStorage, peer: SimulatedPeer, process: Process) {
    this.#storage = storage
    this.#peer = peer
    this.#process = process
    const { log } = storage
    this.log = {
      boot: log.boot,
      write: async (ops) => {
        if (process.alive) {
          peer.promises.inFlight = ops
        }
        await log.write(ops)
        this.#look(() => peer.promises.durable(ops))
      },
      read: async (from, to, maxBytes) => {
        const found = await log.read(from, to, maxBytes)
        await peer.control.reading(process)
        return found
      },
    }
  }

  get identity(): StorageIdentity {
    return this.#storage.identity
  }

  get state(): StateStore {
    const inner = this.#storage.state
    if (this.#watched?.inner !== inner) {
      this.#watched = { inner, outer: this.#watch(inner) }
    }
    return this.#watched.outer
  }

  bind(identity: Parameters<ConsensusStorage['bind']>[0]): Promise<void> {
    return this.#storage.bind(identity)
  }

  reserveSerials(reservation: Parameters<ConsensusStorage['reserveSerials']>[0]): Promise<number> {
    return this.#storage.reserveSerials(reservation)
  }

  receiveState(): Promise<StateReceiver> {
    return this.#storage.receiveState()
  }

  async adoptState(): Promise<void> {
    await this.#storage.adoptState()
    this.#look(() => this.#peer.states.adopted(this.#storage.state.meta))
  }

  async setVotingSuspended(...asked: Parameters<ConsensusStorage['setVotingSuspended']>): Promise<void> {
    const [suspended] = asked
    const { promises } = this.#peer
    if (suspended && this.#process.alive) {
      promises.isMarked = true
    }
    await this.#storage.setVotingSuspended(...asked)
    this.#look(() => {
      promises.isMarked = promises.isMarked && (suspended || promises.isSuspended)
    })
  }

  onFailure(listener: (failure: Error) => void): void {
    this.#storage.onFailure(listener)
  }

  close(): Promise<void> {
    return this.#storage.close()
  }

  #watch(inner: StateStore): StateStore {
    const { states, control } = this.#peer
    const process = this.#process
    return {
      get meta() {
        return inner.meta
      },
      getMany: async (keys) => {
        await control.reading(process)
        return await inner.getMany(keys)
      },
      write: async (write, options) => {
        await inner.write(write, options)
        this.#look(() => states.written(write, options.sync))
      },
      snapshot: () => inner.snapshot(),
    }
  }

  #look(look: () => void): void {
    if (this.#process.alive) {
      this.#peer.guard(look)
    }
  }
}
