import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { cidOf, must, type TestPeer, TestCluster, until } from './harness.ts'

async function pinSome(peer: TestPeer, label: string, count: number): Promise<string[]> {
  const cids = Array.from({ length: count }, (_, n) => cidOf(`${label} ${n}`))
  await Promise.all(
    cids.map(async (cid) => {
      const response = await peer.fetch(`/pins/${cid}`, { method: 'POST' })
      expect(response.status).toBe(200)
      await response.arrayBuffer()
    }),
  )
  return cids
}

/** Watch a newcomer become a voter. @returns the pins that it held when it was first seen as one. */
async function pinsWhenVoter(newcomer: TestPeer): Promise<Set<string>> {
  return until(`${newcomer.name} is a voter`, async () => {
    const { peerId, members } = await newcomer.cluster()
    return members.some((member) => member.peerId === peerId && member.suffrage === 'voter')
      ? newcomer.pins()
      : undefined
  })
}

describe('membership: grow and shrink (N=3 to 5 and back)', () => {
  it('a peer joins by token, another is added by address, one and then the leader are removed, and the rest go on', async () => {
    await using cluster = await TestCluster.of(3)
    const pins = await pinSome(cluster.peer(2), 'before', 300)

    // By token.
    const fourth = await cluster.add()
    const held = await pinsWhenVoter(fourth)
    expect(pins.filter((cid) => !held.has(cid))).toEqual([])
    await cluster.allVoters(4)

    // By address: it has the secret and waits.
    const secret = join(cluster.peer(1).directory, 'cluster.key')
    const fifth = await cluster.add(['--wait', '--secret', secret])
    expect((await fifth.cluster()).relation).toBe('joining')
    const [address] = fifth.runFile.addresses
    await cluster.peer(3).must('peers', 'add', address ?? '')
    const heldByFifth = await pinsWhenVoter(fifth)
    expect(pins.filter((cid) => !heldByFifth.has(cid))).toEqual([])
    await cluster.allVoters(5)
    await cluster.agree()

    // Remove a follower, then the leader.
    const removed = await cluster.follower()
    const rest = cluster.peers.filter((peer) => peer !== removed)
    const asking = rest[0] ?? fifth
    await asking.must('peers', 'rm', removed.runFile.peerId)
    await cluster.allVoters(4, rest)
    await until('the removed peer knows it', async () => (await removed.cluster()).relation === 'removed')

    const leader = await cluster.leader(rest)
    const remaining = rest.filter((peer) => peer !== leader)
    await (remaining[0] ?? fifth).must('peers', 'rm', leader.runFile.peerId)
    await cluster.allVoters(3, remaining)
    const more = await pinSome(remaining[1] ?? fifth, 'after', 50)
    await cluster.agree(remaining)
    for (const peer of remaining) {
      const all = await peer.pins()
      expect([...pins, ...more].filter((cid) => !all.has(cid))).toEqual([])
    }

    // A restart needs no flag.
    const [restarted] = remaining
    await restarted?.stop()
    await restarted?.start()
    await cluster.allVoters(3, remaining)
    await cluster.agree(remaining)
  })

  it('a cluster of one serves, and its only peer cannot be removed', async () => {
    await using cluster = await TestCluster.of(1)
    const [cid] = await pinSome(cluster.peer(1), 'alone', 1)
    expect(await cluster.peer(1).pins()).toContain(cid)
    const refused = await cluster.peer(1).cli('peers', 'rm', cluster.peer(1).runFile.peerId)
    expect(refused.code).toBe(2)
    expect(refused.stderr).toMatch(/last|only/)
    expect((await cluster.peer(1).cluster()).members).toHaveLength(1)
  })

  it('a token works from standard text and a damaged one changes nothing', async () => {
    await using cluster = await TestCluster.of(1)
    const token = (await cluster.peer(1).must('invite')).trim()
    expect(token).toMatch(/^\S+$/)
    writeFileSync(join(cluster.directory, 'token'), token)
    await expect(must(['init', '--data', cluster.directoryOf('bad'), '--join', token.slice(0, -3)])).rejects.toThrow(
      /whole line/,
    )
  })
})
