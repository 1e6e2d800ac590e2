import type { Entry, Message, NodeId, PersistOp } from '@pinset/raft'
import { describe, expect, it } from 'vitest'

import { interleaved } from './backlog.ts'
import { Disk } from './disk.ts'
import { EventHeap } from '../event-heap.ts'
import { copyMessage, deepFreeze } from './frozen.ts'
import { decodeMembership, encodeMembership } from './membership-data.ts'
import { Network } from '../network.ts'
import { proposalData, proposalOf } from './proposal-data.ts'
import { Random } from '../random.ts'
import { bootOf, emptyBase, SimulatedLog } from '../simulated-log.ts'
import { applyEntry, emptyState } from './state-machine.ts'
import type { NetworkOptions } from './swarm.ts'

const entry = (term: number, index: number, kind: Entry['kind'] = 'operations'): Entry => ({
  term,
  index,
  kind,
  data: proposalData(index, 8),
})
const quiet = { carriedOut: () => undefined }

describe('Random', () => {
  it('gives the same sequence for a seed, another for another', () => {
    const sequence = (seed: number) => {
      const random = new Random(seed)
      return Array.from({ length: 20 }, () => random.u32())
    }
    expect(sequence(5)).toEqual(sequence(5))
    expect(sequence(5)).not.toEqual(sequence(6))
    expect(sequence(2 ** 40)).not.toEqual(sequence(0))
  })

  it('float() is uniform, exponential() has its mean', () => {
    const random = new Random(1)
    let sum = 0
    let waited = 0
    for (let i = 0; i < 20_000; i++) {
      sum += random.float()
      waited += random.exponential(1000)
    }
    expect(sum / 20_000).toBeCloseTo(0.5, 1)
    expect(waited / 20_000 / 1000).toBeCloseTo(1, 1)
  })
})

describe('EventHeap', () => {
  it('runs by time, and in the order of scheduling at one time', () => {
    const heap = new EventHeap()
    const random = new Random(3)
    const ran: [number, number][] = []
    for (let i = 0; i < 500; i++) {
      const at = random.int(20)
      heap.schedule(at, () => ran.push([at, i]))
    }
    while (heap.runNext());
    expect(ran).toHaveLength(500)
    expect(ran).toEqual(ran.toSorted(([a, i], [b, j]) => a - b || i - j))
    expect(heap.now).toBe(19)
  })
})

describe('interleaved', () => {
  it('keeps the order of each source, and mixes the sources', () => {
    const backlog = Array.from({ length: 60 }, (_, i) => ({
      source: 'abc'[i % 3] as string,
      run: () => i,
      gone: () => undefined,
    }))
    const mixed = interleaved(backlog, new Random(1))
    expect(mixed).toHaveLength(60)
    expect(mixed).not.toEqual(backlog)
    for (const source of 'abc') {
      expect(mixed.filter((item) => item.source === source)).toEqual(backlog.filter((item) => item.source === source))
    }
  })
})

describe('SimulatedLog', () => {
  const log = () =>
    new SimulatedLog(emptyBase, [entry(1, 1, 'membership'), entry(1, 2), entry(3, 3, 'membership'), entry(3, 4)])

  it('carryOut() truncates, rolls the membership back and appends', () => {
    const changed = log()
    changed.carryOut({ seq: 1, truncateFrom: 3, entries: [entry(4, 3), entry(4, 4)] })
    expect(changed.membershipAt(4).index).toBe(1)
    expect(bootOf(changed)).toMatchObject({
      lastIndex: 4,
      termRuns: [
        { term: 1, index: 1 },
        { term: 4, index: 3 },
      ],
    })
  })

  it('carryOut() compacts only to what the log holds', () => {
    const changed = log()
    const { data } = entry(3, 3)
    changed.carryOut({ seq: 1, compact: { index: 3, term: 3, membership: data, membershipIndex: 3 } })
    expect([changed.termAt(2), changed.termAt(3), changed.termAt(4), changed.lastIndex]).toEqual([undefined, 3, 3, 4])
    expect(() =>
      changed.carryOut({ seq: 2, compact: { index: 4, term: 2, membership: data, membershipIndex: 3 } }),
    ).toThrow('persist order')
    expect(() =>
      changed.carryOut({ seq: 2, compact: { index: 4, term: 3, membership: data, membershipIndex: 1 } }),
    ).toThrow('persist order')
  })

  it('carryOut() refuses a gap, a falling term and a truncation outside the log', () => {
    expect(() => log().carryOut({ seq: 1, entries: [entry(3, 6)] })).toThrow('entry 6 written directly after 4')
    expect(() => log().carryOut({ seq: 1, entries: [entry(2, 5)] })).toThrow('persist order')
    expect(() => log().carryOut({ seq: 1, truncateFrom: 5 })).toThrow('truncation from 5')
  })
})

