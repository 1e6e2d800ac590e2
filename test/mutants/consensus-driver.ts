/** More mutants of the consensus: what the driver does beside the log, and what becomes of a write on its way. */
import type { Mutant } from './mutant.ts'

const driver = 'packages/consensus/src/driver'
const proposals = 'packages/consensus/src/proposals'

export const consensusDriverMutants: readonly Mutant[] = [
  {
    id: 'c-ap8-old-state-is-written-once-its-rows-are-read',
    breaks: 'P38, AP8',
    file: `${driver}/applier.ts`,
    find: 'if (rows === null || this.#isSuperseded) {',
    replace: 'if (rows === null) {',
    harm: 'A slow write goes to a state that the log has switched away from: nothing is applied any more.',
  },
  {
    id: 'c-ap8-what-waits-is-applied-to-the-old-state',
    breaks: 'P38, AP8',
    file: `${driver}/applier.ts`,
    find: 'this.#isSuperseded = true // AP8\n    this.#work = []',
    replace: 'this.#isSuperseded = true // AP8',
    harm: 'What waits behind a write that was passed over does not follow what is applied: nothing is applied any more.',
  },
  {
    id: 'c-ch1-writes-cross-checkpoints',
    breaks: 'CH1',
    file: `${driver}/applier.ts`,
    find: 'Math.min(this.#maxWriteEntries, entriesToCheckpoint(waiting[0]?.index ?? 1))',
    replace: 'this.#maxWriteEntries',
    harm: 'Peers that are never at one index at a time have none in common, and a state that differs is not found.',
  },
  {
    id: 'c-sr1-older-stream-goes-on',
    breaks: 'SR1',
    file: `${driver}/snapshot-reception.ts`,
    find: 'found.sink = null // SR1 an older stream of the same snapshot writes no more\n',
    replace: '',
    harm: 'The end of a stream that was replaced is taken for that of the newer one, whose state has only begun: the peer halts.',
  },
  {
    id: 'c-re5-failed-binding-or-reservation-does-not-halt',
    breaks: 'RE5',
    file: `${driver}/replica.ts`,
    find: 'this.driver.halt(failure) // RE5',
    replace: 'void failure',
    and: [
      {
        file: `${driver}/replica.ts`,
        find: 'if (!(err instanceof RefusedError || err instanceof StoppedError)) {',
        replace: 'if (err instanceof RefusedError && err instanceof StoppedError) {',
      },
    ],
    harm: 'A peer that can write nothing any more looks healthy until the log asks it to.',
  },
  {
    id: 'c-ba4-two-operations-of-a-cid-in-an-entry',
    breaks: 'BA4',
    file: `${proposals}/batcher.ts`,
    find: 'keys.has(operation.key)) // BA4',
    replace: '(keys.has(operation.key) && count >= this.#maxBatchOperations))',
    harm: 'Two states of a pin have one index: a conditional write passes over a change that its caller has not seen.',
  },
  {
    id: 'c-wr2-refusal-after-an-attempt-is-told-as-not-done',
    breaks: 'P44, WR2',
    file: `${proposals}/writer.ts`,
    find: 'if (attempts.maybeProposed && isUndecided(outcome)) {',
    replace: 'if (!attempts.maybeProposed && isUndecided(outcome)) {',
    harm: 'A caller is told that its write was refused, and an earlier attempt has taken effect.',
  },
  {
    id: 'c-wr2-refusal-of-no-member-counts-as-decided',
    breaks: 'P44, WR2',
    file: `${proposals}/writer.ts`,
    find: 'return reason === REFUSALS.notMember || reason === REFUSALS.tooManyOpen || reason === REFUSALS.serialForgotten',
    replace: 'return reason === REFUSALS.serialForgotten',
    harm: 'A peer that was removed meanwhile is told that its write was refused, and an earlier attempt has taken effect.',
  },
  {
    id: 'c-wr2-forgotten-request-is-asked-anew',
    breaks: 'P41, WR2',
    file: `${proposals}/writer.ts`,
    find: '(reason === REFUSALS.serialForgotten && !maybeProposed)',
    replace: 'reason === REFUSALS.serialForgotten',
    harm: 'A write that has taken effect takes effect again under another id, over what others have done since.',
  },
]
