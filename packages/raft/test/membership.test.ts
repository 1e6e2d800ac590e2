import { describe, expect, it } from 'vitest'

import type { RaftMembership } from '../src/index.ts'
import { Bench, Cluster, ELECTION_TICKS } from './cluster.ts'
import { Disk, diskWith, encodeMembership, text } from './disk.ts'

const ABC = ['a', 'b', 'c']

function membershipOf(cluster: Cluster, id: string): RaftMembership | undefined {
  return cluster.node(id).status.membership?.membership
}

function lastDrop(cluster: Cluster, id: string) {
  return cluster.node(id).dropped.at(-1)
}

describe('membership', () => {
  it('a learner is added, catches up, is promoted and counts', () => {
    const cluster = Cluster.of(['a'])
    cluster.elect('a')
    cluster.add('b')
    cluster.change('a', ['a'], ['b'])
    cluster.settle()
    cluster.run(5)
    expect(cluster.node('b').status).toMatchObject({ role: 'follower', leader: 'a', commitIndex: 3 })
    cluster.change('a', ['a', 'b'])
    cluster.settle()
    expect(cluster.node('a').status.membership).toMatchObject({ committed: true, membership: { voters: ['a', 'b'] } })
    cluster.cut('b')
    const before = cluster.node('a').status.commitIndex
    cluster.propose('a', 'x')
    cluster.settle()
    expect(cluster.node('a').status.commitIndex).toBe(before)
  })

  it('a learner receives but is not counted', () => {
    const cluster = Cluster.of(ABC, { learners: ['l'] })
    cluster.elect('a')
    cluster.run(3)
    cluster.passes = (message) => [message.from, message.to].every((id) => id === 'a' || id === 'l')
    const before = cluster.node('a').status.commitIndex
    cluster.propose('a', 'x')
    cluster.settle()
    expect(cluster.node('l').status.lastId.index).toBe(before + 1)
    expect(cluster.node('a').status.commitIndex).toBe(before)
  })

  it('a change is refused before an entry of the own term is committed (P28)', () => {
    const cluster = Cluster.of(ABC)
    const node = cluster.node('a')
    node.step({ kind: 'campaign' })
    while (node.status.role !== 'leader') cluster.deliver()
    cluster.messages = []
    cluster.change('a', ['a', 'b'])
    expect(lastDrop(cluster, 'a')).toMatchObject({ reason: 'refused', detail: expect.stringContaining('term 2') })
    expect(node.status.membership?.index).toBe(1)
  })

  it('a second change is refused while the first is not committed (P29)', () => {
    const cluster = Cluster.of(ABC)
    cluster.elect('a')
    cluster.cut('a')
    cluster.change('a', [...ABC, 'd'])
    cluster.change('a', [...ABC, 'd', 'e'])
    expect(lastDrop(cluster, 'a')).toMatchObject({
      reason: 'refused',
      detail: expect.stringContaining('not committed'),
    })
  })

  it.each([
    ['two voters added', ['a', 'b', 'c', 'd', 'e'], [], 'one node'],
    ['a voter replaced', ['a', 'b', 'd'], [], 'one node'],
    ['two learners added', ABC, ['d', 'e'], 'one node'],
    ['no voters', [], ['a', 'b', 'c'], 'not a membership'],
  ])('%s is refused', (_name, voters, learners, detail) => {
    const cluster = Cluster.of(ABC)
    cluster.elect('a')
    cluster.change('a', voters, learners)
    expect(lastDrop(cluster, 'a')).toMatchObject({ reason: 'refused', detail: expect.stringContaining(detail) })
    expect(cluster.node('a').status.membership?.index).toBe(1)
  })

  it('bytes that are no membership are refused', () => {
    const cluster = Cluster.of(ABC)
    const leader = cluster.elect('a')
    leader.step({ kind: 'proposeMembership', data: text('{'), expectedIndex: 1, context: 5 })
    expect(lastDrop(cluster, 'a')).toMatchObject({ context: 5, reason: 'refused' })
  })

  it('a change made for another membership than the newest is refused', () => {
    const cluster = Cluster.of(ABC)
    const leader = cluster.elect('a')
    leader.step({ kind: 'proposeMembership', data: encodeMembership([...ABC, 'd']), expectedIndex: 9, context: 5 })
    expect(lastDrop(cluster, 'a')).toMatchObject({
      context: 5,
      reason: 'refused',
      detail: expect.stringContaining('at 1, not 9'),
    })
  })

  it('one that takes the place of another at the same index, within one Ready, is told', () => {
    const disk = diskWith(ABC, [], [1])
    disk.entries.push({ term: 1, index: 3, kind: 'membership', data: encodeMembership([...ABC, 'd']) })
    const { raft } = new Bench('a', disk)
    const [first] = disk.entries
    while (raft.hasReady()) raft.takeReady()
    raft.step({
      kind: 'message',
      message: {
        kind: 'appendEntries',
        from: 'b',
        to: 'a',
        term: 2,
        prev: { term: 1, index: 1 },
        commitIndex: 1,
        readRound: 0,
        entries: [
          { term: 2, index: 2, kind: 'noop', data: text('') },
          { term: 2, index: 3, kind: 'membership', data: encodeMembership([...ABC, 'e']) },
        ],
      },
    })
    const before = [{ index: 1, data: first?.data }]
    expect(raft.takeReady().membership).toMatchObject({ index: 3, membership: { voters: [...ABC, 'e'] }, before })
  })

  it('the same members again, with other data, is a change of no node', () => {
    const cluster = Cluster.of(ABC)
    const leader = cluster.elect('a')
    const data = text(JSON.stringify({ voters: ABC, learners: [], note: 'new address' }))
    leader.step({ kind: 'proposeMembership', data, expectedIndex: 1, context: 5 })
    cluster.settle()
    expect(leader.status.membership).toMatchObject({ index: 3, committed: true, data })
  })

  it('Ready tells of each new membership once, with its data', () => {
    const cluster = Cluster.of(ABC)
    cluster.elect('a')
    cluster.change('a', ['a', 'b'])
    cluster.settle()
    for (const id of ['a', 'b']) {
      expect(cluster.node(id).readys.flatMap(({ membership }) => (membership ? [membership] : []))).toMatchObject([
        { index: 3, data: encodeMembership(['a', 'b']), membership: { voters: ['a', 'b'], learners: [] } },
      ])
    }
  })

  it('truncation takes an uncommitted membership back, and Ready says so (P30)', () => {
    const cluster = Cluster.of(ABC)
    cluster.elect('a')
    cluster.cut('a')
    cluster.change('a', [...ABC, 'd'])
    expect(membershipOf(cluster, 'a')?.voters).toContain('d')
    cluster.run(3 * ELECTION_TICKS)
    cluster.heal()
    cluster.run(2 * ELECTION_TICKS)
    expect(membershipOf(cluster, 'a')?.voters).toEqual(ABC)
    const told = cluster.node('a').readys.flatMap(({ membership }) => (membership ? [membership.index] : []))
    expect(told).toEqual([3, 1])
  })

  it('of two leaders with concurrent changes only one succeeds (P28, Ongaro`s case)', () => {
    // s1 leads term 2 and appends a change that nobody gets; s2 takes over and makes its own.
    const cluster = Cluster.of(['1', '2', '3', '4'])
    cluster.elect('1')
    cluster.cut('1')
    cluster.change('1', ['1', '2', '3', '4', '5'])
    cluster.run(3 * ELECTION_TICKS)
    const second = cluster.leader()
    expect(second.id).not.toBe('1')
    const others = ['1', '2', '3', '4'].filter((id) => id !== '1')
    cluster.change(second.id, others)
    cluster.settle()
    expect(second.status.membership).toMatchObject({ committed: true })
    // With its five the first would need three; it has itself and the newcomer, who would help it.
    cluster.add('5')
    cluster.passes = (message) => [message.from, message.to].every((id) => id === '1' || id === '5')
    cluster.run(6 * ELECTION_TICKS)
    expect(cluster.node('1').status.role).not.toBe('leader')
    cluster.heal()
    cluster.run(3 * ELECTION_TICKS)
    const memberships = ['2', '3', '4'].map((id) => membershipOf(cluster, id)?.voters)
    expect(new Set(memberships.map(String)).size).toBe(1)
    expect(memberships[0]).toEqual(others)
  })

  it('a removed leader leads until that is committed, does not count itself, and then steps down (P31)', () => {
    const cluster = Cluster.of(ABC)
    const leader = cluster.elect('a')
    cluster.run(3)
    cluster.passes = (message) => message.to !== 'c' && message.from !== 'c'
    const context = cluster.change('a', ['b', 'c'])
    cluster.settle()
    // One of the two remaining voters holds it, and so does the leader, who does not count.
    expect(leader.accepted.has(context)).toBe(true)
    expect(leader.status).toMatchObject({ role: 'leader', membership: { committed: false } })
    cluster.heal()
    cluster.run(HEAL_TICKS)
    expect(leader.status.role).toBe('follower')
    expect(cluster.leader().id).not.toBe('a')
    expect(leader.status.membership).toMatchObject({ committed: true })
  })

  it('a removed leader takes no more proposals', () => {
    const cluster = Cluster.of(ABC)
    cluster.elect('a')
    cluster.cut('a')
    cluster.change('a', ['b', 'c'])
    cluster.propose('a', 'x')
    expect(lastDrop(cluster, 'a')).toMatchObject({ reason: 'busy' })
  })

  it('a removed leader hands over without waiting for a timeout', () => {
    const cluster = Cluster.of(ABC)
    cluster.elect('a')
    cluster.run(3)
    cluster.change('a', ['b', 'c'])
    cluster.settle()
    expect(['b', 'c']).toContain(cluster.leader().id)
  })

  it('a leader that is made a learner steps down in the same way', () => {
    const cluster = Cluster.of(ABC)
    cluster.elect('a')
    cluster.run(3)
    cluster.change('a', ['b', 'c'], ['a'])
    cluster.run(3 * ELECTION_TICKS)
    expect(cluster.leader().id).not.toBe('a')
    expect(cluster.node('a').status).toMatchObject({ role: 'follower', leader: cluster.leader().id })
  })

  it('the only node that holds its own removal can still finish it (thesis §4.2.2)', () => {
    const cluster = Cluster.of(['a', 'b'])
    cluster.elect('a')
    cluster.run(3)
    cluster.passes = () => false
    cluster.change('a', ['b'])
    cluster.messages = []
    cluster.node('a').crash()
    cluster.node('a').restart()
    cluster.heal()
    cluster.run(8 * ELECTION_TICKS)
    expect(cluster.leader().id).toBe('b')
    expect(cluster.node('b').status.membership).toMatchObject({ committed: true, membership: { voters: ['b'] } })
    cluster.node('a').crash()
    cluster.node('a').restart()
    cluster.run(8 * ELECTION_TICKS)
    expect(cluster.leader().id).toBe('b')
  })

  it('a removed follower is told that its removal is committed, and then left alone', () => {
    const cluster = Cluster.of(ABC)
    const leader = cluster.elect('a')
    cluster.run(3)
    cluster.change('a', ['a', 'b'])
    cluster.settle()
    cluster.run(3)
    expect(cluster.node('c').status.membership).toMatchObject({ committed: true, membership: { voters: ['a', 'b'] } })
    expect(leader.status.progress.map(({ id }) => id)).toEqual(['b'])
    const before = cluster.log.length
    cluster.run(5)
    expect(cluster.log.slice(before).filter((line) => line.includes('->c'))).toEqual([])
  })

  it('a removed follower out of reach is given up after ten election timeouts', () => {
    const cluster = Cluster.of(ABC)
    const leader = cluster.elect('a')
    cluster.run(3)
    cluster.cut('c')
    cluster.change('a', ['a', 'b'])
    cluster.run(10 * ELECTION_TICKS - 5)
    expect(leader.status.progress.map(({ id, leaving }) => [id, leaving])).toEqual([
      ['b', false],
      ['c', true],
    ])
    cluster.run(10)
    expect(leader.status.progress.map(({ id }) => id)).toEqual(['b'])
  })

  it('a removed follower that comes back in time learns it', () => {
    const cluster = Cluster.of(ABC)
    cluster.elect('a')
    cluster.run(3)
    cluster.cut('c')
    cluster.change('a', ['a', 'b'])
    cluster.run(3 * ELECTION_TICKS)
    cluster.heal()
    cluster.run(ELECTION_TICKS)
    expect(cluster.node('c').status.membership).toMatchObject({ committed: true, membership: { voters: ['a', 'b'] } })
    expect(cluster.leader().status.progress.map(({ id }) => id)).toEqual(['b'])
  })

  it('a new leader goes on telling who was removed', () => {
    const cluster = Cluster.of(['a', 'b', 'c', 'd'])
    cluster.elect('a')
    cluster.run(3)
    cluster.passes = (message) => message.to !== 'd'
    cluster.change('a', ABC)
    cluster.settle()
    cluster.node('a').crash()
    cluster.run(3 * ELECTION_TICKS)
    cluster.heal()
    cluster.run(ELECTION_TICKS)
    expect(cluster.node('d').status.membership).toMatchObject({ committed: true, membership: { voters: ABC } })
  })

  it('a removed node that does not know it disturbs nobody (P23)', () => {
    const cluster = Cluster.of(ABC)
    const leader = cluster.elect('a')
    cluster.run(3)
    cluster.cut('c')
    cluster.change('a', ['a', 'b'])
    cluster.run(12 * ELECTION_TICKS)
    cluster.heal()
    const { term } = leader.status
    cluster.run(10 * ELECTION_TICKS)
    expect(leader.status).toMatchObject({ role: 'leader', term })
  })

  it('a node re-added while it leaves is begun anew: it may have been wiped (P40)', () => {
    const cluster = Cluster.of(ABC)
    const leader = cluster.elect('a')
    cluster.run(3)
    cluster.cut('c')
    cluster.change('a', ['a', 'b'])
    cluster.settle()
    expect(leader.status.progress.find(({ id }) => id === 'c')).toMatchObject({ leaving: true, matchIndex: 2 })
    cluster.change('a', ABC)
    cluster.settle()
    expect(leader.status.progress).toMatchObject([
      { id: 'b', leaving: false, matchIndex: 4 },
      { id: 'c', leaving: false, matchIndex: 0 },
    ])
  })

  it('a promoted learner that does not know it yet still votes (P25)', () => {
    const cluster = Cluster.of(['a', 'b'], { learners: ['c'] })
    cluster.elect('a')
    cluster.run(3)
    cluster.passes = (message) => message.to !== 'c'
    cluster.change('a', ABC)
    cluster.settle()
    expect(cluster.node('a').status.membership).toMatchObject({ committed: true })
    cluster.node('a').crash()
    cluster.heal()
    cluster.messages = []
    cluster.run(4 * ELECTION_TICKS)
    expect(cluster.leader().id).toBe('b')
    expect(membershipOf(cluster, 'c')?.voters).toEqual(ABC)
  })

  it('an entry that claims to be a membership and is none is ignored whole', () => {
    const bench = new Bench('a', diskWith(ABC))
    const before = bench.raft.describe()
    bench.receive({
      kind: 'appendEntries',
      from: 'b',
      to: 'a',
      term: 1,
      prev: { term: 1, index: 1 },
      commitIndex: 3,
      readRound: 0,
      entries: [
        { term: 1, index: 2, kind: 'operations', data: text('x') },
        { term: 1, index: 3, kind: 'membership', data: text('?') },
      ],
    })
    expect(bench.raft.describe().split('\n').slice(1)).toEqual(before.split('\n').slice(1))
    expect(bench.sent()).toEqual([])
  })

  it('an empty node is brought in from nothing', () => {
    const cluster = Cluster.of(['a'])
    cluster.elect('a')
    cluster.add('n', new Disk())
    cluster.change('a', ['a'], ['n'])
    cluster.run(10)
    expect(cluster.node('n').disk.entries).toEqual(cluster.node('a').disk.entries)
  })
})

const HEAL_TICKS = 3 * ELECTION_TICKS