describe('Disk', () => {
  const ops = (...seqs: number[]): PersistOp[] => seqs.map((seq) => ({ seq, entries: [entry(1, seq)] }))

  it('complete() makes one write of all that waited durable', () => {
    const disk = new Disk()
    disk.enqueue(ops(1, 2))
    expect(disk.begin()).toBe(true)
    disk.enqueue(ops(3))
    expect(disk.begin()).toBe(false)
    expect(disk.log.lastIndex).toBe(0)
    expect(disk.complete(quiet)).toBe(2)
    expect(disk.log.lastIndex).toBe(2)
    expect(disk.begin()).toBe(true)
  })

  it('crash() keeps each prefix of what waited for some seed, and nothing else', () => {
    const survived = new Set<number>()
    for (let seed = 0; seed < 100; seed++) {
      const disk = new Disk()
      disk.enqueue(ops(1, 2))
      disk.begin()
      disk.enqueue(ops(3))
      disk.crash(new Random(seed), quiet)
      expect(disk.idle).toBe(true)
      survived.add(disk.boot().lastIndex)
    }
    expect([...survived].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3])
  })

  it('crash() keeps exactly as much as it is told', () => {
    for (const survivors of [0, 1, 2, 3]) {
      const disk = new Disk()
      disk.enqueue(ops(1, 2))
      disk.begin()
      disk.enqueue(ops(3))
      expect(disk.crash(new Random(1), quiet, survivors)).toBe(3 - survivors)
      expect([disk.log.lastIndex, disk.carriedOut]).toEqual([survivors, survivors])
    }
  })

  it('fail() without a mark leaves the next start as after a crash', () => {
    const disk = new Disk()
    disk.enqueue(ops(1, 2))
    disk.begin()
    disk.fail(1, false, quiet)
    disk.crash(new Random(1), quiet)
    expect(disk.boot()).toMatchObject({ votingSuspended: false, lastIndex: 1 })
  })

  it('fail() writes nothing more and suspends the next start', () => {
    const disk = new Disk()
    disk.enqueue(ops(1))
    disk.begin()
    disk.fail(1, true, quiet)
    disk.enqueue(ops(2))
    expect(disk.begin()).toBe(false)
    disk.crash(new Random(1), quiet)
    expect(disk.boot().votingSuspended).toBe(true)
  })

  it('refuses to compact beyond the durable state, to install what was not received, and numbers that fall', () => {
    const disk = new Disk()
    disk.enqueue([...ops(1), { seq: 2, compact: { ...emptyBase, index: 1, term: 1 } }])
    disk.begin()
    expect(() => disk.complete(quiet)).toThrow('compaction to 1, the durable state is at 0')
    const other = new Disk()
    other.enqueue([
      { seq: 1, installSnapshot: { snapshot: { ...emptyBase, index: 3, term: 1, id: 's' }, keepEntries: false } },
    ])
    other.begin()
    expect(() => other.complete(quiet)).toThrow('which was not received')
    expect(() => other.enqueue(ops(1))).toThrow('operation 1 after 1')
  })
})

