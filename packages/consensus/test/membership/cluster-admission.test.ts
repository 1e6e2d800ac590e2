import { type Member, type MembershipAt, type PeerId, silentLogger } from '@pinset/interface'
import { describe, expect, it } from 'vitest'

import { encodeAdmissionRecord } from '../../src/codec/index.ts'
import { ClusterAdmission } from '../../src/membership/index.ts'
import type { GrantedAdmission } from '../../src/rpc-methods.ts'
import { CLUSTER_ID, committed, HandClock, MemberRpc, turns } from '../fakes/member-rpc.ts'
import { member, peer } from '../fakes/samples.ts'

function setUp(
  init: {
    readonly index?: number
    readonly members?: readonly Member[]
    readonly admission?: readonly Member[]
    readonly clusterId?: string | null
    readonly epoch?: number
  } = {},
) {
  const rpc = new MemberRpc()
  const clock = new HandClock()
  const { members = [member('a'), member('b'), member('c')], clusterId = CLUSTER_ID } = init
  const state = {
    newest: { index: init.index ?? 5, membership: { members } } as MembershipAt,
    applied: init.index ?? 5,
    former: [] as readonly Member[],
    leader: null as PeerId | null,
  }
  const admission =
    init.admission === undefined
      ? new Uint8Array(0)
      : encodeAdmissionRecord({ clusterId: CLUSTER_ID, epoch: 1, members: init.admission })
  const identity = { storageId: 's1', clusterId, epoch: init.epoch ?? 1, admission }
  const made = new ClusterAdmission(
    {
      identity: () => identity,
      newest: () => state.newest,
      former: () => state.former,
      appliedMembershipIndex: () => state.applied,
      leader: () => state.leader,
      rpc,
      clock,
      logger: silentLogger,
    },
    { peerId: peer('a') },
  )
  return { rpc, clock, state, identity, admission: made }
}

function granted(index: number, members: readonly Member[], changes: Partial<GrantedAdmission['record']> = {}) {
  return { index, record: { clusterId: CLUSTER_ID, epoch: 1, members, ...changes } }
}

const joining = { index: 0, members: [] } as const

