import { describe, expect, it } from 'vitest'

import { productionCore } from './production-core.ts'
import type { SimulatedNode } from './node.ts'
import { calm, tickInterval } from './swarm.ts'
import { World } from './world.ts'

function build(): { world: World; node: SimulatedNode; until: (time: number) => void } {
  const world = new World({
    seed: 1,
    createCore: productionCore,
    adjust: (swarm) => ({ ...calm(swarm), voters: 3, spares: 0, clockFactors: [1, 1, 1], deferReady: 0 }),
  })
  const until = (time: number): void => {
    while (world.now < time) {
      world.advance()
    }
  }
  return { world, node: world.node('n1'), until }
}

describe('Attention', () => {
  it('when() is at once, and in a slow process later, in order, and not after its death', () => {
    const { world, node, until } = build()
    const done: string[] = []
    node.when(node.run, () => done.push('at once'))
    expect(done).toEqual(['at once'])
    node.attention.slowDown(1000, 50_000)
    for (const what of ['first', 'second', 'third']) {
      node.when(node.run, () => done.push(what))
    }
    expect(done).toEqual(['at once'])
    until(100_000)
    expect(done).toEqual(['at once', 'first', 'second', 'third'])
    node.attention.slowDown(1000, 50_000)
    const { run } = node
    node.when(
      run,
      () => done.push('never'),
      'own',
      () => done.push('gone'),
    )
    node.crash()
    until(world.now + 100_000)
    expect(done.slice(4)).toEqual(['gone'])
  })

  it('what comes for a paused process waits for it', () => {
    const { world, node, until } = build()
    const done: string[] = []
    node.attention.pause()
    node.when(node.run, () => done.push('later'))
    until(world.now + 100_000)
    expect(done).toEqual([])
    node.attention.resume()
    expect(done).toEqual(['later'])
  })
})

describe('NodeClock', () => {
  const ticksOf = (node: SimulatedNode, during: () => void): number => {
    let ticks = 0
    const input = node.input.bind(node)
    node.input = (given, takeReady) => {
      ticks += given.kind === 'tick' ? 1 : 0
      input(given, takeReady)
    }
    during()
    node.input = input
    return ticks
  }

  it('jumps forwards by many ticks at once, and back by standing still', () => {
    const { world, node, until } = build()
    until(tickInterval)
    expect(ticksOf(node, () => node.clock.jump(7))).toBe(7)
    expect(ticksOf(node, () => until(world.now + 10 * tickInterval))).toBeGreaterThan(8)
    node.clock.standStill(10 * tickInterval)
    expect(ticksOf(node, () => until(world.now + 9 * tickInterval))).toBe(0)
    expect(ticksOf(node, () => until(world.now + 10 * tickInterval))).toBeGreaterThan(8)
  })
})
