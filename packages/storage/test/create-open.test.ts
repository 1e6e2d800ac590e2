import {
  CorruptError,
  InvalidRequestError,
  LockedError,
  NotFoundError,
  RefusedError,
  StoppedError,
} from '@pinset/interface'
import { describe, expect, it } from 'vitest'

import { LevelEnvironment, MemoryDisk, StorageFormatError, createStorage, openStorage } from '../src/index.ts'
import { BASE_KEY, HEAD_KEY, IDENTITY_KEY } from '../src/log/log-records.ts'
import { formatOperation } from '../src/record/format.ts'
import { META_KEY } from '../src/state/state-records.ts'
import {
  FOUNDING,
  bytes,
  collect,
  membershipEntry,
  memoryPeer,
  meta,
  openFresh,
  readAll,
  temporaryDirectory,
  text,
} from './support/storages.ts'

const WAITING = { storageId: 'storage-b', cluster: null }
const LOG = 'consensus/log'
const STATE = 'consensus/state-1'

describe.each(['MemoryDisk', 'LevelEnvironment'])('createStorage on %s', (adapter) => {
  const environment = async () =>
    adapter === 'MemoryDisk' ? new MemoryDisk().mount() : new LevelEnvironment(await temporaryDirectory())

  it('createStorage() founds a cluster: entry 1 of term 1 is in the log, the state is empty', async () => {
    const storage = await openFresh(await environment())
    expect(storage.identity).toEqual({ storageId: 'storage-a', clusterId: 'c0ffee', epoch: 1, admission: bytes() })
    expect(storage.log.boot).toEqual({
      hardState: { term: 1, vote: null },
      base: { index: 0, term: 0, membership: bytes(), membershipIndex: 0 },
      termRuns: [{ term: 1, index: 1 }],
      lastIndex: 1,
      memberships: [{ index: 1, data: membershipEntry(1).data }],
      votingSuspended: false,
    })
    expect(await readAll(storage)).toEqual([membershipEntry(1)])
    const empty = {
      head: new Uint8Array(32),
      digest: new Uint8Array(32),
      committedTimeMs: 0,
      operationVersion: 0,
      pinCount: 0,
    }
    expect(storage.state.meta).toEqual(meta(0, empty))
    const snapshot = await storage.state.snapshot()
    expect(await collect(snapshot.rows())).toEqual([])
    await storage.close()
  })

  it('createStorage() without a cluster makes an empty log that bind() ties to one, once and for good', async () => {
    const where = await environment()
    await createStorage(where, WAITING)
    const storage = await openStorage(where)
    expect(storage.identity).toEqual({ storageId: 'storage-b', clusterId: null, epoch: 0, admission: bytes() })
    expect(storage.log.boot).toMatchObject({
      hardState: { term: 0, vote: null },
      termRuns: [],
      lastIndex: 0,
      memberships: [],
    })
    await storage.bind({ clusterId: 'c0ffee', epoch: 2, admission: text('members') })
    await storage.bind({ clusterId: 'c0ffee', epoch: 2, admission: text('more members') })
    for (const other of [
      { clusterId: 'decaf', epoch: 2 },
      { clusterId: 'c0ffee', epoch: 3 },
    ]) {
      await expect(storage.bind({ ...other, admission: bytes() })).rejects.toBeInstanceOf(RefusedError)
    }
    await storage.close()
    const reopened = await openStorage(where)
    expect(reopened.identity).toEqual({
      storageId: 'storage-b',
      clusterId: 'c0ffee',
      epoch: 2,
      admission: text('more members'),
    })
    await reopened.close()
  })

  it('reserveSerials() gives no serial twice, over restarts and whatever the caller believes', async () => {
    const where = await environment()
    let storage = await openFresh(where)
    expect(await storage.reserveSerials({ count: 10, above: 0 })).toBe(1)
    expect(await storage.reserveSerials({ count: 10, above: 0 })).toBe(11)
    await storage.close()
    storage = await openStorage(where)
    expect(await storage.reserveSerials({ count: 5, above: 3 })).toBe(21)
    expect(await storage.reserveSerials({ count: 1, above: 1000 })).toBe(1001)
    expect(await storage.reserveSerials({ count: 1, above: 0 })).toBe(1002)
    await storage.close()
  })

  it('what comes after close() is refused, and passes for no failure of the disk', async () => {
    const where = await environment()
    const storage = await openFresh(where)
    await storage.close()
    await expect(storage.reserveSerials({ count: 10, above: 0 })).rejects.toBeInstanceOf(StoppedError)
    await storage.close()
    const reopened = await openStorage(where)
    expect(reopened.log.boot.votingSuspended).toBe(false)
    expect(await reopened.reserveSerials({ count: 10, above: 0 })).toBe(1)
    await reopened.close()
  })

  it('createStorage() refuses where a database is, and openStorage() where none is', async () => {
    const where = await environment()
    await expect(openStorage(where)).rejects.toThrow(/run "pinset init"/)
    await expect(openStorage(where)).rejects.toBeInstanceOf(NotFoundError)
    await createStorage(where, FOUNDING)
    await expect(createStorage(where, WAITING)).rejects.toBeInstanceOf(InvalidRequestError)
    const storage = await openStorage(where)
    expect(storage.identity.storageId).toBe('storage-a')
    await expect(openStorage(where)).rejects.toBeInstanceOf(LockedError)
    await storage.close()
    await storage.close()
  })
})

