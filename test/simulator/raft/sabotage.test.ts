/** Cores that are broken in one way each, made from the production core by changing what goes in and out: all are found. */
import type { Entry, Input, RaftBoot, Ready } from '@pinset/raft'
import { describe, expect, it } from 'vitest'

import type { Core } from './core.ts'
import { productionCore } from './production-core.ts'
import { simulate } from './simulate.ts'
import { millisecond, second, type Swarm } from './swarm.ts'

interface Sabotage {
  readonly boot?: (boot: RaftBoot) => RaftBoot
  readonly ready?: (ready: Ready) => Ready
  /** What to step instead; null for nothing. */
  readonly input?: (input: Input) => Input | null
}

const seeds = 150

/** The rule that the first seed to find it names. */
function findings(sabotage: Sabotage): string | null {
  return allFindings(sabotage, (same) => same).next().value ?? null
}

/** The rules by which seeds fail, as they come. */
function* allFindings(sabotage: Sabotage, adjust: (swarm: Swarm) => Swarm): Generator<string, undefined> {
  const { boot = (same) => same, ready = (same) => same, input = (same) => same } = sabotage
  const createCore = (init: Parameters<typeof productionCore>[0], found: RaftBoot): Core => {
    const core = productionCore(init, boot(found))
    return {
      step: (given) => {
        const changed = input(given)
        if (changed !== null) {
          core.step(changed)
        }
      },
      hasReady: () => core.hasReady(),
      takeReady: () => ready(core.takeReady()),
      status: () => core.status(),
      describe: () => core.describe(),
      checkInvariants: () => undefined,
    }
  }
  for (let seed = 1; seed <= seeds; seed++) {
    const { violation } = simulate(seed, { events: 3000, createCore, adjust })
    if (violation !== null) {
      yield violation.rule
    }
  }
}

describe('simulate, with a broken core', () => {
  it('reads-with-the-halt: reads that wait for a quorum when the disk fails are served instead of dropped', () => {
    const ready = (given: Ready): Ready => {
      const waiting = given.dropped.filter(({ detail }) => detail.includes('before a quorum'))
      return {
        ...given,
        dropped: given.dropped.filter((each) => !waiting.includes(each)),
        reads: [...given.reads, ...waiting.map(({ context }) => ({ context, index: Number.MAX_SAFE_INTEGER }))],
      }
    }
    expect(findings({ ready })).toBe('confirmed reads')
  })

  it('early-promises: what waits for the disk is sent at once', () => {
    const ready = (given: Ready): Ready => ({
      ...given,
      send: [...given.send, ...given.sendAfter.map(({ message }) => message)],
      sendAfter: [],
    })
    expect(findings({ ready })).toBe('durable promises')
  })

  it('forgotten-votes: the vote is not in the record on disk', () => {
    const ready = (given: Ready): Ready => ({
      ...given,
      persist: given.persist.map((op) =>
        op.hardState === undefined ? op : { ...op, hardState: { ...op.hardState, vote: null } },
      ),
    })
    expect(findings({ ready })).toBe('durable promises')
  })

  it('stale-reads: a read is answered with an index that is one too low', () => {
    const ready = (given: Ready): Ready => ({
      ...given,
      reads: given.reads.map(({ context, index }) => ({ context, index: index - 1 })),
    })
    expect(findings({ ready })).toBe('fresh reads')
  })

  it('reordered-apply: entries are handed out in the wrong order', () => {
    const ready = (given: Ready): Ready => ({ ...given, apply: given.apply.toReversed() })
    expect(findings({ ready })).not.toBeNull()
  })

  it('lying-dropped: an accepted proposal is reported as dropped', () => {
    const ready = (given: Ready): Ready => ({
      ...given,
      accepted: [],
      dropped: [
        ...given.dropped,
        ...given.accepted.map(({ context }) => ({ context, reason: 'busy' as const, leader: null, detail: '' })),
      ],
    })
    expect(findings({ ready })).toBe('proposal fate')
  })

  it('written-over: an entry is changed in place after it has left (aliasing)', () => {
    let spoilt: Entry | undefined
    const ready = (given: Ready): Ready => {
      const message = given.send.find(
        (sent) => sent.kind === 'appendEntries' && sent.entries.some(({ kind }) => kind === 'operations'),
      )
      if (spoilt !== undefined) {
        spoilt.data[spoilt.data.length - 1] = 1 + (spoilt.data.at(-1) as number)
      }
      spoilt = message?.kind === 'appendEntries' ? message.entries.find(({ kind }) => kind === 'operations') : undefined
      return given
    }
    expect(findings({ ready })).not.toBeNull()
  })

  it('votes-after-damage: a node that has lost entries votes as if it had not', () => {
    const frail = (swarm: Swarm): Swarm => ({
      ...swarm,
      voters: 3,
      spares: 0,
      clockFactors: [1, 1, 1],
      faults: { ...swarm.faults, damage: 0.7 * second, writeFailure: 0, diskFull: 0, downMean: 0.3 * second },
      workload: { ...swarm.workload, membership: 0, propose: 20 * millisecond },
    })
    const boot = (found: RaftBoot): RaftBoot => ({ ...found, votingSuspended: false })
    expect(['durable promises', 'leader completeness', 'recovered log']).toContain(
      allFindings({ boot }, frail).next().value,
    )
  })

  it('deaf: answers to heartbeats are ignored, so that lost appends are never repeated', () => {
    const input = (given: Input): Input | null =>
      given.kind === 'message' && given.message.kind === 'heartbeatResponse' ? null : given
    expect(findings({ input })).toBe('liveness')
  })
})