describe('Network', () => {
  const good: NetworkOptions = { delayMin: 10, delayMean: 1000, loss: 0, lossReported: 0, duplicate: 0, reorder: 0 }
  const message = (term: number, from: NodeId = 'a', to: NodeId = 'b'): Message => ({
    kind: 'heartbeatResponse',
    from,
    to,
    term,
    readRound: 0,
  })

  function build(options: Partial<NetworkOptions>, nodes = ['a', 'b']) {
    const heap = new EventHeap()
    const arrived: number[] = []
    const unreachable: string[] = []
    const host = {
      get now() {
        return heap.now
      },
      schedule: (delay: number, run: () => void) => heap.schedule(delay, run),
      deliver: ({ term }: Message) => arrived.push(term),
      reportUnreachable: (reporter: NodeId, node: NodeId) => unreachable.push(`${reporter}-${node}`),
      count: () => undefined,
    }
    const network = new Network(host, new Random(7), nodes, { ...good, ...options })
    const run = () => {
      while (heap.runNext());
    }
    return { network, arrived, unreachable, run }
  }

  const numbers = Array.from({ length: 50 }, (_, i) => i + 1)

  it('keeps the order of a link', () => {
    const { network, arrived, run } = build({})
    numbers.forEach((term) => network.send(message(term)))
    run()
    expect(arrived).toEqual(numbers)
  })

  it('reorders, duplicates and loses when the seed says so, and reports losses', () => {
    const reordering = build({ reorder: 0.5 })
    numbers.forEach((term) => reordering.network.send(message(term)))
    reordering.run()
    expect(reordering.arrived).not.toEqual(numbers)
    expect(reordering.arrived.toSorted((a, b) => a - b)).toEqual(numbers)

    const bad = build({ loss: 0.3, lossReported: 1, duplicate: 0.3 })
    numbers.forEach((term) => bad.network.send(message(term)))
    bad.run()
    expect(new Set(bad.arrived).size).toBe(50 - bad.unreachable.length)
    expect(bad.unreachable.length).toBeGreaterThan(0)
    expect(bad.arrived.length).toBeGreaterThan(new Set(bad.arrived).size)
  })

  it('an asymmetric partition blocks one direction only; heal() opens everything', () => {
    const { network, arrived, run } = build({})
    network.partition('isolate-one', false, 'a', new Random(1))
    network.send(message(1, 'a', 'b'))
    network.send(message(2, 'b', 'a'))
    run()
    expect(arrived).toHaveLength(1)
    expect(network.isOpen('a', 'b')).toBe(false)
    network.heal()
    expect(network.isOpen('a', 'b')).toBe(true)
  })

  it('reset() loses what was in flight and reports it; clog() only delays', () => {
    const { network, arrived, unreachable, run } = build({}, ['a'])
    network.send(message(1, 'a', 'a'))
    network.reset(new Random(1))
    network.send(message(2, 'a', 'a'))
    network.clog(1_000_000, new Random(1))
    network.send(message(3, 'a', 'a'))
    run()
    expect(arrived.filter((term) => term !== 2)).toEqual([3])
    expect(unreachable[0]).toBe('a-a')
  })
})

describe('state machine, proposals, memberships, sharing', () => {
  it('applyEntry() makes the head depend on term, index and every byte', () => {
    const heads = [
      entry(1, 1),
      entry(2, 1),
      { ...entry(1, 1), data: proposalData(1, 9) },
      { ...entry(1, 1), data: proposalData(2, 8) },
    ].map((applied) => applyEntry(emptyState, applied).head)
    expect(new Set(heads).size).toBe(4)
    expect(heads.every((head) => Number.isSafeInteger(head))).toBe(true)
  })

  it('proposalOf() reads the number back, and none from other kinds', () => {
    expect(proposalOf({ ...entry(1, 1), data: proposalData(4_000_000_000, 4) })).toBe(4_000_000_000)
    expect(proposalOf(entry(1, 1, 'noop'))).toBeNull()
  })

  it('decodeMembership() reads what encodeMembership() wrote, sorted, and refuses other bytes', () => {
    expect(decodeMembership(encodeMembership({ voters: ['b', 'a'], learners: [] }))).toEqual({
      voters: ['a', 'b'],
      learners: [],
    })
    expect(() => decodeMembership(new Uint8Array(3))).toThrow('not a membership')
  })

  it('deepFreeze() freezes all but bytes; copyMessage() shares nothing', () => {
    const message: Message = {
      kind: 'appendEntries',
      from: 'a',
      to: 'b',
      term: 1,
      prev: { term: 0, index: 0 },
      entries: [entry(1, 1)],
      commitIndex: 0,
      readRound: 0,
    }
    const copy = copyMessage(message)
    expect(copy).toEqual(message)
    expect(copy.kind === 'appendEntries' && copy.entries[0]?.data).not.toBe(message.entries[0]?.data)
    deepFreeze(message)
    expect(Object.isFrozen(message.entries[0])).toBe(true)
  })
})
