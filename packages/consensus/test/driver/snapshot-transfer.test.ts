import {
  CorruptError,
  PeerUnreachableError,
  silentLogger,
  type PeerId,
  type Row,
  type StateReceiver,
} from '@pinset/interface'
import type { Input, InstallSnapshot, SnapshotAnswer, SnapshotMeta, SnapshotSink } from '@pinset/raft'
import { describe, expect, it } from 'vitest'

import { SnapshotReception } from '../../src/driver/snapshot-reception.ts'
import { SnapshotSender, toSnapshotMeta } from '../../src/driver/snapshot-sender.ts'
import { encodeSnapshot, SnapshotVerifier } from '../../src/snapshot/index.ts'
import { MachineBench } from '../fakes/machine-bench.ts'
import { envelope, pinOp } from '../fakes/samples.ts'
import { microtasks } from '../support/manual-scheduler.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

function benchWithPins(): MachineBench {
  const bench = new MachineBench()
  bench.members()
  for (let batch = 0; batch < 8; batch += 1) {
    bench.run(
      ...Array.from({ length: 100 }, (_, at) =>
        pinOp(batch * 100 + at, envelope(batch * 100 + at + 1, { lowWater: batch * 100 })),
      ),
    )
  }
  return bench
}

const offer = (snapshot: SnapshotMeta): InstallSnapshot => ({
  kind: 'installSnapshot',
  from: 'a',
  to: 'b',
  term: 1,
  snapshot,
})

function must<Value>(value: Value | undefined): Value {
  if (value === undefined) {
    throw new Error('there is none')
  }
  return value
}

function setUpReceiver() {
  const clock = new VirtualClock()
  const inputs: Input[] = []
  const receivers: { rows: Row[]; state: 'open' | 'finished' | 'aborted' }[] = []
  const slow = { finish: Promise.resolve() }
  const receiveState = async (): Promise<StateReceiver> => {
    const received: (typeof receivers)[number] = { rows: [], state: 'open' }
    receivers.push(received)
    return {
      stateNumber: receivers.length,
      write: async (rows) => void received.rows.push(...rows),
      finish: async () => {
        await slow.finish
        received.state = 'finished'
      },
      abort: async () => void (received.state = 'aborted'),
    }
  }
  const reception = new SnapshotReception(
    {
      receiveState,
      createVerifier: (snapshot) => new SnapshotVerifier(snapshot),
      clock,
      logger: silentLogger,
      input: (input) => inputs.push(input),
    },
    1_000,
  )
  const accept = async (message: InstallSnapshot, accepted = true): Promise<SnapshotAnswer> => {
    const answer = reception.offer(message)
    reception.answered(message, accepted)
    return await answer
  }
  const accepted = async (message: InstallSnapshot): Promise<{ resumeAfter: Uint8Array; sink: SnapshotSink }> => {
    const answer = await accept(message)
    if (answer.kind === 'refused') {
      throw new Error(answer.reason)
    }
    return answer
  }
  const reports = () => inputs.flatMap(({ kind }) => (kind.startsWith('snapshot') ? [kind] : []))
  return { clock, inputs, receivers, slow, reception, accept, accepted, reports }
}

