import { describe, expect, it } from 'vitest'

import type { Message } from '../src/index.ts'
import { Bench, Cluster, ELECTION_TICKS } from './cluster.ts'
import { Disk, diskWith } from './disk.ts'

const ABC = ['a', 'b', 'c']
const LAST = { term: 1, index: 1 }

function preVote(from: string, to: string, term: number, last = LAST): Message {
  return { kind: 'preVote', from, to, term, last, transfer: false }
}

function requestVote(from: string, to: string, term: number, last = LAST, transfer = false): Message {
  return { kind: 'requestVote', from, to, term, last, transfer }
}

function heartbeat(from: string, to: string, term: number): Message {
  return { kind: 'heartbeat', from, to, term, commitIndex: 0, readRound: 0 }
}

describe('election', () => {
  it('a pre-vote changes nothing on who answers it, durable or not (P21)', () => {
    const bench = new Bench('a', diskWith(ABC))
    bench.tick(3)
    const before = bench.raft.describe()
    bench.receive(preVote('b', 'a', 2))
    bench.receive(preVote('c', 'a', 9, { term: 1, index: 0 + 1 }))
    expect(bench.raft.describe()).toBe(before)
    expect(bench.node.readys.flatMap(({ persist }) => persist)).toEqual([])
    expect(bench.sent()).toEqual([
      { kind: 'preVoteResponse', from: 'a', to: 'b', term: 2, granted: true },
      { kind: 'preVoteResponse', from: 'a', to: 'c', term: 9, granted: true },
    ])
  })

  it('a passive tick lets go of a silent leader, and begins no campaign', () => {
    const bench = new Bench('a', diskWith(ABC))
    bench.receive(heartbeat('b', 'a', 1))
    bench.receive(preVote('c', 'a', 2))
    expect(bench.sent().map(({ kind }) => kind)).toEqual(['heartbeatResponse'])
    for (let ticks = 0; ticks < 2 * ELECTION_TICKS; ticks++) {
      bench.step({ kind: 'tick', passive: true })
    }
    expect(bench.sent()).toEqual([])
    expect(bench.status).toMatchObject({ role: 'follower', leader: null, term: 1 })
    bench.receive(preVote('c', 'a', 2))
    expect(bench.sent()).toEqual([{ kind: 'preVoteResponse', from: 'a', to: 'c', term: 2, granted: true }])
  })

  it('a pre-vote is refused to a shorter log, with the own term', () => {
    const bench = new Bench('a', diskWith(ABC, [], [1, 3]))
    bench.receive(preVote('b', 'a', 9, { term: 1, index: 2 }))
    expect(bench.sent()).toEqual([{ kind: 'preVoteResponse', from: 'a', to: 'b', term: 3, granted: false }])
  })

  it('pre-vote traffic leaves at once, although nothing is durable', () => {
    const bench = new Bench('a', diskWith(ABC), { manualSync: true })
    bench.step({ kind: 'campaign' })
    expect(bench.sent()).toEqual([preVote('a', 'b', 2), preVote('a', 'c', 2)])
    expect(bench.status.term).toBe(1)
  })

  it('requests for votes wait until the own vote is durable (P49)', () => {
    const bench = new Bench('a', diskWith(ABC), { manualSync: true })
    bench.step({ kind: 'campaign' })
    bench.sent()
    bench.receive({ kind: 'preVoteResponse', from: 'b', to: 'a', term: 2, granted: true })
    expect(bench.status.role).toBe('candidate')
    expect(bench.sent()).toEqual([])
    expect(bench.node.readys.at(-1)?.sendAfter.map(({ seq }) => seq)).toEqual([1, 1])
    bench.node.sync()
    expect(bench.sent().map(({ kind }) => kind)).toEqual(['requestVote', 'requestVote'])
  })

  it('the own vote is not counted before it is durable (P49)', () => {
    const bench = new Bench('a', diskWith(['a']), { manualSync: true })
    bench.step({ kind: 'campaign' })
    expect(bench.status.role).toBe('candidate')
    bench.node.sync()
    expect(bench.status.role).toBe('leader')
  })

  it('the completion of an earlier write does not count the own vote (P49)', () => {
    const bench = new Bench('a', diskWith(['a']), { manualSync: true })
    bench.receive(heartbeat('stranger', 'a', 3))
    bench.step({ kind: 'campaign' })
    expect(bench.node.writing.map(({ hardState }) => hardState)).toEqual([
      { term: 3, vote: null },
      { term: 4, vote: 'a' },
    ])
    bench.node.sync(1)
    expect(bench.status.role).toBe('candidate')
    bench.node.sync(1)
    expect(bench.status.role).toBe('leader')
  })

  it('a vote leaves only when it is durable (P5)', () => {
    const bench = new Bench('a', diskWith(ABC), { manualSync: true })
    bench.receive(requestVote('b', 'a', 2))
    expect(bench.sent()).toEqual([])
    bench.node.sync()
    expect(bench.sent()).toEqual([{ kind: 'requestVoteResponse', from: 'a', to: 'b', term: 2, granted: true }])
    expect(bench.node.disk.hardState).toEqual({ term: 2, vote: 'b' })
  })

  it('a vote that was not durable in a crash was not given (P5)', () => {
    const bench = new Bench('a', diskWith(ABC), { manualSync: true })
    bench.receive(requestVote('b', 'a', 2))
    bench.node.crash()
    bench.node.restart()
    bench.receive(requestVote('c', 'a', 2))
    bench.node.sync()
    expect(bench.sent()).toMatchObject([{ to: 'c', granted: true }])
  })

  it('while a leader is near, votes are not considered and the term stays (P23)', () => {
    const bench = new Bench('a', diskWith(ABC))
    bench.receive(heartbeat('b', 'a', 1))
    bench.sent()
    bench.tick(ELECTION_TICKS - 1)
    bench.receive(requestVote('c', 'a', 7))
    bench.receive(preVote('c', 'a', 7))
    expect(bench.sent()).toEqual([])
    expect(bench.status.term).toBe(1)
  })

  it('after an election timeout without a leader, votes are given', () => {
    const bench = new Bench('a', diskWith(ABC), { random: () => 0.99 })
    bench.receive(heartbeat('b', 'a', 1))
    bench.tick(ELECTION_TICKS)
    bench.sent()
    bench.receive(requestVote('c', 'a', 7))
    expect(bench.sent()).toMatchObject([{ granted: true, term: 7 }])
  })

  it('a handover is considered although a leader is near', () => {
    const bench = new Bench('a', diskWith(ABC))
    bench.receive(heartbeat('b', 'a', 1))
    bench.sent()
    bench.receive(requestVote('c', 'a', 2, LAST, true))
    expect(bench.sent()).toMatchObject([{ granted: true, term: 2 }])
  })

  it('a leader does not react to campaigns of others while it has a quorum', () => {
    const cluster = Cluster.of(ABC)
    const leader = cluster.elect('a')
    cluster.run(5)
    leader.step({ kind: 'message', message: requestVote('c', 'a', 9, { term: 9 - 1, index: 99 }) })
    expect(leader.status.role).toBe('leader')
    expect(leader.status.term).toBe(2)
  })

  it('a repeated vote request does not make it forget the leader that came of it', () => {
    const bench = new Bench('a', diskWith(ABC))
    bench.receive(requestVote('b', 'a', 2))
    bench.receive(heartbeat('b', 'a', 2))
    bench.receive(requestVote('b', 'a', 2))
    expect(bench.status.leader).toBe('b')
  })

  it('a node cut off from the others does not raise its term, and comes back quietly', () => {
    const cluster = Cluster.of(ABC)
    cluster.elect('a')
    const { term } = cluster.node('a').status
    cluster.cut('c')
    cluster.run(100)
    expect(cluster.node('c').status).toMatchObject({ role: 'pre-candidate', term })
    cluster.heal()
    cluster.run(20)
    expect(cluster.leader().id).toBe('a')
    expect(cluster.node('c').status).toMatchObject({ role: 'follower', leader: 'a', term })
  })

  it('a leader without a quorum steps down within an election timeout', () => {
    const cluster = Cluster.of(ABC)
    const leader = cluster.elect('a')
    cluster.run(3)
    cluster.cut('a')
    cluster.tick('a', ELECTION_TICKS + 1)
    expect(leader.status.role).toBe('follower')
    expect(leader.status.leader).toBeNull()
  })

  it('learners that answer do not keep a leader in office (P15)', () => {
    const cluster = Cluster.of(ABC, { learners: ['l'] })
    const leader = cluster.elect('a')
    cluster.passes = (message) => [message.from, message.to].every((id) => id === 'a' || id === 'l')
    cluster.run(ELECTION_TICKS + 2)
    expect(leader.status.role).not.toBe('leader')
  })

  it('a leader that hears half of an even number steps down', () => {
    const cluster = Cluster.of(['a', 'b', 'c', 'd'])
    const leader = cluster.elect('a')
    cluster.passes = (message) => [message.from, message.to].every((id) => id === 'a' || id === 'b')
    cluster.run(ELECTION_TICKS + 2)
    expect(leader.status.role).not.toBe('leader')
  })

  it('a node stuck at a higher term frees itself through the answers to its leader (P20)', () => {
    const cluster = Cluster.of(ABC)
    cluster.elect('a')
    cluster.run(3)
    const stuck = cluster.node('c')
    stuck.crash()
    stuck.disk.hardState = { term: 7, vote: 'c' }
    stuck.restart()
    cluster.run(60)
    const leader = cluster.leader()
    expect(leader.status.term).toBeGreaterThanOrEqual(7)
    expect(cluster.node('c').status.leader).toBe(leader.id)
  })

  it('a pre-candidate adopts the higher term of a refusal', () => {
    const bench = new Bench('a', diskWith(ABC))
    bench.step({ kind: 'campaign' })
    bench.receive({ kind: 'preVoteResponse', from: 'b', to: 'a', term: 6, granted: false })
    expect(bench.status).toMatchObject({ role: 'follower', term: 6, vote: null })
  })

  it('grants of pre-votes and of votes are not added up (P21)', () => {
    const bench = new Bench('a', diskWith(['a', 'b', 'c', 'd', 'e']))
    bench.step({ kind: 'campaign' })
    bench.receive({ kind: 'requestVoteResponse', from: 'b', to: 'a', term: 1, granted: true })
    bench.receive({ kind: 'requestVoteResponse', from: 'c', to: 'a', term: 1, granted: true })
    expect(bench.status.role).toBe('pre-candidate')
    bench.receive({ kind: 'preVoteResponse', from: 'b', to: 'a', term: 2, granted: true })
    bench.receive({ kind: 'preVoteResponse', from: 'c', to: 'a', term: 2, granted: true })
    expect(bench.status.role).toBe('candidate')
    bench.receive({ kind: 'preVoteResponse', from: 'd', to: 'a', term: 2, granted: true })
    bench.receive({ kind: 'preVoteResponse', from: 'e', to: 'a', term: 3, granted: true })
    expect(bench.status).toMatchObject({ role: 'candidate', term: 2 })
  })

  it('a grant for another term is not counted', () => {
    const bench = new Bench('a', diskWith(ABC))
    bench.step({ kind: 'campaign' })
    bench.receive({ kind: 'preVoteResponse', from: 'b', to: 'a', term: 5, granted: true })
    expect(bench.status).toMatchObject({ role: 'pre-candidate', term: 1 })
  })

  it('the same voter counts once, and its first answer stands', () => {
    const bench = new Bench('a', diskWith(['a', 'b', 'c', 'd', 'e']))
    bench.step({ kind: 'campaign' })
    for (let at = 0; at < 4; at += 1)
      bench.receive({ kind: 'preVoteResponse', from: 'b', to: 'a', term: 2, granted: true })
    expect(bench.status.role).toBe('pre-candidate')
  })

  it('who is no voter is not counted', () => {
    const bench = new Bench('a', diskWith(ABC, ['l']))
    bench.step({ kind: 'campaign' })
    bench.receive({ kind: 'preVoteResponse', from: 'l', to: 'a', term: 2, granted: true })
    bench.receive({ kind: 'preVoteResponse', from: 'stranger', to: 'a', term: 2, granted: true })
    expect(bench.status.role).toBe('pre-candidate')
  })

  it('a stale pre-vote does not start a second campaign, nor touches a leader (P22)', () => {
    const cluster = Cluster.of(ABC)
    const leader = cluster.elect('a')
    const { term } = leader.status
    leader.step({
      kind: 'message',
      message: { kind: 'preVoteResponse', from: 'c', to: 'a', term: term + 1, granted: true },
    })
    leader.step({ kind: 'message', message: { kind: 'requestVoteResponse', from: 'c', to: 'a', term, granted: false } })
    leader.step({ kind: 'campaign' })
    leader.step({
      kind: 'message',
      message: { kind: 'timeoutNow', from: 'b', to: 'a', term, last: leader.status.lastId },
    })
    expect(leader.status).toMatchObject({ role: 'leader', term })
  })

  it('a learner never campaigns, but votes when asked (P25)', () => {
    const bench = new Bench('l', diskWith(ABC, ['l']))
    bench.tick(10 * ELECTION_TICKS)
    bench.step({ kind: 'campaign' })
    bench.receive({ kind: 'timeoutNow', from: 'a', to: 'l', term: 1, last: LAST })
    expect(bench.status.role).toBe('follower')
    bench.receive(preVote('b', 'l', 2))
    bench.receive(requestVote('b', 'l', 2))
    expect(bench.sent()).toMatchObject([{ granted: true }, { granted: true }])
  })

  it('a node without membership never campaigns, but votes when asked', () => {
    const bench = new Bench('n', new Disk())
    bench.tick(10 * ELECTION_TICKS)
    bench.step({ kind: 'campaign' })
    expect([bench.status.role, bench.status.term]).toEqual(['follower', 0])
    expect(bench.node.readys).toEqual([])
    bench.receive(requestVote('b', 'n', 2))
    expect(bench.sent()).toMatchObject([{ granted: true, term: 2 }])
  })

  it('a learner forgets a leader that has been silent too long', () => {
    const bench = new Bench('l', diskWith(ABC, ['l']))
    bench.receive(heartbeat('a', 'l', 1))
    expect(bench.status.leader).toBe('a')
    bench.tick(2 * ELECTION_TICKS)
    expect(bench.status.leader).toBeNull()
  })

  it('one tick is all that a stalled process is charged; no election follows from a pause (P27)', () => {
    const cluster = Cluster.of(ABC)
    cluster.elect('a')
    cluster.run(5)
    // The driver gives one tick for the whole pause.
    cluster.tick('b', 1)
    cluster.settle()
    expect(cluster.node('b').status).toMatchObject({ role: 'follower', leader: 'a' })
  })

  it('a second leader in the same term is not followed', () => {
    const bench = new Bench('a', diskWith(ABC))
    bench.receive(heartbeat('b', 'a', 2))
    bench.sent()
    bench.receive(heartbeat('c', 'a', 2))
    expect(bench.status.leader).toBe('b')
    expect(bench.sent()).toEqual([])
  })

  it('elections end although all begin at the same time', () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const cluster = Cluster.of(['a', 'b', 'c', 'd', 'e'], { seed })
      cluster.run(150)
      const leader = cluster.leader()
      expect([...cluster.nodes.values()].every((node) => node.status.leader === leader.id)).toBe(true)
    }
  })
})
