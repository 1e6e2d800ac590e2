import { InvalidRequestError, type PeerId, type Rpc } from '@pinset/interface'
import { describe, expect, it } from 'vitest'

import { Forwarder } from '../../src/proposals/forwarder.ts'
import type { CONSENSUS_METHODS, ProposedOperation } from '../../src/rpc-methods.ts'
import { peer, pinOf } from '../fakes/samples.ts'
import { ManualScheduler, microtasks } from '../support/manual-scheduler.ts'

/** A leader that answers every operation; requests go through their codec, as on the wire. */
function setUp() {
  const calls: (readonly ProposedOperation[])[] = []
  const call = async (_: PeerId, method: typeof CONSENSUS_METHODS.propose, request: readonly ProposedOperation[]) => {
    const operations = method.request.decode(method.request.encode(request))
    calls.push(operations)
    return operations.map(({ requestId }) => ({ kind: 'unknown', message: `asked ${requestId.serial}` }))
  }
  const rpc = { call } as unknown as Rpc
  const scheduler = new ManualScheduler()
  return { forwarder: new Forwarder(rpc, scheduler), scheduler, calls }
}

function pinning(serial: number, keys: number): ProposedOperation {
  const metadata = Object.fromEntries(Array.from({ length: keys }, (_, at) => [`k${at}`, 'x'.repeat(1000)]))
  const { allocations: _, timestampMs: __, ...pin } = pinOf(serial, { metadata })
  return {
    requestId: { peerId: peer('a'), storageId: 's1', serial, lowWater: 0 },
    actor: '',
    idempotencyKey: null,
    ifModifiedIndex: null,
    request: { kind: 'pin', pin },
  }
}

/** A leader that answers the calls one by one, when it is told to. */
function setUpSlow() {
  const asked: (() => void)[] = []
  const serials: (readonly number[])[] = []
  const call = (_: PeerId, __: unknown, request: readonly ProposedOperation[]) => {
    serials.push(request.map(({ requestId }) => requestId.serial))
    return new Promise((resolve) => {
      asked.push(() => resolve(request.map(() => ({ kind: 'unknown', message: 'asked' }))))
    })
  }
  const scheduler = new ManualScheduler()
  return { forwarder: new Forwarder({ call } as unknown as Rpc, scheduler), scheduler, asked, serials }
}

async function runUntil<Value>(scheduler: ManualScheduler, wanted: Promise<Value>): Promise<Value> {
  const state = { isOver: false }
  const over = (): void => void (state.isOver = true)
  wanted.then(over, over)
  for (let turn = 0; turn < 1000 && !state.isOver; turn += 1) {
    scheduler.runOnce()
    await Promise.resolve()
  }
  return await wanted
}

describe('Forwarder', () => {
  it('submit() hands over in one call what comes in one turn', async () => {
    const { forwarder, scheduler, calls } = setUp()
    const results = Promise.all([1, 2, 3].map((serial) => forwarder.submit(peer('b'), pinning(serial, 0))))
    expect(calls).toEqual([])
    expect(await runUntil(scheduler, results)).toMatchObject([1, 2, 3].map((n) => ({ detail: `asked ${n}` })))
    expect(calls.map((operations) => operations.length)).toEqual([3])
  })

  it('submit() cuts large operations into calls that the leader accepts, and answers each by its own', async () => {
    const { forwarder, scheduler, calls } = setUp()
    const serials = Array.from({ length: 30 }, (_, at) => at + 1)
    const results = Promise.all(serials.map((serial) => forwarder.submit(peer('b'), pinning(serial, 20))))
    expect(await runUntil(scheduler, results)).toMatchObject(serials.map((n) => ({ detail: `asked ${n}` })))
    expect(calls.length).toBeGreaterThan(1)
    expect(calls.flat().map(({ requestId }) => requestId.serial)).toEqual(serials)
  })

  it('submit() refuses an operation that is too large, and no other with it', async () => {
    const { forwarder, scheduler } = setUp()
    const large = forwarder.submit(peer('b'), pinning(1, 40))
    const small = forwarder.submit(peer('b'), pinning(2, 0))
    await expect(large).rejects.toThrow(InvalidRequestError)
    expect(await runUntil(scheduler, small)).toMatchObject({ detail: 'asked 2' })
  })

  it('submit() has four calls on their way at most; what comes meanwhile goes with the next as soon as one is answered', async () => {
    const { forwarder, scheduler, asked, serials } = setUpSlow()
    const answered: number[] = []
    const submit = (serial: number): void => {
      void forwarder.submit(peer('b'), pinning(serial, 0)).then(() => answered.push(serial))
    }
    for (const serial of [1, 2, 3, 4, 5, 6]) {
      submit(serial)
      scheduler.runOnce()
      await microtasks()
    }
    expect(serials).toEqual([[1], [2], [3], [4]])
    // Nobody submits anything any more: the end of a call alone makes room for what waits.
    asked[2]?.()
    await microtasks()
    expect(answered).toEqual([3])
    scheduler.runOnce()
    expect(serials.slice(4)).toEqual([[5, 6]])
    for (const answer of asked) answer()
    await microtasks()
    expect(answered).toEqual([3, 1, 2, 4, 5, 6])
    expect(scheduler.waiting).toBe(0)
  })

  it('submit() gives what waits the place of a call that has failed', async () => {
    const ends: (() => void)[] = []
    const call = () => new Promise((_, reject) => ends.push(() => reject(new Error('broken'))))
    const scheduler = new ManualScheduler()
    const forwarder = new Forwarder({ call } as unknown as Rpc, scheduler, { maxCalls: 1 })
    const errors: string[] = []
    for (const serial of [1, 2]) {
      forwarder
        .submit(peer('b'), pinning(serial, 0))
        .catch(({ message }: Error) => errors.push(`${serial}: ${message}`))
      scheduler.runOnce()
    }
    for (let at = 0; at < 2; at += 1) {
      expect(ends.length).toBe(at + 1)
      ends[at]?.()
      await microtasks()
      scheduler.runOnce()
    }
    expect(errors).toEqual(['1: broken', '2: broken'])
  })
})
