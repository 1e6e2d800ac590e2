import { CorruptError, StoppedError } from '@pinset/interface'
import { InvariantViolation } from '@pinset/raft'
import { describe, expect, it } from 'vitest'

import { LevelEnvironment, MemoryDisk, openStorage } from '../../src/index.ts'
import type { Storage } from '../../src/index.ts'
import { asConsensusStorage } from '../support/types.ts'
import {
  collect,
  entries,
  entry,
  memoryPeer,
  meta,
  openFresh,
  persister,
  readAll,
  row,
  settle,
  snapshotAt,
  temporaryDirectory,
  text,
} from '../support/storages.ts'

const OLD_ROWS = [row('old', '1')]
const NEW_ROWS = [row('a', '1'), row('b', '2')]

async function withOldState(storage: Storage) {
  const write = persister(storage)
  await write({ entries: entries(2, 20) })
  await storage.state.write({ puts: OLD_ROWS, deletes: [], meta: meta(10) }, { sync: false })
  return write
}

async function receive(storage: Storage, index = 100) {
  const receiver = await storage.receiveState()
  for (const each of NEW_ROWS) await receiver.write([each])
  await receiver.finish(meta(index, { appliedTerm: 2 }))
  return receiver
}

const INSTALL = {
  hardState: { term: 2, vote: null },
  installSnapshot: { snapshot: snapshotAt(100, 2), keepEntries: false },
}
const rowsOf = async (storage: Storage) => {
  const snapshot = await storage.state.snapshot()
  try {
    return await collect(snapshot.rows())
  } finally {
    await snapshot.close()
  }
}

describe.each(['MemoryDisk', 'LevelEnvironment'])('receive, switch, adopt on %s', (adapter) => {
  const environment = async () => {
    const disk = new MemoryDisk()
    const directory = await temporaryDirectory()
    return () => (adapter === 'MemoryDisk' ? disk.mount() : new LevelEnvironment(directory))
  }

  it('the received state replaces the old one, nothing is merged (P36), and the log begins after it', async () => {
    const mount = await environment()
    const storage = await openFresh(mount())
    const write = await withOldState(storage)
    await receive(storage)
    await write(INSTALL)
    await storage.adoptState()
    expect(storage.state.meta).toEqual(meta(100, { appliedTerm: 2 }))
    expect(await rowsOf(storage)).toEqual(NEW_ROWS)
    await write({ entries: [entry(101, 2)] })
    await storage.state.write(
      { puts: [row('c', '3')], deletes: [row('a', '')], meta: meta(101, { appliedTerm: 2 }) },
      { sync: true },
    )
    await storage.close()

    expect(await mount().list('consensus')).toEqual(['log', 'state-2'])
    const reopened = await openStorage(mount())
    expect(reopened.log.boot).toMatchObject({
      base: { index: 100, term: 2 },
      lastIndex: 101,
      hardState: { term: 2, vote: null },
    })
    expect(reopened.damage).toBeNull()
    expect(await rowsOf(reopened)).toEqual([row('b', '2'), row('c', '3')])
    await reopened.close()
  })

  it('the old state is readable as long as a snapshot of it is open, then deleted', async () => {
    const mount = await environment()
    const storage = await openFresh(mount())
    const write = await withOldState(storage)
    const old = await storage.state.snapshot()
    await receive(storage)
    await write(INSTALL)
    await storage.adoptState()

    expect(await collect(old.rows())).toEqual(OLD_ROWS)
    expect(await mount().list('consensus')).toContain('state-1')
    await old.close()
    await expect.poll(() => mount().list('consensus')).toEqual(['log', 'state-2'])
    await storage.close()
  })

  it('a snapshot of the old state that is being opened meanwhile is opened, and the state deleted after it', async () => {
    const mount = await environment()
    const storage = await openFresh(mount())
    const write = await withOldState(storage)
    await receive(storage)
    await write(INSTALL)
    const opening = storage.state.snapshot()
    const adopted = storage.adoptState()

    const old = await opening
    expect(old.meta).toEqual(meta(10))
    expect(await collect(old.rows())).toEqual(OLD_ROWS)
    await adopted
    expect(storage.state.meta).toEqual(meta(100, { appliedTerm: 2 }))
    await old.close()
    await expect.poll(() => mount().list('consensus')).toEqual(['log', 'state-2'])
    await storage.close()
  })

  it('abort() deletes what was received; an unfinished or unused one is gone at the next start', async () => {
    const mount = await environment()
    const storage = await openFresh(mount())
    const first = await storage.receiveState()
    await first.write(NEW_ROWS)
    await first.abort()
    await first.abort()
    expect(await mount().list('consensus')).toEqual(['log', 'state-1'])
    await expect(first.write([row('c', '')])).rejects.toBeInstanceOf(StoppedError)

    await receive(storage)
    await storage.close()
    expect(await mount().list('consensus')).toEqual(['log', 'state-1', 'state-2'])
    const reopened = await openStorage(mount())
    expect(await mount().list('consensus')).toEqual(['log', 'state-1'])
    await reopened.close()
  })
})

