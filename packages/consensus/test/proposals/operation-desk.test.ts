import { DEFAULT_PIN_OPTIONS, RefusedError, type Member } from '@pinset/interface'
import { describe, expect, it } from 'vitest'

import { decodeOperation } from '../../src/codec/index.ts'
import type { AppliedOperation } from '../../src/machine/index.ts'
import type { PreparedOperation } from '../../src/proposals/batcher.ts'
import { OperationDesk } from '../../src/proposals/operation-desk.ts'
import type { ProposedOperation } from '../../src/rpc-methods.ts'
import { microtasks } from '../support/manual-scheduler.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import { cidOf, member, peer, START_MS } from '../fakes/samples.ts'

function setUp(members: readonly Member[]) {
  const added: PreparedOperation<AppliedOperation>[] = []
  const desk = new OperationDesk({
    batcher: { queuedCount: 0, add: (operation) => void added.push(operation) },
    prepare: { pin: async (pin) => ({ ...DEFAULT_PIN_OPTIONS, ...pin, allocations: [], timestampMs: START_MS }) },
    clock: new VirtualClock(),
    state: () => ({ getMany: async (keys) => keys.map(() => undefined) }),
    members: () => members,
    committedTimeMs: () => START_MS,
    idempotencyKeys: () => 0,
    role: () => 'leader',
    leader: () => 'a',
  })
  return { desk, added }
}

const unpin: ProposedOperation = {
  requestId: { peerId: peer('a'), storageId: 's1', serial: 1, lowWater: 0 },
  actor: '',
  idempotencyKey: null,
  ifModifiedIndex: null,
  request: { kind: 'unpin', cid: cidOf(1) },
}

describe('OperationDesk', () => {
  it('submit() proposes the highest version that every member can apply', async () => {
    const { desk, added } = setUp([member('a', { supportedVersion: 9 }), member('b', { supportedVersion: 1 })])
    const result = desk.submitOne(unpin)
    await microtasks()
    expect(added.map(({ bytes }) => decodeOperation(bytes).version)).toEqual([1])
    added[0]?.settle({ kind: 'unknown', detail: 'asked' })
    expect(await result).toEqual({ kind: 'unknown', detail: 'asked' })
  })

  it('submit() marks operations of one CID by one key, whatever they do (BA4)', async () => {
    const { desk, added } = setUp([member('a')])
    const pin = { kind: 'pin', pin: { ...DEFAULT_PIN_OPTIONS, cid: cidOf(1) } } as const
    void desk.submit([unpin, { ...unpin, request: pin }, { ...unpin, request: { kind: 'unpin', cid: cidOf(2) } }])
    await microtasks()
    const [one, same, other] = added.map(({ key }) => key)
    expect(one).toBe(same)
    expect(one).not.toBe(other)
  })

  it('submit() refuses what a member cannot apply, names that member, and proposes nothing', async () => {
    const { desk, added } = setUp([member('a'), member('b', { supportedVersion: 0 })])
    const result = await desk.submitOne(unpin)
    expect(result).toMatchObject({ kind: 'error', error: expect.any(RefusedError) })
    expect(result.kind === 'error' && result.error.message).toMatch(/^b applies operations up to version 0 only/)
    expect(added).toEqual([])
  })
})