describe('createStorage', () => {
  it('a crash at every write and sync leaves all of it or nothing, and it can be repeated', async () => {
    for (const phase of ['write', 'sync'] as const) {
      for (let at = 1; at <= 2; at++) {
        const disk = new MemoryDisk()
        let count = 0
        disk.intercept = (event) => {
          if (event.phase === phase && ++count === at) disk.crash()
        }
        await expect(createStorage(disk.mount(), FOUNDING)).rejects.toThrow(/has crashed/)
        disk.intercept = null
        await expect(openStorage(disk.mount())).rejects.toBeInstanceOf(NotFoundError)
        const storage = await openFresh(disk.mount())
        expect(storage.log.boot.lastIndex).toBe(1)
        expect(disk.databases()).toEqual([LOG, STATE])
      }
    }
  })
})

describe('openStorage', () => {
  const damaged = async (harm: (disk: MemoryDisk) => void) => {
    const { disk, storage } = await memoryPeer()
    await storage.close()
    harm(disk)
    const before = disk.databases().map((name) => disk.records(name))
    const error: unknown = await openStorage(disk.mount()).catch((err: unknown) => err)
    expect(disk.databases().map((name) => disk.records(name))).toEqual(before)
    return error as Error
  }

  it.each([
    ['the head', HEAD_KEY, LOG],
    ['the base', BASE_KEY, LOG],
    ['the identity', IDENTITY_KEY, LOG],
    ['the meta data', META_KEY, STATE],
    ['the format', bytes(0), LOG],
    ['the format of the state', bytes(0), STATE],
  ])('openStorage() refuses a flipped byte in %s and names the database', async (_, key, name) => {
    // The base of an empty log is nothing but its checksum.
    for (const offset of key === BASE_KEY ? [0, 3] : [0, 3, 4, 5]) {
      const error = await damaged((disk) => disk.flipByte(name, key, offset))
      expect(error).toBeInstanceOf(CorruptError)
      expect(error.message).toContain(`memory/${name}`)
    }
  })

  it.each([
    ['the head', HEAD_KEY, LOG],
    ['the base', BASE_KEY, LOG],
    ['the identity', IDENTITY_KEY, LOG],
    ['the meta data', META_KEY, STATE],
  ])('openStorage() refuses when %s is missing and says what to do', async (_, key, name) => {
    const error = await damaged((disk) => disk.removeRecord(name, key))
    expect(error).toBeInstanceOf(CorruptError)
    expect(error.message).toMatch(/is missing in memory\/.* let it join again/)
  })

  it('openStorage() refuses an old identity under a newer head', async () => {
    const { disk, storage } = await memoryPeer()
    const old = disk.records(LOG).find(({ key }) => key[0] === IDENTITY_KEY[0])?.value as Uint8Array
    await storage.bind({ clusterId: 'c0ffee', epoch: 1, admission: text('x') })
    await storage.close()
    disk.putRecord(LOG, IDENTITY_KEY, old)
    await expect(openStorage(disk.mount())).rejects.toThrow(/identity in .* is not the one that the head/)
  })

  it('openStorage() refuses when the state is missing or known to be destroyed', async () => {
    const removed = await damaged((disk) => void disk.mount().remove(STATE))
    expect(removed).toBeInstanceOf(CorruptError)
    expect(removed.message).toContain('state-1')
    const destroyed = await damaged((disk) => disk.setDamage(STATE, 'a bad sector'))
    expect(destroyed).toBeInstanceOf(CorruptError)
    expect(destroyed.message).toContain('a bad sector')
  })

  it('openStorage() refuses a foreign database and a newer format, and says which', async () => {
    const foreign = await damaged((disk) => disk.removeRecord(LOG, bytes(0)))
    expect(foreign).toBeInstanceOf(StorageFormatError)
    for (const [operation, message] of [
      [formatOperation('pinset-log', 2), /format version 2, this program reads up to 1: upgrade/],
      [formatOperation('pinset-state'), /holds a pinset-state database/],
    ] as const) {
      const error = await damaged((disk) => {
        if (operation.kind === 'put') disk.putRecord(LOG, operation.key, operation.value)
      })
      expect(error).toBeInstanceOf(StorageFormatError)
      expect(error.message).toMatch(message)
    }
  })

  it('setVotingSuspended() lasts over restarts', async () => {
    const { disk, storage } = await memoryPeer()
    await storage.setVotingSuspended(true)
    disk.crash()
    const second = await openStorage(disk.mount())
    expect(second.log.boot.votingSuspended).toBe(true)
    await second.setVotingSuspended(false)
    disk.crash()
    expect((await openStorage(disk.mount())).log.boot.votingSuspended).toBe(false)
  })
})
