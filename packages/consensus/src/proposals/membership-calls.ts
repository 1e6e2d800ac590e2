/**
 * Changes of the membership and of leadership as their caller sees them, on any peer.
 *
 * MC1 They are safe to repeat: what is there already is answered, not proposed again.
 */
import {
  InvalidRequestError,
  NoLeaderError,
  NotAdmittedError,
  NotFoundError,
  OverloadedError,
  RefusedError,
  type AbortOptions,
  type MultiaddrText,
  type PeerId,
  type Rpc,
} from '@pinset/interface'

import type { RequestId } from '../codec/operation-codec.ts'
import type { Driver } from '../driver/driver.ts'
import type { LeaderWatch } from '../driver/leader-watch.ts'
import type { Peerset } from '../driver/peerset.ts'
import { waitFor } from '../driver/waiting.ts'
import type { Newcomer } from '../membership/index.ts'
import type { Clock, StorageIdentity } from '../ports.ts'
import type { AppliedWaiters } from '../driver/applied-waiters.ts'
import { CONSENSUS_METHODS, type ChangeMembershipRequest, type MembershipEntryAt } from '../rpc-methods.ts'
import type { AskLeader, Attempts, LeaderAnswer, LeaderCaller } from './leader-caller.ts'
import type { ChangeOptions, MembershipDesk } from './membership-desk.ts'
import type { RequestIds } from './request-ids.ts'

export interface MembershipCallsComponents {
  readonly leaderCaller: LeaderCaller
  readonly membershipDesk: MembershipDesk
  readonly driver: Pick<Driver, 'transfer'>
  readonly leaders: LeaderWatch
  readonly peerset: Peerset
  readonly waiters: AppliedWaiters
  readonly rpc: Rpc
  readonly clock: Clock
  readonly ids: RequestIds
  readonly identity: () => StorageIdentity
}

export interface MembershipCallsInit {
  readonly peerId: PeerId
  readonly leaderWaitMs: number
}

export class MembershipCalls {
  readonly #components: MembershipCallsComponents
  readonly #init: MembershipCallsInit

  constructor(components: MembershipCallsComponents, init: MembershipCallsInit) {
    this.#components = components
    this.#init = init
  }

