import { silentLogger } from '@pinset/interface'
import {
  InvariantViolation,
  type Input,
  type InstallSnapshot,
  type Message,
  type PersistOp,
  type Raft,
  type Ready,
} from '@pinset/raft'
import { describe, expect, it } from 'vitest'

import { Driver, type DriverHandler } from '../../src/driver/driver.ts'
import { ManualScheduler, microtasks } from '../support/manual-scheduler.ts'

const EMPTY: Ready = {
  persist: [],
  send: [],
  sendAfter: [],
  apply: [],
  restore: null,
  accepted: [],
  dropped: [],
  reads: [],
  transferred: [],
  loads: [],
  snapshotsNeeded: [],
  receive: null,
  soft: null,
  membership: null,
}

const heartbeat = (to: string): Message => ({ kind: 'heartbeat', from: 'a', to, term: 1, commitIndex: 0, readRound: 0 })
const snapshot = { id: 's', term: 1, index: 9, membership: new Uint8Array(0), membershipIndex: 0 }
const offer: InstallSnapshot = { kind: 'installSnapshot', from: 'b', to: 'a', term: 1, snapshot }

function setUp(init: { maxInboxMessages?: number } = {}) {
  const stepped: Input[] = []
  const readies: Ready[] = []
  const writes: { ops: readonly PersistOp[]; resolve: () => void; reject: (err: Error) => void }[] = []
  const events: string[] = []
  const hooks: { step: (input: Input) => void } = { step: () => {} }
  const core: Raft = {
    step: (input) => {
      stepped.push(input)
      hooks.step(input)
    },
    hasReady: () => readies.length > 0,
    takeReady: () => readies.shift() ?? EMPTY,
    status: () => {
      throw new Error('not asked for')
    },
    describe: () => 'a core',
    checkInvariants: () => {},
  }
  const handler: DriverHandler = {
    apply: (entries) => events.push(`apply ${entries.length}`),
    switching: () => events.push('switching'),
    restore: () => events.push('restore'),
    softStateChanged: ({ role }) => events.push(`role ${role}`),
    membershipChanged: ({ index }) => events.push(`membership ${index}`),
    snapshotNeeded: (to) => events.push(`snapshot for ${to}`),
    sendSnapshot: ({ to }) => events.push(`send snapshot to ${to}`),
    snapshotOffered: (_, accepted) => events.push(`offer ${accepted ? 'taken' : 'refused'}`),
    halted: (cause) => events.push(`halted ${cause.message}`),
    turnEnded: () => {},
  }
  const scheduler = new ManualScheduler()
  const driver = new Driver(
    {
      core,
      log: {
        boot: {
          hardState: { term: 0, vote: null },
          base: snapshot,
          termRuns: [],
          lastIndex: 0,
          memberships: [],
          votingSuspended: false,
        },
        write: (ops) => new Promise((resolve, reject) => void writes.push({ ops, resolve, reject })),
        read: async () => [],
      },
      raftTransport: {
        setHandler: () => {},
        send: ({ to }) => events.push(`send ${to}`),
        sendSnapshot: async () => ({ kind: 'received' }),
      },
      scheduler,
      logger: silentLogger,
      handler,
    },
    init,
  )
  const ready = (part: Partial<Ready>) => readies.push({ ...EMPTY, ...part })
  return { driver, scheduler, stepped, ready, writes, events, hooks }
}

