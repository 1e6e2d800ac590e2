import { InvalidRequestError, type PeerId, type Rpc } from '@pinset/interface'
import { describe, expect, it } from 'vitest'

import { Forwarder } from '../../src/proposals/forwarder.ts'
import type { CONSENSUS_METHODS, ProposedOperation } from '../../src/rpc-methods.ts'
import { peer, pinOf } from '../fakes/samples.ts'
import { ManualScheduler } from '../support/manual-scheduler.ts'

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
})
