import { silentLogger } from '@pinset/interface'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { IpfsSiblings } from '../src/ipfs-siblings.ts'
import { INFO, type PeerAnswer } from '../src/peer-rpc.ts'
import { FakeConsensus } from './fakes/fake-consensus.ts'
import { FakeIpfs } from './fakes/fake-ipfs.ts'
import { FakeRpc } from './fakes/fake-rpc.ts'
import { memberOf } from './fakes/samples.ts'

const [a, b, c] = [memberOf('a'), memberOf('b'), memberOf('c')]
const SETTLED_MS = 30_000
const SEARCHING_MS = 1_000

function withIpfs(...addresses: string[]): PeerAnswer {
  return { name: '', addresses: [], version: '1', ipfs: { id: 'ipfs', addresses }, ipfsError: '' }
}

const WITHOUT_IPFS: PeerAnswer = { ...withIpfs(), ipfs: null, ipfsError: 'it starts' }

describe('IpfsSiblings', () => {
  let consensus: FakeConsensus
  let rpc: FakeRpc
  let ipfs: FakeIpfs
  let siblings: IpfsSiblings

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    consensus = new FakeConsensus()
    consensus.members.push(a, b, c)
    rpc = new FakeRpc()
    ipfs = new FakeIpfs()
    rpc.answer(b.peerId, INFO, () => withIpfs('/b/1', '/b/2'))
    rpc.answer(c.peerId, INFO, () => withIpfs('/c/1'))
    siblings = new IpfsSiblings({ consensus, rpc, ipfs, logger: silentLogger }, { ownPeerId: a.peerId })
  })

  afterEach(async () => {
    await siblings.stop()
    vi.useRealTimers()
    expect(consensus.listenerCount(), 'every listener is gone').toBe(0)
  })

  function changeMembers(...members: (typeof a)[]): void {
    consensus.members.splice(0, Infinity, ...members)
    consensus.emit('membership:change', { index: 2, membership: { members } })
  }

  /** Let pass what needs no timer. */
  async function settle(): Promise<void> {
    await vi.advanceTimersByTimeAsync(0)
  }

  it('start() gives the addresses of all others to the IPFS node, and asks itself nothing', async () => {
    await siblings.start()
    await settle()

    expect(ipfs.siblings).toEqual(['/b/1', '/b/2', '/c/1'])
    expect(rpc.calls).toEqual([`${b.peerId} ${INFO.name}`, `${c.peerId} ${INFO.name}`])
  })

  it('a member that does not answer is asked again soon, and the others are known meanwhile', async () => {
    rpc.answer(b.peerId, INFO, () => {
      throw new Error('peer-b cannot be reached')
    })
    await siblings.start()
    await settle()
    const before = ipfs.siblings
    rpc.answer(b.peerId, INFO, () => withIpfs('/b/1'))
    await vi.advanceTimersByTimeAsync(SEARCHING_MS)

    expect(before).toEqual(['/c/1'])
    expect(ipfs.siblings.toSorted()).toEqual(['/b/1', '/c/1'])
  })

  it('a member whose IPFS node does not run yet is asked again soon', async () => {
    rpc.answer(c.peerId, INFO, () => WITHOUT_IPFS)
    await siblings.start()
    await settle()
    const before = ipfs.siblings
    rpc.answer(c.peerId, INFO, () => withIpfs('/c/1'))
    await vi.advanceTimersByTimeAsync(SEARCHING_MS)

    expect(before).toEqual(['/b/1', '/b/2'])
    expect(ipfs.siblings).toContain('/c/1')
  })

  it('once all have answered they are asked again later, and their new addresses are taken', async () => {
    await siblings.start()
    await settle()
    rpc.answer(c.peerId, INFO, () => withIpfs('/c/new'))
    await vi.advanceTimersByTimeAsync(SETTLED_MS - 1)
    const before = rpc.calls.length
    await vi.advanceTimersByTimeAsync(1)

    expect(before).toBe(2)
    expect(ipfs.siblings).toEqual(['/b/1', '/b/2', '/c/new'])
  })

  it('what a member told stays known while it does not answer', async () => {
    await siblings.start()
    await settle()
    rpc.answer(c.peerId, INFO, () => {
      throw new Error('peer-c restarts')
    })
    await vi.advanceTimersByTimeAsync(SETTLED_MS)

    expect(rpc.calls).toHaveLength(4)
    expect(ipfs.siblings).toContain('/c/1')
  })

  it('a change of the membership is followed at once: the new one is asked, the removed one forgotten', async () => {
    const d = memberOf('d')
    rpc.answer(d.peerId, INFO, () => withIpfs('/d/1'))
    await siblings.start()
    await settle()
    changeMembers(a, b, d)
    await settle()

    expect(ipfs.siblings).toEqual(['/b/1', '/b/2', '/d/1'])
  })

  it('a change of the membership in the middle of a round is not lost', async () => {
    const d = memberOf('d')
    rpc.answer(d.peerId, INFO, () => withIpfs('/d/1'))
    const slow = Promise.withResolvers<PeerAnswer>()
    rpc.answer(c.peerId, INFO, async () => await slow.promise)
    await siblings.start()
    await settle()
    changeMembers(a, b, c, d)
    slow.resolve(withIpfs('/c/1'))
    await settle()

    expect(ipfs.siblings).toEqual(['/b/1', '/b/2', '/c/1', '/d/1'])
  })

  it('stop() ends a round that waits for an answer, and gives nothing to the IPFS node afterwards', async () => {
    rpc.answer(b.peerId, INFO, async () => await new Promise<never>(() => undefined))
    ipfs.setSiblings(['/before'])
    await siblings.start()
    await settle()
    await siblings.stop()

    expect(rpc.calls).toHaveLength(2)
    expect(ipfs.siblings).toEqual(['/before'])
  })
})
