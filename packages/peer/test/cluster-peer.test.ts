import {
  type Dialer,
  type Member,
  NotAdmittedError,
  type PeerId,
  type Rpc,
  type RpcMethod,
  silentLogger,
} from '@pinset/interface'
import { describe, expect, it } from 'vitest'

import { ClusterPeer } from '../src/cluster-peer.ts'
import type { PeerAnswer } from '../src/peer-rpc.ts'
import { PinTracker } from '../src/pin-tracker/pin-tracker.ts'
import { FakeConsensus } from './fakes/fake-consensus.ts'
import { FakeIpfs } from './fakes/fake-ipfs.ts'

const SELF = '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN' as PeerId
const NEWCOMER = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp' as PeerId
const ADDRESS = `/ip4/127.0.0.1/tcp/9096/p2p/${NEWCOMER}`
const ANSWER: PeerAnswer = { name: 'fourth', addresses: [ADDRESS], version: '1', ipfs: null, ipfsError: 'stopped' }

/** Admits everybody. */
class AdmittingConsensus extends FakeConsensus {
  override async addPeer(): Promise<never> {
    this.members.push({ peerId: NEWCOMER, name: 'fourth', addresses: [ADDRESS] } as unknown as Member)
    return { peerId: NEWCOMER, revision: 1 } as never
  }
}

/** A newcomer that answers only after some refusals. */
function peerWithNewcomer(refusals: number, newcomerWaitMs = 5_000): { peer: ClusterPeer; asked: () => number } {
  let asked = 0
  const rpc: Rpc = {
    async call<Request, Response>(_peer: PeerId, _method: RpcMethod<Request, Response>): Promise<Response> {
      asked += 1
      if (asked <= refusals) throw new NotAdmittedError('cluster ids differ: (none yet), abcd')
      return ANSWER as Response
    },
    callAddress: () => Promise.reject(new Error('not asked')),
    handle: () => () => {},
  }
  const consensus = new AdmittingConsensus()
  const ipfs = new FakeIpfs()
  const tracker = new PinTracker(
    { consensus, ipfs, logger: silentLogger },
    { concurrency: 1, isAllocatedHere: () => true },
  )
  const dialer = { listenAddresses: () => [] } as unknown as Dialer
  const init = { peerId: SELF, name: 'first', secretHex: '0'.repeat(64), rpcProtocol: '/pinset/rpc/1', newcomerWaitMs }
  return { peer: new ClusterPeer({ consensus, tracker, ipfs, rpc, dialer }, init), asked: () => asked }
}

describe('ClusterPeer', () => {
  it('addPeer() asks a newcomer again that does not know its cluster yet', async () => {
    const { peer, asked } = peerWithNewcomer(2)
    expect(await peer.addPeer(ADDRESS)).toMatchObject({ id: NEWCOMER, name: 'fourth', version: '1', error: '' })
    expect(asked()).toBe(3)
  })

  it('addPeer() answers what is known when the newcomer does not answer in time: it is a member all the same', async () => {
    const { peer } = peerWithNewcomer(Number.POSITIVE_INFINITY, 20)
    expect(await peer.addPeer(ADDRESS)).toMatchObject({ id: NEWCOMER, name: 'fourth', addresses: [ADDRESS], error: '' })
  })

  it('addPeer() stops asking with the signal of the request', async () => {
    const { peer, asked } = peerWithNewcomer(Number.POSITIVE_INFINITY)
    expect(await peer.addPeer(ADDRESS, { signal: AbortSignal.abort() })).toMatchObject({ id: NEWCOMER, error: '' })
    expect(asked()).toBe(1)
  })
})
