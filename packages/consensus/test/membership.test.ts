import { NotFoundError, RefusedError } from '@pinset/interface'
import { describe, expect, it } from 'vitest'

import { namesIn, requestOf, TestCluster, until, votersOf, type TestPeer } from './support/test-cluster.ts'

type Finally = (release: () => Promise<void>) => void

async function startCluster(finallyDo: Finally, ...args: Parameters<typeof TestCluster.start>): Promise<TestCluster> {
  const cluster = await TestCluster.start(...args)
  finallyDo(() => cluster.stop())
  return cluster
}

async function settled(
  cluster: TestCluster,
  voters: number,
  peers: readonly TestPeer[] = cluster.running,
): Promise<void> {
  await until(
    () =>
      peers.every(
        ({ status }) =>
          votersOf(status) === voters && status.members.length === voters && !status.pending && status.leader !== null,
      ),
    () => cluster.describe(),
  )
}

describe.concurrent('PinsetConsensus: membership', () => {
  it('addPeer() of a peer that waits makes it a learner, then a voter that holds all pins', async ({
    onTestFinished,
  }) => {
    const cluster = await startCluster(onTestFinished, 1)
    const leader = await cluster.leader()
    for (let number = 0; number < 20; number += 1) {
      await leader.consensus.logPin(await requestOf(`pin ${number}`))
    }
    const newcomer = await cluster.add()
    await newcomer.start()
    expect(newcomer.status).toMatchObject({ relation: 'joining', clusterId: null, members: [] })
    const suffrages: string[] = []
    newcomer.consensus.events.on('membership:change', ({ membership }) => {
      const suffrage = membership.members.find(({ peerId }) => peerId === newcomer.peerId)?.suffrage
      if (suffrage !== undefined) {
        suffrages.push(suffrage)
      }
    })
    const added = await leader.consensus.addPeer(newcomer.address)
    expect(added.peerId).toBe(newcomer.peerId)
    await newcomer.consensus.ready()
    await settled(cluster, 2)
    expect(suffrages).toEqual(['learner', 'voter'])
    await cluster.agreed()
    expect(await namesIn(await newcomer.consensus.state())).toHaveLength(20)
    expect(newcomer.status.clusterId).toBe(leader.status.clusterId)
    await newcomer.consensus.logPin(await requestOf('by the newcomer'))
  })

  it('addPeer() again gives the index in force and changes nothing', async ({ onTestFinished }) => {
    const cluster = await startCluster(onTestFinished, 2)
    await settled(cluster, 2)
    const follower = await cluster.follower()
    const { membershipIndex } = follower.status
    const added = await follower.consensus.addPeer((await cluster.leader()).address)
    expect(added.revision).toBe(membershipIndex)
    expect(follower.status.membershipIndex).toBe(membershipIndex)
  })

  it('addPeer() refuses a peer of another cluster, naming both', async ({ onTestFinished }) => {
    const cluster = await startCluster(onTestFinished, 1)
    const leader = await cluster.leader()
    const foreign = await cluster.add({ founds: true })
    await foreign.start()
    const refused = leader.consensus.addPeer(foreign.address)
    await expect(refused).rejects.toBeInstanceOf(RefusedError)
    await expect(refused).rejects.toThrow(String(foreign.status.clusterId))
  })

  it('a newcomer gets the whole state by snapshot when the log was compacted', async ({ onTestFinished }) => {
    const limits = { compactAfterEntries: 30, trailingEntries: 5 }
    const cluster = await startCluster(onTestFinished, 1, { limits })
    const leader = await cluster.leader()
    const requests = await Promise.all(Array.from({ length: 120 }, (_, number) => requestOf(`pin ${number}`)))
    for (const request of requests) {
      await leader.consensus.logPin(request)
    }
    await leader.consensus.logUnpin((await requestOf('pin 0')).cid)
    await leader.stop()
    await leader.start()
    const { storage } = leader.running ?? {}
    expect(storage?.log.boot.base.index).toBeGreaterThan(50)

    const newcomer = await cluster.add({ limits, join: { addresses: [leader.address] } })
    const installed: number[] = []
    await newcomer.start()
    newcomer.consensus.events.on('snapshot:install', ({ revision }) => installed.push(revision))
    await newcomer.consensus.ready()
    await settled(cluster, 2)
    await cluster.agreed()
    expect(installed).toHaveLength(1)
    expect(await namesIn(await newcomer.consensus.state())).toHaveLength(119)
    await newcomer.crash()
    await newcomer.start()
    await newcomer.consensus.ready()
    expect(await namesIn(await newcomer.consensus.state())).toHaveLength(119)
  })

  it('a follower that was away too long is brought up to date by snapshot, which replaces its state', async ({
    onTestFinished,
  }) => {
    const limits = { compactAfterEntries: 30, trailingEntries: 5 }
    const cluster = await startCluster(onTestFinished, 3, { limits })
    const leader = await cluster.leader()
    await leader.consensus.logPin(await requestOf('unpinned while away'))
    await cluster.agreed()
    const away = await cluster.follower()
    await away.stop()
    await leader.consensus.logUnpin((await requestOf('unpinned while away')).cid)
    for (let number = 0; number < 100; number += 1) {
      await leader.consensus.logPin(await requestOf(`pin ${number}`))
    }
    await away.start()
    await away.consensus.ready()
    await cluster.agreed()
    const names = await namesIn(await away.consensus.state())
    expect(names).toHaveLength(100)
    expect(names).not.toContain('unpinned while away')
  })

  it('rmPeer() of a follower: the rest go on, the removed peer knows it and stays readable', async ({
    onTestFinished,
  }) => {
    const cluster = await startCluster(onTestFinished, 3)
    const leader = await cluster.leader()
    const follower = await cluster.follower()
    await leader.consensus.logPin(await requestOf('one'))
    await cluster.agreed()
    await leader.consensus.rmPeer(follower.peerId)
    await until(
      () => follower.status.relation === 'removed',
      () => cluster.describe(),
    )
    await settled(
      cluster,
      2,
      cluster.peers.filter((peer) => peer !== follower),
    )
    await leader.consensus.logPin(await requestOf('two'))
    expect(await namesIn(await follower.consensus.state())).toEqual(['one'])
    await expect(follower.consensus.logPin(await requestOf('three'))).rejects.toThrow('removed')
    await expect(leader.consensus.rmPeer(follower.peerId)).rejects.toBeInstanceOf(NotFoundError)
  })

  it('rmPeer() of a peer that was off: it learns its fate from the others, and never campaigns', async ({
    onTestFinished,
  }) => {
    const cluster = await startCluster(onTestFinished, 3)
    const leader = await cluster.leader()
    const follower = await cluster.follower()
    await follower.stop()
    await leader.consensus.rmPeer(follower.peerId)
    // The leader gives up telling it after ten election timeouts.
    const forgetsMs = performance.now() + 12 * cluster.electionTimeoutMs
    await until(() => performance.now() > forgetsMs)
    await follower.start()
    await until(
      () => follower.status.relation === 'removed',
      () => cluster.describe(),
    )
    expect(leader.status.role).toBe('leader')
  })

  it('rmPeer() of the leader, asked of itself: leadership goes to another peer and the leader is removed', async ({
    onTestFinished,
  }) => {
    const cluster = await startCluster(onTestFinished, 3)
    const leader = await cluster.leader()
    await leader.consensus.logPin(await requestOf('one'))
    await leader.consensus.rmPeer(leader.peerId)
    await until(
      () => leader.status.relation === 'removed',
      () => cluster.describe(),
    )
    const rest = cluster.peers.filter((peer) => peer !== leader)
    await settled(cluster, 2, rest)
    const [one, two] = rest as [TestPeer, TestPeer]
    await one.consensus.logPin(await requestOf('two'))
    expect(await namesIn(await two.consensus.state({ consistency: 'linearizable' }))).toEqual(['one', 'two'])
  })

  it('a restart needs no more than the storage: members, cluster and pins are found again', async ({
    onTestFinished,
  }) => {
    const cluster = await startCluster(onTestFinished, 3)
    await (await cluster.leader()).consensus.logPin(await requestOf('one'))
    await cluster.agreed()
    await Promise.all(cluster.peers.map((peer) => peer.stop()))
    for (const peer of cluster.peers) {
      peer.options = {}
    }
    await Promise.all(cluster.peers.map((peer) => peer.start()))
    await Promise.all(cluster.peers.map((peer) => peer.consensus.ready()))
    await settled(cluster, 3)
    expect(await namesIn(await (await cluster.follower()).consensus.state())).toEqual(['one'])
  })
})
