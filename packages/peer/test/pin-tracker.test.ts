import { type Pin, silentLogger } from '@pinset/interface'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { PinTracker, type PinTrackerInit } from '../src/pin-tracker/pin-tracker.ts'
import { FakeConsensus } from './fakes/fake-consensus.ts'
import { FakeIpfs } from './fakes/fake-ipfs.ts'
import { pinOf } from './fakes/samples.ts'

/** Wait for a condition; the limit is only how long a failure takes to show. */
async function eventually(check: () => void | Promise<void>): Promise<void> {
  await vi.waitFor(check, { timeout: 10_000, interval: 2 })
}

describe('PinTracker', () => {
  let consensus: FakeConsensus
  let ipfs: FakeIpfs
  let tracker: PinTracker

  async function startTracker(init: Partial<PinTrackerInit> = {}): Promise<void> {
    tracker = new PinTracker(
      { consensus, ipfs, logger: silentLogger },
      { concurrency: 2, retryDelayMs: 1, isAllocatedHere: () => true, ...init },
    )
    await tracker.start()
  }

  async function statusOf(pin: Pin): Promise<string> {
    const view = await consensus.state()
    const record = await view.get(pin.cid)
    await view.close()
    return (await tracker.status(pin.cid, record)).status
  }

  beforeEach(() => {
    consensus = new FakeConsensus()
    ipfs = new FakeIpfs()
  })

  afterEach(async () => {
    await tracker.stop()
    expect(consensus.openViews, 'every view is closed').toBe(0)
    expect(consensus.listenerCount(), 'every listener is gone').toBe(0)
  })

  it('pins what is applied and unpins what is removed', async () => {
    await startTracker()
    const pin = pinOf('a')
    consensus.put(pin)
    await eventually(async () => expect(await statusOf(pin)).toBe('pinned'))
    consensus.remove(pin.cid)
    await eventually(async () => expect(await statusOf(pin)).toBe('unpinned'))
    expect(ipfs.pinned.size).toBe(0)
  })

  it('start() finds the differences that arose while the peer was away', async () => {
    const missing = pinOf('missing')
    const surplus = pinOf('surplus')
    consensus.putSilently(missing)
    ipfs.pinned.set(surplus.cid.toString(), { cid: surplus.cid, mode: 'recursive' })
    await startTracker()
    await eventually(() => expect([...ipfs.pinned.keys()]).toEqual([missing.cid.toString()]))
  })

  it('a snapshot that replaces the state makes another pass', async () => {
    await startTracker()
    const pin = pinOf('from the snapshot')
    consensus.putSilently(pin)
    consensus.emit('snapshot:install', { revision: 9 })
    await eventually(() => expect(ipfs.pinned.has(pin.cid.toString())).toBe(true))
  })

  it('runs no more jobs at once than its concurrency', async () => {
    ipfs.immediate = false
    await startTracker({ concurrency: 3 })
    const pins = Array.from({ length: 10 }, (_, n) => pinOf(`p${n}`))
    for (const pin of pins) consensus.put(pin)
    await eventually(() => expect(ipfs.fetching.size).toBe(3))
    while (ipfs.pinned.size < pins.length) {
      for (const fetch of ipfs.fetching.values()) fetch.finish()
      await new Promise(setImmediate)
    }
    expect(ipfs.mostFetching).toBe(3)
  })

  it('an unpin that comes while the content is being fetched ends the fetch, and nothing stays pinned', async () => {
    ipfs.immediate = false
    await startTracker()
    const pin = pinOf('a')
    consensus.put(pin)
    await eventually(() => expect(ipfs.fetching.size).toBe(1))
    consensus.remove(pin.cid)
    await eventually(() => expect(ipfs.calls.at(-1)).toBe(`unpin ${pin.cid.toString()}`))
    await eventually(async () => expect(await statusOf(pin)).toBe('unpinned'))
    expect(ipfs.pinned.size).toBe(0)
  })

  it('T1 a pin that comes back while it is being unpinned ends as pinned', async () => {
    ipfs.immediate = false
    await startTracker()
    const pin = pinOf('a')
    consensus.put(pin)
    await eventually(() => expect(ipfs.fetching.size).toBe(1))
    consensus.remove(pin.cid)
    consensus.put(pin)
    ipfs.immediate = true
    for (const fetch of ipfs.fetching.values()) fetch.finish()
    await eventually(async () => expect(await statusOf(pin)).toBe('pinned'))
  })

  it('a failure shows as an error with its text and attempts, and is tried again', async () => {
    ipfs.broken = new Error('the node is down')
    await startTracker({ retryDelayMs: 5 })
    const pin = pinOf('a')
    consensus.put(pin)
    await eventually(async () => {
      const view = await consensus.state()
      const answer = await tracker.status(pin.cid, await view.get(pin.cid))
      await view.close()
      expect(answer).toMatchObject({ status: 'pin_error', error: 'the node is down' })
      expect(answer.attemptCount).toBeGreaterThan(1)
    })
    ipfs.broken = undefined
    await eventually(async () => expect(await statusOf(pin)).toBe('pinned'))
  })

  it('recover() does not wait for the next retry', async () => {
    ipfs.broken = new Error('the node is down')
    await startTracker({ retryDelayMs: 3_600_000, maxRetryDelayMs: 3_600_000 })
    const pin = pinOf('a')
    consensus.put(pin)
    await eventually(async () => expect(await statusOf(pin)).toBe('pin_error'))
    ipfs.broken = undefined
    tracker.recover(pin.cid)
    await eventually(async () => expect(await statusOf(pin)).toBe('pinned'))
  })

  it('T3 more changes than the queue holds are all carried out', async () => {
    await startTracker({ maxJobs: 4, concurrency: 1 })
    const pins = Array.from({ length: 50 }, (_, n) => pinOf(`p${n}`))
    for (const pin of pins) consensus.put(pin)
    await eventually(() => expect(ipfs.pinned.size).toBe(pins.length))
  })

  it('a pin that belongs to other peers is remote and is not fetched', async () => {
    await startTracker({ isAllocatedHere: () => false })
    const pin = pinOf('a')
    consensus.put(pin)
    await eventually(async () => expect(await statusOf(pin)).toBe('remote'))
    expect(ipfs.pinned.size).toBe(0)
  })

  it('a pin that vanished from the IPFS node is unexpectedly unpinned, and recover() brings it back', async () => {
    await startTracker()
    const pin = pinOf('a')
    consensus.put(pin)
    await eventually(async () => expect(await statusOf(pin)).toBe('pinned'))
    ipfs.pinned.clear()
    await eventually(async () => expect(await statusOf(pin)).toBe('unexpectedly_unpinned'))
    tracker.recover(pin.cid)
    await eventually(async () => expect(await statusOf(pin)).toBe('pinned'))
  })

  it('a direct pin that becomes recursive is fetched again', async () => {
    await startTracker()
    const direct = pinOf('a', { mode: 'direct' })
    consensus.put(direct)
    await eventually(async () => expect(await statusOf(direct)).toBe('pinned'))
    consensus.put(pinOf('a', { mode: 'recursive' }))
    await eventually(() => expect(ipfs.pinned.get(direct.cid.toString())?.mode).toBe('recursive'))
  })

  it('unpinning() lists what is to go and has not gone', async () => {
    ipfs.broken = new Error('the node is down')
    await startTracker({ retryDelayMs: 3_600_000, maxRetryDelayMs: 3_600_000 })
    const pin = pinOf('a')
    consensus.putSilently(pin)
    consensus.remove(pin.cid)
    await eventually(async () => expect(await statusOf(pin)).toBe('unpin_error'))
    expect(tracker.unpinning(10).map(String)).toEqual([pin.cid.toString()])
    expect(tracker.unpinning(0)).toEqual([])
  })

  it('stop() ends a fetch that would never end', async () => {
    ipfs.immediate = false
    await startTracker()
    consensus.put(pinOf('a'))
    await eventually(() => expect(ipfs.fetching.size).toBe(1))
    await tracker.stop()
    expect(ipfs.fetching.size).toBe(0)
  })
})