describe('Driver', () => {
  it('one turn steps everything that waits, and writes all of it at once', () => {
    const { driver, scheduler, stepped, ready, writes } = setUp()
    driver.input({ kind: 'tick' })
    driver.input({ kind: 'tick' })
    driver.input({ kind: 'message', message: heartbeat('a') })
    expect(stepped).toEqual([])
    expect(scheduler.waiting).toBe(1)
    ready({ persist: [{ seq: 1 }] })
    ready({ persist: [{ seq: 2 }] })
    scheduler.runOnce()
    expect(stepped.map(({ kind }) => kind)).toEqual(['tick', 'message'])
    expect(writes.map(({ ops }) => ops.length)).toEqual([2])
  })

  it('messages leave at once, or when what they promise is durable', async () => {
    const { driver, scheduler, ready, writes, events, stepped } = setUp()
    ready({ send: [heartbeat('now')], persist: [{ seq: 1 }], sendAfter: [{ seq: 1, message: heartbeat('later') }] })
    driver.wake()
    scheduler.runOnce()
    expect(events).toEqual(['send now'])
    writes[0]?.resolve()
    await microtasks()
    expect(events).toEqual(['send now'])
    scheduler.runOnce()
    expect(events).toEqual(['send now', 'send later'])
    expect(stepped).toEqual([{ kind: 'persisted', seq: 1 }])
  })

  it('a switch to a received state is told before it is written, so that nothing is written to the old one after it', () => {
    const { driver, scheduler, ready, writes, events } = setUp()
    ready({ persist: [{ seq: 1, installSnapshot: { snapshot, keepEntries: false } }] })
    driver.wake()
    expect(writes).toEqual([])
    scheduler.runOnce()
    expect(events).toEqual(['switching'])
    expect(writes).toHaveLength(1)
  })

  it('messages above the limit of the inbox are dropped, completions are not', () => {
    const { driver, scheduler, stepped } = setUp({ maxInboxMessages: 2 })
    for (let count = 0; count < 5; count += 1) {
      driver.input({ kind: 'message', message: heartbeat('a') })
    }
    driver.input({ kind: 'applied', index: 1 })
    scheduler.runOnce()
    expect(stepped.map(({ kind }) => kind)).toEqual(['message', 'message', 'applied'])
    expect(driver.droppedMessages).toBe(3)
  })

  it('what is proposed when a turn begins is stepped in that turn', () => {
    const { driver, scheduler, stepped } = setUp()
    driver.onTurnBegins(() => driver.propose(new Uint8Array(1), { accepted: () => {}, dropped: () => {} }))
    driver.wake()
    scheduler.runOnce()
    expect(stepped.map(({ kind }) => kind)).toEqual(['propose'])
  })

  it('a proposal is told its place before its entry is handed out', () => {
    const { driver, scheduler, events, ready } = setUp()
    driver.propose(new Uint8Array(1), {
      accepted: ({ index }) => events.push(`accepted ${index}`),
      dropped: () => events.push('dropped'),
    })
    const entry = { term: 1, index: 7, kind: 'noop' as const, data: new Uint8Array(0) }
    ready({ accepted: [{ context: 1, id: { term: 1, index: 7 } }], apply: [entry] })
    scheduler.runOnce()
    expect(events).toEqual(['accepted 7', 'apply 1'])
  })

  it('an offered snapshot is taken when the core says so, and refused at the end of the turn otherwise', () => {
    const { driver, scheduler, events, ready } = setUp()
    driver.input({ kind: 'message', message: offer })
    scheduler.runOnce()
    driver.input({ kind: 'message', message: { ...offer } })
    ready({ receive: { from: 'b', snapshot } })
    scheduler.runOnce()
    expect(events).toEqual(['offer refused', 'offer taken'])
  })

  it('a failed write halts: the core is told once, whoever waits is told, and nothing is written any more', async () => {
    const { driver, scheduler, events, ready, writes, stepped } = setUp()
    driver.readIndex({
      ready: () => events.push('read'),
      dropped: ({ reason }) => events.push(`read dropped: ${reason}`),
    })
    ready({ persist: [{ seq: 1 }], sendAfter: [{ seq: 1, message: heartbeat('b') }] })
    scheduler.runOnce()
    writes[0]?.reject(new Error('EIO'))
    await microtasks()
    expect(events).toEqual(['read dropped: halted', 'halted EIO'])
    ready({ send: [heartbeat('heir')], persist: [{ seq: 2 }] })
    scheduler.runOnce()
    expect(stepped.at(-1)).toEqual({ kind: 'persistFailed' })
    expect(events.at(-1)).toBe('send heir')
    expect(writes).toHaveLength(1)
    driver.propose(new Uint8Array(1), {
      accepted: () => {},
      dropped: ({ reason }) => events.push(`dropped: ${reason}`),
    })
    expect(events.at(-1)).toBe('dropped: halted')
  })

  it('a broken invariant halts, and the core is never stepped again', () => {
    const { driver, scheduler, events, hooks, stepped } = setUp()
    hooks.step = () => {
      throw new InvariantViolation('S1 broken')
    }
    driver.input({ kind: 'tick' })
    scheduler.runOnce()
    expect(events).toEqual(['halted S1 broken'])
    driver.input({ kind: 'tick' })
    scheduler.runOnce()
    scheduler.runOnce()
    expect(stepped).toHaveLength(1)
  })

  it('stop() drops what waits and steps nothing any more', async () => {
    const { driver, scheduler, events, stepped } = setUp()
    driver.transfer(null, { ended: () => {}, dropped: ({ reason }) => events.push(`transfer dropped: ${reason}`) })
    await driver.stop()
    await driver.stop()
    scheduler.runOnce()
    expect(events).toEqual(['transfer dropped: halted'])
    expect(stepped).toEqual([])
  })
})
