/**
 * How this peer comes into its first and only cluster: asks for it with a token, or waits to be told.
 *
 * JO1 What binds is durable before anybody is told that it worked.
 * JO2 A peer that is bound to a cluster is never bound to another one.
 * JO3 Asking never ends by itself: with back-off, until admitted, halted or stopped.
 * JO4 Only the word that it is in with its present database binds this peer. One about an earlier database, which is gone, would end its
 *    asking, and leave it bound and out.
 */
import { InvalidRequestError, NotAdmittedError, type Logger, type MultiaddrText, type Rpc } from '@pinset/interface'

import { encodeAdmissionRecord } from '../codec/membership-codec.ts'
import { delay, toError } from '../driver/waiting.ts'
import type { Newcomer } from '../membership/index.ts'
import type { Clock, ConsensusStorage } from '../ports.ts'
import { CONSENSUS_METHODS, type GrantedAdmission } from '../rpc-methods.ts'

export interface JoinInit {
  /** Of the cluster to join; when absent, the one that the first peer that answers belongs to. */
  readonly clusterId?: string
  /** Of members, any of which may answer; each ends in `/p2p/<peerId>`. */
  readonly addresses: readonly MultiaddrText[]
}

export interface JoinerComponents {
  readonly storage: Pick<ConsensusStorage, 'identity' | 'bind'>
  readonly rpc: Rpc
  readonly clock: Clock
  readonly logger: Logger
  readonly random: () => number
  readonly self: () => Newcomer
  /** The identity has changed. */
  readonly onBound: () => void
  /** A member says so to a peer that is bound already. */
  readonly onToldAgain: (granted: GrantedAdmission) => void
}

const MAX_PAUSE_MS = 30_000

export class Joiner {
  readonly #components: JoinerComponents
  readonly #firstPauseMs: number
  readonly #stopping = new AbortController()
  #binding: Promise<void> = Promise.resolve()
  #joining: Promise<void> | null = null

  constructor(components: JoinerComponents, init: { readonly firstPauseMs: number }) {
    this.#components = components
    this.#firstPauseMs = init.firstPauseMs
  }

  /** Ask until admitted. A peer that is bound already has nothing to ask. */
  start(join: JoinInit): void {
    if (!this.#isBound() && !this.#stopping.signal.aborted) {
      this.#joining ??= this.#join(join).catch((err: unknown) => {
        if (!this.#stopping.signal.aborted) {
          this.#components.logger.error('joining was given up', { err })
        }
      })
    }
  }

  /** A member says that this peer is in. Resolves once it is bound, durably. @throws {NotAdmittedError} JO2, JO4 */
  async admitted(granted: GrantedAdmission): Promise<void> {
    const binding = this.#binding.then(() => this.#bind(granted))
    this.#binding = binding.catch(() => {})
    await binding
  }

  /** This peer takes no part any more: the cluster must not count on it. JO3 */
  halted(cause: Error): void {
    if (this.#joining !== null && !this.#isBound() && !this.#stopping.signal.aborted) {
      this.#components.logger.error('this peer has halted: it does not ask to be admitted any more', { err: cause })
    }
    this.#stopping.abort()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#joining
    await this.#binding
  }

  async #bind(granted: GrantedAdmission): Promise<void> {
    const { record } = granted
    const { storage, self, logger, onBound, onToldAgain } = this.#components
    const { clusterId, epoch, storageId } = storage.identity
    if (clusterId !== null && clusterId !== record.clusterId) {
      throw new NotAdmittedError(
        `this peer belongs to the cluster ${clusterId} for good and cannot join ${record.clusterId}`,
      ) // JO2
    }
    if (clusterId !== null && epoch >= record.epoch) {
      onToldAgain(granted)
      return
    }
    const { peerId } = self()
    if (!record.members.some((each) => each.peerId === peerId && each.storageId === storageId)) {
      throw new NotAdmittedError(`${record.clusterId} does not list ${peerId} with its database ${storageId}`) // JO4
    }
    const admission = encodeAdmissionRecord(record)
    await storage.bind({ clusterId: record.clusterId, epoch: record.epoch, admission }) // JO1
    logger.info('this peer was admitted to a cluster', { clusterId: record.clusterId, epoch: record.epoch })
    onBound()
  }

  /** JO3 */
  async #join(join: JoinInit): Promise<void> {
    const { clock, random } = this.#components
    const { signal } = this.#stopping
    for (let pauseMs = this.#firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS)) {
      for (const address of join.addresses) {
        if (this.#isBound() || (await this.#ask(address, join.clusterId))) {
          return
        }
        signal.throwIfAborted()
      }
      await delay(clock, pauseMs * (0.5 + random()), signal)
      if (this.#isBound()) {
        return
      }
    }
  }

  /** Returns whether this peer is in now. */
  async #ask(address: MultiaddrText, wantedClusterId: string | undefined): Promise<boolean> {
    const { rpc, self, logger } = this.#components
    const { signal } = this.#stopping
    try {
      const clusterId =
        wantedClusterId ?? (await rpc.callAddress(address, CONSENSUS_METHODS.identify, null, { signal })).clusterId
      if (clusterId === null) {
        throw new InvalidRequestError(`the peer at ${address} belongs to no cluster itself`)
      }
      const granted = await rpc.callAddress(
        address,
        CONSENSUS_METHODS.join,
        { newcomer: self(), clusterId },
        { signal },
      )
      if (granted.record.clusterId !== clusterId) {
        throw new NotAdmittedError(`the peer at ${address} admits to ${granted.record.clusterId}, not to ${clusterId}`)
      }
      await this.admitted(granted)
      return true
    } catch (err) {
      if (!signal.aborted) {
        logger.warn('could not join by this address; it is tried again', { address, err: toError(err) })
      }
      return false
    }
  }

  #isBound(): boolean {
    return this.#components.storage.identity.clusterId !== null
  }
}
