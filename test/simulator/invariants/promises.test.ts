/** The invariants on what was promised, answered and numbered: each lets pass what is right, and finds what it is there for. */
import type { Entry, Heartbeat, Message, RaftMembership, Ready } from '@pinset/raft'
import { describe, expect, it } from 'vitest'

import { emptyBase, SimulatedLog } from '../simulated-log.ts'
import { encodeMembership, membershipOf } from '../raft/membership-data.ts'
import { checkApplied, checkPromise, checkToldCommit } from './durable-promises.ts'
import { ExactlyOnce } from './exactly-once.ts'
import { FreshReads } from './fresh-reads.ts'
import { checkHalted } from './halted-silence.ts'
import { checkFollowed, checkMembershipOfHalted, checkMembershipOfLog, type Followed } from './membership-of-log.ts'
import { Monotonic } from './monotonic.ts'
import { ProposalFate } from './proposal-fate.ts'
import { checkCreatedMembership, checkUncommittedMemberships, type CreatedMembership } from './single-membership.ts'
import { QuorumContact } from './quorum-contact.ts'

const entry = (term: number, index: number, content = 0, kind: Entry['kind'] = 'operations'): Entry => ({
  term,
  index,
  kind,
  data: Uint8Array.of(0, 0, 0, content),
})

const log = (...terms: number[]): SimulatedLog =>
  new SimulatedLog(
    emptyBase,
    terms.map((term, i) => entry(term, i + 1)),
  )

describe('monotonic', () => {
  const started = (): Monotonic => {
    const monotonic = new Monotonic()
    monotonic.started('a', { term: 3, vote: 'b' }, 4)
    return monotonic
  }

  it('observed() finds a falling term and a falling commit index', () => {
    const monotonic = started()
    monotonic.observed('a', 4, 6)
    expect(() => monotonic.observed('a', 3, 6)).toThrow('a falls from term 4 to 3')
    expect(() => monotonic.observed('a', 4, 5)).toThrow('a falls from commit 6 to 5')
  })

  it('persisted() finds a changed vote, also over a restart', () => {
    const monotonic = started()
    expect(() => monotonic.persisted('a', { term: 3, vote: 'c' })).toThrow('changes its vote in term 3 from b to c')
    expect(() => monotonic.started('a', { term: 2, vote: null }, 4)).toThrow('the disk of a falls from term 3 to 2')
    monotonic.persisted('a', { term: 4, vote: null })
  })

  it('applied() finds a state that falls back; started() one that has fallen back on disk', () => {
    expect(() => started().applied('a', 3)).toThrow('a falls from applied 4 to 3')
    expect(() => started().started('a', { term: 3, vote: 'b' }, 3)).toThrow(
      'the disk of a falls from a state at 4 to one at 3',
    )
  })

  it('voted() finds two votes of one node in one term', () => {
    const monotonic = started()
    monotonic.voted('a', 3, 'b')
    monotonic.voted('a', 3, 'b')
    expect(() => monotonic.voted('a', 3, 'c')).toThrow('a votes for b and for c in term 3')
  })

  describe('damaged()', () => {
    const damaged = (): Monotonic => {
      const monotonic = started()
      monotonic.persisted('a', { term: 5, vote: 'b' })
      monotonic.voted('a', 5, 'b')
      monotonic.damaged('a', { term: 2, vote: null })
      return monotonic
    }

    it('lets term and vote fall to what is left, and no further; the state stays', () => {
      damaged().started('a', { term: 2, vote: null }, 4)
      expect(() => damaged().started('a', { term: 1, vote: null }, 4)).toThrow('the disk of a falls from term 2 to 1')
      expect(() => damaged().started('a', { term: 2, vote: null }, 3)).toThrow('falls from a state at 4 to one at 3')
    })

    it('allows a vote that was lost to be given again, once', () => {
      const monotonic = damaged()
      monotonic.voted('a', 5, 'c')
      expect(() => monotonic.voted('a', 5, 'b')).toThrow('a votes for c and for b in term 5')
    })

    it('finds a vote given again in a term that was led by who had it, or is led later', () => {
      const before = damaged()
      before.leads('b', 5)
      expect(() => before.voted('a', 5, 'c')).toThrow('a votes for b and for c in term 5')
      const after = damaged()
      after.voted('a', 5, 'c')
      after.leads('c', 5)
      expect(() => after.leads('b', 5)).toThrow('b leads term 5, and a vote that it had in it was lost')
    })

    it('binds as ever in the terms that were not taken', () => {
      const monotonic = started()
      monotonic.voted('a', 3, 'b')
      monotonic.damaged('a', { term: 3, vote: null })
      monotonic.voted('a', 3, 'b')
      monotonic.voted('a', 4, 'b')
      expect(() => monotonic.voted('a', 3, 'c')).toThrow('a votes for b and for c in term 3')
      expect(() => monotonic.voted('a', 4, 'c')).toThrow('a votes for b and for c in term 4')
    })
  })
})

