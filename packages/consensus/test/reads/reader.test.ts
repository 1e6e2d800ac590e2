import { OverloadedError, StoppedError, type PeerId, type StateSnapshot } from '@pinset/interface'
import { describe, expect, it } from 'vitest'

import { AppliedWaiters } from '../../src/driver/applied-waiters.ts'
import { LeaderWatch } from '../../src/driver/leader-watch.ts'
import { Reader } from '../../src/reads/reader.ts'
import { MemoryStateStore } from '../fakes/memory-state-store.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

/** A state whose snapshots are opened when the test says so. */
class SlowState extends MemoryStateStore {
  readonly opening: (() => void)[] = []
  readonly open = new Set<StateSnapshot>()

  override async snapshot(): Promise<StateSnapshot> {
    const snapshot = await super.snapshot()
    await new Promise<void>((resolve) => this.opening.push(resolve))
    this.open.add(snapshot)
    const close = snapshot.close.bind(snapshot)
    snapshot.close = async () => {
      this.open.delete(snapshot)
      await close()
    }
    return snapshot
  }
}

function setUp(maxViews = 2) {
  const state = new SlowState()
  const reader = new Reader(
    {
      peerId: 'peer' as PeerId,
      clock: new VirtualClock(),
      random: () => 0.5,
      driver: { readIndex: () => {} },
      leaders: new LeaderWatch(0),
      waiters: new AppliedWaiters(0),
      state: () => state,
      askLeader: () => Promise.reject(new Error('nobody leads')),
      describeQuorum: () => '',
    },
    { revisionWaitMs: 1000, leaderWaitMs: 1000, retryDelayMs: 10, maxViews },
  )
  return { reader, state }
}

const settle = () => new Promise((resolve) => setImmediate(resolve))

describe('Reader', () => {
  it('close() waits for a view that is being opened, which is closed and not given out', async () => {
    const { reader, state } = setUp()
    const view = reader.state().catch((err: unknown) => err)
    await settle()
    const closed = reader.close().then(() => expect(state.open.size).toBe(0))
    state.opening[0]?.()
    await closed
    expect(state.opening).toHaveLength(1)
    expect(await view).toBeInstanceOf(StoppedError)
  })

  it('views that are being opened count among those that are open', async () => {
    const { reader, state } = setUp(2)
    const views = [reader.state(), reader.state()]
    await settle()
    await expect(reader.state()).rejects.toBeInstanceOf(OverloadedError)
    for (const open of state.opening) open()
    for (const view of await Promise.all(views)) await view.close()
    const third = reader.state()
    await settle()
    state.opening[2]?.()
    await (await third).close()
  })

  it('a view that cannot be opened leaves its place to others', async () => {
    const { reader, state } = setUp(1)
    const snapshot = state.snapshot.bind(state)
    state.snapshot = () => Promise.reject(new Error('EIO'))
    await expect(reader.state()).rejects.toThrow('EIO')
    state.snapshot = snapshot
    const view = reader.state()
    await settle()
    state.opening[0]?.()
    await (await view).close()
  })
})