describe('SnapshotReception', () => {
  it('offer() is refused when the core does not take it', async () => {
    const { accept, receivers, reports } = setUpReceiver()
    const bench = new MachineBench()
    expect((await accept(offer(toSnapshotMeta(bench.store.meta, 'x')), false)).kind).toBe('refused')
    expect(receivers).toEqual([])
    expect(reports()).toEqual([])
  })

  it('a broken stream goes on after the last chunk, and all rows are there once', async () => {
    const { accepted, receivers, reports } = setUpReceiver()
    const bench = benchWithPins()
    const snapshot = await bench.store.snapshot()
    const message = offer(toSnapshotMeta(snapshot.meta, 'x'))
    const first = await accepted(message)
    let sent = 0
    for await (const chunk of encodeSnapshot(snapshot, 'x', first.resumeAfter)) {
      await first.sink.write(chunk)
      sent += 1
      if (sent === 1) {
        break
      }
    }
    first.sink.abort(new Error('broken'))
    expect(reports()).toEqual(['snapshotReceiveFailed'])

    const second = await accepted(message)
    expect(second.resumeAfter.length).toBeGreaterThan(0)
    await expect(first.sink.write(new Uint8Array(1))).rejects.toThrow('replaced')
    for await (const chunk of encodeSnapshot(snapshot, 'x', second.resumeAfter)) {
      await second.sink.write(chunk)
    }
    await second.sink.end()
    expect(reports()).toEqual(['snapshotReceiveFailed', 'snapshotReceived'])
    expect(receivers).toHaveLength(1)
    expect(receivers[0]?.state).toBe('finished')
    expect(receivers[0]?.rows).toHaveLength(bench.store.ordered().length)
  })

  it('a stream that breaks off while its state is being finished is not received as well: the next one begins anew', async () => {
    const { accepted, receivers, slow, reports } = setUpReceiver()
    const snapshot = await benchWithPins().store.snapshot()
    const message = offer(toSnapshotMeta(snapshot.meta, 'x'))
    const bring = async (sink: SnapshotSink): Promise<void> => {
      for await (const chunk of encodeSnapshot(snapshot, 'x', new Uint8Array(0))) {
        await sink.write(chunk)
      }
    }
    const finish = Promise.withResolvers<void>()
    slow.finish = finish.promise
    const first = await accepted(message)
    await bring(first.sink)
    const ended = first.sink.end()
    first.sink.abort(new Error('broken'))
    const again = accepted(message)
    finish.resolve()
    await expect(ended).rejects.toThrow('broke off')
    const second = await again
    expect(second.resumeAfter).toEqual(new Uint8Array(0))
    expect(reports()).toEqual(['snapshotReceiveFailed'])
    await bring(second.sink)
    await second.sink.end()
    expect(reports()).toEqual(['snapshotReceiveFailed', 'snapshotReceived'])
    expect(receivers.at(-1)?.state).toBe('finished')
  })

  it('a stream for a snapshot that was received before the core has heard of it deletes nothing, and is refused', async () => {
    const { accepted, receivers, slow, reports, reception } = setUpReceiver()
    const snapshot = await benchWithPins().store.snapshot()
    const message = offer(toSnapshotMeta(snapshot.meta, 'x'))
    const finish = Promise.withResolvers<void>()
    slow.finish = finish.promise
    const first = await accepted(message)
    for await (const chunk of encodeSnapshot(snapshot, 'x', first.resumeAfter)) {
      await first.sink.write(chunk)
    }
    const ended = first.sink.end()
    const second = { ...message }
    const again = reception.offer(second)
    finish.resolve()
    await ended
    reception.answered(second, true)
    expect((await again).kind).toBe('refused')
    expect(reports()).toEqual(['snapshotReceived'])
    expect(receivers.map(({ state }) => state)).toEqual(['finished'])
    // The core has heard of it before it takes this one: it had no use for it then.
    expect((await accepted(message)).resumeAfter).toEqual(new Uint8Array(0))
  })

  it('a damaged chunk is refused, reported, and never resumed', async () => {
    const { accepted, receivers, reports, clock } = setUpReceiver()
    const snapshot = await benchWithPins().store.snapshot()
    const message = offer(toSnapshotMeta(snapshot.meta, 'x'))
    const { sink } = await accepted(message)
    for await (const chunk of encodeSnapshot(snapshot, 'x', new Uint8Array(0))) {
      chunk[chunk.length >> 1] = (chunk[chunk.length >> 1] ?? 0) ^ 1
      await expect(sink.write(chunk)).rejects.toBeInstanceOf(CorruptError)
      break
    }
    sink.abort(new Error('refused'))
    expect(reports()).toEqual(['snapshotReceiveFailed'])
    clock.advance(1)
    await microtasks()
    expect(receivers[0]?.state).toBe('aborted')
    expect((await accepted(message)).resumeAfter).toEqual(new Uint8Array(0))
  })

  it('end() without all chunks fails and says so', async () => {
    const { accepted, reports } = setUpReceiver()
    const snapshot = await benchWithPins().store.snapshot()
    const { sink } = await accepted(offer(toSnapshotMeta(snapshot.meta, 'x')))
    await expect(sink.end()).rejects.toThrow('without its meta data')
    expect(reports()).toEqual(['snapshotReceiveFailed'])
  })

  it('another snapshot replaces a broken one, whose rows are deleted', async () => {
    const { accepted, receivers } = setUpReceiver()
    const snapshot = await benchWithPins().store.snapshot()
    const { sink } = await accepted(offer(toSnapshotMeta(snapshot.meta, 'x')))
    sink.abort(new Error('broken'))
    await accepted(offer(toSnapshotMeta(snapshot.meta, 'y')))
    expect(receivers.map(({ state }) => state)).toEqual(['aborted', 'open'])
  })

  it('what is not resumed in time is deleted', async () => {
    const { accepted, receivers, clock } = setUpReceiver()
    const snapshot = await benchWithPins().store.snapshot()
    const { sink } = await accepted(offer(toSnapshotMeta(snapshot.meta, 'x')))
    sink.abort(new Error('broken'))
    clock.advance(1_000)
    await microtasks()
    expect(receivers[0]?.state).toBe('aborted')
  })
})

