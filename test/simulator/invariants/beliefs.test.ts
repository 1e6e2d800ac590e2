/** The invariants on what a node believes of others and of itself: each lets pass what is right, and finds what it is there for. */
import type { Message, Ready, RequestVote, TimeoutNow } from '@pinset/raft'
import { describe, expect, it } from 'vitest'

import { encodeMembership, membershipOf } from '../raft/membership-data.ts'
import { emptyBase, SimulatedLog } from '../simulated-log.ts'
import { ConfirmedReads, votersOfReads } from './confirmed-reads.ts'
import { checkHandOver, checkProgress } from './known-progress.ts'
import { type Allegiance, LeaderLoyalty } from './leader-loyalty.ts'
import { RecoveredLog } from './recovered-log.ts'
import { checkSuspended } from './suspended-silence.ts'

const log = (...terms: number[]): SimulatedLog =>
  new SimulatedLog(
    emptyBase,
    terms.map((term, at) => ({ term, index: at + 1, kind: 'operations', data: Uint8Array.of(at) })),
  )

const answer = (from: string, to = 'a'): Message => ({ kind: 'heartbeatResponse', from, to, term: 3, readRound: 1 })

describe('confirmed reads', () => {
  const voters = ['a', 'b', 'c']

  it('served() wants answers of a quorum that were made after the read began', () => {
    const reads = new ConfirmedReads()
    const old = answer('b')
    reads.made(old)
    reads.began(1)
    reads.heard(old)
    expect(() => reads.served('a', 1, voters)).toThrow('since which only [a] of [a b c] have spoken')
    reads.began(2)
    const fresh = answer('b')
    reads.made(fresh)
    expect(() => reads.served('a', 2, voters)).toThrow('confirmed reads')
    reads.began(3)
    const last = answer('b')
    reads.made(last)
    reads.heard(last)
    reads.served('a', 3, voters)
  })

  it('served() counts voters alone, and a leader only while it is one', () => {
    const reads = new ConfirmedReads()
    reads.began(1)
    for (const from of ['b', 'x', 'y']) {
      const message = answer(from)
      reads.made(message)
      reads.heard(message)
    }
    expect(() => reads.served('a', 1, ['a', 'c', 'd'])).toThrow('only [a] of')
    reads.served('a', 2, ['a', 'b', 'c'])
    expect(() => reads.served('a', 3, ['b', 'c'])).toThrow('only [b] of')
  })

  it('failed() ends it: only what was confirmed by then is served', () => {
    const reads = new ConfirmedReads()
    const hear = (from: string) => {
      const message = answer(from)
      reads.made(message)
      reads.heard(message)
    }
    reads.began(1)
    hear('b')
    reads.began(2)
    reads.failed('a')
    hear('b')
    reads.failed('a')
    reads.began(3)
    reads.served('a', 1, voters)
    expect(() => reads.served('a', 2, voters)).toThrow('since which only [a] of [a b c] have spoken')
    expect(() => reads.served('a', 3, ['a'])).toThrow('a serves read 3, which began after its disk had failed')
    reads.began(4)
    expect(() => reads.served('a', 4)).toThrow('which began after its disk had failed')
    reads.started('a')
    reads.began(5)
    hear('c')
    reads.served('a', 5, voters)
  })

  it('served() wants the quorum of one of the sets of voters that may have been in force', () => {
    const reads = new ConfirmedReads()
    reads.began(1)
    const message = answer('b')
    reads.made(message)
    reads.heard(message)
    reads.served('a', 1, ['a', 'b', 'c', 'd'], voters)
    reads.began(2)
    expect(() => reads.served('a', 2, voters, ['a', 'b'])).toThrow('only [a] of [a b c], or [a] of [a b] have spoken')
  })

  it('votersOfReads() knows them after one input, or when nothing of the turn is written', () => {
    const ready = (told: Ready['membership']) => ({ membership: told }) as Ready
    const log = new SimulatedLog({ ...emptyBase, membership: encodeMembership({ voters, learners: [] }) })
    const told = { index: 1, membership: { voters: ['a'], learners: [] }, data: new Uint8Array() }
    const of = (role: 'leader' | 'halted', term: number, single: boolean, told: Ready['membership'] = null) =>
      votersOfReads(log, ready(told), { role, term }, { term: 1, single }, membershipOf)
    expect(of('leader', 1, true)).toEqual([voters])
    expect(of('leader', 1, false)).toEqual([])
    expect(of('halted', 1, false)).toEqual([voters])
    expect(of('halted', 1, false, told)).toEqual([voters, ['a']])
    expect(of('halted', 2, false)).toEqual([])
  })

  it('heard() gives nothing for what nobody has made, nor for what an earlier run has heard', () => {
    const reads = new ConfirmedReads()
    reads.began(1)
    reads.heard(answer('b'))
    expect(() => reads.served('a', 1, voters)).toThrow('only [a] of')
    reads.began(2)
    const message = answer('b')
    reads.made(message)
    reads.heard(message)
    reads.started('a')
    expect(() => reads.served('a', 2, voters)).toThrow('only [a] of')
  })
})

