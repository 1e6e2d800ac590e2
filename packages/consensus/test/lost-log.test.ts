/**
 * What becomes of the peer that made the cluster when its log is destroyed: nobody has told it of members when it was admitted, so
 * that only log and state can.
 */
import { CorruptError, type Logger } from '@pinset/interface'
import { openStorage } from '@pinset/storage'
import { describe, expect, it } from 'vitest'

import { namesIn, requestOf, TestCluster, until, votersOf, type TestPeer } from './support/test-cluster.ts'

const LOG = 'consensus/log'
const ENTRY_PREFIX = 0x10

/** Power goes, and with it every entry of the log. */
async function loseLog(peer: TestPeer): Promise<void> {
  if (peer.running !== null) {
    await peer.crash()
  }
  for (const { key } of peer.disk.records(LOG)) {
    if (key[0] === ENTRY_PREFIX) peer.disk.flipByte(LOG, key, 0)
  }
}

function founderOf(cluster: TestCluster): TestPeer {
  const [founder] = cluster.peers
  if (founder === undefined) {
    throw new Error('there is no peer')
  }
  return founder
}

function journalOf(): { readonly logger: Logger; readonly errors: string[] } {
  const errors: string[] = []
  const logger: Logger = {
    debug: () => {},
    info: () => {},
    warn: () => {},
    error: (message) => errors.push(message),
  }
  return { logger, errors }
}

describe('a founder whose log is destroyed', () => {
  it('knows from its state who the other members are, and they heal it', async () => {
    const cluster = await TestCluster.start(3)
    try {
      const founder = founderOf(cluster)
      await founder.consensus.logPin(await requestOf('kept'))
      await loseLog(founder)
      await founder.start()
      expect(votersOf(founder.status)).toBe(3)
      expect(founder.status.votingSuspended).toBe(true)
      await until(
        () => !founder.status.votingSuspended,
        () => cluster.describe(),
      )
      await founder.consensus.logPin(await requestOf('after'))
      await cluster.agreed()
      expect(await namesIn(await founder.consensus.state())).toEqual(['after', 'kept'])
    } finally {
      await cluster.stop()
    }
  })

  it('alone, says at its start that nobody can bring it up to date, and what to do; it can be read', async () => {
    const { logger, errors } = journalOf()
    const cluster = await TestCluster.start(1, { logger, limits: { leaderWaitMs: 300 } })
    try {
      const founder = founderOf(cluster)
      await founder.consensus.logPin(await requestOf('lost'))
      await loseLog(founder)
      await founder.start()
      expect(founder.status).toMatchObject({ relation: 'member', votingSuspended: true })
      expect(errors).toEqual([
        expect.stringMatching(
          /the only voter.*nobody can bring it up to date.*make a new cluster in another directory/,
        ),
      ])
      expect(await namesIn(await founder.consensus.state())).toEqual([])
    } finally {
      await cluster.stop()
    }
  })

  it('before it has ever run, refuses to start and says what to do, each time', async () => {
    const cluster = new TestCluster()
    const founder = await cluster.add({ founds: true })
    await loseLog(founder)
    for (let start = 1; start <= 2; start += 1) {
      const started: unknown = await founder.start().catch((err: unknown) => err)
      expect(started).toBeInstanceOf(CorruptError)
      expect(String(started)).toMatch(/names a member.*pinset peers rm.*pinset init/)
      founder.disk.crash()
    }
    const storage = await openStorage(founder.disk.mount())
    expect(storage.identity.clusterId).not.toBeNull()
    await storage.close()
  })
})
