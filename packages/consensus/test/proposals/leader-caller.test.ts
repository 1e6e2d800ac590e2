import { CommitOutcomeUnknownError, InvalidRequestError, NotFoundError, RefusedError } from '@pinset/interface'
import { describe, expect, it } from 'vitest'

import { LeaderWatch } from '../../src/driver/leader-watch.ts'
import { LeaderCaller, type LeaderAnswer } from '../../src/proposals/leader-caller.ts'
import { HandClock } from '../fakes/member-rpc.ts'
import { peer } from '../fakes/samples.ts'

/** A call whose attempts are answered by these, one after the other; an error is thrown. */
async function outcomeOf(answers: readonly (LeaderAnswer<string> | Error)[]): Promise<unknown> {
  const clock = new HandClock()
  const leaders = new LeaderWatch(1)
  leaders.update({ role: 'follower', term: 1, leader: peer('a') })
  const caller = new LeaderCaller(
    { clock, random: () => 0.5, leaders, describeQuorum: () => 'quorum', haltCause: () => null },
    { leaderWaitMs: 1_000, retryDelayMs: 10 },
  )
  const left = answers.values()
  const call = caller.call(caller.begin('write', undefined), async () => {
    const answer = left.next().value
    if (answer === undefined || answer instanceof Error) throw answer ?? new Error('asked too often')
    return answer
  })
  const ended = call.catch((err: unknown) => err)
  await clock.advance(2_000)
  return await ended
}

const unknown: LeaderAnswer<never> = { kind: 'unknown', detail: 'the answer was lost' }
const notProposed: LeaderAnswer<never> = { kind: 'not-proposed', leader: null, detail: 'not leading' }

describe('LeaderCaller', () => {
  it.each([new RefusedError('refused'), new InvalidRequestError('invalid'), new NotFoundError('not found')])(
    'LC1 tells %s as it is, but as unknown after an attempt that may be in the log',
    async (refusal) => {
      expect(await outcomeOf([refusal])).toBe(refusal)
      expect(await outcomeOf([notProposed, refusal])).toBe(refusal)
      const ended = await outcomeOf([unknown, notProposed, refusal])
      expect(ended).toBeInstanceOf(CommitOutcomeUnknownError)
      expect(ended).toMatchObject({ cause: refusal })
    },
  )

  it('LC1 an attempt that says nothing of its fate leaves the call open until there is an answer', async () => {
    expect(await outcomeOf([new Error('broke off'), { kind: 'done', value: 'answer' }])).toBe('answer')
    expect(await outcomeOf([new Error('broke off'), new RefusedError('refused')])).toBeInstanceOf(
      CommitOutcomeUnknownError,
    )
  })
})
