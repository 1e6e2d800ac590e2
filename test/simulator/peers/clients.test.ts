/** What clients see of a cluster that is broken in one way each, between them and the production code: all are found. */
import {
  CommitOutcomeUnknownError,
  NoLeaderError,
  type PinRequest,
  type ReadOptions,
  type WriteOptions,
} from '@pinset/interface'
import { describe, expect, it } from 'vitest'

import type { Distort, Surface } from './attempts.ts'
import type { ClientSwarm } from './client-swarm.ts'
import type { ClientsInit } from './clients.ts'
import { simulatePeers } from './simulate.ts'
import type { Swarm } from './swarm.ts'

const events = 1500

/** Nobody but the clients asks for pins. */
function alone(swarm: Swarm): Swarm {
  return { ...swarm, workload: { ...swarm.workload, operation: 0 } }
}

/** The rule that the first seed to find it names. */
async function finding(clients: ClientsInit, seeds: number): Promise<string | null> {
  for (let seed = 1; seed <= seeds; seed++) {
    const { violation } = await simulatePeers(seed, { events, clients, adjust: alone })
    if (violation !== null) {
      return violation.rule
    }
  }
  return null
}

/** Whatever a client may ask, done by a peer with these parts of it replaced. */
function replaced(replace: (surface: Surface) => Partial<Surface>): Distort {
  return (surface) => ({
    logPin: (request, options) => surface.logPin(request, options),
    logUnpin: (cid, options) => surface.logUnpin(cid, options),
    state: (options) => surface.state(options),
    ...replace(surface),
  })
}

/** The same options, one of them not heard. */
function without<Options extends object>(name: keyof Options, options?: Options): Options {
  return Object.fromEntries(Object.entries(options ?? {}).filter(([each]) => each !== name)) as Options
}

const busy = (swarm: ClientSwarm): ClientSwarm => ({ ...swarm, mean: 4000, clients: 5, slots: 1 })

describe('clients of a broken cluster', () => {
  it('stale-reads: linearizable reads are answered from what the peer has', async () => {
    const distort = replaced((surface) => ({
      state: (options: ReadOptions = {}) => surface.state({ ...options, consistency: 'local' }),
    }))
    expect(await finding({ distort, judge: 'histories', adjust: busy }, 30)).toBe('linearizability')
  })

  it('no-dedup: a repeated request is another one', async () => {
    const distort = replaced((surface) => ({
      logPin: (request, options) => surface.logPin(request, without('idempotencyKey', options)),
      logUnpin: (cid, options) => surface.logUnpin(cid, without('idempotencyKey', options)),
    }))
    const adjust = (swarm: ClientSwarm): ClientSwarm => ({
      ...busy(swarm),
      keyed: 1,
      attempts: 10,
      impatient: 0.3,
      again: 0,
    })
    expect(await finding({ distort, judge: 'histories', adjust }, 30)).toBe('linearizability')
    expect(await finding({ distort, judge: 'log', adjust }, 30)).toBe('acknowledged')
  })

  it('no-dedup, after the answer: a request that was answered is carried out again', async () => {
    const distort = replaced((surface) => ({
      logPin: (request, options) => surface.logPin(request, without('idempotencyKey', options)),
      logUnpin: (cid, options) => surface.logUnpin(cid, without('idempotencyKey', options)),
    }))
    const adjust = (swarm: ClientSwarm): ClientSwarm => ({ ...busy(swarm), keyed: 1, again: 1 })
    expect(await finding({ distort, judge: 'log', adjust }, 10)).toBe('same answer')
  })

  it('lost-writes: every fourth pin is acknowledged and forgotten', async () => {
    let pins = 0
    const distort = replaced((surface) => ({
      logPin: async (request: PinRequest, options?: WriteOptions) => {
        if (++pins % 4 !== 0) {
          return await surface.logPin(request, options)
        }
        const view = await surface.state()
        const revision = view.revision + 1
        await view.close()
        const pin = { ...request, allocations: [], timestampMs: 0 }
        return {
          outcome: { kind: 'pinned', pin, modifiedIndex: revision, changed: true },
          revision,
          appliedHere: false,
        }
      },
    }))
    expect(await finding({ distort, judge: 'histories', adjust: busy }, 10)).toBe('linearizability')
  })

  it('unknown-as-failed: an unknown outcome is reported as no leader', async () => {
    const hushed = (err: unknown): never => {
      throw err instanceof CommitOutcomeUnknownError ? new NoLeaderError(err.message) : err
    }
    const distort = replaced((surface) => ({
      logPin: (request, options) => surface.logPin(request, options).catch(hushed),
      logUnpin: (cid, options) => surface.logUnpin(cid, options).catch(hushed),
    }))
    const adjust = (swarm: ClientSwarm): ClientSwarm => ({ ...busy(swarm), keyed: 0.2, unique: 0.9, unpin: 0.1 })
    expect(await finding({ distort, judge: 'histories', adjust }, 30)).toBe('linearizability')
    expect(await finding({ distort, judge: 'log', adjust }, 30)).toBe('acknowledged')
  })

  it('deaf-conditions: a write takes effect whatever the pin has become', async () => {
    const distort = replaced((surface) => ({
      logPin: (request, options) => surface.logPin(request, without('ifModifiedIndex', options)),
      logUnpin: (cid, options) => surface.logUnpin(cid, without('ifModifiedIndex', options)),
    }))
    expect(await finding({ distort, judge: 'histories', adjust: busy }, 30)).toBe('linearizability')
  })

  it('old-views: a local read does not wait for the revision that was asked for', async () => {
    const distort = replaced((surface) => ({
      state: (options) => surface.state(without('minRevision', options)),
    }))
    const adjust = (swarm: ClientSwarm): ClientSwarm => ({ ...busy(swarm), localRead: 0.5 })
    expect(await finding({ distort, judge: 'log', adjust }, 30)).toBe('monotonic reads')
  })
})