describe('ClusterAdmission', () => {
  it('identity() is that of the storage', () => {
    expect(setUp().admission.identity()).toEqual({ clusterId: CLUSTER_ID, epoch: 1, storageId: 's1' })
  })

  it('admit() lets members in with their database, and asks nobody', async () => {
    const { admission, rpc } = setUp()
    expect(await admission.admit(peer('b'), 's1')).toEqual({ kind: 'admitted' })
    expect(rpc.asked).toEqual([])
  })

  it('admit() refuses a member with another database, naming both and what to do', async () => {
    const { admission, rpc } = setUp()
    rpc.answers.set('c', committed(5, [member('a'), member('b'), member('c')]))
    const answer = await admission.admit(peer('b'), 's2')
    expect(answer).toMatchObject({ kind: 'refused' })
    expect(answer.kind === 'refused' && answer.reason).toMatch(/s1.*s2.*wiped.*peers rm b/)
  })

  it('admit() lets in the members before an uncommitted change: one whom it would remove may be the leader', async () => {
    const { admission, rpc, state } = setUp({ members: [member('a'), member('c')] })
    state.former = [member('a'), member('b'), member('c')]
    expect(await admission.admit(peer('b'), 's1')).toEqual({ kind: 'admitted' })
    expect(rpc.asked).toEqual([])
    expect(await admission.admit(peer('b'), 's2')).toMatchObject({ kind: 'refused' })
    state.former = []
    expect(await admission.admit(peer('b'), 's1')).toMatchObject({ kind: 'refused' })
  })

  it('admit() lets in whom a member lists in a newer committed membership, and asks each member once', async () => {
    const { admission, rpc } = setUp()
    rpc.answers.set('b', committed(5, [member('a')]))
    rpc.answers.set('c', committed(9, [member('a'), member('d')]))
    const both = await Promise.all([admission.admit(peer('d'), 's1'), admission.admit(peer('d'), 's1')])
    expect(both).toEqual([{ kind: 'admitted' }, { kind: 'admitted' }])
    expect(rpc.asked).toEqual(['b', 'c'])
    expect(await admission.admit(peer('d'), 's1')).toEqual({ kind: 'admitted' })
    expect(rpc.asked).toEqual(['b', 'c'])
  })

  it('admit() lets in the new leader of others although the own log holds a later membership that may never be committed', async () => {
    const { admission, rpc, state } = setUp()
    state.newest = { index: 12, membership: { members: [member('a'), member('b'), member('c')] } }
    rpc.answers.set('c', committed(9, [member('a'), member('b'), member('c'), member('d')]))
    expect(await admission.admit(peer('d'), 's1')).toEqual({ kind: 'admitted' })
  })

  it('admit() asks the members before an uncommitted change, too: those after it may be gone, and a newcomer may lead', async () => {
    const { admission, rpc, state } = setUp({ members: [member('a'), member('b')] })
    rpc.answers.set('c', committed(9, [member('a'), member('c'), member('d')]))
    state.former = [member('a'), member('b'), member('c')]
    expect(await admission.admit(peer('d'), 's1')).toEqual({ kind: 'admitted' })
    expect(rpc.asked).toEqual(['b', 'c'])
  })

  it('admit() believes no other database, no other cluster, no earlier epoch, no older membership, and nobody about himself', async () => {
    const listed = [member('a'), member('d')]
    for (const answer of [
      committed(9, [member('a'), member('d', { storageId: 's2' })]),
      committed(9, listed, { clusterId: 'cd'.repeat(32) }),
      committed(5, listed),
      committed(4, listed),
    ]) {
      const { admission, rpc } = setUp()
      rpc.answers.set('b', answer)
      expect(await admission.admit(peer('d'), 's1')).toMatchObject({ kind: 'refused' })
    }
    const recovered = setUp({ epoch: 2 })
    recovered.rpc.answers.set('b', committed(9, listed, { epoch: 1 }))
    expect(await recovered.admission.admit(peer('d'), 's1')).toMatchObject({ kind: 'refused' })
    const other = setUp({ epoch: 2 })
    other.rpc.answers.set('b', committed(9, listed, { epoch: 2 }))
    expect(await other.admission.admit(peer('d'), 's1')).toEqual({ kind: 'admitted' })
    const { admission, rpc } = setUp()
    rpc.answers.set('b', committed(9, [member('a'), member('b', { storageId: 's2' })]))
    expect(await admission.admit(peer('b'), 's2')).toMatchObject({ kind: 'refused' })
    expect(rpc.asked).toEqual(['c'])
  })

  it('admit() forgets what a member vouched for after a few seconds, and sooner that nobody did', async () => {
    const { admission, rpc, clock } = setUp()
    rpc.answers.set('b', committed(9, [member('a'), member('d')]))
    await admission.admit(peer('d'), 's1')
    await admission.admit(peer('e'), 's1')
    await clock.advance(1_500)
    rpc.answers.set('b', committed(10, [member('a'), member('e')]))
    expect(await admission.admit(peer('e'), 's1')).toEqual({ kind: 'admitted' })
    expect(await admission.admit(peer('d'), 's1')).toEqual({ kind: 'admitted' })
    await clock.advance(5_000)
    expect(await admission.admit(peer('d'), 's1')).toMatchObject({ kind: 'refused' })
  })

  it('admit() takes back a word that the own log has overtaken', async () => {
    const { admission, rpc, state } = setUp()
    rpc.answers.set('b', committed(9, [member('a'), member('d')]))
    await admission.admit(peer('d'), 's1')
    state.newest = { index: 10, membership: { members: [member('a'), member('b')] } }
    state.applied = 10
    expect(await admission.admit(peer('d'), 's1')).toMatchObject({ kind: 'refused' })
  })

  it('admit() waits for silent members no longer than 2 s, and leaves no timer behind', async () => {
    const { admission, rpc, clock } = setUp()
    rpc.answers.set('b', null)
    rpc.answers.set('c', null)
    let answer: unknown = null
    const asked = admission.admit(peer('d'), 's1').then((value) => (answer = value))
    await clock.advance(1_999)
    expect(answer).toBeNull()
    await clock.advance(1)
    await asked
    expect(answer).toMatchObject({ kind: 'refused' })
    expect(clock.timers).toBe(0)
  })

  it('admit() ends with its signal, while others go on waiting for the same answer', async () => {
    const { admission, rpc, clock } = setUp()
    rpc.answers.set('b', null)
    const gone = new AbortController()
    const one = admission.admit(peer('d'), 's1', { signal: gone.signal })
    const other = admission.admit(peer('d'), 's1')
    gone.abort(new Error('gone'))
    await expect(one).rejects.toThrow('gone')
    await clock.advance(2_000)
    expect(await other).toMatchObject({ kind: 'refused' })
  })

  it('admit() keeps a bounded number of answers and refuses beyond it until they are old', async () => {
    const { admission, rpc, clock } = setUp()
    for (let at = 0; at < 300; at++) await admission.admit(peer(`x${at}`), 's1')
    const asked = rpc.asked.length
    expect(asked).toBe(256 * 2)
    await clock.advance(1_001)
    await admission.admit(peer('y'), 's1')
    expect(rpc.asked.length).toBe(asked + 2)
  })

  it('admit() and isMember() go by the stored admission while the own log holds no membership, and only then', async () => {
    const { admission, rpc, state } = setUp({ ...joining, admission: [member('b'), member('c')] })
    expect(await admission.admit(peer('b'), 's1')).toEqual({ kind: 'admitted' })
    expect(admission.isMember(peer('c'))).toBe(true)
    rpc.answers.set('c', committed(9, [member('c'), member('d')]))
    expect(await admission.admit(peer('d'), 's1')).toEqual({ kind: 'admitted' })
    const refusal = await admission.admit(peer('e'), 's1')
    expect(refusal.kind === 'refused' && refusal.reason).toContain('named at admission')
    state.newest = { index: 20, membership: { members: [member('a'), member('d')] } }
    state.applied = 20
    expect(admission.isMember(peer('c'))).toBe(false)
    expect(await admission.admit(peer('c'), 's1')).toMatchObject({ kind: 'refused' })
  })

  it('CA6 admit() lets in the members that a peer is told of when it is added again, though all whom its log names are gone', async () => {
    const { admission, rpc } = setUp({ members: [member('b')] })
    expect(await admission.admit(peer('d'), 's1')).toMatchObject({ kind: 'refused' })
    expect(admission.told(granted(9, [member('a', { suffrage: 'learner' }), member('d')]))).toBe(true)
    expect(await admission.admit(peer('d'), 's1')).toEqual({ kind: 'admitted' })
    expect(await admission.admit(peer('d'), 's2')).toMatchObject({ kind: 'refused' })
    expect(await admission.admit(peer('b'), 's1')).toEqual({ kind: 'admitted' })
    expect([admission.isMember(peer('b')), admission.isMember(peer('d')), admission.isMember(peer('e'))]).toEqual([
      true,
      true,
      false,
    ])
    expect(admission.knownMembers().map(({ peerId }) => peerId)).toEqual(['b', 'a', 'd'])
    rpc.answers.set('d', committed(12, [member('a'), member('e')]))
    expect(await admission.admit(peer('e'), 's1')).toEqual({ kind: 'admitted' })
  })

  it('CA6 admit() lets in a member that came back with another database, as it was told', async () => {
    const { admission } = setUp({ members: [member('b')] })
    expect(admission.told(granted(9, [member('a'), member('b', { storageId: 's2' })]))).toBe(true)
    expect(await admission.admit(peer('b'), 's2')).toEqual({ kind: 'admitted' })
    expect(await admission.admit(peer('b'), 's3')).toMatchObject({ kind: 'refused' })
  })

  it('CA6 told() takes no other cluster, no other epoch, no older membership, and none that does not list this database', async () => {
    const listed = [member('a'), member('d')]
    for (const grant of [
      granted(9, listed, { clusterId: 'cd'.repeat(32) }),
      granted(9, listed, { epoch: 2 }),
      granted(5, listed),
      granted(4, listed),
      granted(9, [member('d')]),
      granted(9, [member('a', { storageId: 's2' }), member('d')]),
    ]) {
      const { admission } = setUp()
      expect(admission.told(grant)).toBe(false)
      expect(await admission.admit(peer('d'), 's1')).toMatchObject({ kind: 'refused' })
    }
    const recovered = setUp({ epoch: 2 })
    expect(recovered.admission.told(granted(9, listed))).toBe(false)
  })

  it('CA6 told() takes the newest only, and none while a leader is known', async () => {
    const { admission, state } = setUp()
    state.leader = peer('b')
    expect(admission.told(granted(9, [member('a'), member('d')]))).toBe(false)
    expect(await admission.admit(peer('d'), 's1')).toMatchObject({ kind: 'refused' })
    state.leader = null
    expect(admission.told(granted(9, [member('a'), member('d')]))).toBe(true)
    expect(admission.told(granted(8, [member('a'), member('e')]))).toBe(false)
    expect(admission.told(granted(9, [member('a'), member('e')]))).toBe(false)
    expect(await admission.admit(peer('d'), 's1')).toEqual({ kind: 'admitted' })
    expect(admission.told(granted(10, [member('a'), member('e')]))).toBe(true)
    expect([admission.isMember(peer('d')), admission.isMember(peer('e'))]).toEqual([false, true])
  })

  it('CA6 told() takes what is newer than the membership applied here, though a later one in the own log may never be committed', async () => {
    const { admission, state } = setUp()
    state.newest = { index: 12, membership: { members: [member('a'), member('b'), member('e')] } }
    state.former = [member('a'), member('b')]
    expect(admission.told(granted(9, [member('a'), member('d')]))).toBe(true)
    expect(await admission.admit(peer('d'), 's1')).toEqual({ kind: 'admitted' })
    expect(admission.isMember(peer('d'))).toBe(true)
    expect(admission.told(granted(5, [member('a'), member('f')]))).toBe(false)
  })

  it('CA6 what was told is over once one as new is applied here, not when the log alone holds it, and after a change of the epoch', async () => {
    const { admission, state } = setUp()
    admission.told(granted(9, [member('a'), member('d')]))
    state.newest = { index: 9, membership: { members: [member('a'), member('b')] } }
    expect(admission.isMember(peer('d'))).toBe(true)
    expect(await admission.admit(peer('d'), 's1')).toEqual({ kind: 'admitted' })
    state.applied = 9
    expect(admission.isMember(peer('d'))).toBe(false)
    expect(await admission.admit(peer('d'), 's1')).toMatchObject({ kind: 'refused' })
    const recovered = setUp()
    recovered.admission.told(granted(9, [member('a'), member('d')]))
    recovered.identity.epoch = 2
    expect(recovered.admission.isMember(peer('d'))).toBe(false)
  })

  it('admit() lets nobody in while the peer belongs to no cluster', async () => {
    const { admission, rpc } = setUp({ ...joining, clusterId: null })
    const answer = await admission.admit(peer('b'), 's1')
    expect(answer.kind === 'refused' && answer.reason).toContain('belongs to no cluster yet')
    expect(admission.isMember(peer('b'))).toBe(false)
    await turns()
    expect(rpc.asked).toEqual([])
  })
})