function setUpSender() {
  const clock = new VirtualClock()
  const inputs: Input[] = []
  const transfers: { message: InstallSnapshot; settle: (result: 'received' | 'broken') => void }[] = []
  const handles = { opened: 0, closed: 0 }
  const bench = benchWithPins()
  const sender = new SnapshotSender(
    {
      openSnapshot: async () => {
        handles.opened += 1
        const snapshot = await bench.store.snapshot()
        const close = async (): Promise<void> => void (handles.closed += 1)
        return Object.assign(Object.create(snapshot) as typeof snapshot, { meta: snapshot.meta, close })
      },
      encodeChunks: encodeSnapshot,
      raftTransport: {
        sendSnapshot: (message) =>
          new Promise((resolve, reject) => {
            transfers.push({
              message,
              settle: (result) =>
                result === 'received'
                  ? resolve({ kind: 'received' })
                  : reject(new PeerUnreachableError('broken', 'b' as PeerId)),
            })
          }),
      },
      clock,
      logger: silentLogger,
      random: () => 0.5,
      input: (input) => inputs.push(input),
    },
    { id: 'a', holdMs: 1_000 },
  )
  const opened = () => inputs.flatMap((input) => (input.kind === 'snapshotOpened' ? [input.snapshot] : []))
  const sent = () => inputs.flatMap((input) => (input.kind === 'snapshotSent' ? [input.received] : []))
  return { clock, sender, transfers, handles, opened, sent }
}

describe('SnapshotSender', () => {
  it('a broken transfer goes on with the same snapshot, and the log is kept as long', async () => {
    const { sender, transfers, handles, opened, sent } = setUpSender()
    sender.needed('b')
    await microtasks()
    const [first] = opened()
    expect(sender.floorIndex).toBe(first?.index)
    sender.send(offer(must(first)))
    transfers[0]?.settle('broken')
    await microtasks()
    expect(sent()).toEqual([false])
    sender.needed('b')
    expect(opened().map(({ id }) => id)).toEqual([first?.id, first?.id])
    sender.send(offer(must(first)))
    transfers[1]?.settle('received')
    await microtasks()
    expect(sent()).toEqual([false, true])
    expect(handles).toEqual({ opened: 1, closed: 1 })
    expect(sender.floorIndex).toBe(Infinity)
  })

  it('what the core did not send when it was offered is closed, and a fresh one is opened', async () => {
    const { sender, handles, opened } = setUpSender()
    sender.needed('b')
    await microtasks()
    sender.needed('b')
    await microtasks()
    expect(handles).toEqual({ opened: 2, closed: 1 })
    expect(opened()).toHaveLength(2)
  })

  it('what is still being opened when everything is released is closed, and holds back nothing', async () => {
    const { sender, handles, opened, sent } = setUpSender()
    sender.needed('b')
    sender.releaseAll()
    await microtasks()
    expect(handles).toEqual({ opened: 1, closed: 1 })
    expect(sender.floorIndex).toBe(Infinity)
    expect(opened()).toEqual([])
    expect(sent()).toEqual([false])
    sender.needed('b')
    sender.releaseAll()
    sender.needed('b') // It leads again before the first is open.
    await microtasks()
    expect(handles).toEqual({ opened: 3, closed: 2 })
    expect(opened()).toHaveLength(1)
    expect(sent()).toEqual([false])
  })

  it('a handle without progress is closed when its time is up, and at stop()', async () => {
    const { clock, sender, handles, transfers, opened } = setUpSender()
    sender.needed('b')
    await microtasks()
    clock.advance(1_000)
    await microtasks()
    expect(handles.closed).toBe(1)
    sender.needed('b')
    await microtasks()
    sender.send(offer(must(opened().at(-1))))
    const stopped = sender.stop()
    transfers[0]?.settle('broken')
    await stopped
    await sender.stop()
    expect(handles).toEqual({ opened: 2, closed: 2 })
  })
})
