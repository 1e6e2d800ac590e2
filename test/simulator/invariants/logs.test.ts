/** The invariants on logs, elections and states: each lets pass what is right, and finds what it is there for. */
import type { AppendEntries, Entry } from '@pinset/raft'
import { describe, expect, it } from 'vitest'

import { emptyBase, SimulatedLog } from '../simulated-log.ts'
import { applyEntry, emptyState } from '../raft/state-machine.ts'
import { CommittedImmutable } from './committed-immutable.ts'
import { checkCommittedOnQuorum, checkStillOnQuorum } from './committed-on-quorum.ts'
import { ElectionSafety } from './election-safety.ts'
import { LeaderCompleteness } from './leader-completeness.ts'
import { LogMatching } from './log-matching.ts'
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
  const disk = (node: string) => ({
    hardState: { term: 1, vote: null },
    log: logs[node] as SimulatedLog,
    suspended: node === 'e',
  })
  const check = (...memberships: string[][]) => checkCommittedOnQuorum('a', 2, 1, memberships, disk)

  it('a majority of durable logs is enough', () => {
    expect(() => check(['a', 'b', 'c'])).not.toThrow()
    expect(() => check(['a', 'd', 'e'])).not.toThrow()
    expect(() => check(['a', 'b', 'c', 'd'], ['a', 'b', 'c'])).not.toThrow()
  })

  it('half of an even number of voters is found', () => {
    expect(() => check(['a', 'b', 'c', 'd'])).toThrow('a commits 1/2, durable on [a b] of [a b c d]')
  })

  it('checkStillOnQuorum() finds what a majority has lost', () => {
    expect(() => checkStillOnQuorum(2, 1, [['a', 'b', 'c']], disk)).not.toThrow()
    expect(() => checkStillOnQuorum(2, 1, [['a', 'c', 'd']], disk)).toThrow(
      '1/2 was committed, and is durable on no more than [a] of [a c d]',
    )
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