describe('single membership', () => {
  const members = (...voters: string[]): RaftMembership => ({ voters, learners: [] })
  const created: CreatedMembership = {
    node: 'a',
    term: 2,
    index: 9,
    commitIndex: 8,
    commitTerm: 2,
    before: { index: 1, membership: members('a', 'b') },
    next: members('a', 'b', 'c'),
  }

  it('checkCreatedMembership() allows one voter more over a committed membership', () => {
    expect(() => checkCreatedMembership(created)).not.toThrow()
  })

  it('checkCreatedMembership() finds a change before the term has committed anything', () => {
    expect(() => checkCreatedMembership({ ...created, commitTerm: 1 })).toThrow('before it has committed in term 2')
  })

  it('checkCreatedMembership() finds a change over an uncommitted one', () => {
    expect(() => checkCreatedMembership({ ...created, commitIndex: 0 })).toThrow('over an uncommitted one at 1')
  })

  it('checkCreatedMembership() finds two voters changed at once', () => {
    expect(() => checkCreatedMembership({ ...created, next: members('a', 'c') })).toThrow(
      'adds voters [c] and removes [b] at once',
    )
  })

  it('checkUncommittedMemberships() finds two above the frontier', () => {
    const held = new SimulatedLog(emptyBase, [entry(1, 1, 0, 'membership'), entry(1, 2, 0, 'membership')])
    checkUncommittedMemberships('a', held, 1)
    expect(() => checkUncommittedMemberships('a', held, 0)).toThrow('two uncommitted memberships, at 1 and 2')
  })
})

describe('durable promises', () => {
  const base = { from: 'a', to: 'b', term: 3 }
  const durable = { hardState: { term: 3, vote: 'b' }, log: log(1, 3), suspended: false }
  const vote: Message = { ...base, kind: 'requestVoteResponse', granted: true }
  const ack = (matchIndex: number): Message => ({
    ...base,
    kind: 'appendEntriesResponse',
    readRound: 0,
    outcome: { kind: 'accepted', matchIndex },
  })

  it('checkPromise() finds a vote that is not durable', () => {
    checkPromise(vote, durable, null)
    expect(() => checkPromise(vote, { ...durable, hardState: { term: 3, vote: null } }, null)).toThrow(
      'its disk has term 3, vote null',
    )
    expect(() => checkPromise(vote, { ...durable, hardState: { term: 2, vote: 'b' } }, null)).toThrow(
      'durable promises',
    )
  })

  it('checkPromise() finds a candidacy that is not durable', () => {
    const request: Message = { ...base, kind: 'requestVote', last: { term: 1, index: 1 }, transfer: false }
    expect(() => checkPromise(request, durable, null)).toThrow('a sends requestVote for a in term 3')
  })

  it('checkPromise() finds acknowledged entries that are not on the disk, or are others', () => {
    checkPromise(ack(2), durable, log(1, 3))
    expect(() => checkPromise(ack(3), durable, null)).toThrow('its disk ends at 2')
    expect(() => checkPromise(ack(2), durable, log(1, 2))).toThrow('its disk has term 3, the leader 2')
    expect(() => checkPromise({ ...ack(1), term: 4 }, durable, null)).toThrow('acknowledges in term 4')
  })

  it('checkToldCommit() finds a heartbeat that tells of more than the receiver matches', () => {
    const heartbeat: Heartbeat = { ...base, kind: 'heartbeat', commitIndex: 2, readRound: 0 }
    checkToldCommit(heartbeat, 2, durable, () => 3)
    expect(() => checkToldCommit(heartbeat, 2, durable, () => 2)).toThrow('a tells b of commit 2')
    expect(() => checkToldCommit(heartbeat, 1, durable, () => 3)).toThrow('its own is 1')
  })

  it('checkApplied() finds an entry that is applied before it is durable', () => {
    checkApplied('a', [entry(3, 2)], durable)
    expect(() => checkApplied('a', [entry(3, 3)], durable)).toThrow('a is told to apply 3/3')
  })
})

