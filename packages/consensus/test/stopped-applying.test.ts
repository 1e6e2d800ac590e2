/** A read of the state that fails once: its peer applies nothing any more, but votes, and may be elected. */
import { readError } from '@pinset/storage'
import { describe, expect, it } from 'vitest'

import { requestOf, TestCluster, until, type TestPeer } from './support/test-cluster.ts'

/** It can read nothing of its state while it applies the next pin. */
async function stopApplying(cluster: TestCluster, peer: TestPeer): Promise<void> {
  peer.disk.interceptRead = ({ database, isOfSnapshot }) => {
    if (database.includes('state') && !isOfSnapshot) throw readError()
    return undefined
  }
  const leader = await cluster.leader()
  leader.consensus.logPin(await requestOf('unread')).catch(() => {})
  await until(() => peer.status.haltedReason)
  peer.disk.interceptRead = null
}

describe('a peer that has stopped applying', () => {
  it('elected all the same, hands over to one that applies: the cluster serves on', async () => {
    const cluster = await TestCluster.start(3)
    try {
      const peer = await cluster.follower()
      await stopApplying(cluster, peer)
      expect(peer.status.haltedReason).toMatch(/EIO/)
      await (await cluster.leader()).consensus.transferLeadership(peer.peerId)
      await until(
        () => cluster.running.some(({ status }) => status.role === 'leader' && status.haltedReason === null),
        () => cluster.describe(),
      )
      const other = await cluster.follower()
      const { outcome } = await other.consensus.logPin(await requestOf('after'))
      expect(outcome.kind).toBe('pinned')
    } finally {
      await cluster.stop()
    }
  })

  it('hands over to one that applies, though another that has stopped holds as much', async () => {
    const cluster = await TestCluster.start(3)
    try {
      const [first, second, third] = cluster.peers as [TestPeer, TestPeer, TestPeer]
      const leader = await cluster.leader()
      if (leader !== third) await leader.consensus.transferLeadership(third.peerId)
      await stopApplying(cluster, first)
      await stopApplying(cluster, second)
      await third.consensus.transferLeadership(first.peerId)
      await until(
        () => third.status.role === 'leader',
        () => cluster.describe(),
      )
      const { outcome } = await third.consensus.logPin(await requestOf('after'))
      expect(outcome.kind).toBe('pinned')
    } finally {
      await cluster.stop()
    }
  })

  it('goes on where it was once it is started again', async () => {
    const cluster = await TestCluster.start(3)
    try {
      const peer = await cluster.follower()
      await stopApplying(cluster, peer)
      await peer.stop()
      await peer.start()
      await cluster.agreed()
      expect(peer.status).toMatchObject({ haltedReason: null, votingSuspended: false })
    } finally {
      await cluster.stop()
    }
  })
})
