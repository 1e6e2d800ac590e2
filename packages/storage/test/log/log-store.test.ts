import { CorruptError } from '@pinset/interface'
import { InvariantViolation } from '@pinset/raft'
import { describe, expect, it } from 'vitest'

import { MemoryDisk, StorageFailedError, createStorage, diskError, openStorage } from '../../src/index.ts'
import { entryKey } from '../../src/log/log-records.ts'
import {
  FOUNDING,
  base,
  entries,
  entry,
  membershipEntry,
  memoryPeer,
  meta,
  persister,
  readAll,
  row,
  settle,
} from '../support/storages.ts'

async function restart(disk: MemoryDisk) {
  disk.crash()
  const storage = await openStorage(disk.mount())
  return { storage, write: persister(storage), boot: storage.log.boot }
}

describe('LogStore', () => {
  it('write() makes hard state, truncation and entries durable as one', async () => {
    const { disk, write } = await memoryPeer()
    await write({ hardState: { term: 2, vote: 'b' }, entries: entries(2, 6, 2) })
    await write(
      { hardState: { term: 3, vote: null } },
      { truncateFrom: 4, entries: [entry(4, 3), membershipEntry(5, 3)] },
      { entries: [entry(6, 3)] },
    )

    const { storage, boot } = await restart(disk)
    expect(boot).toEqual({
      hardState: { term: 3, vote: null },
      base: { index: 0, term: 0, membership: new Uint8Array(0), membershipIndex: 0 },
      termRuns: [
        { term: 1, index: 1 },
        { term: 2, index: 2 },
        { term: 3, index: 4 },
      ],
      lastIndex: 6,
      memberships: [
        { index: 1, data: membershipEntry(1).data },
        { index: 5, data: membershipEntry(5).data },
      ],
      votingSuspended: false,
    })
    expect(storage.damage).toBeNull()
    expect(await readAll(storage)).toEqual([
      membershipEntry(1),
      entry(2, 2),
      entry(3, 2),
      entry(4, 3),
      membershipEntry(5, 3),
      entry(6, 3),
    ])
  })

  it('write() syncs once for all operations that wait', async () => {
    const { disk, write } = await memoryPeer()
    const before = disk.counts
    await write(
      { hardState: { term: 2, vote: null } },
      { entries: [entry(2, 2)] },
      { truncateFrom: 2, entries: entries(2, 9, 2) },
    )
    expect(disk.counts).toEqual({ writes: before.writes + 1, syncs: before.syncs + 1 })
  })

  it('write() truncates within a batch and beyond what it has just written', async () => {
    const { disk, write } = await memoryPeer()
    await write(
      { entries: entries(2, 3) },
      { truncateFrom: 3, entries: [] },
      { truncateFrom: 9 },
      { entries: entries(3, 5) },
      { truncateFrom: 2 },
    )
    const { storage, boot, write: writeAgain } = await restart(disk)
    expect(boot.lastIndex).toBe(1)
    await writeAgain({ truncateFrom: 1 }, { entries: [entry(1)] })
    expect(await storage.log.read(1, 1, 1)).toEqual([entry(1)])
    expect((await restart(disk)).storage.damage).toBeNull()
  })

  it.each([
    ['a gap', { entries: [entry(3)] }],
    ['an entry twice', { entries: [entry(1)] }],
    ['an entry above the hard state', { entries: [entry(2, 9)] }],
    ['a term that goes back', { hardState: { term: 0, vote: null } }],
    ['a truncation of the base', { truncateFrom: 0 }],
    ['a compaction beyond the durable state', { compact: base(1) }],
    [
      'a snapshot that was not received',
      { installSnapshot: { snapshot: { ...base(5), id: 's' }, keepEntries: false } },
    ],
  ])('write() refuses %s and leaves everything as it was', async (_, op) => {
    const { disk, storage, write } = await memoryPeer()
    const before = disk.records('consensus/log')
    await expect(write({ entries: [] }, op)).rejects.toBeInstanceOf(InvariantViolation)
    expect(disk.records('consensus/log')).toEqual(before)
    await persister(storage)({ entries: [entry(2)] })
  })

  it('write() refuses to change a vote within its term (P5)', async () => {
    const { write } = await memoryPeer()
    await write({ hardState: { term: 2, vote: 'a' } })
    await expect(write({ hardState: { term: 2, vote: 'b' } })).rejects.toBeInstanceOf(InvariantViolation)
    await expect(write({ hardState: { term: 2, vote: null } })).rejects.toBeInstanceOf(InvariantViolation)
    await write({ hardState: { term: 3, vote: 'b' } })
  })

  it('write() refuses calls that overlap and operations out of order (P8)', async () => {
    const { storage } = await memoryPeer()
    const first = storage.log.write([{ seq: 5, entries: [entry(2)] }])
    await expect(storage.log.write([{ seq: 6, entries: [entry(3)] }])).rejects.toBeInstanceOf(InvariantViolation)
    await first
    await expect(storage.log.write([{ seq: 5, entries: [entry(3)] }])).rejects.toBeInstanceOf(InvariantViolation)
  })

  it('read() gives at least one entry, at most maxBytes of the others, and checks what it reads', async () => {
    const { disk, storage, write } = await memoryPeer()
    await write({ entries: entries(2, 50) })
    const size = entry(10).data.length
    expect(await storage.log.read(10, 50, 0)).toEqual([entry(10)])
    expect(await storage.log.read(10, 50, size * 3)).toEqual(entries(10, 12))
    expect(await storage.log.read(49, 50, 1e6)).toEqual(entries(49, 50))

    disk.flipByte('consensus/log', entryKey(20), 30)
    disk.removeRecord('consensus/log', entryKey(30))
    await expect(storage.log.read(18, 25, 1e6)).rejects.toThrow(/entry 20 in memory\/consensus\/log: wrong checksum/)
    await expect(storage.log.read(28, 35, 1e6)).rejects.toThrow(/entry 30 is missing in memory\/consensus\/log/)
    await expect(storage.log.read(30, 35, 1e6)).rejects.toBeInstanceOf(CorruptError)
  })

  it('read() waits for entries on their way, and gives fewer when they were truncated meanwhile', async () => {
    const { storage, write } = await memoryPeer()
    const writing = write({ entries: entries(2, 5) })
    expect(await storage.log.read(2, 5, 1e6)).toEqual(entries(2, 5))
    await writing
    const truncating = write({ truncateFrom: 4 })
    expect((await storage.log.read(2, 5, 1e6)).slice(0, 2)).toEqual(entries(2, 3))
    await truncating
    expect(await storage.log.read(5, 5, 1e6)).toEqual([])
  })

  it('compact drops the log up to its base: the base first, synced, then the entries, unsynced, in bounded batches', async () => {
    const { disk, storage, write } = await memoryPeer()
    await write({ entries: entries(2, 2500) })
    await storage.state.write({ puts: [row('a', '1')], deletes: [], meta: meta(2400) }, { sync: true })
    const seen: string[] = []
    disk.intercept = ({ phase, sync, operations }) => {
      if (phase === 'write') seen.push(`${sync ? 'synced' : 'unsynced'} ${operations}`)
    }
    await write({ compact: base(2300) })
    await settle()

    expect(seen).toEqual(['synced 2', 'unsynced 1000', 'unsynced 1000', 'unsynced 300'])
    expect(await storage.log.read(2301, 2500, 1e6)).toEqual(entries(2301, 2500))
    expect(await storage.log.read(5, 9, 1e6)).toEqual([])
    const { boot, storage: reopened } = await restart(disk)
    expect(boot).toMatchObject({
      base: base(2300),
      lastIndex: 2500,
      termRuns: [{ term: 1, index: 2301 }],
      memberships: [],
    })
    await settle()
    expect(await readAll(reopened)).toEqual(entries(2301, 2500))
  })

  it('compact: a crash at every batch leaves a whole log, old or new', async () => {
    for (let failing = 1; failing <= 5; failing++) {
      for (const keep of [0, 1, 2, 99]) {
        const { disk, storage, write } = await memoryPeer()
        await write({ entries: entries(2, 2600) })
        await storage.state.write({ puts: [], deletes: [], meta: meta(2600) }, { sync: true })
        let count = 0
        disk.intercept = ({ phase }) => {
          if (phase === 'write' && ++count === failing) disk.crash({ keep: () => keep })
        }
        const compacted = await write({ compact: base(2500) }).then(
          () => true,
          () => false,
        )
        await settle()
        disk.intercept = null
        disk.crash()

        const { storage: reopened, boot, write: writeAgain } = await restart(disk)
        expect(reopened.damage).toBeNull()
        expect(compacted).toBe(failing > 1)
        expect(boot.base.index).toBe(failing > 1 ? 2500 : 0)
        expect(boot.lastIndex).toBe(2600)
        expect(await readAll(reopened)).toEqual(
          failing > 1 ? entries(2501, 2600) : [membershipEntry(1), ...entries(2, 2600)],
        )
        await writeAgain({ entries: [entry(2601)] })
        await settle()
        const stored = disk.records('consensus/log').filter(({ key }) => key[0] === 0x10).length
        expect(stored).toBe(failing > 1 ? 101 : 2601)
        await reopened.close()
      }
    }
  })

  it('compact is refused while the state is only written and not synced up to there', async () => {
    const { storage, write } = await memoryPeer()
    await write({ entries: entries(2, 9) })
    await storage.state.write({ puts: [], deletes: [], meta: meta(5) }, { sync: true })
    await storage.state.write({ puts: [], deletes: [], meta: meta(8) }, { sync: false })
    await expect(write({ compact: base(6) })).rejects.toThrow(/B4 compaction to 6, the state is durable up to 5/)
    await expect(write({ truncateFrom: 8 })).rejects.toThrow(/B5 truncation from 8, applied is 8/)
    await storage.state.write({ puts: [], deletes: [], meta: meta(8) }, { sync: true })
    await write({ compact: base(6) })
  })

  it('compact to the last entry leaves an empty log that goes on', async () => {
    const { disk, storage, write } = await memoryPeer()
    await write({ entries: entries(2, 5) })
    await storage.state.write({ puts: [], deletes: [], meta: meta(5) }, { sync: true })
    await write({ compact: base(5) })
    await write(
      { hardState: { term: 4, vote: null }, entries: [entry(6, 4)] },
      { truncateFrom: 6, entries: [entry(6, 4)] },
    )
    const { storage: reopened, boot } = await restart(disk)
    expect(reopened.damage).toBeNull()
    expect(boot).toMatchObject({ base: base(5), lastIndex: 6, termRuns: [{ term: 4, index: 6 }] })
  })

  it.each(['write', 'sync'] as const)(
    'a failed %s is final: nothing is retried, everything is refused, voting is suspended at the next start',
    async (phase) => {
      const { disk, storage, write } = await memoryPeer()
      await write({ entries: [entry(2)] })
      disk.failAt(phase, 1)
      await expect(write({ hardState: { term: 2, vote: 'a' }, entries: [entry(3, 2)] })).rejects.toBeInstanceOf(
        StorageFailedError,
      )
      const { writes } = disk.counts

      await expect(write({ entries: [entry(3)] })).rejects.toBeInstanceOf(StorageFailedError)
      await expect(storage.log.read(1, 2, 100)).rejects.toBeInstanceOf(StorageFailedError)
      await expect(
        storage.bind({ clusterId: 'c0ffee', epoch: 1, admission: new Uint8Array(1) }),
      ).rejects.toBeInstanceOf(StorageFailedError)
      await expect(storage.setVotingSuspended(false)).rejects.toBeInstanceOf(StorageFailedError)
      await storage.setVotingSuspended(true) // The mark says so already.
      await expect(storage.receiveState()).rejects.toBeInstanceOf(StorageFailedError)
      await expect(
        storage.state.write({ puts: [], deletes: [], meta: meta(1) }, { sync: false }),
      ).rejects.toBeInstanceOf(StorageFailedError)
      expect(disk.counts.writes).toBe(writes)
      expect((await storage.state.snapshot()).meta.appliedIndex).toBe(0)
      await storage.close()

      const { storage: reopened, boot } = await restart(disk)
      expect(boot.votingSuspended).toBe(true)
      expect(boot.lastIndex).toBe(2)
      expect(reopened.damage).toBeNull()
      // The suspension lasts until it is lifted, not until the next start.
      await reopened.close()
      const third = await restart(disk)
      expect(third.boot.votingSuspended).toBe(true)
      await third.storage.setVotingSuspended(false)
      expect((await restart(disk)).boot.votingSuspended).toBe(false)
    },
  )

  it.each([
    { when: 'with room for its name alone it is left', isNamed: true, isSynced: true },
    { when: 'without room for its name it is not', isNamed: false, isSynced: false },
    {
      when: 'a name that was not synced does not count, nor does one found there later',
      isNamed: true,
      isSynced: false,
    },
  ])('a mark is claimed only when it will be found: $when', async ({ isNamed, isSynced }) => {
    const disk = new MemoryDisk()
    const mounted = disk.mount()
    await createStorage(mounted, FOUNDING)
    const storage = await openStorage({
      ...mounted,
      open: async (name, options) => {
        if (options.create) throw diskError('ENOSPC')
        return await mounted.open(name, options)
      },
      makeDirectory: async (path) => {
        if (isNamed) await mounted.makeDirectory(path)
        if (!isSynced) throw diskError('ENOSPC')
      },
    })
    disk.failAt('write', 1)
    await expect(persister(storage)({ entries: [entry(2)] })).rejects.toBeInstanceOf(StorageFailedError)
    for (const ifInDoubt of [true, false])
      expect(await isClaimed(storage.setVotingSuspended(true, { ifInDoubt }))).toBe(isSynced)
    await storage.close()

    expect((await restart(disk)).boot.votingSuspended).toBe(isNamed)
  })

  it('a disk that is full is final too, but nothing that was acknowledged is in doubt: the next start votes', async () => {
    const { disk, storage, write } = await memoryPeer()
    disk.capacityBytes = 4096
    let last = 1
    const fill = async () => {
      for (;;) {
        await write({ entries: [entry(last + 1)] })
        last++
      }
    }
    await expect(fill()).rejects.toMatchObject({ name: 'StorageFailedError', cause: { code: 'ENOSPC' } })
    await expect(write({ entries: [entry(last + 1)] })).rejects.toThrow(
      /no space left on device.*read-only until there is room for it and it is started again/,
    )
    expect(await isClaimed(storage.setVotingSuspended(true, { ifInDoubt: true }))).toBe(false)
    await storage.close()
    disk.capacityBytes = Infinity
    const { boot } = await restart(disk)
    expect(boot.lastIndex).toBe(last)
    expect(boot.votingSuspended).toBe(false)
  })

  it.each(['ENOSPC', 'EDQUOT'])('a sync that fails with %s leaves no mark', async (code) => {
    const { disk, storage, write } = await memoryPeer()
    await write({ hardState: { term: 2, vote: 'a' }, entries: [entry(2, 2)] })
    disk.intercept = ({ phase }) => {
      if (phase === 'sync') throw Object.assign(new Error(`${code}: no room`), { code })
    }
    await expect(write({ hardState: { term: 3, vote: 'b' } })).rejects.toBeInstanceOf(StorageFailedError)
    await storage.close()
    disk.intercept = null
    disk.crash()
    const { boot, storage: reopened } = await restart(disk)
    expect(boot).toMatchObject({ hardState: { term: 2, vote: 'a' }, lastIndex: 2, votingSuspended: false })
    expect(reopened.damage).toBeNull()
  })

  it('a peer that has lost what it had acknowledged is marked even when its disk is full', async () => {
    for (const isLate of [false, true]) {
      const { disk, storage, write } = await memoryPeer()
      disk.failAt('write', 1, 'ENOSPC')
      const failing = write({ entries: [entry(2)] }).catch((err: unknown) => err)
      if (isLate) await failing
      // On its way behind the write that fails, or asked for after it.
      await storage.setVotingSuspended(true)
      expect(await failing).toBeInstanceOf(StorageFailedError)
      await storage.close()
      expect((await restart(disk)).boot.votingSuspended).toBe(true)
    }
  })

  it('a log that fails after a state has failed leaves the mark all the same', async () => {
    const { disk, storage, write } = await memoryPeer()
    let failLog = (): void => {}
    disk.intercept = ({ database, phase }) => {
      if (database.includes('/state-')) throw diskError('EIO')
      if (phase !== 'sync') return
      return new Promise((_, reject) => {
        failLog = () => reject(diskError('EIO'))
      })
    }
    const failing = write({ entries: [entry(2)] }).catch((err: unknown) => err)
    await settle()
    await expect(storage.state.write({ puts: [], deletes: [], meta: meta(1) }, { sync: false })).rejects.toBeInstanceOf(
      StorageFailedError,
    )
    failLog()
    expect(await failing).toBeInstanceOf(StorageFailedError)
    await storage.close()
    disk.intercept = null
    expect((await restart(disk)).boot.votingSuspended).toBe(true)
  })

  it('compaction that finds no room leaves no mark, nor does a write behind it', async () => {
    const { disk, storage, write } = await memoryPeer()
    await write({ entries: entries(2, 5) })
    await storage.state.write({ puts: [], deletes: [], meta: meta(5) }, { sync: true })
    disk.intercept = ({ sync }) => {
      if (!sync) throw diskError('ENOSPC')
    }
    await write({ compact: base(4) })
    await expect(write({ entries: [entry(6)] })).rejects.toBeInstanceOf(StorageFailedError)
    await storage.close()
    disk.intercept = null
    const { boot } = await restart(disk)
    expect(boot).toMatchObject({ base: base(4), lastIndex: 5, votingSuspended: false })
  })

  it('deletions that are refused, for the state has met a full disk meanwhile, leave no mark', async () => {
    const { disk, storage, write } = await memoryPeer()
    await write({ entries: entries(2, 3000) })
    await storage.state.write({ puts: [], deletes: [], meta: meta(3000) }, { sync: true })
    const deleting = Promise.withResolvers<void>()
    disk.intercept = ({ sync, database }) => {
      if (database.includes('state')) throw diskError('ENOSPC')
      return sync ? undefined : deleting.promise
    }
    await write({ compact: base(2999) })
    const full = storage.state.write({ puts: [], deletes: [], meta: meta(3001) }, { sync: false })
    await expect(full).rejects.toMatchObject({ cause: { code: 'ENOSPC' } })
    deleting.resolve()
    await storage.close()
    disk.intercept = null
    expect((await restart(disk)).boot.votingSuspended).toBe(false)
  })
})

async function isClaimed(marking: Promise<void>): Promise<boolean> {
  return await marking.then(
    () => true,
    () => false,
  )
}