describe('quorum contact', () => {
  const answer = (from: string): Message => ({ kind: 'heartbeatResponse', from, to: 'a', term: 2, readRound: 0 })

  it('ticked() finds a leader that goes on without a quorum, and no other', () => {
    const contact = new QuorumContact(10)
    const lead = (ticks: number) => {
      for (let i = 0; i < ticks; i++) {
        contact.ticked('a', 2, ['a', 'b', 'c'])
      }
    }
    for (let i = 0; i < 10; i++) {
      lead(9)
      contact.heard(answer('c'))
    }
    lead(40)
    expect(() => lead(20)).toThrow('a still leads term 2 after 41 ticks with no more than [a] of [a b c]')
  })
})

describe('halted silence', () => {
  const nothing: Ready = {
    persist: [],
    send: [],
    sendAfter: [],
    apply: [],
    restore: null,
    accepted: [],
    dropped: [],
    reads: [],
    transferred: [],
    loads: [],
    snapshotsNeeded: [],
    receive: null,
    soft: null,
    membership: null,
  }
  const farewell: Message = { kind: 'timeoutNow', from: 'a', to: 'b', term: 1, last: { term: 1, index: 1 } }

  it('checkHalted() allows a farewell, and finds promises and requests', () => {
    expect(() => checkHalted('a', { ...nothing, send: [farewell] })).not.toThrow()
    const heartbeat: Message = { kind: 'heartbeat', from: 'a', to: 'b', term: 1, commitIndex: 0, readRound: 0 }
    expect(() => checkHalted('a', { ...nothing, send: [farewell, heartbeat] })).toThrow(
      'a has halted and sends heartbeat',
    )
    expect(() => checkHalted('a', { ...nothing, apply: [entry(1, 1)] })).toThrow('a has halted and asks for: apply')
  })

  it('checkHalted() lets what was decided before be told together with the halt, and not after it', () => {
    const reads = [{ context: 1, index: 1 }]
    const membership = { index: 2, membership: { voters: ['a'], learners: [] }, data: new Uint8Array() }
    const soft = { role: 'halted', term: 1, leader: null } as const
    expect(() => checkHalted('a', { ...nothing, soft, reads, membership })).not.toThrow()
    expect(() => checkHalted('a', { ...nothing, reads })).toThrow('a has halted and asks for: reads')
    expect(() => checkHalted('a', { ...nothing, membership })).toThrow('a has halted and asks for: membership')
    expect(() => checkHalted('a', { ...nothing, soft, apply: [entry(1, 1)] })).toThrow('asks for: apply')
  })
})

describe('fresh reads', () => {
  it('served() finds a stale read and a second answer', () => {
    const reads = new FreshReads()
    reads.began(1, 5)
    reads.began(2, 5)
    reads.served('a', 1, 5)
    expect(() => reads.served('a', 2, 4)).toThrow('a serves read 2 at 4; 5 was committed before it began')
    expect(() => reads.served('a', 1, 5)).toThrow('not waiting')
  })
})

