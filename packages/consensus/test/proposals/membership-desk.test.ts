import { OverloadedError } from '@pinset/interface'
import type { Role } from '@pinset/raft'
import { describe, expect, it } from 'vitest'

import { encodeMembershipEntry, membershipOf } from '../../src/codec/index.ts'
import { AppliedWaiters } from '../../src/driver/applied-waiters.ts'
import { Peerset } from '../../src/driver/peerset.ts'
import { ProposalTable } from '../../src/driver/proposal-table.ts'
import type { MembershipChange } from '../../src/membership/index.ts'
import { MembershipDesk } from '../../src/proposals/membership-desk.ts'
import { member, peer, START_MS } from '../fakes/samples.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const requestId = { peerId: peer('a'), storageId: 's1', serial: 1, lowWater: 0 }
const options = { requestId, actor: '', deadlineMs: 1_000 }
const wiped: MembershipChange = {
  op: 'add-peer',
  newcomer: { ...member('b'), storageId: 's2' },
  wanted: 'voter',
}

interface Leader {
  role: Role
  /** What the log says to the next proposal. */
  refusal: Error | null
}

/** A leader of a cluster with a learner b; every proposal is committed at once, then `onCommitted` is called. */
function setUp(onCommitted: (leader: Leader) => void = () => {}) {
  const members = [member('a'), member('b', { suffrage: 'learner' })]
  const cause = { op: 'add-peer', subject: peer('b'), requestId, actor: '', timeMs: START_MS } as const
  const data = encodeMembershipEntry({ version: 1, next: { members }, cause, nonce: new Uint8Array(0) })
  const committed = [{ index: 1, entry: data }]
  const base = { term: 0, index: 0, membership: new Uint8Array(0), membershipIndex: 0 }
  const boot = { base, memberships: [{ index: 1, data }] }
  const peerset = new Peerset({ peerId: peer('a'), storageId: 's1', boot })
  const leader: Leader = { role: 'leader', refusal: null }
  const waiters = new AppliedWaiters(1)
  const table = new ProposalTable<[]>()
  const desk = new MembershipDesk(
    {
      driver: {
        proposeMembership: (entry, expectedIndex, context) => {
          if (leader.refusal !== null) throw leader.refusal
          const index = committed.length + 1
          expect(expectedIndex).toBe(index - 1)
          committed.push({ index, entry })
          peerset.update(index, entry)
          context.accepted({ term: 1, index })
          waiters.applied(index)
          table.applied({ term: 1, index }, [])
          onCommitted(leader)
        },
        transfer: () => {},
      },
      table,
      peerset,
      waiters,
      clock: new VirtualClock(),
      role: () => leader.role,
      leader: () => 'c',
      committed: () => committed.at(-1) ?? { index: 0, entry: data },
    },
    { peerId: peer('a'), retryDelayMs: 10, transferWaitMs: 10 },
  )
  return { desk, memberships: () => committed.map(({ entry }) => membershipOf(entry).members) }
}

describe('MembershipDesk', () => {
  it('change() removes a learner of another database before it adds the new one', async () => {
    const { desk, memberships } = setUp()
    expect(await desk.change(wiped, options)).toMatchObject({ kind: 'done', value: { index: 3 } })
    expect(memberships().slice(1)).toEqual([
      [member('a')],
      [member('a'), member('b', { suffrage: 'learner', storageId: 's2' })],
    ])
    expect(await desk.change(wiped, options)).toMatchObject({ kind: 'done', value: { index: 3 } })
    expect(memberships()).toHaveLength(3)
  })

  it('change() does not say that nothing was done when it loses leadership after the first step (MD4)', async () => {
    const { desk, memberships } = setUp((leader) => {
      leader.role = 'follower'
    })
    expect(await desk.change(wiped, options)).toEqual({
      kind: 'unknown',
      detail: 'half of it is done: this peer does not lead',
    })
    expect(memberships().at(-1)).toEqual([member('a')])
  })

  it('change() does not say that nothing was done when the second step fails (MD4)', async () => {
    const { desk, memberships } = setUp((leader) => {
      leader.refusal = new OverloadedError('too many wait')
    })
    expect(await desk.change(wiped, options)).toEqual({ kind: 'unknown', detail: 'half of it is done: too many wait' })
    expect(memberships().at(-1)).toEqual([member('a')])
    await expect(desk.change({ op: 'rm-peer', peerId: peer('x') }, options)).rejects.toThrow('not a member')
  })
})
