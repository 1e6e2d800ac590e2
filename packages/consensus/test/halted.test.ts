/** What a peer does, says and leaves behind when its disk fails. */
import type { LogFields, Logger } from '@pinset/interface'
import { openStorage } from '@pinset/storage'
import { describe, expect, it } from 'vitest'

import { namesIn, requestOf, TestCluster, type TestPeer, until } from './support/test-cluster.ts'

type Line = { readonly level: string; readonly message: string; readonly fields: LogFields | undefined }

class Journal implements Logger {
  readonly lines: Line[] = []
  debug(): void {}
  info(message: string, fields?: LogFields): void {
    this.lines.push({ level: 'info', message, fields })
  }
  warn(message: string, fields?: LogFields): void {
    this.lines.push({ level: 'warn', message, fields })
  }
  error(message: string, fields?: LogFields): void {
    this.lines.push({ level: 'error', message, fields })
  }
  has(pattern: RegExp): boolean {
    return this.lines.some(({ message }) => pattern.test(message))
  }
}

/** What the storage says when it is opened again. */
async function isSuspendedAfterRestart(peer: TestPeer): Promise<boolean> {
  await peer.crash()
  peer.disk.intercept = null
  peer.disk.capacityBytes = Infinity
  const storage = await openStorage(peer.disk.mount())
  await storage.close()
  return storage.log.boot.votingSuspended
}

function fail(peer: TestPeer, database: RegExp, phase: 'write' | 'sync'): void {
  peer.disk.intercept = (event) => {
    if (database.test(event.database) && event.phase === phase)
      throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' })
  }
}

function usedBytes({ disk }: TestPeer): number {
  return disk
    .databases()
    .flatMap((name) => disk.records(name))
    .reduce((sum, { key, value }) => sum + key.length + value.length, 0)
}

