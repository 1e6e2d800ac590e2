/**
 * The durable side of one peer, put together: log, identity, the state in use and the one that is being received.
 *
 * X1 Which state is in use changes in one synced batch of the log; before it the old one is whole, after it the new one.
 * X2 State numbers only rise; a state that is received lies beside the one in use.
 */
import { RefusedError, StoppedError } from '@pinset/interface'
import type { StateReceiver, StateStore } from '@pinset/interface'
import type { RaftLogStore } from '@pinset/raft'
import { invariant } from '@pinset/raft'

import type { FailStop } from './fail-stop.ts'
import type { KeyValueEnvironment } from './key-value/port.ts'
import type { StateView } from './log/log-batch.ts'
import type { LogDatabase } from './log/log-database.ts'
import { IDENTITY_KEY, encodeIdentity } from './log/log-records.ts'
import { LogStore } from './log/log-store.ts'
import { databasePath, stateName } from './names.ts'
import { formatOperation } from './record/format.ts'
import { StateDatabase } from './state/state-database.ts'
import { ReceivedState } from './state/state-receiver.ts'
import type {
  ClusterBinding,
  SerialReservation,
  Storage,
  StorageDamage,
  StorageIdentity,
  SuspendOptions,
} from './types.ts'

export interface PeerStorageComponents {
  readonly environment: KeyValueEnvironment
  readonly failStop: FailStop
  readonly log: LogDatabase
  readonly state: StateDatabase
  readonly boot: RaftLogStore['boot']
  readonly damage: StorageDamage | null
}

export class PeerStorage implements Storage {
  readonly log: RaftLogStore
  readonly damage: StorageDamage | null
  readonly #environment: KeyValueEnvironment
  readonly #failStop: FailStop
  readonly #database: LogDatabase
  #state: StateDatabase
  #received: ReceivedState | null = null
  /** States that were replaced and wait for their snapshots to be closed. */
  readonly #retired = new Map<StateDatabase, Promise<void>>()
  #closing: Promise<void> | null = null

  constructor(components: PeerStorageComponents) {
    this.#environment = components.environment
    this.#failStop = components.failStop
    this.#database = components.log
    this.#state = components.state
    this.damage = components.damage
    this.log = new LogStore(components.log, components.boot, () => this.#stateView())
  }

  get identity(): StorageIdentity {
    return this.#database.state.identity
  }

  get state(): StateStore {
    return this.#state
  }

  bind(binding: ClusterBinding): Promise<void> {
    const { clusterId, epoch, admission } = binding
    invariant(
      clusterId !== '' && Number.isSafeInteger(epoch) && epoch >= 1,
      () => `a cluster has an id and an epoch ≥ 1: ${epoch}`,
    )
    return this.#database.commit((state) => {
      const { identity } = state
      if (identity.clusterId !== null && (identity.clusterId !== clusterId || identity.epoch !== epoch)) {
        throw new RefusedError(
          `this peer is bound to cluster ${identity.clusterId} in epoch ${identity.epoch} for good and cannot join cluster ${clusterId} in epoch ${epoch}; ` +
            'a new data directory makes a new peer',
        )
      }
      const next = { storageId: identity.storageId, clusterId, epoch, admission: admission.slice() }
      const { value, checksum } = encodeIdentity(next)
      return {
        operations: [{ kind: 'put', key: IDENTITY_KEY, value }],
        state: { ...state, identity: next, head: { ...state.head, identityChecksum: checksum } },
      }
    })
  }

  async setVotingSuspended(suspended: boolean, { ifInDoubt = false }: SuspendOptions = {}): Promise<void> {
    const isDecided = ifInDoubt && this.#failStop.hasFailed
    try {
      await this.#database.commit((state) => ({
        operations: [],
        state: { ...state, head: { ...state.head, votingSuspended: suspended } },
      }))
    } catch (err) {
      if (!suspended) throw err
      // The log cannot be written to any more, but the mark lies elsewhere.
      const isMarked = isDecided ? await this.#failStop.marked() : await this.#failStop.mark()
      if (!isMarked) throw err
    }
  }

  onFailure(listener: (failure: Error) => void): void {
    this.#failStop.onFailure(listener)
  }

  async reserveSerials({ count, above }: SerialReservation): Promise<number> {
    invariant(
      Number.isSafeInteger(count) && count > 0 && Number.isSafeInteger(above) && above >= 0,
      () => `a reservation has a count and a bound: ${count} above ${above}`,
    )
    let first = 0
    await this.#database.commit((state) => {
      first = Math.max(state.head.serialFloor, above + 1)
      const serialFloor = first + count
      invariant(Number.isSafeInteger(serialFloor), () => `serials are safe integers: ${serialFloor}`)
      return { operations: [], state: { ...state, head: { ...state.head, serialFloor } } }
    })
    return first
  }

  async receiveState(): Promise<StateReceiver> {
    this.#failStop.check()
    this.#assertOpen()
    const stateNumber = this.#state.stateNumber + 1
    invariant(
      this.#numberInUse() === this.#state.stateNumber && this.#received?.isClaimed !== true,
      'X2 no state is received between a switch, from its writing on, and its adoption',
    )
    const earlier = this.#received
    this.#received = null
    await earlier?.abort()
    const path = databasePath(stateName(stateNumber))
    await this.#environment.remove(path)
    const store = await this.#environment.open(path, { create: true })
    const received = new ReceivedState(stateNumber, store, () => this.#environment.remove(path))
    try {
      await store.batch([formatOperation('pinset-state')], { sync: false })
      this.#assertOpen()
      invariant(this.#received === null, 'X2 one state is received at a time')
    } catch (err) {
      await received.abort()
      throw err
    }
    this.#received = received
    return received
  }

  async adoptState(): Promise<void> {
    const received = this.#received
    const old = this.#state
    invariant(
      received !== null && received.stateNumber === this.#numberInUse() && old.stateNumber !== received.stateNumber,
      () => `X1 the log has switched to a received state: it names ${this.#numberInUse()}, open is ${old.stateNumber}`,
    )
    const { store, meta } = received.adopt()
    this.#received = null
    this.#state = new StateDatabase(received.stateNumber, store, this.#failStop, meta, () => this.#numberInUse())
    const isHeld = old.hasSnapshots
    const deleted = this.#deleteOnceUnused(old)
    // Whoever reads the old state must not keep the peer waiting.
    if (!isHeld) await deleted
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  #deleteOnceUnused(old: StateDatabase): Promise<void> {
    const deleted = (async () => {
      await old.unused()
      if (this.#closing !== null) return
      await old.close()
      await this.#environment.remove(databasePath(stateName(old.stateNumber)))
    })()
      // What is left over is deleted by the next start.
      .catch(() => {})
      .finally(() => this.#retired.delete(old))
    this.#retired.set(old, deleted)
    return deleted
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#retired.keys()].map((old) => old.close()))
    await Promise.all(this.#retired.values())
    await this.#received?.close()
    await this.#state.close()
    await this.#database.close()
    await this.#failStop.marked()
  }

  #numberInUse(): number {
    return this.#database.state.head.stateNumber
  }

  #assertOpen(): void {
    if (this.#closing !== null) throw new StoppedError(`the storage in ${this.#environment.location} is closed`)
  }

  #stateView(): StateView {
    const { durableAppliedIndex, meta } = this.#state
    return { appliedIndex: meta.appliedIndex, durableAppliedIndex, received: this.#received?.finished ?? null }
  }
}
