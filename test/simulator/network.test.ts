import type { Message, NodeId } from '@pinset/raft'
import { describe, expect, it } from 'vitest'

import { EventHeap } from './event-heap.ts'
import { Network, type NetworkOptions } from './network.ts'
import { Random } from './random.ts'

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