describe('leader loyalty', () => {
  const follower: Allegiance = { role: 'follower', term: 3, leader: 'b' }
  const moved: Allegiance = { role: 'follower', term: 4, leader: null }
  const request = (transfer: boolean): RequestVote => ({
    kind: 'requestVote',
    from: 'c',
    to: 'a',
    term: 4,
    last: { term: 3, index: 9 },
    transfer,
  })
  const loyal = (quietTicks: number): LeaderLoyalty => {
    const loyalty = new LeaderLoyalty(4)
    loyalty.heardLeader()
    for (let tick = 0; tick < quietTicks; tick++) loyalty.ticked()
    return loyalty
  }

  it('asked() finds a term that is left for who asks for a vote, while the leader is near', () => {
    expect(() => loyal(3).asked('a', request(false), follower, moved)).toThrow('a leaves term 3')
    expect(() => loyal(9).asked('a', request(false), { ...follower, role: 'leader', leader: 'a' }, moved)).toThrow(
      'leader loyalty',
    )
  })

  it('asked() allows it after silence, for a transfer, and when nothing moves', () => {
    const late = loyal(4)
    const near = loyal(3)
    const fresh = new LeaderLoyalty(4)
    expect(() => late.asked('a', request(false), follower, moved)).not.toThrow()
    expect(() => near.asked('a', request(true), follower, moved)).not.toThrow()
    expect(() => near.asked('a', request(false), follower, follower)).not.toThrow()
    expect(() => fresh.asked('a', request(false), follower, moved)).not.toThrow()
  })
})

describe('recovered log', () => {
  const committed = [0, 1, 1, 2, 2]
  const termAt = (index: number): number => committed[index] as number
  const lostLog = (frontier: number, isHeld = false): RecoveredLog =>
    new RecoveredLog({ frontier: () => frontier, isHeld: () => isHeld })

  it('recovered() finds an entry that was held and committed before the damage and is not held now, whoever else holds it', () => {
    const lost = lostLog(4, true)
    lost.damaged('a', log(1, 1, 2, 2), 2)
    expect(() => lost.recovered('a', log(1, 1, 2), 4, termAt)).toThrow('a votes again without 2/4, which was committed')
  })

  it('recovered() finds an entry that was committed since and that the others cannot do without', () => {
    const needed = lostLog(3)
    needed.damaged('a', log(1, 1, 2, 2), 2)
    expect(() => needed.recovered('a', log(1, 1, 2), 4, termAt)).toThrow(
      'a votes again without 2/4, which is committed on its word',
    )
    const held = lostLog(3, true)
    held.damaged('a', log(1, 1, 2, 2), 2)
    expect(() => held.recovered('a', log(1, 1, 2), 4, termAt)).not.toThrow()
  })

  it('recovered() asks for nothing that was never committed, nor held', () => {
    const lost = lostLog(4)
    lost.damaged('a', log(1, 1, 1, 1), 2)
    expect(() => lost.recovered('a', log(1, 1), 4, termAt)).not.toThrow()
    lost.damaged('a', log(1, 1, 2, 2), 2)
    expect(() => lost.recovered('a', log(1, 1, 2), 3, termAt)).not.toThrow()
    expect(() => lost.recovered('a', log(1), 4, termAt)).not.toThrow()
  })

  it('wiped() forgets; a log whose base is above holds what is below', () => {
    const lost = lostLog(3)
    lost.damaged('a', log(1, 1, 2), 1)
    const above = new SimulatedLog({ ...emptyBase, index: 3, term: 2 })
    expect(() => lost.recovered('a', above, 4, termAt)).not.toThrow()
    lost.damaged('a', log(1, 1, 2), 1)
    lost.wiped('a')
    expect(() => lost.recovered('a', log(1), 4, termAt)).not.toThrow()
  })
})

describe('known progress', () => {
  const leader = { id: 'a', term: 3, log: log(1, 2, 3) }
  const durable = { hardState: { term: 3, vote: null }, log: log(1, 2), suspended: false }

  it('checkProgress() finds a leader that believes too much', () => {
    checkProgress(leader, { id: 'b', matchIndex: 2 }, durable)
    expect(() => checkProgress(leader, { id: 'b', matchIndex: 3 }, durable)).toThrow(
      'b holds 3/3; its disk has undefined',
    )
    expect(() => checkProgress(leader, { id: 'b', matchIndex: 2 }, { ...durable, log: log(1, 1, 1) })).toThrow(
      'known progress',
    )
  })

  it('checkProgress() asks nothing of who has gone on, has lost its log and knows, or begins anew', () => {
    const believed = { id: 'b', matchIndex: 3 }
    for (const other of [{ hardState: { term: 4, vote: null } }, { suspended: true }, { log: new SimulatedLog() }]) {
      expect(() => checkProgress(leader, believed, { ...durable, ...other })).not.toThrow()
    }
  })

  it('checkHandOver() finds a target that is behind', () => {
    const told = (term: number, index: number): TimeoutNow => ({
      kind: 'timeoutNow',
      from: 'a',
      to: 'b',
      term: 3,
      last: { term, index },
    })
    checkHandOver(told(2, 2), durable)
    expect(() => checkHandOver(told(3, 3), durable)).toThrow('a hands over to b, which is to hold 3/3')
  })
})

describe('suspended silence', () => {
  const vote = (granted: boolean): Message => ({ kind: 'requestVoteResponse', from: 'a', to: 'b', term: 3, granted })

  it('checkSuspended() finds a vote and the wish for one, and lets refusals and answers pass', () => {
    expect(() => checkSuspended(vote(true))).toThrow('a may not vote, and sends requestVoteResponse to b in term 3')
    const last = { term: 2, index: 4 }
    expect(() => checkSuspended({ kind: 'requestVote', from: 'a', to: 'b', term: 3, last, transfer: false })).toThrow(
      'suspended silence',
    )
    checkSuspended(vote(false))
    checkSuspended(answer('a', 'b'))
  })
})