describe('receive, switch, adopt', () => {
  it('has the shape that consensus asks for', async () => {
    const { storage } = await memoryPeer()
    expect(asConsensusStorage(storage).identity).toEqual(storage.identity)
  })

  it('receiveState() gives up an earlier receiver and starts empty', async () => {
    const { disk, storage } = await memoryPeer()
    const first = await storage.receiveState()
    await first.write(NEW_ROWS)
    const second = await storage.receiveState()
    await expect(first.finish(meta(100))).rejects.toBeInstanceOf(StoppedError)
    await first.abort()
    await second.write([row('x', '')])
    expect(second.stateNumber).toBe(2)
    expect(disk.records('consensus/state-2').filter(({ key }) => (key[0] ?? 0) >= 0x10)).toHaveLength(1)
  })

  it('write() of a receiver refuses rows out of order or twice: they come from another peer', async () => {
    const { storage } = await memoryPeer()
    const receiver = await storage.receiveState()
    await receiver.write([row('b', '')])
    await expect(receiver.write([row('a', '')])).rejects.toBeInstanceOf(CorruptError)
    await expect(receiver.write([row('b', '')])).rejects.toBeInstanceOf(CorruptError)
    await expect(receiver.write([row('d', ''), row('c', '')])).rejects.toBeInstanceOf(CorruptError)
    await receiver.write([row('c', ''), row('a', '', 'origin')])
  })

  it('a receiver whose disk is full fails alone', async () => {
    const { disk, storage, write } = await memoryPeer()
    const receiver = await storage.receiveState()
    disk.failAt('write', 1, 'ENOSPC')
    await expect(receiver.write(NEW_ROWS)).rejects.toMatchObject({ code: 'ENOSPC' })
    await expect(receiver.finish(meta(100))).rejects.toBeInstanceOf(StoppedError)
    await receiver.abort()
    await write({ entries: entries(2, 2) })
  })

  it.each([
    ['an unfinished state', meta(100), false],
    ['a state at another index', meta(99, { appliedTerm: 2 }), true],
    ['a state of another term', meta(100, { appliedTerm: 1 }), true],
  ])('installSnapshot refuses %s, and nothing is changed', async (_, received, isFinished) => {
    const { disk, storage, write } = await memoryPeer()
    const receiver = await storage.receiveState()
    if (isFinished) await receiver.finish(received)
    const before = disk.records('consensus/log')
    await expect(write(INSTALL)).rejects.toBeInstanceOf(InvariantViolation)
    expect(disk.records('consensus/log')).toEqual(before)
    await receiver.abort()
  })

  it('installSnapshot with keepEntries keeps what follows the snapshot', async () => {
    const { disk, storage, write } = await memoryPeer()
    await write({ entries: entries(2, 120) })
    const receiver = await storage.receiveState()
    await receiver.finish(meta(100))
    await write({ installSnapshot: { snapshot: snapshotAt(100), keepEntries: true } })
    await storage.adoptState()
    await settle()
    disk.crash()
    const reopened = await openStorage(disk.mount())
    expect(reopened.damage).toBeNull()
    expect(reopened.log.boot).toMatchObject({ base: { index: 100 }, lastIndex: 120 })
    expect(await readAll(reopened)).toEqual(entries(101, 120))
  })

  it('installSnapshot without keepEntries leaves nothing of a longer log (P34)', async () => {
    const { disk, storage, write } = await memoryPeer()
    await write({ entries: entries(2, 120) })
    const receiver = await storage.receiveState()
    await receiver.finish(meta(100, { appliedTerm: 2 }))
    await write(INSTALL, { entries: [entry(101, 2)] })
    await storage.adoptState()
    await settle()
    expect(disk.records('consensus/log').filter(({ key }) => key[0] === 0x10)).toHaveLength(1)
    disk.crash()
    const reopened = await openStorage(disk.mount())
    expect(reopened.damage).toBeNull()
    expect(await readAll(reopened)).toEqual([entry(101, 2)])
  })

  it('finish() refuses impossible meta data, which come from another peer', async () => {
    const { storage } = await memoryPeer()
    for (const change of [{ head: text('short') }, { appliedTerm: 0 }, { membershipIndex: 101 }, { pinCount: -1 }]) {
      const receiver = await storage.receiveState()
      await expect(receiver.finish(meta(100, change))).rejects.toBeInstanceOf(CorruptError)
    }
  })

  it('installSnapshot below the applied index is refused: the state never goes back', async () => {
    const { storage } = await memoryPeer()
    const write = await withOldState(storage)
    const receiver = await storage.receiveState()
    await receiver.finish(meta(9))
    const install = write({ installSnapshot: { snapshot: snapshotAt(9), keepEntries: true } })
    await expect(install).rejects.toThrow(/B5 snapshot 9 is before the applied index 10/)
  })

  it('after the switch the old state takes no write and the new one is not deleted by abort()', async () => {
    const { disk, storage } = await memoryPeer()
    const write = await withOldState(storage)
    const receiver = await receive(storage)
    const old = storage.state
    await write(INSTALL)
    await receiver.abort()
    await expect(old.write({ puts: [], deletes: [], meta: meta(11) }, { sync: false })).rejects.toBeInstanceOf(
      InvariantViolation,
    )
    await expect(storage.receiveState()).rejects.toBeInstanceOf(InvariantViolation)
    await storage.adoptState()
    await expect(storage.adoptState()).rejects.toBeInstanceOf(InvariantViolation)
    expect(disk.databases()).toEqual(['consensus/log', 'consensus/state-2'])
    expect(await rowsOf(storage)).toEqual(NEW_ROWS)
  })

  it('while the switch is being written no other state is received in place of the one that it names', async () => {
    const { disk, storage } = await memoryPeer()
    const write = await withOldState(storage)
    await receive(storage)
    const outcomes: Promise<unknown>[] = []
    disk.intercept = ({ database, phase }) => {
      if (database.endsWith('/log') && phase === 'sync')
        outcomes.push(storage.receiveState().catch((err: unknown) => err))
    }
    await write(INSTALL)
    disk.intercept = null
    expect(await Promise.all(outcomes)).toEqual([expect.any(InvariantViolation)])
    await storage.adoptState()
    expect(await rowsOf(storage)).toEqual(NEW_ROWS)
  })

  it('a crash at every write and sync leaves either the old state, whole, or the new one, whole', async () => {
    const outcomes = new Set<string>()
    for (const phase of ['write', 'sync'] as const) {
      for (let at = 1; at <= 12; at++) {
        for (const keep of [0, 1, 99]) {
          const { disk, storage } = await memoryPeer()
          const write = await withOldState(storage)
          await storage.state.write({ puts: [], deletes: [], meta: meta(10) }, { sync: true })
          let count = 0
          disk.intercept = (event) => {
            if (event.phase === phase && ++count === at) disk.crash({ keep: () => keep })
          }
          let isInstalled = false
          const run = async () => {
            await receive(storage)
            await write(INSTALL)
            isInstalled = true
            await storage.adoptState()
            await storage.state.write(
              { puts: [row('c', '')], deletes: [], meta: meta(100, { appliedTerm: 2 }) },
              { sync: true },
            )
          }
          await run().catch(() => {})
          await settle()
          disk.intercept = null
          disk.crash()

          const reopened = await openStorage(disk.mount())
          expect(reopened.damage).toBeNull()
          const rows = (await rowsOf(reopened)).filter(({ key }) => Buffer.compare(key, text('c')) !== 0)
          const { base, lastIndex } = reopened.log.boot
          const isNew = base.index === 100
          expect(isNew || !isInstalled).toBe(true)
          expect(rows).toEqual(isNew ? NEW_ROWS : OLD_ROWS)
          expect(reopened.state.meta.appliedIndex).toBe(isNew ? 100 : 10)
          expect(lastIndex).toBe(isNew ? 100 : 20)
          expect(disk.databases()).toEqual(['consensus/log', isNew ? 'consensus/state-2' : 'consensus/state-1'])
          outcomes.add(`${phase} ${isNew}`)
          await reopened.close()
        }
      }
    }
    expect([...outcomes].sort()).toEqual(['sync false', 'sync true', 'write false', 'write true'])
  })
})
