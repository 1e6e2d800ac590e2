/** Over broken cores, made from the production core by changing what goes in and out. */
import type { Input, RaftBoot, RaftInit, Ready } from '@pinset/raft'
import { describe, expect, it } from 'vitest'

import type { Core, CreateCore } from './raft/core.ts'
import { productionCore } from './raft/production-core.ts'
import { simulate } from './raft/simulate.ts'
import type { Run, RunOptions } from './run.ts'
import { shrink, type Shrunk } from './shrink.ts'

/** What a broken core does otherwise; one for all nodes of a run. */
interface Sabotage {
  readonly booted?: (init: RaftInit) => void
  readonly input?: (input: Input, init: RaftInit) => void
  readonly ready?: (ready: Ready) => Ready
}

function broken({ booted, input, ready = (same) => same }: Sabotage): CreateCore {
  return (init: RaftInit, boot: RaftBoot): Core => {
    booted?.(init)
    const core = productionCore(init, boot)
    return {
      step: (given) => {
        input?.(given, init)
        core.step(given)
      },
      hasReady: () => core.hasReady(),
      takeReady: () => ready(core.takeReady()),
      status: () => core.status(),
      describe: () => core.describe(),
      checkInvariants: () => undefined,
    }
  }
}

/** Shrink the first seed that fails and has all of these kinds of fault. */
async function shrinkFirst(sabotage: () => Sabotage, kinds: readonly string[] = []): Promise<Shrunk> {
  const attempt = (seed: number, options: RunOptions) => simulate(seed, { ...options, createCore: broken(sabotage()) })
  const { seed, rule } = firstFailure((candidate) => attempt(candidate, { events: 3000 }), kinds)
  const shrunk = await shrink({ attempt: async (options) => attempt(seed, options), options: { events: 3000 } })
  // X3 Its options are all that is needed to see it again.
  const again = attempt(seed, shrunk.options)
  expect(again.traceHash).toBe(shrunk.run.traceHash)
  expect(again.violation?.rule).toBe(rule)
  return shrunk
}

function firstFailure(attempt: (seed: number) => Run, kinds: readonly string[]): { seed: number; rule: string } {
  for (let seed = 1; seed <= 300; seed++) {
    const { violation, occurrences } = attempt(seed)
    if (violation !== null && kinds.every((kind) => occurrences.some((found) => found.kind === kind))) {
      return { seed, rule: violation.rule }
    }
  }
  throw new Error('no seed fails')
}

describe('shrink', () => {
  const failsAtOnce = broken({
    input: () => {
      throw new Error('planted')
    },
  })

  it('a bug that needs two faults keeps exactly those two', async () => {
    // A node has failed to write, and another one has been started again.
    const twoFaults = (): Sabotage => {
      const failed = new Set<string>()
      const booted = new Set<string>()
      return {
        booted: ({ id }) => {
          if (booted.has(id) && [...failed].some((other) => other !== id)) {
            throw new Error('planted')
          }
          booted.add(id)
        },
        input: ({ kind }, { id }) => {
          if (kind === 'persistFailed') {
            failed.add(id)
          }
        },
      }
    }
    const { run, options } = await shrinkFirst(twoFaults, ['crash', 'write-failure', 'partition'])
    const [failure, crash, ...others] = run.occurrences.filter(({ sort }) => sort === 'fault').map(({ kind }) => kind)
    expect(['write-failure', 'disk-full']).toContain(failure)
    expect(['crash', 'crash-all', 'crash-at-write', 'damage']).toContain(crash)
    expect(others).toEqual([])
    // A write that can fail needs somebody who asks for it.
    expect(run.occurrences.length).toBeLessThanOrEqual(3)
    expect(run.noise).toEqual([])
    expect(options.events).toBeLessThan(3000)
  })

  it('a bug that needs two operations in their order keeps exactly those two', async () => {
    const twoOperations = (): Sabotage => {
      let campaigned = false
      return {
        input: ({ kind }) => {
          campaigned ||= kind === 'campaign'
          if (campaigned && kind === 'transfer') {
            throw new Error('planted')
          }
        },
      }
    }
    const { run } = await shrinkFirst(twoOperations)
    expect(run.occurrences.map(({ kind }) => kind)).toEqual(['campaign', 'transfer'])
  })

  it('a stale read needs nothing at all: a healed cluster is read, too', async () => {
    const staleReads = (): Sabotage => ({
      ready: (given) => ({ ...given, reads: given.reads.map(({ context, index }) => ({ context, index: index - 1 })) }),
    })
    const { run, options } = await shrinkFirst(staleReads)
    expect(run.violation?.rule).toBe('fresh reads')
    expect(run.occurrences).toEqual([])
    expect(options.events).toBeLessThan(100)
  })

  it('bounds are kept, and said to have been reached', async () => {
    let runs = 0
    const attempt = async (options: RunOptions) => {
      runs++
      return simulate(1, { ...options, createCore: failsAtOnce })
    }
    const { isCutShort } = await shrink({ attempt, options: { events: 3000 }, maxRuns: 3 })
    expect(runs).toBe(3)
    expect(isCutShort).toBe(true)
  })

  it('ends with what it has when it is stopped', async () => {
    const stop = new AbortController()
    let runs = 0
    const attempt = async (options: RunOptions) => {
      runs++
      if (runs === 2) {
        stop.abort()
      }
      return simulate(1, { ...options, createCore: failsAtOnce })
    }
    const { isCutShort } = await shrink({ attempt, options: { events: 3000 }, signal: stop.signal })
    expect(runs).toBe(2)
    expect(isCutShort).toBe(true)
  })

  it('a run that does not fail is refused', async () => {
    const attempt = async (options: RunOptions) => simulate(1, options)
    await expect(shrink({ attempt, options: { events: 200 } })).rejects.toThrow('seed 1 does not fail')
  })
})