  async addPeer(
    address: MultiaddrText,
    options: AbortOptions = {},
  ): Promise<{ readonly peerId: PeerId; readonly revision: number }> {
    const { clusterId: own } = this.#components.identity()
    if (own === null) {
      throw new NotAdmittedError('this peer belongs to no cluster yet, so it cannot add another one')
    }
    const { self, clusterId } = await this.#components.rpc.callAddress(
      address,
      CONSENSUS_METHODS.identify,
      null,
      options,
    )
    if (!address.endsWith(`/p2p/${self.peerId}`)) {
      throw new InvalidRequestError(`the peer at ${address} says that it is ${self.peerId}`)
    }
    if (clusterId !== null && clusterId !== own) {
      throw new RefusedError(
        `${self.peerId} belongs to the cluster ${clusterId} for good; only a new peer (pinset init) can be added to this one, ${own}`,
      )
    }
    const newcomer = self.addresses.length > 0 ? self : { ...self, addresses: [address] }
    const { index } = await this.change({ op: 'add-peer', newcomer, wanted: 'voter' }, options)
    return { peerId: self.peerId, revision: index }
  }

  async rmPeer(peerId: PeerId, options: AbortOptions = {}): Promise<{ readonly revision: number }> {
    const { index } = await this.change({ op: 'rm-peer', peerId }, options)
    return { revision: index }
  }

  /** This peer's own record is not what it is any more. */
  async updateSelf(newcomer: Newcomer, options: AbortOptions = {}): Promise<void> {
    await this.change({ op: 'update-peer', newcomer }, options)
  }

  /** Ask whoever leads for a change; resolves once it is committed and, if that comes soon, applied here. */
  async change(change: ChangeMembershipRequest['change'], options: AbortOptions = {}): Promise<MembershipEntryAt> {
    const { waiters, leaderCaller, clock, ids } = this.#components
    const attempts = leaderCaller.begin('change of the membership', options.signal)
    const serial = ids.next()
    try {
      const { storageId } = this.#components.identity()
      const requestId = { peerId: this.#init.peerId, storageId, serial, lowWater: ids.lowWater }
      const changed = await leaderCaller.call(attempts, this.#askChange(change, requestId, attempts))
      await waiters
        .wait(changed.index, { clock, deadlineMs: attempts.deadlineMs, signal: options.signal })
        .catch(() => false)
      return changed
    } finally {
      ids.answered(serial)
    }
  }

  async transferLeadership(to: PeerId | null, options: AbortOptions = {}): Promise<{ readonly leader: PeerId }> {
    const { leaderCaller, peerset, rpc } = this.#components
    if (to !== null && peerset.member(to)?.suffrage !== 'voter') {
      throw new RefusedError(`${to} is not a voter of this cluster; only a voter can lead`)
    }
    const attempts = leaderCaller.begin('handover', options.signal)
    const leader = await leaderCaller.call(attempts, async (leader, { signal }): Promise<LeaderAnswer<PeerId>> => {
      if (to === leader) {
        return { kind: 'done', value: leader }
      }
      const ended =
        leader === this.#init.peerId
          ? this.transferHere(to, { signal })
          : rpc.call(leader, CONSENSUS_METHODS.transfer, to, { signal })
      return { kind: 'done', value: await ended }
    })
    return { leader }
  }

  /** As the leader. @throws {NoLeaderError} {RefusedError} {OverloadedError} */
  async transferHere(to: PeerId | null, { signal }: AbortOptions): Promise<PeerId> {
    const { clock, driver, leaders } = this.#components
    const deadlineMs = clock.nowMs() + this.#init.leaderWaitMs
    const waited = await waitFor<string | null>({ clock, deadlineMs, signal }, (settle) => {
      driver.transfer(to, {
        ended: (leader) => settle.done(leader),
        dropped: ({ reason, detail }) => settle.fail(transferError(reason, detail)),
      })
      return () => {}
    })
    const ended = waited.kind === 'done' ? waited.value : null
    const leader = (ended as PeerId | null) ?? (await leaders.waitForLeader({ clock, deadlineMs, signal }))
    if (leader === null) {
      throw new NoLeaderError('leadership was handed over and no peer was heard to lead yet')
    }
    if (leader === this.#init.peerId) {
      throw new RefusedError(`${to ?? 'no other voter'} did not take over in time; ${leader} goes on leading`)
    }
    return leader
  }

  #askChange(
    change: ChangeMembershipRequest['change'],
    requestId: RequestId,
    attempts: Attempts,
  ): AskLeader<MembershipEntryAt> {
    const { membershipDesk, peerset, rpc } = this.#components
    return async (leader, { signal }) => {
      try {
        if (leader === this.#init.peerId) {
          const options: ChangeOptions = { requestId, actor: '', deadlineMs: attempts.deadlineMs, signal }
          return await membershipDesk.change(change, options)
        }
        return {
          kind: 'done',
          value: await rpc.call(
            leader,
            CONSENSUS_METHODS.changeMembership,
            { change, requestId, actor: '' },
            { signal },
          ),
        }
      } catch (err) {
        if (err instanceof NotFoundError && change.op === 'rm-peer' && attempts.maybeProposed) {
          return { kind: 'done', value: { index: Math.max(1, peerset.newest.index), entry: new Uint8Array(0) } } // MC1 an earlier attempt did it
        }
        throw err
      }
    }
  }
}

function transferError(reason: string, detail: string): Error {
  switch (reason) {
    case 'busy':
      return new OverloadedError(detail)
    case 'refused':
      return new RefusedError(`leadership cannot be handed over: ${detail}`)
    default:
      return new NoLeaderError(detail)
  }
}
