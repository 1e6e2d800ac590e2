import { describe, expect, it } from 'vitest'

import type { Message } from '../src/index.ts'
import { Bench, Cluster, ELECTION_TICKS, HEARTBEAT_TICKS } from './cluster.ts'
import { diskWith } from './disk.ts'

const ABC = ['a', 'b', 'c']

function timeoutNow(to: string, term: number, last: { term: number; index: number }): Message {
  return { kind: 'timeoutNow', from: 'a', to, term, last }
}

describe('transfer', () => {
  it('to a follower that holds everything takes effect at once, and both sides know', () => {
    const cluster = Cluster.of(ABC)
    cluster.elect('a')
    cluster.run(3)
    const context = cluster.transfer('a', 'b')
    cluster.settle()
    expect(cluster.leader().id).toBe('b')
    expect(cluster.node('a').transferred).toEqual([{ context, leader: 'b' }])
    expect(cluster.log.some((line) => line.includes('preVote term=3'))).toBe(false)
  })

  it('to a follower that is behind waits until it has caught up (P24)', () => {
    const cluster = Cluster.of(ABC)
    const leader = cluster.elect('a')
    cluster.passes = (message) => message.to !== 'b'
    cluster.propose('a', 'x')
    cluster.settle()
    cluster.transfer('a', 'b')
    cluster.settle()
    expect(cluster.log.some((line) => line.includes('timeoutNow'))).toBe(false)
    cluster.heal()
    cluster.run(3)
    expect(cluster.leader().id).toBe('b')
    expect(cluster.node('b').disk.entries.length).toBeGreaterThanOrEqual(leader.disk.entries.length)
  })

  it('null means the most caught-up voter that is within reach', () => {
    const cluster = Cluster.of(['a', 'b', 'c'], { learners: ['0'] })
    cluster.elect('a')
    cluster.run(3)
    cluster.passes = (message) => message.to !== 'b'
    cluster.propose('a', 'x')
    cluster.settle()
    cluster.heal()
    cluster.transfer('a', null)
    expect(cluster.node('a').status.transferTo).toBe('c')
  })

  it('refuses proposals and changes while it lasts, and takes them again when it was given up (P24)', () => {
    const cluster = Cluster.of(ABC)
    cluster.elect('a')
    cluster.run(3)
    cluster.passes = (message) => message.to !== 'b' && message.from !== 'b'
    const context = cluster.transfer('a', 'b')
    cluster.propose('a', 'x')
    cluster.change('a', ['a', 'b'])
    expect(cluster.node('a').dropped.map(({ reason }) => reason)).toEqual(['busy', 'busy'])
    cluster.run(ELECTION_TICKS)
    expect(cluster.node('a').transferred).toEqual([{ context, leader: 'a' }])
    const accepted = cluster.propose('a', 'y')
    expect(cluster.node('a').accepted.has(accepted)).toBe(true)
  })

  it('a second one is refused while the first lasts', () => {
    const cluster = Cluster.of(ABC)
    cluster.elect('a')
    cluster.passes = () => false
    cluster.transfer('a', 'b')
    cluster.transfer('a', 'c')
    expect(cluster.node('a').dropped).toMatchObject([{ reason: 'busy' }])
  })

  it.each([['a'], ['l'], ['stranger']])('to %s is refused: it is not another voter', (to) => {
    const cluster = Cluster.of(ABC, { learners: ['l'] })
    cluster.elect('a')
    cluster.transfer('a', to)
    expect(cluster.node('a').dropped).toMatchObject([{ reason: 'refused' }])
  })

  it('is refused when there is nobody to hand over to', () => {
    const cluster = Cluster.of(['a'])
    cluster.elect('a')
    cluster.transfer('a', null)
    expect(cluster.node('a').dropped).toMatchObject([{ reason: 'refused' }])
  })

  it('at a node that does not lead is dropped', () => {
    const cluster = Cluster.of(ABC)
    cluster.elect('a')
    cluster.run(3)
    cluster.transfer('b', 'c')
    expect(cluster.node('b').dropped).toMatchObject([{ reason: 'not-leader', leader: 'a' }])
  })

  it('a lost request to campaign is repeated with the heartbeats', () => {
    const cluster = Cluster.of(ABC)
    cluster.elect('a')
    cluster.run(3)
    cluster.passes = (message) => message.kind !== 'timeoutNow'
    cluster.transfer('a', 'b')
    cluster.settle()
    cluster.heal()
    cluster.run(HEARTBEAT_TICKS)
    expect(cluster.leader().id).toBe('b')
  })

  it('ends without a leader known when the target fails after the leader has stepped down', () => {
    const cluster = Cluster.of(ABC)
    cluster.elect('a')
    cluster.run(3)
    const context = cluster.transfer('a', 'b')
    cluster.passes = (message) => message.kind !== 'requestVoteResponse'
    cluster.settle()
    expect(cluster.node('a').status.role).toBe('follower')
    cluster.passes = () => false
    cluster.tick('a', ELECTION_TICKS)
    expect(cluster.node('a').transferred).toEqual([{ context, leader: null }])
  })

  it('is given up when the target is removed or made a learner', () => {
    const cluster = Cluster.of(ABC)
    cluster.elect('a')
    cluster.run(3)
    // The change cannot be made during a transfer, so the target is removed first and the transfer refused.
    cluster.change('a', ['a', 'b'], ['c'])
    cluster.settle()
    cluster.transfer('a', 'c')
    expect(cluster.node('a').dropped).toMatchObject([{ reason: 'refused' }])
  })

  describe('timeoutNow', () => {
    it('is ignored by a node that does not hold what it must (P24)', () => {
      const bench = new Bench('b', diskWith(ABC, [], [1]))
      bench.receive(timeoutNow('b', 1, { term: 1, index: 3 }))
      expect(bench.status).toMatchObject({ role: 'follower', term: 1 })
      bench.receive(timeoutNow('b', 1, { term: 1, index: 2 }))
      expect(bench.status).toMatchObject({ role: 'candidate', term: 2 })
    })

    it('asks for votes with the mark of a handover, once the own vote is durable', () => {
      const bench = new Bench('b', diskWith(ABC), { manualSync: true })
      bench.receive(timeoutNow('b', 1, { term: 1, index: 1 }))
      expect(bench.sent()).toEqual([])
      bench.node.sync()
      expect(bench.sent()).toMatchObject([
        { kind: 'requestVote', to: 'a', term: 2, transfer: true },
        { kind: 'requestVote', to: 'c', term: 2, transfer: true },
      ])
    })

    it('of an earlier term, or of another than the leader, is ignored', () => {
      const bench = new Bench('b', diskWith(ABC, [], [], 4))
      bench.receive(timeoutNow('b', 3, { term: 1, index: 1 }))
      bench.receive({ kind: 'heartbeat', from: 'c', to: 'b', term: 4, commitIndex: 0, readRound: 0 })
      bench.receive(timeoutNow('b', 4, { term: 1, index: 1 }))
      expect(bench.status).toMatchObject({ role: 'follower', term: 4, leader: 'c' })
    })

    it('does not start a second campaign (P22)', () => {
      const bench = new Bench('b', diskWith(ABC))
      bench.receive(timeoutNow('b', 1, { term: 1, index: 1 }))
      bench.receive(timeoutNow('b', 2, { term: 1, index: 1 }))
      expect(bench.status).toMatchObject({ role: 'candidate', term: 2 })
    })
  })

  it('under load loses nothing that was committed', () => {
    const cluster = Cluster.of(ABC)
    cluster.elect('a')
    for (let at = 0; at < 30; at += 1) {
      const leader = cluster.leader()
      cluster.propose(leader.id, `value ${at}`)
      if (at % 5 === 4) cluster.transfer(leader.id, null)
      if (at % 3 === 0) cluster.settle()
    }
    cluster.run(20)
    const states = ABC.map((id) => cluster.node(id).disk.state)
    expect(states[1]).toEqual(states[0])
    expect(states[2]).toEqual(states[0])
    for (const id of ABC) {
      for (const place of cluster.node(id).accepted.values()) expect(states[0]).toContainEqual(place)
    }
  })
})
