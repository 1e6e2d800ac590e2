/**
 * What a leader does unasked: promote learners that have caught up, and tell members that they are in.
 *
 * LD1 One change at a time, and only while nobody else's is under way.
 * LD2 A learner is told until its log holds the newest membership, not only until it is heard: it may forget what it was told (CA6), and
 *    its log may name nobody who is left. That it was told twice does no harm.
 * LD3 A voter that does not answer is told, too, until its log holds the newest membership: it may have been cut off while everybody whom its
 *    log names was replaced, and let nobody in. Not before this peer has led for an election timeout, in which voters answer; and with
 *    long pauses, for it may be down for good.
 */
import type { Logger, Member, PeerId, Rpc } from '@pinset/interface'
import type { RaftStatus } from '@pinset/raft'

import { delay, toError } from '../driver/waiting.ts'
import { PromotionWatch, type MembershipChange } from '../membership/index.ts'
import type { Peerset } from '../driver/peerset.ts'
import type { Clock } from '../ports.ts'
import { CONSENSUS_METHODS, type GrantedAdmission } from '../rpc-methods.ts'

export interface LeaderDutiesComponents {
  readonly clock: Clock
  readonly logger: Logger
  readonly rpc: Rpc
  readonly peerset: Peerset
  readonly status: () => RaftStatus
  readonly reachable: (peer: PeerId) => boolean
  /** Nobody's change is under way. */
  readonly idle: () => boolean
  readonly change: (change: MembershipChange) => Promise<unknown>
  /** The admission that a newcomer keeps: of the membership in force. */
  readonly grant: () => GrantedAdmission | null
}

export class LeaderDuties {
  readonly #components: LeaderDutiesComponents
  readonly #promotions: PromotionWatch
  readonly #everyMs: number
  readonly #stopping = new AbortController()
  #nextMs = 0
  /** Null while somebody else leads. */
  #leadsSinceMs: number | null = null
  #changing = false
  readonly #telling = new Map<string, Promise<void>>()

  constructor(components: LeaderDutiesComponents, init: { readonly electionTimeoutMs: number }) {
    this.#components = components
    this.#promotions = new PromotionWatch(init.electionTimeoutMs)
    this.#everyMs = init.electionTimeoutMs / 10
  }

  /** At every tick. */
  tick(): void {
    const nowMs = this.#components.clock.nowMs()
    if (this.#stopping.signal.aborted || nowMs < this.#nextMs) {
      return
    }
    this.#nextMs = nowMs + this.#everyMs
    const status = this.#components.status()
    if (status.role !== 'leader') {
      this.#promotions.reset()
      this.#leadsSinceMs = null
      return
    }
    this.#leadsSinceMs ??= nowMs
    this.#tellMembers(status, nowMs - this.#leadsSinceMs >= 10 * this.#everyMs)
    const matches = new Map(status.progress.map(({ id, matchIndex }) => [id, matchIndex]))
    const { membership } = this.#components.peerset.newest
    const change = this.#promotions.observe({
      nowMs,
      membership,
      membershipCommitted: status.membership?.committed === true,
      lastIndex: status.lastId.index,
      matchIndex: (peer) => (peer === status.id ? status.durableIndex : (matches.get(peer) ?? null)),
      reachable: this.#components.reachable,
    })
    if (change !== null) {
      this.#propose(change)
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await Promise.all(this.#telling.values())
  }

  /** LD1 */
  #propose(change: MembershipChange): void {
    const { change: propose, idle, logger } = this.#components
    if (this.#changing || !idle()) {
      return
    }
    this.#changing = true
    logger.info('changing the membership as it is wanted', { ...change })
    propose(change)
      .catch((err: unknown) => logger.warn('a change of the membership came to nothing; it is tried again', { err }))
      .finally(() => {
        this.#changing = false
      })
  }

  /** LD2, LD3. @param hadTime - voters have had the time to answer this leader. */
  #tellMembers({ id, progress }: RaftStatus, hadTime: boolean): void {
    const { members, newest } = this.#components.peerset
    const known = new Map(progress.map((each) => [each.id, each]))
    for (const member of members) {
      const { matchIndex = 0, recentActive = false } = known.get(member.peerId) ?? {}
      const isDue = member.suffrage === 'learner' || (hadTime && !recentActive && member.peerId !== id)
      const told = `${member.peerId} ${member.storageId}`
      if (isDue && matchIndex < newest.index && !this.#telling.has(told)) {
        this.#telling.set(
          told,
          this.#tell(member).finally(() => this.#telling.delete(told)),
        )
      }
    }
  }

  async #tell(member: Member): Promise<void> {
    const { clock, grant, logger, rpc } = this.#components
    const granted = grant()
    if (granted === null || !granted.record.members.some(({ peerId }) => peerId === member.peerId)) {
      return
    }
    for (const address of member.addresses) {
      try {
        await rpc.callAddress(address, CONSENSUS_METHODS.admit, granted, { signal: this.#stopping.signal })
        break
      } catch (err) {
        logger.debug('a member could not be told that it is in', {
          peer: member.peerId,
          address,
          err: toError(err),
        })
      }
    }
    // The pause before it is told again, should it not be heard until then.
    const pauseMs = (member.suffrage === 'learner' ? 10 : 100) * this.#everyMs
    await delay(clock, pauseMs, this.#stopping.signal).catch(() => {})
  }
}
