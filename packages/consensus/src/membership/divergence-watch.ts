/**
 * Compares this peer's state with that of the other members, and says when it is another one.
 *
 * - DW1 Only states at the same index are compared: by the head of the hash chain and the digest of all rows.
 * - DW2 Every difference is told in the journal, once per peer.
 * - DW3 A peer whose state differs from one that a majority of the voters share takes no part any more: its disk or its program has
 *   changed what was agreed. Which side is wrong is not guessed without a majority.
 */
import type { Logger, Member, PeerId, Rpc } from '@pinset/interface'

import type { Checkpoint } from '../driver/checkpoints.ts'
import type { Clock } from '../ports.ts'
import { CONSENSUS_METHODS } from '../rpc-methods.ts'

export interface DivergenceWatchComponents {
  readonly members: () => readonly Member[]
  readonly checkpoints: () => readonly Checkpoint[]
  readonly rpc: Pick<Rpc, 'call'>
  readonly clock: Clock
  readonly logger: Logger
  /** DW3 */
  readonly onDiverged: (what: string) => void
}

export interface DivergenceWatchInit {
  readonly peerId: PeerId
  /** Between two comparisons, in milliseconds. @default 10000 */
  readonly intervalMs?: number
}

export interface ToldCheckpoints {
  readonly peerId: PeerId
  readonly isVoter: boolean
  readonly checkpoints: readonly Checkpoint[]
}

export class DivergenceWatch {
  readonly #components: DivergenceWatchComponents
  readonly #peerId: PeerId
  readonly #intervalMs: number
  readonly #stopped = new AbortController()
  readonly #told = new Set<PeerId>()
  #cancelTimer: (() => void) | null = null
  #comparing: Promise<void> | null = null

  constructor(components: DivergenceWatchComponents, init: DivergenceWatchInit) {
    this.#components = components
    this.#peerId = init.peerId
    this.#intervalMs = init.intervalMs ?? 10_000
  }

  /** Begin to compare. */
  start(): void {
    if (this.#stopped.signal.aborted) return
    this.#cancelTimer = this.#components.clock.setTimer(this.#intervalMs, () => {
      this.#comparing = this.compare().finally(() => {
        this.#comparing = null
        this.start()
      })
    })
  }

  /** Idempotent. */
  async stop(): Promise<void> {
    this.#stopped.abort()
    this.#cancelTimer?.()
    this.#cancelTimer = null
    await this.#comparing
  }

  /** Ask all other members now. Never rejects. */
  async compare(): Promise<void> {
    const { members, checkpoints, logger, onDiverged } = this.#components
    const others = members().filter(({ peerId }) => peerId !== this.#peerId)
    const told = (await Promise.all(others.map((member) => this.#ask(member)))).filter((answer) => answer !== null)
    if (this.#stopped.signal.aborted) return
    const own = checkpoints()
    for (const { peerId, checkpoints: theirs } of told) {
      const index = findDifference(own, theirs)
      if (index === null || this.#told.has(peerId)) continue
      this.#told.add(peerId)
      logger.error('The states of two peers differ', { peer: peerId, index }) // DW2
    }
    const voters = members().filter(({ suffrage }) => suffrage === 'voter').length
    const index = indexOfMajorityAgainst(own, told, voters)
    if (index !== null) {
      onDiverged(
        `the state of this peer at index ${index} differs from the one that a majority of the voters share: ` +
          'remove this peer from the cluster, delete its data directory and let it join again',
      ) // DW3
    }
  }

  async #ask({ peerId, suffrage }: Member): Promise<ToldCheckpoints | null> {
    try {
      const { signal } = this.#stopped
      const checkpoints = await this.#components.rpc.call(peerId, CONSENSUS_METHODS.checkpoints, null, { signal })
      return { peerId, isVoter: suffrage === 'voter', checkpoints }
    } catch (err) {
      this.#components.logger.debug('The states could not be compared', { peer: peerId, err })
      return null
    }
  }
}

/** The lowest index at which both know their state and it is not the same; null when there is none. DW1 */
export function findDifference(own: readonly Checkpoint[], theirs: readonly Checkpoint[]): number | null {
  for (const mine of own) {
    const other = theirs.find(({ index }) => index === mine.index)
    if (other !== undefined && textOf(other) !== textOf(mine)) return mine.index
  }
  return null
}

/** An index at which a majority of `voters` voters agree with each other and not with this peer; null when there is none. DW3 */
export function indexOfMajorityAgainst(
  own: readonly Checkpoint[],
  told: readonly ToldCheckpoints[],
  voters: number,
): number | null {
  for (const mine of own) {
    const votes = new Map<string, number>()
    for (const { isVoter, checkpoints } of told) {
      const other = checkpoints.find(({ index }) => index === mine.index)
      if (isVoter && other !== undefined) votes.set(textOf(other), (votes.get(textOf(other)) ?? 0) + 1)
    }
    for (const [text, count] of votes) if (text !== textOf(mine) && count > voters / 2) return mine.index
  }
  return null
}

function textOf({ head, digest }: Checkpoint): string {
  return Buffer.concat([head, digest]).toString('hex')
}
