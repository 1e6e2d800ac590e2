import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { InvariantViolation } from '@pinset/raft'
import type { Entry } from '@pinset/raft'

import { FakeAdmission, heartbeat, until } from '../fakes.ts'
import { introduce, Lab } from './lab.ts'
import type { LabPeer, TransportAdapter } from './lab.ts'

function rounds(peer: LabPeer): number[] {
  return peer.handler.messages.flatMap((message) => (message.kind === 'heartbeat' ? [message.readRound] : []))
}

function entries(count: number, bytes: number): Entry[] {
  return Array.from({ length: count }, (_, position) => ({
    term: 1,
    index: position + 1,
    kind: 'operations',
    data: new Uint8Array(bytes).fill(position),
  }))
}

export function raftSuite(createAdapter: () => TransportAdapter): void {
  describe('Raft messages', () => {
    let lab: Lab
    beforeEach(() => {
      lab = new Lab(createAdapter())
    })
    afterEach(async () => {
      await lab.close()
    })

    it('send() delivers a message as it was, with the authenticated sender', async () => {
      const [a, b] = await lab.pair()
      const message = {
        kind: 'appendEntries',
        from: a.id,
        to: b.id,
        term: 1,
        prev: { term: 0, index: 0 },
        entries: entries(3, 5),
        commitIndex: 2,
        readRound: 7,
      } as const
      a.transport.send(message)
      await until('the message is there', () => b.handler.messages.length === 1)
      expect(b.handler.messages[0]).toEqual(message)
    })

    it('send() keeps the order, both ways at once', async () => {
      const [a, b] = await lab.pair()
      for (let round = 0; round < 500; round++) {
        a.transport.send(heartbeat(a.id, b.id, round))
        b.transport.send(heartbeat(b.id, a.id, round))
        if (round % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
      }
      await until('all are there', () => b.handler.messages.length === 500 && a.handler.messages.length === 500)
      expect(rounds(a)).toEqual(Array.from({ length: 500 }, (_, round) => round))
      expect(rounds(b)).toEqual(Array.from({ length: 500 }, (_, round) => round))
    })

    it('send() carries large appends whole and in order', async () => {
      const [a, b] = await lab.pair()
      for (let round = 0; round < 24; round++) {
        a.transport.send({
          kind: 'appendEntries',
          from: a.id,
          to: b.id,
          term: 1,
          prev: { term: 0, index: 0 },
          entries: entries(4, 64 * 1024),
          commitIndex: 0,
          readRound: round,
        })
      }
      await until('all are there', () => b.handler.messages.length === 24)
      expect(b.handler.messages.map((message) => (message.kind === 'appendEntries' ? message.readRound : -1))).toEqual(
        Array.from({ length: 24 }, (_, round) => round),
      )
      expect(b.handler.messages[23]).toMatchObject({ entries: entries(4, 64 * 1024) })
    })

    it('send() refuses loudly a message over the frame limit', async () => {
      const [a, b] = await lab.pair()
      const tooLarge = {
        kind: 'appendEntries',
        from: a.id,
        to: b.id,
        term: 1,
        prev: { term: 0, index: 0 },
        entries: entries(1, 1024 * 1024),
        commitIndex: 0,
        readRound: 0,
      } as const
      expect(() => a.transport.send(tooLarge)).toThrow(InvariantViolation)
    })

    it('send() to a peer without an address reports it unreachable', async () => {
      const a = await lab.peer('a')
      const b = await lab.peer('b')
      a.transport.send(heartbeat(a.id, b.id, 1))
      await until('it is reported', () => a.handler.unreachable.includes(b.id))
      expect(b.handler.messages).toEqual([])
    })

    it('send() reaches the other side again after its restart, without being told', async () => {
      const [a, b] = await lab.pair()
      a.transport.send(heartbeat(a.id, b.id, 1))
      await until('the first is there', () => b.handler.messages.length === 1)
      await b.transport.stop()
      await until('it is reported unreachable', () => a.handler.unreachable.includes(b.id))
      const again = await lab.peer('b')
      expect(again.id).toBe(b.id)
      let round = 2
      await until('a later one is there', () => {
        a.transport.send(heartbeat(a.id, b.id, round++))
        return again.handler.messages.length > 0
      })
      expect(again.handler.messages[0]).toMatchObject({ from: a.id, to: b.id })
    })

    it('send() answers a peer that was never set, while it is connected', async () => {
      const [a, b] = [await lab.peer('a'), await lab.peer('b')]
      a.transport.setPeers([{ peerId: b.id, addresses: b.transport.listenAddresses() }])
      a.transport.send(heartbeat(a.id, b.id, 1))
      await until('the question is there', () => b.handler.messages.length === 1)
      b.transport.send(heartbeat(b.id, a.id, 2))
      await until('the answer is there', () => a.handler.messages.length === 1)
      expect(rounds(a)).toEqual([2])
    })

    it('send() still reaches a peer that is not set any more', async () => {
      const [a, b] = await lab.pair()
      a.transport.send(heartbeat(a.id, b.id, 1))
      await until('the first is there', () => b.handler.messages.length === 1)
      a.transport.setPeers([])
      a.transport.send(heartbeat(a.id, b.id, 2))
      await until('the second is there', () => b.handler.messages.length === 2)
      expect(rounds(b)).toEqual([1, 2])
    })

    it('sinceHeardMs() stays small between two idle peers, and null for strangers', async () => {
      const [a, b] = await lab.pair()
      const stranger = await lab.peer('c')
      await until(
        'both were heard',
        () => a.transport.sinceHeardMs(b.id) !== null && b.transport.sinceHeardMs(a.id) !== null,
      )
      expect(a.transport.sinceHeardMs(stranger.id)).toBeNull()
      let worst = 0
      const end = performance.now() + 1_000
      await until('a second has gone by', () => {
        worst = Math.max(worst, a.transport.sinceHeardMs(b.id) ?? Infinity, b.transport.sinceHeardMs(a.id) ?? Infinity)
        return performance.now() > end
      })
      expect(worst).toBeLessThan(400)
      expect(a.handler.messages).toEqual([])
    })

    it('a stream of another cluster is refused on both sides, naming both, and said once', async () => {
      const other = new FakeAdmission()
      other.current = { clusterId: 'cluster-2', epoch: 1, storageId: 'storage' }
      const [a, b] = await lab.pair({}, { admission: other })
      await until('both have said so', () =>
        [a, b].every(({ logger }) => logger.matching(/cluster-1.*cluster-2|cluster-2.*cluster-1/).length > 0),
      )
      for (let round = 0; round < 20; round++) {
        a.transport.send(heartbeat(a.id, b.id, round))
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      expect(b.handler.messages).toEqual([])
      expect(b.admission.asked).toEqual([])
      expect(a.handler.unreachable).toContain(b.id)
      expect(a.transport.sinceHeardMs(b.id)).toBeNull()
      expect(a.logger.matching(/refused: cluster ids differ/).length).toBeLessThanOrEqual(2)
    })

    it('a stream of another epoch is refused, and let in once the epochs are equal', async () => {
      const other = new FakeAdmission()
      other.current = { clusterId: 'cluster-1', epoch: 2, storageId: 'storage' }
      const [a, b] = await lab.pair({}, { admission: other })
      await until('it is said', () => a.logger.matching(/epoch 1.*epoch 2|epoch 2.*epoch 1/).length > 0)
      a.admission.current = other.current
      let round = 0
      await until('a message is there', () => {
        a.transport.send(heartbeat(a.id, b.id, round++))
        return b.handler.messages.length > 0
      })
      expect(rounds(b)[0]).toBeLessThan(round)
    })

    it('a stream that is open is given up when the own identity changes', async () => {
      const [a, b] = await lab.pair()
      a.transport.send(heartbeat(a.id, b.id, 1))
      await until('the first is there', () => b.handler.messages.length === 1)
      b.admission.current = { clusterId: 'cluster-1', epoch: 2, storageId: 'storage' }
      await until('it is given up', () => a.handler.unreachable.includes(b.id))
      a.transport.send(heartbeat(a.id, b.id, 2))
      await until('it is refused', () => a.logger.matching(/epochs differ/).length > 0)
      expect(b.handler.messages).toHaveLength(1)
    })

    it('a peer that admission refuses gets nothing through, and is let in when it is a member later', async () => {
      const strict = new FakeAdmission()
      strict.members = new Set()
      const [a, b] = await lab.pair({}, { admission: strict })
      a.transport.send(heartbeat(a.id, b.id, 1))
      await until('it is refused', () => a.logger.matching(/is not a member/).length > 0)
      expect(strict.asked[0]).toEqual({ peer: a.id, storageId: 'storage' })
      expect(b.handler.messages).toEqual([])
      strict.members.add(a.id)
      let round = 2
      await until('a message is there', () => {
        a.transport.send(heartbeat(a.id, b.id, round++))
        return b.handler.messages.length > 0
      })
    })

    it('what waits for a database does not reach another one that has taken its place', async () => {
      const [a, b] = await lab.pair()
      a.transport.send(heartbeat(a.id, b.id, 1))
      await until('the first is there', () => b.handler.messages.length === 1)
      await b.transport.stop()
      const admitted = Promise.withResolvers<{ kind: 'admitted' }>()
      const admission = new FakeAdmission()
      admission.current = { ...admission.current, storageId: 'storage-2' }
      admission.answer = () => admitted.promise
      const wiped = await lab.peer('b', { admission })
      await until('it is asked for', () => {
        a.transport.send(heartbeat(a.id, wiped.id, 2))
        return admission.asked.length > 0
      })
      a.handler.unreachable.length = 0
      a.transport.send(heartbeat(a.id, wiped.id, 3))
      admitted.resolve({ kind: 'admitted' })
      await until('it is said that they are lost', () => a.handler.unreachable.includes(wiped.id))
      a.transport.send(heartbeat(a.id, wiped.id, 4))
      await until('one is there', () => wiped.handler.messages.length > 0)
      expect(rounds(wiped)).toEqual([4])
    })

    it('messages wait while admission asks others', async () => {
      const slow = new FakeAdmission()
      const gate = Promise.withResolvers<void>()
      slow.answer = async () => {
        await gate.promise
        return { kind: 'admitted' }
      }
      const [a, b] = await lab.pair({}, { admission: slow })
      for (let round = 0; round < 100; round++) a.transport.send(heartbeat(a.id, b.id, round))
      await until('it is asked', () => slow.asked.length > 0)
      expect(b.handler.messages).toEqual([])
      gate.resolve()
      await until('all are there', () => b.handler.messages.length === 100)
      expect(rounds(b)).toEqual(Array.from({ length: 100 }, (_, round) => round))
    })

    it('an overflow drops the backlog whole and reports it, and later messages get through', async () => {
      const slow = new FakeAdmission()
      const gate = Promise.withResolvers<void>()
      slow.answer = async () => {
        await gate.promise
        return { kind: 'admitted' }
      }
      const [a, b] = await lab.pair({ limits: { outboxFrames: 50 } }, { admission: slow })
      await until('it is asked', () => slow.asked.length > 0)
      for (let round = 0; round < 51; round++) a.transport.send(heartbeat(a.id, b.id, round))
      await until('it is reported', () => a.handler.unreachable.includes(b.id))
      a.transport.send(heartbeat(a.id, b.id, 1000))
      gate.resolve()
      await until('the later one is there', () => rounds(b).includes(1000))
      expect(rounds(b)).toEqual([1000])
    })

    it('five peers that learn of each other at once all reach all', async () => {
      const peers = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => lab.peer(name)))
      introduce(...peers)
      for (const from of peers) {
        for (const to of peers) {
          if (from !== to) from.transport.send(heartbeat(from.id, to.id, 0))
        }
      }
      let round = 1
      await until('everybody has heard from everybody', () => {
        for (const from of peers) {
          for (const to of peers) {
            if (from !== to && !to.handler.messages.some((message) => message.from === from.id))
              from.transport.send(heartbeat(from.id, to.id, round))
          }
        }
        round++
        return peers.every((to) => new Set(to.handler.messages.map(({ from }) => from)).size === 4)
      })
      expect(round).toBeGreaterThan(1)
    })

    it('stop() is idempotent, and nothing arrives after it', async () => {
      const [a, b] = await lab.pair()
      await until('they are connected', () => b.transport.sinceHeardMs(a.id) !== null)
      await Promise.all([b.transport.stop(), b.transport.stop()])
      await b.transport.stop()
      const before = b.handler.messages.length + b.handler.unreachable.length
      a.transport.send(heartbeat(a.id, b.id, 1))
      b.transport.send(heartbeat(b.id, a.id, 1))
      await until('it is reported', () => a.handler.unreachable.includes(b.id))
      expect(b.handler.messages.length + b.handler.unreachable.length).toBe(before)
    })
  })
}
