/** What LevelDB does when a write finds no room, and what it does not say. */
import { existsSync } from 'node:fs'
import { readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { ClassicLevel, type BatchOperation } from 'classic-level'
import { describe, expect, it, onTestFinished } from 'vitest'

import { LevelEnvironment, StorageFailedError, openStorage } from '../../src/index.ts'
import { LevelStore } from '../../src/level/level-store.ts'
import { bytes, entry, openFresh, persister, readAll, temporaryDirectory } from '../support/storages.ts'

type Database = ClassicLevel<Uint8Array, Uint8Array>
type Method = (operations: BatchOperation<Database, Uint8Array, Uint8Array>[]) => Promise<void>

const put = (key: number) => [{ kind: 'put', key: bytes(key), value: bytes(key) }] as const

/** A store over a real database, one of whose methods is another one. */
async function storeWith(methodsOf: (db: Database) => Readonly<Record<string, Method>>) {
  const path = join(await temporaryDirectory(), 'db')
  const db = new ClassicLevel<Uint8Array, Uint8Array>(path, { keyEncoding: 'view', valueEncoding: 'view' })
  await db.open()
  const methods = methodsOf(db)
  const shown = new Proxy(db, {
    get(target, name) {
      const value: unknown = methods[String(name)] ?? Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  const store = new LevelStore(shown, path, null, async () => {})
  onTestFinished(() => store.close())
  return { store, path }
}

describe('LevelDB on a full disk', () => {
  it.skipIf(!existsSync('/dev/full'))(
    'a write-ahead log that finds no room halts the peer; with room again everything acknowledged is there, and it votes',
    async () => {
      const directory = await temporaryDirectory()
      const storage = await openFresh(new LevelEnvironment(directory))
      const write = persister(storage)
      const names = await readdir(join(directory, 'consensus/log'))
      const highest = Math.max(...names.map((name) => Number(/\d+/.exec(name)?.[0] ?? 0)))
      // The next log that LevelDB begins lies on a disk that is always full.
      const next = [1, 2, 3].map((more) =>
        join(directory, `consensus/log/${String(highest + more).padStart(6, '0')}.log`),
      )
      for (const path of next) await symlink('/dev/full', path)
      let last = 1
      const fill = async () => {
        for (; last < 100; last++) await write({ entries: [{ ...entry(last + 1), data: new Uint8Array(256 * 1024) }] })
      }
      await expect(fill()).rejects.toMatchObject({
        name: 'StorageFailedError',
        message: expect.stringMatching(/No space left on device.*until there is room for it/),
        cause: { code: 'ENOSPC' },
      })
      await expect(write({ entries: [entry(last + 1)] })).rejects.toBeInstanceOf(StorageFailedError)
      await storage.close()
      for (const path of next) await rm(path, { force: true })

      const reopened = await openStorage(new LevelEnvironment(directory))
      expect(reopened.damage).toBeNull()
      expect(reopened.log.boot).toMatchObject({ lastIndex: last, votingSuspended: false })
      expect(await readAll(reopened)).toHaveLength(last)
      await persister(reopened)({ entries: [entry(last + 1)] })
      await reopened.close()
    },
  )

  it.each([
    ['IO error: /x/000003.log: No space left on device', 'ENOSPC'],
    ['IO error: /x/000003.log: Disk quota exceeded', 'EDQUOT'],
    ['IO error: /x/No space left on device/000003.log: Input/output error', 'LEVEL_IO_ERROR'],
  ])('V3 after "%s" nothing reaches LevelDB, not even what was on its way', async (message, code) => {
    let batches = 0
    const { store } = await storeWith(() => ({
      batch: async () => {
        batches += 1
        throw Object.assign(new Error(message), { code: 'LEVEL_IO_ERROR' })
      },
    }))
    const results = await Promise.allSettled([1, 2].map((key) => store.batch(put(key), { sync: key === 2 })))
    expect(results).toMatchObject([1, 2].map(() => ({ status: 'rejected', reason: { code } })))
    expect(batches).toBe(1)
  })

  it('V2 a synced batch is not durable when the tables of unsynced ones before it could not be written', async () => {
    const { store, path } = await storeWith(() => ({ compactRange: async () => {} }))
    await store.batch(put(1), { sync: false })
    await writeFile(join(path, '000001.log'), '')
    await expect(store.batch(put(2), { sync: true })).rejects.toThrow(/could not write the tables of .*000001.log/)
  })

  it('V2 a log that LevelDB was still deleting is no failure', async () => {
    let lateLog = ''
    const { store, path } = await storeWith((db) => ({
      compactRange: async () => {
        await db.compactRange(bytes(0xff), bytes(0xff))
        await writeFile(lateLog, '')
      },
      batch: async (operations) => {
        if (operations[0]?.type === 'del') await rm(lateLog)
        await db.batch(operations, { sync: true })
      },
    }))
    lateLog = join(path, '000001.log')
    await store.batch(put(1), { sync: false })
    await writeFile(lateLog, '')
    await store.batch(put(2), { sync: true })
    await store.batch(put(3), { sync: true })
    expect(await store.get(bytes(3))).toEqual(bytes(3))
  })
})
