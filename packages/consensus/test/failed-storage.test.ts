/** A storage that fails in a write that no call waits for: the peer must not look healthy until its next one. */
import { RefusedError, StoppedError } from '@pinset/interface'
import { describe, expect, it } from 'vitest'

import { requestOf, TestCluster, until, type TestPeer } from './support/test-cluster.ts'

const EIO = Object.assign(new Error('EIO: i/o error'), { code: 'EIO' })

/** A follower that may vote again, but the storage answers `cause` when its mark is taken back. */
async function failToVoteAgain(cluster: TestCluster, cause: Error): Promise<TestPeer> {
  const peer = await cluster.follower()
  await peer.running?.storage.setVotingSuspended(true)
  await peer.stop()
  cluster.network.isolate(peer.peerId)
  await peer.start()
  const { storage } = peer.running ?? {}
  if (storage === undefined) {
    throw new Error('it does not run')
  }
  const refused = new Promise<void>((resolve) => {
    storage.setVotingSuspended = async () => {
      resolve()
      throw cause
    }
  })
  cluster.network.heal(peer.peerId)
  await refused
  return peer
}

describe('a storage that fails unasked', () => {
  it('when entries are deleted, the peer halts at once', async () => {
    const limits = { compactAfterEntries: 40, trailingEntries: 2 }
    const cluster = await TestCluster.start(1, { limits })
    try {
      const peer = await cluster.leader()
      const failed = { times: 0 }
      peer.disk.intercept = ({ database, sync }) => {
        // Only deletions are not synced.
        if (database === 'consensus/log' && !sync) {
          failed.times += 1
          throw EIO
        }
      }
      for (let at = 0; failed.times === 0; at += 1) {
        await peer.consensus.logPin(await requestOf(`pin ${at}`)).catch(() => {})
        await new Promise((resolve) => setImmediate(resolve))
      }
      await until(() => peer.status.haltedReason)
      expect(peer.status.haltedReason).toMatch(/cannot write the log/)
    } finally {
      await cluster.stop()
    }
  })

  it('when the mark as not voting is taken back, the peer halts', async () => {
    const cluster = await TestCluster.start(3)
    try {
      const peer = await failToVoteAgain(cluster, EIO)
      await until(() => peer.status.haltedReason)
      expect(peer.status.haltedReason).toMatch(/EIO/)
    } finally {
      await cluster.stop()
    }
  })

  it.each([new StoppedError('closed'), new RefusedError('no')])(
    'when it only refuses to take the mark back (%s), the peer goes on',
    async (cause) => {
      const cluster = await TestCluster.start(3)
      try {
        const peer = await failToVoteAgain(cluster, cause)
        const leader = await cluster.leader()
        await leader.consensus.logPin(await requestOf('after'))
        await cluster.agreed()
        expect(peer.status.haltedReason).toBeNull()
      } finally {
        await cluster.stop()
      }
    },
  )
})
