import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { hasQuorum, majorityOf, quorumIndex, tallyVotes } from '../src/quorum.ts'
import { present } from './disk.ts'

const IDS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i']

/** By definition: the largest value for which more than half of the voters have at least it. */
function naiveQuorumIndex(voters: readonly string[], values: ReadonlyMap<string, number>): number {
  let best = 0
  for (const candidate of values.values()) {
    const holders = voters.filter((id) => (values.get(id) ?? 0) >= candidate).length
    if (holders * 2 > voters.length) best = Math.max(best, candidate)
  }
  return best
}

const votersAndValues = fc.tuple(
  fc.uniqueArray(fc.constantFrom(...IDS), { minLength: 0, maxLength: IDS.length }),
  fc.array(fc.nat({ max: 12 }), { minLength: IDS.length, maxLength: IDS.length }),
)

describe('quorum', () => {
  it('quorumIndex() equals the naive definition in 50 000 cases', () => {
    fc.assert(
      fc.property(votersAndValues, ([voters, numbers]) => {
        const values = new Map(voters.map((id, at) => [id, present(numbers[at])]))
        expect(quorumIndex(voters, (id) => values.get(id) ?? 0)).toBe(naiveQuorumIndex(voters, values))
      }),
      { numRuns: 50_000 },
    )
  })

  it('quorumIndex() does not depend on the order of voters', () => {
    fc.assert(
      fc.property(votersAndValues, ([voters, numbers]) => {
        const valueOf = (id: string): number => present(numbers[IDS.indexOf(id)])
        expect(quorumIndex(voters, valueOf)).toBe(quorumIndex(voters.toReversed(), valueOf))
      }),
      { numRuns: 5000 },
    )
  })

  it('tallyVotes() decides exactly when no missing vote can change the outcome', () => {
    const vote = fc.constantFrom(true, false, undefined)
    fc.assert(
      fc.property(fc.array(vote, { minLength: 1, maxLength: 9 }), (answers) => {
        const voters = IDS.slice(0, answers.length)
        const votes = new Map(
          voters.flatMap((id, at) => (answers[at] === undefined ? [] : [[id, answers[at]] as const])),
        )
        const granted = answers.filter((answer) => answer === true).length
        const missing = answers.filter((answer) => answer === undefined).length
        const best = (granted + missing) * 2 > voters.length
        const worst = granted * 2 > voters.length
        const expected = worst ? 'won' : best ? 'pending' : 'lost'
        expect(tallyVotes(voters, votes)).toBe(expected)
      }),
      { numRuns: 5000 },
    )
  })

  it('tallyVotes() ignores who is no voter', () => {
    expect(
      tallyVotes(
        ['a', 'b', 'c'],
        new Map([
          ['a', true],
          ['x', true],
          ['y', true],
        ]),
      ),
    ).toBe('pending')
  })

  it('nothing is reached or won without voters', () => {
    expect(quorumIndex([], () => 5)).toBe(0)
    expect(tallyVotes([], new Map([['a', true]]))).toBe('lost')
    expect(hasQuorum([], () => true)).toBe(false)
  })

  it.each([
    [1, 1],
    [2, 2],
    [3, 2],
    [4, 3],
    [5, 3],
  ])('majorityOf(%i) is %i, and hasQuorum() needs that many', (count, majority) => {
    const voters = IDS.slice(0, count)
    expect(majorityOf(count)).toBe(majority)
    expect(hasQuorum(voters, (id) => voters.indexOf(id) < majority)).toBe(true)
    expect(hasQuorum(voters, (id) => voters.indexOf(id) < majority - 1)).toBe(false)
  })
})
