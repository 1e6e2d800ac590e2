/** Full stacks that are broken in one way each, made from production by changing what its storage does: all are found. */
import type { ConsensusStorage } from '@pinset/consensus'
import type { Row, RowKey, StateStore, StateWrite } from '@pinset/interface'
import type { PersistOp } from '@pinset/raft'
import { describe, expect, it } from 'vitest'

import { simulatePeers } from './simulate.ts'
import { second, type Swarm } from './swarm.ts'
import type { DistortStorage } from './world.ts'

const seeds = 60

/** The rule that the first seed to find it names. */
async function findings(
  distortStorage: DistortStorage,
  adjust: (swarm: Swarm) => Swarm = (same) => same,
): Promise<string | null> {
  for (let seed = 1; seed <= seeds; seed++) {
    const { violation } = await simulatePeers(seed, { events: 2000, distortStorage, adjust })
    if (violation !== null) {
      return violation.rule
    }
  }
  return null
}

/** The same storage, but for some of its parts. */
function but<Store extends object>(storage: Store, parts: Partial<Store>): Store {
  return new Proxy(storage, {
    get: (target, name) => {
      const found: unknown = Reflect.get(name in parts ? parts : target, name)
      return typeof found === 'function' ? found.bind(name in parts ? parts : target) : found
    },
  })
}

function changedLog(
  storage: ConsensusStorage,
  write: (ops: readonly PersistOp[], inner: ConsensusStorage['log']) => Promise<void>,
): ConsensusStorage {
  const { log } = storage
  return but(storage, {
    log: { boot: log.boot, read: (...args) => log.read(...args), write: (ops) => write(ops, log) },
  })
}

function changedState(storage: ConsensusStorage, change: (write: StateWrite) => StateWrite): ConsensusStorage {
  return but(storage, {
    get state(): StateStore {
      const { state } = storage
      return {
        get meta() {
          return state.meta
        },
        getMany: (keys) => state.getMany(keys),
        write: (write, options) => state.write(change(write), options),
        snapshot: () => state.snapshot(),
      }
    },
  })
}

const crashing = (swarm: Swarm): Swarm => ({
  ...swarm,
  voters: 3,
  faults: { ...swarm.faults, crash: 0.5 * second, downMean: 0.2 * second },
})

describe('simulatePeers, with a broken storage', () => {
  it('early-durable: a write is reported before it is synced', async () => {
    const early: DistortStorage = (storage) =>
      changedLog(storage, async (ops, log) => {
        log.write(ops).catch(() => {})
      })
    expect(await findings(early, crashing)).not.toBeNull()
  })

  it('forgotten-votes: the vote is not written with the term', async () => {
    const forgetful: DistortStorage = (storage) =>
      changedLog(storage, (ops, log) =>
        log.write(
          ops.map((op) => (op.hardState === undefined ? op : { ...op, hardState: { ...op.hardState, vote: null } })),
        ),
      )
    expect(await findings(forgetful, crashing)).toBe('durable log')
  })

  it('forgotten-requests: the rows that tell a repeated request are not kept', async () => {
    const forgetful: DistortStorage = (storage) =>
      changedState(storage, (write) => ({ ...write, puts: write.puts.filter(({ table }) => table !== 'origin') }))
    expect(await findings(forgetful)).not.toBeNull()
  })

  it('forgotten-deletes: what is unpinned stays in the rows', async () => {
    const forgetful: DistortStorage = (storage) =>
      changedState(storage, (write) => ({ ...write, deletes: write.deletes.filter(({ table }) => table !== 'pin') }))
    expect(await findings(forgetful)).not.toBeNull()
  })

  it('unreadable-state: a read fails although nothing is wrong with the disk', async () => {
    const failing: DistortStorage = (storage) => {
      let reads = 0
      return but(storage, {
        get state(): StateStore {
          const { state } = storage
          return but(state, {
            getMany: (keys) => (++reads === 20 ? Promise.reject(new Error('unreadable')) : state.getMany(keys)),
          })
        },
      })
    }
    expect(await findings(failing)).toBe('complaint')
  })

  it('swallowed-read: a row that cannot be read is taken for none', async () => {
    const swallowing: DistortStorage = (storage) =>
      but(storage, {
        get state(): StateStore {
          const { state } = storage
          return but(state, { getMany: (keys) => state.getMany(keys).catch(() => keys.map(() => undefined)) })
        },
      })
    const failing = (swarm: Swarm): Swarm => ({ ...swarm, faults: { ...swarm.faults, readFailure: 0.3 * second } })
    expect(await findings(swallowing, failing)).not.toBeNull()
  })

  it('mixed-views: a view reads rows of what the state has become', async () => {
    const mixing: DistortStorage = (storage) =>
      but(storage, {
        get state(): StateStore {
          const { state } = storage
          return but(state, {
            snapshot: async () => {
              const snapshot = await state.snapshot()
              return but(snapshot, {
                rows: async function* (range) {
                  await using now = await storage.state.snapshot()
                  yield* now.rows(range)
                },
              })
            },
          })
        },
      })
    expect(await findings(mixing)).toBe('pinset')
  })

  it('merged-snapshot: rows of the old state outlive the switch to a received one', async () => {
    const rowsOf = async (state: StateStore): Promise<Row[]> => {
      const snapshot = await state.snapshot()
      const rows: Row[] = []
      for await (const chunk of snapshot.rows()) {
        rows.push(...chunk)
      }
      await snapshot.close()
      return rows
    }
    const text = ({ table, key }: RowKey): string => `${table} ${Buffer.from(key).toString('hex')}`
    const merging: DistortStorage = (storage) =>
      but(storage, {
        adoptState: async () => {
          const old = await rowsOf(storage.state)
          await storage.adoptState()
          const present = new Set((await rowsOf(storage.state)).map(text))
          const puts = old.filter((row) => !present.has(text(row)))
          await storage.state.write({ puts, deletes: [], meta: storage.state.meta }, { sync: true })
        },
      })
    const often = (swarm: Swarm): Swarm => ({
      ...crashing(swarm),
      limits: { ...swarm.limits, compactAfterEntries: 5, trailingEntries: 0 },
    })
    expect(await findings(merging, often)).not.toBeNull()
  })
})