describe('a peer whose disk fails', () => {
  it.each(['write', 'sync'] as const)(
    'a failed %s of the log leaves the mark as not voting, and nobody says that it could not be left',
    async (phase) => {
      const journal = new Journal()
      const cluster = await TestCluster.start(1, { logger: journal })
      const peer = await cluster.leader()
      fail(peer, /log$/, phase)
      await expect(peer.consensus.logPin(await requestOf('one'))).rejects.toThrow(/this peer has halted/)
      await until(() => peer.status.haltedReason)

      expect(peer.status.haltedReason).toMatch(/cannot write the log/)
      expect(await isSuspendedAfterRestart(peer)).toBe(true)
      expect(journal.has(/is not marked/)).toBe(false)
    },
  )

  it('a failed write of the state leaves no mark, for the log is whole, and the journal says so', async () => {
    const journal = new Journal()
    const cluster = await TestCluster.start(1, { logger: journal })
    const peer = await cluster.leader()
    fail(peer, /state/, 'write')
    await expect(peer.consensus.logPin(await requestOf('one'))).rejects.toThrow(/this peer has halted/)
    await until(() => peer.status.haltedReason)

    expect(peer.status.haltedReason).toMatch(/cannot write the state/)
    expect(await isSuspendedAfterRestart(peer)).toBe(false)
    expect(journal.has(/is not marked as not voting: started again, this peer votes/)).toBe(true)
  })

  it('a failed write of the binding to a cluster halts a peer that joins, and it says why', async () => {
    const cluster = await TestCluster.start(1)
    try {
      const leader = await cluster.leader()
      const newcomer = await cluster.add()
      await newcomer.start()
      fail(newcomer, /log$/, 'sync')
      await leader.consensus.addPeer(newcomer.address)
      await until(() => newcomer.status.haltedReason)

      expect(newcomer.status).toMatchObject({ relation: 'joining', role: 'halted' })
      expect(newcomer.status.haltedReason).toMatch(/cannot write the log/)
    } finally {
      await cluster.stop()
    }
  })

  it('a peer that starts with the mark says that it does not vote, and that it votes again', async () => {
    const journal = new Journal()
    const cluster = await TestCluster.start(3, { logger: journal })
    try {
      const peer = await cluster.follower()
      fail(peer, /log$/, 'sync')
      const leader = await cluster.leader()
      await leader.consensus.logPin(await requestOf('one'))
      await until(() => peer.status.haltedReason)
      await peer.crash()
      peer.disk.intercept = null
      journal.lines.length = 0
      await peer.start()
      const said = journal.lines.map(({ message }) => message)
      await until(() => journal.has(/this peer votes again/))

      expect(said).toContainEqual(expect.stringMatching(/^this peer does not vote until a leader/))
    } finally {
      await cluster.stop()
    }
  })

  it('a cluster of one whose disk had failed has no leader any more, says why, and can still be read', async () => {
    const cluster = await TestCluster.start(1, { limits: { leaderWaitMs: 300 } })
    try {
      const peer = await cluster.leader()
      await peer.consensus.logPin(await requestOf('kept'))
      fail(peer, /log$/, 'sync')
      await expect(peer.consensus.logPin(await requestOf('one'))).rejects.toThrow(/this peer has halted/)
      await peer.stop()
      peer.disk.intercept = null
      await peer.start()
      await expect(peer.consensus.logPin(await requestOf('two'))).rejects.toThrow(
        /no leader: 1 of 1 voters reachable, but none leads yet; this peer does not vote until a leader has brought it up to date/,
      )

      expect(peer.status).toMatchObject({ role: 'follower', leader: null, votingSuspended: true })
      expect(await namesIn(await peer.consensus.state())).toContain('kept')
    } finally {
      await cluster.stop()
    }
  })

  it.each([1, 3])('disk full (N=%i, all of them at once): with room again they lead and serve', async (size) => {
    const journal = new Journal()
    const cluster = await TestCluster.start(size, { logger: journal })
    try {
      const acknowledged: string[] = []
      const halted = () => cluster.peers.map(({ status }) => status.haltedReason).filter((reason) => reason !== null)
      for (const peer of cluster.peers) peer.disk.capacityBytes = usedBytes(peer) + 8192
      // Without a quorum nothing more is written, not even by those that still could.
      const isOver = () => halted().length > size / 2
      for (let count = 0; !isOver(); count += 1) {
        const leader = await until(() => cluster.peers.find(({ status }) => status.role === 'leader' || isOver()))
        const name = `pin ${count}`
        await leader.consensus.logPin(await requestOf(name), { signal: AbortSignal.timeout(500) }).then(
          () => acknowledged.push(name),
          () => undefined,
        )
      }
      for (const reason of halted())
        expect(reason).toMatch(/ENOSPC.*read-only until there is room for it and it is started again/)
      for (const peer of cluster.peers) {
        await peer.crash()
        peer.disk.capacityBytes = Infinity
      }
      for (const peer of cluster.peers) await peer.start()
      const next = await cluster.leader()
      await next.consensus.logPin(await requestOf('after'))

      expect(journal.has(/this peer does not vote/)).toBe(false)
      expect(acknowledged.length).toBeGreaterThan(0)
      expect(await namesIn(await next.consensus.state())).toEqual(expect.arrayContaining([...acknowledged, 'after']))
    } finally {
      await cluster.stop()
    }
  })

  it('disk full (N=3, the leader): another peer leads, acknowledged pins stay, and the full one says why', async () => {
    const journal = new Journal()
    const cluster = await TestCluster.start(3, { logger: journal })
    try {
      const leader = await cluster.leader()
      leader.disk.capacityBytes = usedBytes(leader) + 8192
      const acknowledged: string[] = []
      for (let count = 0; leader.status.haltedReason === null; count += 1) {
        const name = `pin ${count}`
        await leader.consensus.logPin(await requestOf(name)).then(
          () => acknowledged.push(name),
          () => undefined,
        )
      }
      const others = cluster.peers.filter((peer) => peer !== leader)
      const heir = await until(() => others.find(({ status }) => status.role === 'leader'))
      await heir.consensus.logPin(await requestOf('after'))

      expect(leader.status.haltedReason).toMatch(/ENOSPC/)
      expect(leader.status.role).not.toBe('leader')
      expect(acknowledged.length).toBeGreaterThan(0)
      expect(await namesIn(await heir.consensus.state())).toEqual(expect.arrayContaining([...acknowledged, 'after']))
    } finally {
      await cluster.stop()
    }
  })
})