describe('proposal fate', () => {
  const begun = (): ProposalFate => {
    const fate = new ProposalFate()
    fate.proposed(1)
    return fate
  }

  it('dropped() finds a proposal that has a place in the log', () => {
    const fate = begun()
    fate.created(1, { term: 1, index: 2 })
    expect(() => fate.dropped('a', 1)).toThrow('a drops proposal 1, it is at 1/2')
  })

  it('created() finds one that was dropped, and one that has two places', () => {
    const dropped = begun()
    dropped.dropped('a', 1)
    expect(() => dropped.created(1, { term: 1, index: 2 })).toThrow('was dropped')
    const twice = begun()
    twice.created(1, { term: 1, index: 2 })
    expect(() => twice.created(1, { term: 2, index: 3 })).toThrow('proposal 1 is at 1/2 and at 2/3')
  })

  it('accepted() finds a wrong place and a second answer', () => {
    const fate = begun()
    fate.created(1, { term: 1, index: 2 })
    expect(() => fate.accepted('a', 1, { term: 1, index: 3 }, false)).toThrow('a accepts proposal 1 at 1/3')
    expect(() => fate.dropped('a', 1)).toThrow('answers proposal 1 again')
  })

  it('created() finds a proposal that was accepted and lost, and comes back', () => {
    const fate = begun()
    fate.accepted('a', 1, { term: 1, index: 2 }, true)
    expect(() => fate.created(1, { term: 1, index: 2 })).toThrow('proposal 1 is at 1/2 and at 1/2')
  })

  it('unanswered() finds a proposal without an answer', () => {
    expect(() => begun().unanswered('a', 1)).toThrow('has not answered proposal 1')
  })
})

describe('exactly once', () => {
  it('applied() finds a proposal that is applied at two places', () => {
    const once = new ExactlyOnce()
    once.applied('a', 1, 4)
    once.applied('b', 1, 4)
    expect([once.isApplied(1), once.isApplied(2)]).toEqual([true, false])
    expect(() => once.applied('b', 1, 5)).toThrow('b applies proposal 1 at 5, it was applied at 4')
  })
})

describe('membership of the log', () => {
  const members = { voters: ['a', 'b'], learners: ['c'] }
  const follows = new SimulatedLog(emptyBase, [
    entry(1, 1),
    { ...entry(1, 2), kind: 'membership', data: encodeMembership(members) },
    entry(1, 3),
  ])
  const check = (followed: Followed) => checkMembershipOfLog('a', follows, followed, membershipOf)

  it('checkMembershipOfLog() finds an older membership in force, and another content', () => {
    expect(() => check({ index: 2, membership: members })).not.toThrow()
    expect(() => check({ index: 0, membership: members })).toThrow('a follows membership 0, the newest in its log is 2')
    expect(() => check({ index: 2, membership: { voters: ['a', 'b', 'c'], learners: [] } })).toThrow(
      'a follows [a b c] and []; its log says [a b] and [c] at 2',
    )
  })

  it('checkMembershipOfHalted() allows what may be in an unwritten end, and finds what is in no log', () => {
    const others = { voters: ['a', 'b', 'c'], learners: [] }
    const halts = (commitIndex: number, lastIndex: number, followed: Followed) =>
      checkMembershipOfHalted('a', follows, { commitIndex, lastIndex }, followed, membershipOf)
    expect(() => halts(3, 4, { index: 4, membership: others })).not.toThrow()
    expect(() => halts(3, 4, { index: 2, membership: members })).not.toThrow()
    expect(() => halts(1, 2, { index: 2, membership: others })).not.toThrow()
    expect(() => halts(3, 4, { index: 5, membership: others })).toThrow(
      'a halts with membership 5, committed is 2, its log ends at 4',
    )
    expect(() => halts(2, 4, { index: 0, membership: members })).toThrow('a halts with membership 0, committed is 2')
    expect(() => halts(2, 4, { index: 2, membership: others })).toThrow('its log says [a b] and [c] at 2')
  })

  it('checkFollowed() asks less of a node that tells it together with its halt, and of no other', () => {
    const node = { id: 'a', log: follows, commitIndex: 3 }
    const told = { index: 4, membership: members, data: encodeMembership(members) }
    const follow = (role: 'leader' | 'halted', lastIndex: number) =>
      checkFollowed(node, { role, lastId: { term: 1, index: lastIndex } }, told, told, membershipOf)
    expect(() => follow('halted', 4)).not.toThrow()
    expect(() => follow('halted', 3)).toThrow('a halts with membership 4')
    expect(() => follow('leader', 4)).toThrow('a follows membership 4, the newest in its log is 2')
  })
})
