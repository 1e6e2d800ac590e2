import type { GlobalPinInfo, PinStatus, StatusFilter } from '@pinset/interface'
import type { CID } from 'multiformats/cid'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { MAX_CIDS_PER_REQUEST, type PinInfoAnswer, STATUS, UNPINNING } from '../src/peer-rpc.ts'
import { PinStatusReader } from '../src/pin-status.ts'
import { FakeConsensus } from './fakes/fake-consensus.ts'
import { FakeRpc } from './fakes/fake-rpc.ts'
import { cidOf, memberOf, pinOf } from './fakes/samples.ts'

const [a, b, c] = [memberOf('a'), memberOf('b'), memberOf('c')]

function answerOf(status: PinStatus): PinInfoAnswer {
  return { status, timestampMs: 7, error: '', attemptCount: 0, ipfsPeerId: 'ipfs', ipfsAddresses: [] }
}

describe('PinStatusReader', () => {
  let consensus: FakeConsensus
  let rpc: FakeRpc
  let reader: PinStatusReader

  async function all(filter: StatusFilter = {}): Promise<GlobalPinInfo[]> {
    const infos: GlobalPinInfo[] = []
    for await (const info of reader.all(filter)) infos.push(info)
    return infos
  }

  /** The status words of one pin, in the order of the members. */
  function statuses(info: GlobalPinInfo | undefined): readonly string[] {
    return info?.peers.map(({ status }) => status) ?? []
  }

  function texts(infos: readonly GlobalPinInfo[]): readonly string[] {
    return infos.map(({ cid }) => cid.toString())
  }

  beforeEach(() => {
    consensus = new FakeConsensus()
    consensus.members.push(a, b, c)
    rpc = new FakeRpc()
    for (const { peerId } of consensus.members) {
      rpc.answer(peerId, STATUS, (cids) => cids.map(() => answerOf('pinned')))
      rpc.answer(peerId, UNPINNING, () => [])
    }
    reader = new PinStatusReader({ consensus, rpc }, { ownPeerId: a.peerId })
  })

  afterEach(() => {
    expect(consensus.openViews, 'every view is closed').toBe(0)
  })

  it('one() merges what every member says, with what the pinset says', async () => {
    const pin = pinOf('one', { name: 'the name', metadata: { key: 'value' }, allocations: [b.peerId] })
    consensus.put(pin)
    rpc.answer(b.peerId, STATUS, () => [{ ...answerOf('pinning'), progress: { blocks: 3, bytes: 99 } }])
    const info = await reader.one(pin.cid)

    expect(info).toMatchObject({ revision: 1, name: 'the name', createdMs: 1_000, metadata: { key: 'value' } })
    expect(info.allocations).toEqual([b.peerId])
    expect(info.peers.map(({ peerId, peerName, status }) => [peerId, peerName, status])).toEqual([
      [a.peerId, 'a', 'pinned'],
      [b.peerId, 'b', 'pinning'],
      [c.peerId, 'c', 'pinned'],
    ])
    expect(info.peers[1]?.progress).toEqual({ blocks: 3, bytes: 99 })
  })

  it('one() tells of a CID that is not in the pinset, too', async () => {
    rpc.answer(c.peerId, STATUS, () => [answerOf('unpin_error')])
    const info = await reader.one(cidOf('gone'))

    expect(info).toMatchObject({ name: '', allocations: [], metadata: {} })
    expect(statuses(info)).toEqual(['pinned', 'pinned', 'unpin_error'])
  })

  it('one() of a member that does not answer, or not for this CID, says so in its place', async () => {
    consensus.put(pinOf('one'))
    rpc.answer(b.peerId, STATUS, () => {
      throw new Error('peer-b has stopped')
    })
    rpc.answer(c.peerId, STATUS, () => [])
    const info = await reader.one(cidOf('one'))

    expect(statuses(info)).toEqual(['pinned', 'cluster_error', 'cluster_error'])
    expect(info.peers.map(({ error }) => error)).toEqual([
      '',
      'peer-b has stopped',
      'the peer gave no answer for this CID',
    ])
  })

  it('local asks this peer alone', async () => {
    consensus.put(pinOf('one'))
    const info = await reader.one(cidOf('one'), { local: true })
    const infos = await all({ local: true })

    expect(info.peers.map(({ peerId }) => peerId)).toEqual([a.peerId])
    expect(infos.map(({ peers }) => peers.length)).toEqual([1])
    expect(new Set(rpc.calls.map((call) => call.split(' ')[0]))).toEqual(new Set([a.peerId]))
  })

  it('all() reads the pinset page by page, each pin once and in order, with the answers at their pins', async () => {
    const count = 2 * MAX_CIDS_PER_REQUEST + 1
    const pins = Array.from({ length: count }, (_, position) => pinOf(`pin ${position}`))
    for (const pin of pins) consensus.putSilently(pin)
    const marked = (cid: CID): PinInfoAnswer => ({ ...answerOf('pinned'), error: cid.toString() })
    rpc.answer(b.peerId, STATUS, (cids) => cids.map(marked))
    const infos = await all()

    const sorted = pins.map(({ cid }) => cid).toSorted((x, y) => Buffer.compare(x.bytes, y.bytes))
    expect(texts(infos)).toEqual(sorted.map((cid) => cid.toString()))
    expect(infos.map(({ peers }) => peers[1]?.error)).toEqual(texts(infos))
    expect(rpc.calls.filter((call) => call === `${b.peerId} ${STATUS.name}`)).toHaveLength(3)
  })

  it('all() of a whole number of pages ends after the last', async () => {
    for (let position = 0; position < MAX_CIDS_PER_REQUEST; position += 1) consensus.putSilently(pinOf(`${position}`))

    expect(await all()).toHaveLength(MAX_CIDS_PER_REQUEST)
    expect(rpc.calls.filter((call) => call.endsWith(STATUS.name))).toHaveLength(3)
  })

  it('all() does not ask a member again that has failed, and says why at every pin', async () => {
    for (let position = 0; position < MAX_CIDS_PER_REQUEST + 1; position += 1)
      consensus.putSilently(pinOf(`${position}`))
    let asked = 0
    rpc.answer(b.peerId, STATUS, () => {
      asked += 1
      throw new Error('peer-b did not answer in time')
    })
    const infos = await all()

    expect(asked).toBe(1)
    expect(rpc.calls).not.toContain(`${b.peerId} ${UNPINNING.name}`)
    expect(infos.every(({ peers }) => peers[1]?.error === 'peer-b did not answer in time')).toBe(true)
    expect(new Set(infos.flatMap(({ peers }) => [peers[0]?.status, peers[2]?.status]))).toEqual(new Set(['pinned']))
  })

  it('all() asks a member again in the next listing', async () => {
    consensus.put(pinOf('one'))
    rpc.answer(b.peerId, STATUS, () => {
      throw new Error('not now')
    })
    const [before] = await all()
    rpc.answer(b.peerId, STATUS, () => [answerOf('pinned')])
    const [after] = await all()

    expect(statuses(before)).toEqual(['pinned', 'cluster_error', 'pinned'])
    expect(statuses(after)).toEqual(['pinned', 'pinned', 'pinned'])
  })

  it('all() ends with what is unpinned and still somewhere: each once, and nothing that was pinned again', async () => {
    consensus.put(pinOf('again'))
    rpc.answer(b.peerId, UNPINNING, () => [cidOf('left'), cidOf('again')])
    rpc.answer(c.peerId, UNPINNING, () => [cidOf('left')])
    rpc.answer(b.peerId, STATUS, (cids) =>
      cids.map((cid) => answerOf(cid.equals(cidOf('left')) ? 'unpin_queued' : 'pinned')),
    )
    const infos = await all()

    expect(texts(infos)).toEqual([cidOf('again').toString(), cidOf('left').toString()])
    expect(statuses(infos[1])).toEqual(['pinned', 'unpin_queued', 'pinned'])
  })

  it('all() with statuses gives the pins that have one of them on any peer, with all peers', async () => {
    for (const text of ['good', 'bad', 'worse']) consensus.put(pinOf(text))
    rpc.answer(c.peerId, STATUS, (cids) =>
      cids.map((cid) =>
        answerOf(cid.equals(cidOf('bad')) ? 'pin_error' : cid.equals(cidOf('worse')) ? 'unpin_error' : 'pinned'),
      ),
    )
    const infos = await all({ statuses: ['pin_error', 'unpin_error'] })

    expect(new Set(texts(infos))).toEqual(new Set([cidOf('bad').toString(), cidOf('worse').toString()]))
    expect(infos.map(({ peers }) => peers.length)).toEqual([3, 3])
  })

  it('all() with CIDs gives these and no others, in their order, in requests of bounded length', async () => {
    const cids = Array.from({ length: MAX_CIDS_PER_REQUEST + 2 }, (_, position) => cidOf(`asked ${position}`))
    consensus.put(pinOf('asked 0', { name: 'known' }))
    consensus.put(pinOf('not asked'))
    const infos = await all({ cids })

    expect(texts(infos)).toEqual(cids.map((cid) => cid.toString()))
    expect(infos.map(({ name }) => name).filter((name) => name !== '')).toEqual(['known'])
    expect(rpc.requests.map((request) => (request as CID[]).length).toSorted((x, y) => x - y)).toEqual([
      2, 2, 2, 128, 128, 128,
    ])
  })

  it('all() of an empty pinset gives nothing and asks nobody about it', async () => {
    expect(await all()).toEqual([])
    expect(rpc.calls.filter((call) => call.endsWith(STATUS.name))).toEqual([])
  })

  it('all() asks nobody about leftovers that are all pinned again', async () => {
    const pin = pinOf('again')
    consensus.put(pin)
    rpc.answer(b.peerId, UNPINNING, () => [pin.cid])
    await all()

    expect(rpc.calls.filter((call) => call === `${b.peerId} ${STATUS.name}`)).toHaveLength(1)
  })
})
