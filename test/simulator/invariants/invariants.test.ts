import type { AppendEntries, Entry, Heartbeat, Message, RaftMembership } from '@pinset/raft'
import { describe, expect, it } from 'vitest'

import { emptyBase, SimulatedLog } from '../simulated-log.ts'
import { applyEntry, emptyState } from '../state-machine.ts'
import { CommittedImmutable } from './committed-immutable.ts'
import { checkCommittedOnQuorum } from './committed-on-quorum.ts'
import { checkApplied, checkPromise, checkToldCommit } from './durable-promises.ts'
import { ElectionSafety } from './election-safety.ts'
import { FreshReads } from './fresh-reads.ts'
import { LeaderCompleteness } from './leader-completeness.ts'
import { LogMatching } from './log-matching.ts'
import { Monotonic } from './monotonic.ts'
import { ProposalFate } from './proposal-fate.ts'
import { checkCreatedMembership, checkUncommittedMemberships, type CreatedMembership } from './single-membership.ts'
import { QuorumContact } from './quorum-contact.ts'
import { StateMachineSafety } from './state-machine-safety.ts'

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

const history = (...terms: number[]): CommittedImmutable => {
  const committed = new CommittedImmutable()
  committed.seed(terms.map((term, i) => entry(term, i + 1)))
  return committed
}

describe('election safety', () => {
  it('a node may lead a term and be seen doing so twice', () => {
    const safety = new ElectionSafety()
    safety.leads('a', 1, 2)
    safety.leads('a', 1, 2)
    safety.leads('b', 1, 3)
    expect(safety.terms).toBe(2)
  })

  it('a second leader in a term is found', () => {
    const safety = new ElectionSafety()
    safety.leads('a', 1, 2)
    expect(() => safety.leads('b', 1, 2)).toThrow('b (run 1) and a (run 1) both lead term 2')
  })

  it('a leader that leads the same term after a restart is found', () => {
    const safety = new ElectionSafety()
    safety.leads('a', 1, 2)
    expect(() => safety.leads('a', 2, 2)).toThrow('election safety')
  })

  it('a learner that campaigns is found', () => {
    expect(() => new ElectionSafety().campaigns('c', 'candidate', ['a', 'b'])).toThrow(
      'c is candidate, entitled are a b',
    )
  })
})

describe('log matching', () => {
  const append = (entries: readonly Entry[], prev = { term: 0, index: 0 }): AppendEntries => ({
    kind: 'appendEntries',
    from: 'a',
    to: 'b',
    term: 9,
    prev,
    entries,
    commitIndex: 0,
    readRound: 0,
  })

  it('appended() says who has created an entry', () => {
    const matching = new LogMatching()
    expect(matching.appended('a', entry(1, 1), 0)).toBe(true)
    expect(matching.appended('b', entry(1, 1), 0)).toBe(false)
  })

  it('appended() finds other content at the same index and term', () => {
    const matching = new LogMatching()
    matching.appended('a', entry(1, 1, 7), 0)
    expect(() => matching.appended('b', entry(1, 1, 8), 0)).toThrow('b has other content at 1/1')
  })

  it('appended() finds another history before the same entry', () => {
    const matching = new LogMatching()
    matching.appended('a', entry(3, 5), 2)
    expect(() => matching.appended('b', entry(3, 5), 1)).toThrow('b has 3/5 after term 1, others after term 2')
  })

  it('appended() finds two creators of one term', () => {
    const matching = new LogMatching()
    matching.appended('a', entry(3, 5), 2)
    expect(() => matching.appended('b', entry(3, 6), 3)).toThrow('b and a both created entries of term 3')
  })

  it('sent() finds entries that no log holds, and gaps', () => {
    const matching = new LogMatching()
    matching.appended('a', entry(1, 1), 0)
    matching.sent(append([entry(1, 1)]))
    expect(() => matching.sent(append([entry(1, 1), entry(1, 2)]))).toThrow('which is in no log')
    expect(() => matching.sent(append([entry(1, 3)]))).toThrow('a sends entry 3 after 0')
    expect(() => matching.sent(append([entry(1, 1)], { term: 1, index: 0 }))).toThrow('log matching')
  })

  it('sweep() finds an entry that was changed in place', () => {
    const matching = new LogMatching()
    const changed = entry(1, 1)
    matching.appended('a', entry(1, 1), 0)
    const held = new SimulatedLog(emptyBase, [changed])
    matching.sweep('b', held)
    changed.data[3] = 99
    expect(() => matching.sweep('b', held)).toThrow('b has other content at 1/1')
  })
})

