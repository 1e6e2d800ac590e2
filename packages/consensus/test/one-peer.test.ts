import { InvalidRequestError, RefusedError, RevisionTimeoutError, StoppedError } from '@pinset/interface'
import { describe, expect, it } from 'vitest'

import { cidOf, namesIn, requestOf, TestCluster, until } from './support/test-cluster.ts'

type Finally = (release: () => Promise<void>) => void

async function startCluster(finallyDo: Finally, ...args: Parameters<typeof TestCluster.start>): Promise<TestCluster> {
  const cluster = await TestCluster.start(...args)
  finallyDo(() => cluster.stop())
  return cluster
}

describe.concurrent('PinsetConsensus of one peer', () => {
  it('logPin() commits, and a read with its revision sees it', async ({ onTestFinished }) => {
    const cluster = await startCluster(onTestFinished, 1)
    const { consensus } = await cluster.leader()
    const committed = await consensus.logPin(await requestOf('one'))
    expect(committed).toMatchObject({
      appliedHere: true,
      outcome: { kind: 'pinned', changed: true, modifiedIndex: committed.revision },
    })
    const view = await consensus.state({ minRevision: committed.revision })
    expect(view.revision).toBeGreaterThanOrEqual(committed.revision)
    expect((await view.get(await cidOf('one')))?.pin.name).toBe('one')
  })

  it('logPin() of an equal pin changes nothing, logUnpin() takes it away, ifModifiedIndex is kept', async ({
    onTestFinished,
  }) => {
    const cluster = await startCluster(onTestFinished, 1)
    const { consensus } = await cluster.leader()
    const first = await consensus.logPin(await requestOf('one'))
    const again = await consensus.logPin(await requestOf('one'))
    expect(again.outcome).toMatchObject({ kind: 'pinned', changed: false, modifiedIndex: first.revision })
    const conflict = await consensus.logUnpin(await cidOf('one'), { ifModifiedIndex: 0 })
    expect(conflict.outcome).toEqual({ kind: 'conflict', modifiedIndex: first.revision })
    const gone = await consensus.logUnpin(await cidOf('one'), { ifModifiedIndex: first.revision })
    expect(gone.outcome).toMatchObject({ kind: 'unpinned', pin: { name: 'one' } })
    expect((await consensus.logUnpin(await cidOf('one'))).outcome).toEqual({ kind: 'not-pinned' })
  })

  it('logPin() with one idempotency key twice gives the first answer again', async ({ onTestFinished }) => {
    const cluster = await startCluster(onTestFinished, 1)
    const { consensus } = await cluster.leader()
    const timeHex = Date.now().toString(16).padStart(12, '0')
    const idempotencyKey = `${timeHex.slice(0, 8)}-${timeHex.slice(8)}-7000-8000-000000000001`
    const first = await consensus.logPin(await requestOf('one'), { idempotencyKey })
    await consensus.logUnpin(await cidOf('one'))
    const second = await consensus.logPin(await requestOf('one'), { idempotencyKey })
    expect(second.revision).toBe(first.revision)
    expect(await namesIn(await consensus.state())).toEqual([])
  })

  it('many writes at once share entries', async ({ onTestFinished }) => {
    const cluster = await startCluster(onTestFinished, 1)
    const { consensus } = await cluster.leader()
    const before = consensus.status().commitIndex
    const requests = await Promise.all(Array.from({ length: 500 }, (_, number) => requestOf(`pin ${number}`)))
    const committed = await Promise.all(requests.map((request) => consensus.logPin(request)))
    expect(committed.every(({ appliedHere, outcome }) => appliedHere && outcome.kind === 'pinned')).toBe(true)
    expect(consensus.status().commitIndex - before).toBeLessThan(100)
    expect(await namesIn(await consensus.state())).toHaveLength(500)
  })

  it('calls are checked before anything is proposed', async ({ onTestFinished }) => {
    const cluster = await startCluster(onTestFinished, 1)
    const { consensus } = await cluster.leader()
    const before = consensus.status().commitIndex
    await expect(consensus.logPin(await requestOf('one'), { idempotencyKey: 'no uuid' })).rejects.toBeInstanceOf(
      InvalidRequestError,
    )
    await expect(consensus.logPin(await requestOf('one'), { ifModifiedIndex: -1 })).rejects.toBeInstanceOf(
      InvalidRequestError,
    )
    await expect(consensus.state({ minRevision: 1.5 })).rejects.toBeInstanceOf(InvalidRequestError)
    await expect(consensus.logPin(await requestOf('one', { name: 'x'.repeat(300) }))).rejects.toBeInstanceOf(
      InvalidRequestError,
    )
    await expect(consensus.rmPeer(consensus.status().peerId)).rejects.toBeInstanceOf(RefusedError)
    expect(consensus.status().commitIndex).toBe(before)
  })

  it('state() with a revision that does not come says how far this peer is', async ({ onTestFinished }) => {
    const cluster = await startCluster(onTestFinished, 1, { limits: { revisionWaitMs: 50 } })
    const { consensus } = await cluster.leader()
    const { appliedIndex } = consensus.status()
    const read = consensus.state({ minRevision: appliedIndex + 10 })
    await expect(read).rejects.toBeInstanceOf(RevisionTimeoutError)
    await expect(read).rejects.toMatchObject({ appliedIndex })
  })

  it('a signal ends the waiting, and the write still commits', async ({ onTestFinished }) => {
    const cluster = await startCluster(onTestFinished, 1)
    const { consensus } = await cluster.leader()
    const controller = new AbortController()
    const write = consensus.logPin(await requestOf('one'), { signal: controller.signal })
    controller.abort()
    await expect(write).rejects.toThrow('abort')
    await consensus.logPin(await requestOf('two'))
    await until(async () => (await namesIn(await consensus.state())).includes('two'))
  })

  it('stop() and start() keep everything', async ({ onTestFinished }) => {
    const cluster = await startCluster(onTestFinished, 1)
    const peer = await cluster.leader()
    await peer.consensus.logPin(await requestOf('one'))
    const before = peer.status
    const { consensus } = peer
    await peer.stop()
    await consensus.stop()
    await expect(consensus.logPin(await requestOf('two'))).rejects.toBeInstanceOf(StoppedError)
    await expect(consensus.state()).rejects.toBeInstanceOf(StoppedError)
    await peer.start()
    await peer.consensus.ready()
    expect(await namesIn(await peer.consensus.state())).toEqual(['one'])
    expect(peer.status.clusterId).toBe(before.clusterId)
    await peer.consensus.logPin(await requestOf('two'))
    expect(await namesIn(await peer.consensus.state())).toEqual(['one', 'two'])
  })

  it('a crash loses nothing that was acknowledged', async ({ onTestFinished }) => {
    const cluster = await startCluster(onTestFinished, 1)
    const peer = await cluster.leader()
    const names = Array.from({ length: 50 }, (_, number) => `pin ${number}`)
    for (const name of names) {
      await peer.consensus.logPin(await requestOf(name))
    }
    const before = peer.status
    await peer.crash()
    await peer.start()
    await peer.consensus.ready()
    expect(await namesIn(await peer.consensus.state())).toEqual(names.sort())
    expect(peer.status.appliedIndex).toBeGreaterThan(before.appliedIndex)
  })

  it('status() is that of a cluster of one', async ({ onTestFinished }) => {
    const cluster = await startCluster(onTestFinished, 1)
    const peer = await cluster.leader()
    await peer.consensus.ready()
    const { status } = peer
    expect(status).toMatchObject({
      epoch: 1,
      peerId: peer.peerId,
      relation: 'member',
      role: 'leader',
      leader: peer.peerId,
      membershipIndex: 1,
      pending: false,
      quorum: { size: 1, reachable: 1, tolerates: 0 },
      haltedReason: null,
    })
    expect(status.members).toMatchObject([
      { peerId: peer.peerId, suffrage: 'voter', reachable: true, matchIndex: status.commitIndex },
    ])
    expect(status.head).toMatch(/^[0-9a-f]{64}$/)
  })
})
