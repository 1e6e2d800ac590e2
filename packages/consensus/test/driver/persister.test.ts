import type { Message, PersistOp } from '@pinset/raft'
import { describe, expect, it } from 'vitest'

import { Persister } from '../../src/driver/persister.ts'
import { microtasks } from '../support/manual-scheduler.ts'

const message = (to: string): Message => ({ kind: 'heartbeat', from: 'a', to, term: 1, commitIndex: 0, readRound: 0 })

function setUp() {
  const writes: { ops: readonly PersistOp[]; resolve: () => void; reject: (err: Error) => void }[] = []
  const events: string[] = []
  const persister = new Persister(
    {
      write: (ops) =>
        new Promise((resolve, reject) => {
          writes.push({ ops, resolve, reject })
        }),
    },
    {
      persisted: (seq) => events.push(`persisted ${seq}`),
      failed: (error) => events.push(`failed ${error.message}`),
      release: (released) => events.push(`release ${released.to}`),
    },
  )
  return { persister, writes, events }
}

describe('Persister', () => {
  it('flush() writes everything that was queued in one write, one at a time', async () => {
    const { persister, writes, events } = setUp()
    persister.queue([{ seq: 1 }])
    persister.flush()
    persister.queue([{ seq: 2 }])
    persister.flush()
    persister.queue([{ seq: 3 }])
    persister.flush()
    expect(writes.map(({ ops }) => ops.map((op) => op.seq))).toEqual([[1]])
    expect(persister.free).toBe(false)

    writes[0]?.resolve()
    await microtasks()
    expect(events).toEqual(['persisted 1'])
    persister.flush()
    expect(writes.map(({ ops }) => ops.map((op) => op.seq))).toEqual([[1], [2, 3]])
    writes[1]?.resolve()
    await microtasks()
    expect(events).toEqual(['persisted 1', 'persisted 3'])
  })

  it('sendAfter() keeps a message until its number is durable, and the order', () => {
    const { persister, events } = setUp()
    persister.sendAfter(0, message('now'))
    persister.sendAfter(1, message('b'))
    persister.sendAfter(2, message('c'))
    persister.sendAfter(2, message('d'))
    expect(events).toEqual(['release now'])
    persister.releaseUpTo(1)
    expect(events).toEqual(['release now', 'release b'])
    persister.releaseUpTo(2)
    persister.sendAfter(2, message('e'))
    expect(events).toEqual(['release now', 'release b', 'release c', 'release d', 'release e'])
  })

  it('flush() after a failed write does nothing, and nothing that waited is sent', async () => {
    const { persister, writes, events } = setUp()
    persister.queue([{ seq: 1 }])
    persister.sendAfter(1, message('b'))
    persister.flush()
    writes[0]?.reject(new Error('EIO'))
    await microtasks()
    persister.queue([{ seq: 2 }])
    persister.flush()
    persister.releaseUpTo(2)
    expect(events).toEqual(['failed EIO'])
    expect(writes).toHaveLength(1)
  })

  it('queue() refuses numbers that do not rise', () => {
    const { persister } = setUp()
    persister.queue([{ seq: 2 }])
    expect(() => persister.queue([{ seq: 2 }])).toThrow('PE2')
  })
})
