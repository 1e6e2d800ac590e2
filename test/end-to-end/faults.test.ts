import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { checkKey } from '../linearizability/checker.ts'
import { explain } from '../linearizability/explain.ts'
import { type Operation, partitionByKey, Recorder } from '../linearizability/history.ts'
import { findRevisionOutOfOrder } from '../linearizability/revision-order.ts'
import { cidOf, type TestPeer, TestCluster, until } from './harness.ts'
import { Register } from './registers.ts'

/** Pin one CID after the other until told to stop. @returns which were acknowledged. */
function streamOfPins(peer: TestPeer, label: string): { readonly acknowledged: string[]; stop(): Promise<void> } {
  const acknowledged: string[] = []
  const going = new AbortController()
  const done = (async () => {
    for (let n = 0; !going.signal.aborted; n += 1) {
      const cid = cidOf(`${label} ${n}`)
      try {
        const response = await peer.fetch(`/pins/${cid}`, { method: 'POST' })
        if (response.ok) acknowledged.push(cid)
        await response.arrayBuffer()
      } catch {
        // The peer itself may be gone; what it did not answer was not acknowledged.
      }
    }
  })()
  return {
    acknowledged,
    stop: async () => {
      going.abort()
      await done
    },
  }
}

async function expectAllHold(peers: readonly TestPeer[], cids: readonly string[]): Promise<void> {
  for (const peer of peers) {
    const pins = await peer.pins()
    const missing = cids.filter((cid) => !pins.has(cid))
    expect(missing, `acknowledged pins that ${peer.name} has lost`).toEqual([])
  }
}

describe('fault: kill -9 (N=3)', () => {
  it('of the leader during a stream of pins through a follower: service resumes, and no acknowledged pin is lost', async () => {
    await using cluster = await TestCluster.of(3)
    const leader = await cluster.leader()
    const [follower, other] = cluster.peers.filter((peer) => peer !== leader)
    if (follower === undefined || other === undefined) throw new Error('there must be two followers')
    const stream = streamOfPins(follower, 'leader')
    await until('pins are being acknowledged', async () => stream.acknowledged.length >= 50)
    await leader.kill()
    const before = stream.acknowledged.length
    await until('pins are acknowledged again', async () => stream.acknowledged.length >= before + 50)
    await stream.stop()
    await expectAllHold([follower, other], stream.acknowledged)

    await leader.start()
    await cluster.agree()
    await expectAllHold(cluster.peers, stream.acknowledged)
  })

  it('of all three during a stream of pins: after a start without any flag everything acknowledged is there', async () => {
    await using cluster = await TestCluster.of(3)
    const stream = streamOfPins(await cluster.follower(), 'all')
    await until('pins are being acknowledged', async () => stream.acknowledged.length >= 100)
    await Promise.all(cluster.peers.map((peer) => peer.kill()))
    await stream.stop()

    await Promise.all(cluster.peers.map((peer) => peer.start()))
    await cluster.allVoters(3)
    await cluster.agree()
    await expectAllHold(cluster.peers, stream.acknowledged)
    const late = cidOf('after the crash')
    await cluster.peer(1).must('pin', 'add', late)
    await cluster.agree()
    await expectAllHold(cluster.peers, [late])
  })
})

/** Every CID by itself, and revisions across all of them. */
function expectLinearizable(operations: readonly Operation[]): void {
  const histories = partitionByKey(operations)
  expect(histories.size).toBeGreaterThan(0)
  for (const [cid, history] of histories) {
    const { kind } = checkKey(history)
    expect(kind, `${cid}: ${kind === 'not-linearizable' ? explain(history) : kind}`).toBe('linearizable')
  }
  expect(findRevisionOutOfOrder(operations)).toBeNull()
}

describe('fault: kill -9, again and again (N=3, one or two at a time)', () => {
  it('every value that was acknowledged is the value, or one that came after it; what clients saw is linearizable', async () => {
    await using cluster = await TestCluster.of(3)
    const stop = new AbortController()
    const recorder = new Recorder()
    const registers = Array.from({ length: 8 }, (_, n) => new Register(n, recorder))
    const writers = registers.map((register) => register.write(cluster, stop.signal))
    for (let kill = 0; kill < 6; kill += 1) {
      const before = registers.map(({ acknowledged }) => acknowledged)
      await until('every register has a new value', async () => {
        return registers.every(({ acknowledged }, n) => acknowledged !== before[n])
      })
      const victims = [0, 1].slice(0, 1 + (kill % 2)).map((next) => cluster.peer(1 + ((kill + next) % 3)))
      await Promise.all(victims.map((peer) => peer.kill()))
      await Promise.all(victims.map((peer) => peer.start()))
    }
    stop.abort()
    await Promise.all(writers)
    await cluster.agree()
    for (const { cid, acknowledged, open } of registers) {
      for (const peer of cluster.peers) {
        const { name = '' } = (await (await peer.fetch(`/allocations/${cid}`)).json()) as { name?: string }
        expect([acknowledged, ...open], `${cid} on ${peer.name}`).toContain(name)
      }
    }
    for (const register of registers) {
      for (const cid of register.cids) {
        for (const peer of cluster.peers) expect(await register.read(peer, cid)).toBe(true)
      }
    }
    expectLinearizable(recorder.operations)
  })
})

describe('fault: an old copy of a data directory is put back (N=3, follower)', () => {
  it('the peer says so, is brought up to date, and then takes part again', async () => {
    await using cluster = await TestCluster.of(3)
    const follower = await cluster.follower()
    await follower.stop()
    const copy = join(cluster.directory, 'copy')
    cpSync(follower.directory, copy, { recursive: true })
    await follower.start()
    await cluster.agree()
    const cids = Array.from({ length: 30 }, (_, n) => cidOf(`after the copy ${n}`))
    for (const cid of cids) expect((await follower.fetch(`/pins/${cid}`, { method: 'POST' })).status).toBe(200)
    await cluster.agree()
    await follower.stop()
    rmSync(follower.directory, { recursive: true })
    cpSync(copy, follower.directory, { recursive: true })
    await follower.start()
    await until('the peer says that it has lost something', async () =>
      follower.log.includes('an old copy of its data'),
    )
    await cluster.agree()
    await until('it votes again', async () => follower.log.includes('this peer votes again'))
    await expectAllHold(cluster.peers, cids)
  })
})

describe('stop and start (N=3)', () => {
  it('SIGTERM ends a peer with exit code 0 and takes run.json away; a restart finds its cluster', async () => {
    await using cluster = await TestCluster.of(3)
    const cid = cidOf('kept')
    await cluster.peer(2).must('pin', 'add', cid)
    for (const peer of cluster.peers) {
      expect(await peer.stop()).toBe(0)
      expect(() => peer.runFile).toThrow(/ENOENT/)
    }
    for (const peer of cluster.peers) await peer.start()
    await cluster.allVoters(3)
    await cluster.agree()
    await expectAllHold(cluster.peers, [cid])
  })
})
