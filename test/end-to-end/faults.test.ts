import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { cidOf, type TestPeer, TestCluster, until } from './harness.ts'

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

/** What one writer knows of its CID: the last value that was acknowledged, and those after it whose fate it does not know. */
interface Register {
  readonly cid: string
  acknowledged: string
  readonly open: Set<string>
}

/** Give one CID name after name, through peer after peer, until told to stop. */
async function writeRegister(register: Register, cluster: TestCluster, signal: AbortSignal): Promise<void> {
  for (let n = 1; !signal.aborted; n += 1) {
    const name = `value-${n}`
    register.open.add(name)
    try {
      const peer = cluster.peer(1 + (n % cluster.peers.length))
      const response = await peer.fetch(`/pins/${register.cid}?name=${name}`, { method: 'POST' })
      await response.arrayBuffer()
      if (response.ok) {
        register.acknowledged = name
        register.open.clear()
      } else if (response.status === 503) {
        register.open.delete(name)
      }
    } catch {
      // The peer is gone: whether this value was taken is open.
    }
  }
}

describe('fault: kill -9, again and again (N=3, one or two at a time)', () => {
  it('every value that was acknowledged is the value, or one that came after it', async () => {
    await using cluster = await TestCluster.of(3)
    const stop = new AbortController()
    const registers = Array.from({ length: 8 }, (_, n): Register => {
      return { cid: cidOf(`register ${n}`), acknowledged: '', open: new Set() }
    })
    const writers = registers.map((register) => writeRegister(register, cluster, stop.signal))
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
        const { name } = (await (await peer.fetch(`/allocations/${cid}`)).json()) as { name: string }
        expect([acknowledged, ...open], `${cid} on ${peer.name}`).toContain(name)
      }
    }
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
