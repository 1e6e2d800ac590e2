/** Tells the own IPFS node where those of the other members are, so that it fetches content from the peer that has it. */
import type { Consensus, IpfsConnector, Logger, Rpc, Startable } from '@pinset/interface'

import { Pause } from './pause.ts'
import { INFO } from './peer-rpc.ts'

/** Between rounds while every member has answered. */
const SETTLED_INTERVAL_MS = 30_000
/** Between rounds while one has not. */
const SEARCHING_INTERVAL_MS = 1_000

export interface IpfsSiblingsComponents {
  readonly consensus: Consensus
  readonly rpc: Rpc
  readonly ipfs: IpfsConnector
  readonly logger: Logger
}

export class IpfsSiblings implements Startable {
  readonly #components: IpfsSiblingsComponents
  readonly #ownPeerId: string
  readonly #stopped = new AbortController()
  readonly #known = new Map<string, readonly string[]>()
  #rounds: Promise<void> = Promise.resolve()
  readonly #betweenRounds = new Pause()
  /** The membership has changed since the round began. */
  #isDue = false
  #unsubscribe: () => void = () => {}
  #started = false

  constructor(components: IpfsSiblingsComponents, init: { readonly ownPeerId: string }) {
    this.#components = components
    this.#ownPeerId = init.ownPeerId
  }

  async start(): Promise<void> {
    if (this.#started) return
    this.#started = true
    this.#unsubscribe = this.#components.consensus.events.on('membership:change', () => {
      this.#isDue = true
      this.#betweenRounds.end()
    })
    this.#rounds = this.#run()
  }

  async stop(): Promise<void> {
    this.#unsubscribe()
    this.#stopped.abort(new Error('stopping'))
    this.#betweenRounds.end()
    await this.#rounds
  }

  async #run(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      this.#isDue = false
      const complete = await this.#round()
      if (this.#stopped.signal.aborted) return
      if (this.#isDue) continue
      await this.#betweenRounds.wait(complete ? SETTLED_INTERVAL_MS : SEARCHING_INTERVAL_MS)
    }
  }

  /** Ask every other member once. @returns whether all of them have told their addresses. */
  async #round(): Promise<boolean> {
    const { consensus, rpc, ipfs, logger } = this.#components
    const others = consensus.peers().membership.members.filter(({ peerId }) => peerId !== this.#ownPeerId)
    const answers = await Promise.all(
      others.map(async ({ peerId }) => {
        try {
          const answer = await rpc.call(peerId, INFO, null, { signal: this.#stopped.signal })
          if (answer.ipfs === null) return false
          this.#known.set(peerId, answer.ipfs.addresses)
          return true
        } catch (error) {
          logger.debug(`cannot ask ${peerId} for the addresses of its IPFS node`, { err: error })
          return false
        }
      }),
    )
    const members = new Set<string>(others.map(({ peerId }) => peerId))
    for (const peerId of this.#known.keys()) if (!members.has(peerId)) this.#known.delete(peerId)
    if (!this.#stopped.signal.aborted) ipfs.setSiblings([...this.#known.values()].flat())
    return answers.every(Boolean)
  }
}
