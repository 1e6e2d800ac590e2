import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { NotAdmittedError, PeerUnreachableError } from '@pinset/interface'
import { StoppedError } from '@pinset/interface'
import type { AdmissionAnswer } from '@pinset/interface'

import { FakeAdmission, FakeSink, failureOf, heartbeat, installSnapshot, until } from '../fakes.ts'
import { introduce, Lab } from './lab.ts'
import type { LabPeer, TransportAdapter } from './lab.ts'

async function* chunksOf(count: number, bytes: number): AsyncGenerator<Uint8Array> {
  for (let position = 0; position < count; position++) yield new Uint8Array(bytes).fill(position)
}

function accepting(peer: LabPeer, resumeAfter: Uint8Array = new Uint8Array(0)): FakeSink {
  const sink = new FakeSink()
  peer.handler.answer = async () => ({ kind: 'accepted', resumeAfter, sink })
  return sink
}

export function snapshotSuite(createAdapter: () => TransportAdapter): void {
  describe('snapshots', () => {
    let lab: Lab
    beforeEach(() => {
      lab = new Lab(createAdapter())
    })
    afterEach(async () => {
      await lab.close()
    })

    it('sendSnapshot() hands over every chunk in order, and is done when the sink is', async () => {
      const [a, b] = await lab.pair()
      const sink = accepting(b)
      const message = installSnapshot(a.id, b.id)
      const result = await a.transport.sendSnapshot(message, () => chunksOf(40, 50_000))
      expect(result).toEqual({ kind: 'received' })
      expect(b.handler.snapshots).toEqual([message])
      expect(sink.ended).toBe(true)
      expect(sink.aborted).toBeNull()
      expect(sink.chunks.map((chunk) => chunk[0])).toEqual(Array.from({ length: 40 }, (_, position) => position))
      expect(sink.bytes).toBe(2_000_000)
    })

    it('sendSnapshot() carries chunks of 1 MiB and empty snapshots', async () => {
      const [a, b] = await lab.pair()
      const large = accepting(b)
      await a.transport.sendSnapshot(installSnapshot(a.id, b.id), () => chunksOf(3, 1024 * 1024))
      expect(large.bytes).toBe(3 * 1024 * 1024)
      const empty = accepting(b)
      await a.transport.sendSnapshot(installSnapshot(a.id, b.id), () => chunksOf(0, 0))
      expect(empty.ended).toBe(true)
    })

    it('sendSnapshot() begins where the receiver wants to resume', async () => {
      const [a, b] = await lab.pair()
      accepting(b, Uint8Array.of(9, 8, 7))
      let asked: Uint8Array | null = null
      await a.transport.sendSnapshot(installSnapshot(a.id, b.id), (resumeAfter) => {
        asked = resumeAfter
        return chunksOf(1, 10)
      })
      expect(asked).toEqual(Uint8Array.of(9, 8, 7))
    })

    it('sendSnapshot() returns the reason of a refusal, and opens no source', async () => {
      const [a, b] = await lab.pair()
      b.handler.answer = async () => ({ kind: 'refused', reason: 'it has a newer state' })
      let opened = false
      const result = await a.transport.sendSnapshot(installSnapshot(a.id, b.id), () => {
        opened = true
        return chunksOf(1, 10)
      })
      expect(result).toEqual({ kind: 'refused', reason: 'it has a newer state' })
      expect(opened).toBe(false)
    })

    it('sendSnapshot() never has more than the window on the way', async () => {
      const [a, b] = await lab.pair({ limits: { snapshotWindowBytes: 200_000 } })
      const sink = accepting(b)
      const gate = Promise.withResolvers<void>()
      sink.onWrite = async () => await gate.promise
      let given = 0
      const sending = a.transport.sendSnapshot(installSnapshot(a.id, b.id), async function* () {
        for (let position = 0; position < 20; position++) {
          given++
          yield new Uint8Array(50_000)
        }
      })
      await until('the window is full', () => given === 5)
      for (let round = 0; round < 20; round++) await new Promise((resolve) => setImmediate(resolve))
      expect(given).toBe(5)
      gate.resolve()
      expect(await sending).toEqual({ kind: 'received' })
      expect(given).toBe(20)
    })

    it('sendSnapshot() ended by its signal throws the reason, and the sink is aborted', async () => {
      const [a, b] = await lab.pair()
      const sink = accepting(b)
      const stop = new AbortController()
      const reason = new Error('another leader')
      const sending = a.transport.sendSnapshot(
        installSnapshot(a.id, b.id),
        async function* () {
          yield new Uint8Array(10)
          await until('the chunk is there', () => sink.chunks.length === 1)
          stop.abort(reason)
          await new Promise(() => undefined)
        },
        { signal: stop.signal },
      )
      expect(await failureOf(sending)).toBe(reason)
      await until('the sink is aborted', () => sink.aborted !== null)
      expect(sink.ended).toBe(false)
    })

    it('sendSnapshot() throws what its source throws, and the sink is aborted', async () => {
      const [a, b] = await lab.pair()
      const sink = accepting(b)
      const damage = new Error('the state is damaged')
      const sending = a.transport.sendSnapshot(installSnapshot(a.id, b.id), async function* () {
        yield new Uint8Array(10)
        throw damage
      })
      expect(await failureOf(sending)).toBe(damage)
      await until('the sink is aborted', () => sink.aborted !== null)
    })

    it('sendSnapshot() says why the receiver could not take it', async () => {
      const [a, b] = await lab.pair()
      const failing = accepting(b)
      failing.onWrite = async () => {
        throw new Error('no space left')
      }
      const writing = await failureOf(
        a.transport.sendSnapshot(installSnapshot(a.id, b.id), () => chunksOf(100, 50_000)),
      )
      expect(writing).toBeInstanceOf(PeerUnreachableError)
      expect(failing.aborted?.message).toMatch(/no space left/)
      const unverified = accepting(b)
      unverified.onEnd = async () => {
        throw new Error('the digest differs')
      }
      const ending = await failureOf(a.transport.sendSnapshot(installSnapshot(a.id, b.id), () => chunksOf(2, 10)))
      expect(ending.message).toMatch(/the digest differs/)
      expect(unverified.aborted?.message).toMatch(/the digest differs/)
    })

    it('sendSnapshot() waits for a slow verification longer than the stall deadline', async () => {
      const [a, b] = await lab.pair({ limits: { snapshotStallMs: 200 } })
      const sink = accepting(b)
      sink.onEnd = async () => await new Promise((resolve) => setTimeout(resolve, 600))
      expect(await a.transport.sendSnapshot(installSnapshot(a.id, b.id), () => chunksOf(2, 10))).toEqual({
        kind: 'received',
      })
    })

    it('a step that never ends breaks the stream off, and the sink is aborted', async () => {
      const [a, b] = await lab.pair({ limits: { snapshotStallMs: 200, snapshotStepMs: 500 } })
      const sink = accepting(b)
      sink.onWrite = async () => await new Promise(() => undefined)
      const failure = await failureOf(a.transport.sendSnapshot(installSnapshot(a.id, b.id), () => chunksOf(2, 10)))
      expect(failure).toBeInstanceOf(PeerUnreachableError)
      expect(sink.aborted).not.toBeNull()
    })

    it('sendSnapshot() to a receiver that stops throws PeerUnreachableError, and the sink is aborted', async () => {
      const [a, b] = await lab.pair()
      const sink = accepting(b)
      const sending = a.transport.sendSnapshot(installSnapshot(a.id, b.id), async function* () {
        for (;;) yield new Uint8Array(100_000)
      })
      const failure = failureOf(sending)
      await until('chunks arrive', () => sink.chunks.length > 3)
      await b.transport.stop()
      expect(await failure).toBeInstanceOf(PeerUnreachableError)
      expect(sink.aborted).not.toBeNull()
    })

    it('stop() of the sender ends its transfers', async () => {
      const [a, b] = await lab.pair()
      const sink = accepting(b)
      const sending = failureOf(
        a.transport.sendSnapshot(installSnapshot(a.id, b.id), async function* () {
          for (;;) yield new Uint8Array(100_000)
        }),
      )
      await until('chunks arrive', () => sink.chunks.length > 3)
      await a.transport.stop()
      expect(await sending).toBeInstanceOf(StoppedError)
      await until('the sink is aborted', () => sink.aborted !== null)
    })

    it('sendSnapshot() to a peer that does not admit this one throws NotAdmittedError', async () => {
      const strict = new FakeAdmission()
      strict.members = new Set()
      const [a, b] = await lab.pair({}, { admission: strict })
      accepting(b)
      const failure = await failureOf(a.transport.sendSnapshot(installSnapshot(a.id, b.id), () => chunksOf(1, 10)))
      expect(failure).toBeInstanceOf(NotAdmittedError)
      expect(failure.message).toMatch(/is not a member/)
      expect(b.handler.snapshots).toEqual([])
      b.admission.current = { clusterId: 'cluster-2', epoch: 1, storageId: 'storage' }
      const other = await failureOf(a.transport.sendSnapshot(installSnapshot(a.id, b.id), () => chunksOf(1, 10)))
      expect(other.message).toMatch(/cluster-1.*cluster-2|cluster-2.*cluster-1/)
    })

    it('streams that nobody has let in yet keep no snapshot away', async () => {
      const b = await lab.peer('b', { limits: { snapshotInbound: 1 } })
      const [a, strangers] = [await lab.peer('a'), [await lab.peer('s'), await lab.peer('t')]]
      introduce(a, b)
      for (const stranger of strangers) introduce(stranger, b)
      const asked = Promise.withResolvers<AdmissionAnswer>()
      b.admission.answer = async (peer) => (peer === a.id ? { kind: 'admitted' } : await asked.promise)
      const refused = strangers.map((each) =>
        failureOf(each.transport.sendSnapshot(installSnapshot(each.id, b.id), () => chunksOf(1, 10))),
      )
      await until('they have knocked', () =>
        strangers.every(({ id }) => b.admission.asked.some(({ peer }) => peer === id)),
      )
      const sink = accepting(b)
      expect(await a.transport.sendSnapshot(installSnapshot(a.id, b.id), () => chunksOf(2, 10))).toEqual({
        kind: 'received',
      })
      expect(sink.ended).toBe(true)
      asked.resolve({ kind: 'refused', reason: 'nobody knows them' })
      expect((await Promise.all(refused)).map(({ message }) => message)).toEqual([
        expect.stringMatching(/nobody knows them/),
        expect.stringMatching(/nobody knows them/),
      ])
    })

    it('sendSnapshot() is refused while as many as may be are being received', async () => {
      const b = await lab.peer('b', { limits: { snapshotInbound: 1 } })
      const [a, c] = [await lab.peer('a'), await lab.peer('c')]
      introduce(a, b)
      introduce(c, b)
      const sink = accepting(b)
      const gate = Promise.withResolvers<void>()
      sink.onEnd = async () => await gate.promise
      const first = a.transport.sendSnapshot(installSnapshot(a.id, b.id), () => chunksOf(1, 10))
      await until('the first has arrived', () => sink.chunks.length === 1)
      const second = await failureOf(c.transport.sendSnapshot(installSnapshot(c.id, b.id), () => chunksOf(1, 10)))
      expect(second.message).toMatch(/1 snapshots are being received already/)
      gate.resolve()
      expect(await first).toEqual({ kind: 'received' })
      accepting(b)
      await c.transport.sendSnapshot(installSnapshot(c.id, b.id), () => chunksOf(1, 10))
    })

    it('heartbeats do not wait behind a snapshot of 64 MiB', async () => {
      const [a, b] = await lab.pair()
      const sink = accepting(b)
      const sentMs = new Map<number, number>()
      const delays: number[] = []
      b.handler.onEach = (message) => {
        if (message.kind === 'heartbeat') delays.push(performance.now() - (sentMs.get(message.readRound) ?? 0))
      }
      let round = 0
      const beating = setInterval(() => {
        sentMs.set(round, performance.now())
        a.transport.send(heartbeat(a.id, b.id, round++))
      }, 5)
      await a.transport.sendSnapshot(installSnapshot(a.id, b.id), () => chunksOf(256, 256 * 1024))
      clearInterval(beating)
      await until('all heartbeats are there', () => delays.length === round)
      expect(sink.bytes).toBe(64 * 1024 * 1024)
      delays.sort((x, y) => x - y)
      expect(delays.length).toBeGreaterThan(5)
      expect(delays[Math.floor(delays.length / 2)]).toBeLessThan(50)
      expect(delays.at(-1)).toBeLessThan(300)
    })
  })
}