describe('committed immutable', () => {
  const advance = { node: 'b', from: 0, leads: true, term: 2 }

  it('advanced() extends the history and accepts the same from others', () => {
    const committed = new CommittedImmutable()
    committed.advanced({ ...advance, log: log(1, 2), to: 2 })
    committed.advanced({ ...advance, node: 'c', leads: false, log: log(1, 2, 2), to: 2 })
    expect(committed.frontier).toBe(2)
    expect(committed.committedBy(1)).toBe(2)
  })

  it('advanced() finds another entry at a committed index', () => {
    expect(() => history(1, 1).advanced({ ...advance, log: log(1, 2), to: 2 })).toThrow(
      'b commits 2/2, committed before was 1/2',
    )
  })

  it('advanced() finds a commit beyond the log', () => {
    expect(() => history(1).advanced({ ...advance, log: log(1), to: 2 })).toThrow('b commits 2, its log is [0, 1]')
  })

  it('advanced() finds a follower that commits first', () => {
    expect(() => history(1).advanced({ ...advance, log: log(1, 2), to: 2, leads: false })).toThrow(
      'before any leader has',
    )
  })

  it('§5.4.2 advanced() finds an entry of an earlier term committed by counting', () => {
    expect(() => history(1).advanced({ ...advance, log: log(1, 2), to: 2, term: 4 })).toThrow(
      'leader b of term 4 commits 2/2 by counting',
    )
  })

  it('truncated() finds the loss of a committed entry, and allows that of another', () => {
    const committed = history(1, 1)
    committed.truncated('b', log(1, 3), 2)
    expect(() => committed.truncated('b', log(1, 1, 1), 2)).toThrow('b truncates 1/2, which is committed')
  })

  it('sweep() finds a log base that was never committed', () => {
    const base = { ...emptyBase, index: 2, term: 7 }
    expect(() => history(1, 1).sweep('b', new SimulatedLog(base), 2)).toThrow('log base 7/2 that was never committed')
  })

  it('sweep() finds a committed entry that has changed', () => {
    expect(() => history(1, 1).sweep('b', log(1, 2), 2)).toThrow('b holds 2/2 as committed')
  })
})

describe('leader completeness', () => {
  it('leads() finds a committed entry that a later leader lacks', () => {
    const completeness = new LeaderCompleteness(history(1, 2))
    completeness.leads('a', 3, log(1, 2, 3))
    expect(() => completeness.leads('b', 3, log(1))).toThrow('leader b of term 3 lacks 2/2')
    expect(() => completeness.leads('b', 3, log(1, 1))).toThrow('it has 1')
  })

  it('leads() asks nothing of a leader of an earlier term', () => {
    expect(() => new LeaderCompleteness(history(1, 5)).leads('b', 4, log(1))).not.toThrow()
  })
})

describe('committed on a quorum', () => {
  const logs: Record<string, SimulatedLog> = { a: log(1, 1), b: log(1, 1), c: log(1), d: log(1), e: log(1) }
  const check = (voters: string[]) =>
    checkCommittedOnQuorum('a', 2, 1, voters, (node) => ({
      hardState: { term: 1, vote: null },
      log: logs[node] as SimulatedLog,
      suspended: node === 'e',
    }))

  it('a majority of durable logs is enough', () => {
    expect(() => check(['a', 'b', 'c'])).not.toThrow()
    expect(() => check(['a', 'd', 'e'])).not.toThrow()
  })

  it('half of an even number of voters is found', () => {
    expect(() => check(['a', 'b', 'c', 'd'])).toThrow('a commits 1/2, durable on [a b] of [a b c d]')
  })
})

describe('state-machine safety', () => {
  const one = applyEntry(emptyState, entry(1, 1))

  it('applied() finds a different head, a gap and a repetition', () => {
    const safety = new StateMachineSafety()
    safety.applied('a', 0, 1, one.head)
    expect(() => safety.applied('b', 0, 1, applyEntry(emptyState, entry(1, 1, 5)).head)).toThrow('state-machine safety')
    expect(() => safety.applied('b', 0, 2, 1)).toThrow('b applies 2 to a state at 0')
    expect(() => safety.applied('b', 1, 1, one.head)).toThrow('b applies 1 to a state at 1')
  })

  it('holds() finds a state that nobody can have', () => {
    expect(() => new StateMachineSafety().holds('a', 5, 1)).toThrow('nobody has applied 1')
  })
})

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

  it('applied() finds a state that falls back', () => {
    expect(() => started().applied('a', 3)).toThrow('a falls from applied 4 to 3')
  })

  it('voted() finds two votes of one node in one term', () => {
    const monotonic = started()
    monotonic.voted('a', 3, 'b')
    monotonic.voted('a', 3, 'b')
    expect(() => monotonic.voted('a', 3, 'c')).toThrow('a votes for b and for c in term 3')
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

  it('applied() finds a proposal applied at two places; unanswered() one without an answer', () => {
    const fate = begun()
    expect(() => fate.unanswered('a', 1)).toThrow('has not answered proposal 1')
    fate.applied('a', 1, 4)
    fate.applied('b', 1, 4)
    expect(() => fate.applied('b', 1, 5)).toThrow('b applies proposal 1 at 5')
  })
})
