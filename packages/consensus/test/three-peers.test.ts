import { CommitOutcomeUnknownError, NoLeaderError } from '@pinset/interface'
import { openStorage } from '@pinset/storage'
import { describe, expect, it } from 'vitest'

import { cidOf, namesIn, requestOf, TestCluster, until } from './support/test-cluster.ts'

type Finally = (release: () => Promise<void>) => void

async function startCluster(finallyDo: Finally, ...args: Parameters<typeof TestCluster.start>): Promise<TestCluster> {
  const cluster = await TestCluster.start(...args)
  finallyDo(() => cluster.stop())
  return cluster
}

describe.concurrent('PinsetConsensus of three peers', () => {
  it('writes through any peer are on every peer, with equal heads and digests', async ({ onTestFinished }) => {
    const cluster = await startCluster(onTestFinished, 3)
    await Promise.all(
      cluster.peers.flatMap((peer, at) =>
        Array.from({ length: 20 }, async (_, number) => peer.consensus.logPin(await requestOf(`pin ${at} ${number}`))),
      ),
    )
    await cluster.agreed()
    for (const peer of cluster.peers) {
      expect(await namesIn(await peer.consensus.state())).toHaveLength(60)
    }
  })

  it('a write through a follower is read there at once', async ({ onTestFinished }) => {
    const cluster = await startCluster(onTestFinished, 3)
    const { consensus } = await cluster.follower()
    const committed = await consensus.logPin(await requestOf('mine'))
    expect(committed.appliedHere).toBe(true)
    const view = await consensus.state()
    expect(await view.get(await cidOf('mine'))).toMatchObject({ modifiedIndex: committed.revision })
  })

  it('a linearizable read on any peer sees what was written through another', async ({ onTestFinished }) => {
    const cluster = await startCluster(onTestFinished, 3)
    for (const writer of cluster.peers) {
      await writer.consensus.logPin(await requestOf(`by ${writer.peerId}`))
      for (const reader of cluster.peers) {
        const names = await namesIn(await reader.consensus.state({ consistency: 'linearizable' }))
        expect(names).toContain(`by ${writer.peerId}`)
      }
    }
  })

  it('minRevision waits for the revision on a peer that is behind', async ({ onTestFinished }) => {
    const cluster = await startCluster(onTestFinished, 3)
    const leader = await cluster.leader()
    const follower = await cluster.follower()
    cluster.network.isolate(follower.peerId)
    const { revision } = await leader.consensus.logPin(await requestOf('late'))
    const read = follower.consensus.state({ minRevision: revision })
    cluster.network.heal(follower.peerId)
    expect(await namesIn(await read)).toEqual(['late'])
  })

  it('leader stopped: the service goes on, no acknowledged pin is lost, heads are equal', async ({
    onTestFinished,
  }) => {
    const cluster = await startCluster(onTestFinished, 3)
    const leader = await cluster.leader()
    const follower = await cluster.follower()
    const acknowledged: string[] = []
    let stopping: Promise<void> | null = null
    for (let number = 0; number < 60; number += 1) {
      await follower.consensus.logPin(await requestOf(`pin ${number}`))
      acknowledged.push(`pin ${number}`)
      if (number === 20) {
        stopping = leader.stop()
      }
    }
    await stopping
    await leader.start()
    await cluster.agreed()
    for (const peer of cluster.peers) {
      expect(await namesIn(await peer.consensus.state())).toEqual(acknowledged.sort())
    }
  })

  it('leader crashed in the middle of many writes: each of them takes effect exactly once', async ({
    onTestFinished,
  }) => {
    const cluster = await startCluster(onTestFinished, 3)
    const leader = await cluster.leader()
    const follower = await cluster.follower()
    const term = follower.status.term
    const requests = await Promise.all(Array.from({ length: 300 }, (_, number) => requestOf(`pin ${number}`)))
    // Each write is refused unless the pin is absent: one that were applied twice would answer `conflict`.
    const writes = requests.map((request) => follower.consensus.logPin(request, { ifModifiedIndex: 0 }))
    await writes[0]
    const crashing = leader.crash()
    const outcomes = await Promise.allSettled(writes)
    await crashing
    const acknowledged = outcomes.flatMap((outcome, at) => (outcome.status === 'fulfilled' ? [`pin ${at}`] : []))
    const answers = outcomes.map((outcome) =>
      outcome.status === 'fulfilled'
        ? outcome.value.outcome.kind === 'pinned' && outcome.value.outcome.changed
        : outcome.reason instanceof CommitOutcomeUnknownError,
    )
    expect(answers.every(Boolean)).toBe(true)
    await leader.start()
    await cluster.agreed()
    expect(follower.status.term).toBeGreaterThan(term)
    const names = await namesIn(await leader.consensus.state())
    expect(acknowledged.filter((name) => !names.includes(name))).toEqual([])
  })

  it('all crashed and started again: everything that was acknowledged is there', async ({ onTestFinished }) => {
    const cluster = await startCluster(onTestFinished, 3)
    const follower = await cluster.follower()
    for (let number = 0; number < 30; number += 1) {
      await follower.consensus.logPin(await requestOf(`pin ${number}`))
    }
    await Promise.all(cluster.peers.map((peer) => peer.crash()))
    await Promise.all(cluster.peers.map((peer) => peer.start()))
    await Promise.all(cluster.peers.map((peer) => peer.consensus.ready()))
    await cluster.agreed()
    expect(await namesIn(await follower.consensus.state())).toHaveLength(30)
  })

  it('no quorum: reads are answered, writes say what is missing and that nothing was proposed', async ({
    onTestFinished,
  }) => {
    const cluster = await startCluster(onTestFinished, 3, { limits: { leaderWaitMs: 900 } })
    const [first, second, third] = cluster.peers
    if (first === undefined || second === undefined || third === undefined) {
      throw new Error('three peers')
    }
    await first.consensus.logPin(await requestOf('before'))
    await cluster.agreed()
    await Promise.all([second.crash(), third.crash()])
    await until(() => first.status.leader === null && first.status.quorum.reachable === 1)
    const write = first.consensus.logPin(await requestOf('after'))
    await expect(write).rejects.toBeInstanceOf(NoLeaderError)
    await expect(write).rejects.toThrow(
      `no quorum: 1 of 3 voters reachable; missing 12D3…r2 (/memory/${second.peerId}), 12D3…r3 (/memory/${third.peerId})`,
    )
    await expect(write).rejects.toThrow('nothing was proposed')
    await expect(first.consensus.state({ consistency: 'linearizable' })).rejects.toBeInstanceOf(NoLeaderError)
    expect(await namesIn(await first.consensus.state())).toEqual(['before'])
    expect(first.status.quorum).toEqual({ size: 2, reachable: 1, tolerates: 0 })
  })

  it('a leader cut off from the others: its write is unknown, never failed, and the others go on', async ({
    onTestFinished,
  }) => {
    const cluster = await startCluster(onTestFinished, 3, { limits: { leaderWaitMs: 1_000 } })
    const leader = await cluster.leader()
    cluster.network.isolate(leader.peerId)
    const write = leader.consensus.logPin(await requestOf('cut off'))
    await expect(write).rejects.toBeInstanceOf(CommitOutcomeUnknownError)
    const other = await until(() => cluster.peers.find((peer) => peer !== leader && peer.status.role === 'leader'))
    await other.consensus.logPin(await requestOf('on the other side'))
    cluster.network.heal(leader.peerId)
    await cluster.agreed()
    expect(await namesIn(await leader.consensus.state())).toContain('on the other side')
  })

  it('a write that could not be committed by its leader is taken by the next one, once', async ({ onTestFinished }) => {
    const cluster = await startCluster(onTestFinished, 3)
    const leader = await cluster.leader()
    cluster.network.isolate(leader.peerId)
    const write = leader.consensus.logPin(await requestOf('cut off'), { ifModifiedIndex: 0 })
    await until(() => cluster.peers.find((peer) => peer !== leader && peer.status.role === 'leader'))
    cluster.network.heal(leader.peerId)
    expect(await write).toMatchObject({ outcome: { kind: 'pinned', changed: true } })
    await cluster.agreed()
  })

  it('a failed write of the log halts the peer: it says why, stays readable, and the others go on', async ({
    onTestFinished,
  }) => {
    const cluster = await startCluster(onTestFinished, 3)
    const leader = await cluster.leader()
    await leader.consensus.logPin(await requestOf('before'))
    leader.disk.failAt('sync', 1)
    const write = leader.consensus.logPin(await requestOf('unknown'))
    await expect(write).rejects.toBeInstanceOf(CommitOutcomeUnknownError)
    expect(leader.status).toMatchObject({ role: 'halted', haltedReason: expect.stringContaining('EIO') })
    await expect(leader.consensus.logPin(await requestOf('later'))).rejects.toThrow('halted')
    expect(await namesIn(await leader.consensus.state())).toContain('before')
    const other = await until(() => cluster.peers.find((peer) => peer !== leader && peer.status.role === 'leader'))
    await other.consensus.logPin(await requestOf('after'))
    await leader.crash()
    await leader.start()
    await cluster.agreed()
    expect(await namesIn(await leader.consensus.state())).toEqual(expect.arrayContaining(['after', 'before']))
  })

  it('a state that differs from that of the two others halts its peer, which names the index, and the others go on', async ({
    onTestFinished,
  }) => {
    const cluster = await startCluster(onTestFinished, 3)
    await cluster.peers[0]?.consensus.logPin(await requestOf('shared'))
    await cluster.agreed()
    const wrong = await cluster.follower()
    await wrong.stop()
    const storage = await openStorage(wrong.disk.mount())
    const { meta } = storage.state
    await storage.state.write(
      { puts: [], deletes: [], meta: { ...meta, digest: meta.digest.toReversed() } },
      { sync: true },
    )
    await storage.close()
    await wrong.start()
    await until(
      () => wrong.status.haltedReason !== null,
      () => cluster.describe(),
    )
    expect(wrong.status).toMatchObject({ role: 'halted', quorum: { size: 2, reachable: 2 } })
    expect(wrong.status.haltedReason).toMatch(/differs from the one that a majority/)
    const others = cluster.peers.filter((peer) => peer !== wrong)
    await others[0]?.consensus.logPin(await requestOf('later'))
    // It is heard of no more, and so is not counted as reachable by the others either.
    await until(
      () => others.every((peer) => peer.status.quorum.reachable === 2),
      () => cluster.describe(),
    )
    expect(others.every((peer) => peer.status.haltedReason === null)).toBe(true)
  })

  it('transferLeadership() from a follower hands leadership to the named voter', async ({ onTestFinished }) => {
    const cluster = await startCluster(onTestFinished, 3)
    const leader = await cluster.leader()
    const follower = await cluster.follower()
    expect(await follower.consensus.transferLeadership(follower.peerId)).toEqual({ leader: follower.peerId })
    await until(() => leader.status.leader === follower.peerId)
    await leader.consensus.logPin(await requestOf('after the handover'))
  })

  it('events tell of pins, leaders and status once they can be read', async ({ onTestFinished }) => {
    const cluster = await startCluster(onTestFinished, 3)
    const follower = await cluster.follower()
    const seen: string[] = []
    follower.consensus.events.on('pin:apply', ({ revision, pinned, unpinned }) => {
      expect(follower.status.appliedIndex).toBeGreaterThanOrEqual(revision)
      seen.push(...pinned.map(({ name }) => `+${name}`), ...unpinned.map(() => '-'))
    })
    const leaders: (string | null)[] = []
    follower.consensus.events.on('leader:change', ({ leader }) => leaders.push(leader))
    await follower.consensus.logPin(await requestOf('one'))
    await follower.consensus.logUnpin(await cidOf('one'))
    expect(seen).toEqual(['+one', '-'])
    const leader = await cluster.leader()
    await leader.stop()
    await until(() => leaders.some((each) => each !== null && each !== leader.peerId))
  })
})
