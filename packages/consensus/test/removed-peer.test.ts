/** What a peer that was removed does when it is needed again: it may have been added and promoted before it has read so. */
import { silentLogger, type Member, type PeerId } from '@pinset/interface'
import type { Message, RaftTransport, RaftTransportHandler } from '@pinset/raft'
import { createStorage, MemoryDisk, openStorage } from '@pinset/storage'
import { describe, expect, it } from 'vitest'

import { createConsensus, encodeMembershipEntry, OPERATION_VERSION, type PinsetConsensus } from '../src/index.ts'
import { microtasks } from './support/manual-scheduler.ts'
import { VirtualClock } from './support/virtual-clock.ts'

const self = '12D3KooWself' as PeerId
const leader = '12D3KooWleader' as PeerId

function voter(peerId: PeerId): Member {
  return {
    peerId,
    storageId: `storage-${peerId}`,
    name: peerId,
    addresses: [`/memory/${peerId}/p2p/${peerId}`],
    suffrage: 'voter',
    wanted: 'voter',
    supportedVersion: OPERATION_VERSION,
  }
}

function membership(op: 'add-peer' | 'rm-peer', ...members: Member[]): Uint8Array {
  return encodeMembershipEntry({
    version: OPERATION_VERSION,
    next: { members: members.sort((a, b) => (a.peerId < b.peerId ? -1 : 1)) },
    cause: {
      op,
      subject: self,
      requestId: { peerId: leader, storageId: 's', serial: 1, lowWater: 0 },
      actor: '',
      timeMs: 1_800_000_000_000,
    },
    nonce: new Uint8Array(op === 'add-peer' ? 32 : 0),
  })
}

class Wire implements RaftTransport {
  readonly sent: Message[] = []
  handler: RaftTransportHandler | null = null
  setHandler(handler: RaftTransportHandler): void {
    this.handler = handler
  }
  send(message: Message): void {
    this.sent.push(message)
  }
  sendSnapshot(): Promise<never> {
    return Promise.reject(new Error('nobody asks for a snapshot'))
  }
}

async function start(clock: VirtualClock, wire: Wire): Promise<PinsetConsensus> {
  const disk = new MemoryDisk()
  await createStorage(disk.mount(), {
    storageId: `storage-${self}`,
    cluster: {
      clusterId: 'c'.repeat(64),
      epoch: 1,
      entry: { term: 1, index: 1, kind: 'membership', data: membership('add-peer', voter(self), voter(leader)) },
    },
  })
  const consensus = createConsensus(
    {
      storage: await openStorage(disk.mount()),
      raftTransport: wire,
      rpc: {
        call: () => new Promise(() => {}),
        callAddress: () => new Promise(() => {}),
        handle: () => () => {},
      },
      dialer: { setPeers: () => {}, sinceHeardMs: () => null, listenAddresses: () => [] },
      clock,
      scheduler: { schedule: (task) => void clock.setTimer(0, task) },
      logger: silentLogger,
      prepare: { pin: (request, { nowMs }) => ({ ...request, allocations: [], timestampMs: nowMs }) },
    },
    { peerId: self, name: 'self', addresses: [], random: () => 0.5 },
  )
  await consensus.start()
  return consensus
}

describe('a peer that was removed', () => {
  it('lets go of a leader that is silent, and gives its vote, without ever asking for one', async () => {
    const clock = new VirtualClock()
    const wire = new Wire()
    const consensus = await start(clock, wire)
    const pass = async (ms: number): Promise<void> => {
      for (let passed = 0; passed < ms; passed += 10) {
        clock.advance(10)
        await microtasks()
      }
    }
    wire.handler?.onMessage({
      kind: 'appendEntries',
      from: leader,
      to: self,
      term: 1,
      prev: { term: 1, index: 1 },
      entries: [{ term: 1, index: 2, kind: 'membership', data: membership('rm-peer', voter(leader)) }],
      commitIndex: 2,
      readRound: 0,
    })
    await pass(200)
    expect(consensus.status()).toMatchObject({ relation: 'removed', leader })

    await pass(5_000)
    expect(wire.sent.filter(({ kind }) => kind === 'preVote' || kind === 'requestVote')).toEqual([])
    wire.handler?.onMessage({
      kind: 'preVote',
      from: leader,
      to: self,
      term: 2,
      last: { term: 1, index: 4 },
      transfer: false,
    })
    await pass(50)
    expect(wire.sent.at(-1)).toEqual({ kind: 'preVoteResponse', from: self, to: leader, term: 2, granted: true })
    void consensus.stop()
  })
})
