/** Who learns that a storage has failed, whoever asked for the write. */
import { CorruptError } from '@pinset/interface'
import { describe, expect, it } from 'vitest'

import { StorageFailedError, openStorage } from '../src/index.ts'
import type { MemoryDisk, Storage } from '../src/index.ts'
import type { KeyValueStore } from '../src/key-value/port.ts'
import { entries, membershipEntry, memoryPeer, meta, persister, settle } from './support/storages.ts'

const LOG = 'consensus/log'

function heard(storage: Storage) {
  const failures: Error[] = []
  storage.onFailure((failure) => failures.push(failure))
  return failures
}

/** A log whose entries up to 100 are applied, durably. */
async function fullPeer() {
  const { disk, storage, write } = await memoryPeer()
  await write({ entries: entries(2, 200) })
  await storage.state.write({ puts: [], deletes: [], meta: meta(100) }, { sync: true })
  return { disk, storage, write }
}

const compact = { compact: { index: 100, term: 1, membership: membershipEntry(1).data, membershipIndex: 1 } }

/** Deletions below the base are the only writes of the log that are not synced. */
function failPruning(disk: MemoryDisk): void {
  disk.intercept = ({ database, sync, phase }) => {
    if (database === LOG && !sync && phase === 'write') throw Object.assign(new Error('EIO'), { code: 'EIO' })
  }
}

/** Ranges up to the base are read only to delete what lies there. */
function failing(store: KeyValueStore, cause: Error): KeyValueStore {
  const range = store.range.bind(store)
  store.range = (asked) => {
    if (asked?.chunkEntries === 1000) throw cause
    return range(asked)
  }
  return store
}

describe('onFailure()', () => {
  it('tells of entries that could not be deleted, which nobody waits for', async () => {
    const { disk, storage, write } = await fullPeer()
    const failures = heard(storage)
    failPruning(disk)
    await write(compact)
    await settle()
    expect(failures).toHaveLength(1)
    expect(failures[0]).toBeInstanceOf(StorageFailedError)
    expect(failures[0]?.message).toMatch(/cannot write the log.*EIO/)
    await storage.close()
  })

  it('tells once, of the first failure', async () => {
    const { disk, storage, write } = await fullPeer()
    const failures = heard(storage)
    disk.failAt('sync', 1)
    await expect(write({ entries: entries(201, 202) })).rejects.toThrow(/cannot write the log/)
    await expect(storage.state.write({ puts: [], deletes: [], meta: meta(101) }, { sync: true })).rejects.toThrow(
      /cannot write/,
    )
    await storage.close()
    expect(failures.map(({ message }) => message)).toEqual([expect.stringMatching(/cannot write the log/)])
  })

  it('tells at once of a failure before anybody listened', async () => {
    const { disk, storage, write } = await fullPeer()
    disk.intercept = ({ sync }) => {
      if (!sync) throw disk // A process that ends before it has deleted anything.
    }
    await write(compact)
    await settle()
    await storage.close()
    disk.crash()
    failPruning(disk)
    const reopened = await openStorage(disk.mount())
    await settle()
    expect(heard(reopened)).toHaveLength(1)
    await reopened.close()
  })

  it.each([
    ['LevelDB cannot read', new CorruptError('a block')],
    ['the disk cannot read', Object.assign(new Error('EIO'), { code: 'LEVEL_IO_ERROR' })],
  ])(
    'tells nothing when what is to be deleted cannot be found, for %s: it is left, and the log goes on',
    async (_, cause) => {
      const { disk, storage, write } = await fullPeer()
      disk.intercept = ({ sync }) => {
        if (!sync) throw cause
      }
      await write(compact)
      await settle()
      await storage.close()
      disk.crash()
      disk.intercept = null
      const environment = disk.mount()
      const reopened = await openStorage({
        ...environment,
        open: async (name, options) => failing(await environment.open(name, options), cause),
      })
      const failures = heard(reopened)
      await settle()
      await persister(reopened)({ entries: entries(201, 202) })
      await reopened.close()
      expect(failures).toEqual([])
    },
  )

  it('tells nothing of what is refused or comes after close()', async () => {
    const { storage } = await fullPeer()
    const failures = heard(storage)
    await expect(storage.bind({ clusterId: 'decaf', epoch: 1, admission: new Uint8Array(0) })).rejects.toThrow(/bound/)
    await storage.close()
    await expect(storage.reserveSerials({ count: 1, above: 0 })).rejects.toThrow(/closed/)
    await expect(persister(storage)({ entries: entries(201, 201) })).rejects.toThrow(/closed/)
    expect(failures).toEqual([])
  })
})
