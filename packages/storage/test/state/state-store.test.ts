import { CorruptError, StoppedError } from '@pinset/interface'
import type { Row } from '@pinset/interface'
import { InvariantViolation } from '@pinset/raft'
import { describe, expect, it } from 'vitest'

import { LevelEnvironment, StorageFailedError, openStorage } from '../../src/index.ts'
import { rowKeyToKey } from '../../src/state/state-records.ts'
import {
  bytes,
  collect,
  entries,
  memoryPeer,
  meta,
  openFresh,
  persister,
  row,
  temporaryDirectory,
  text,
} from '../support/storages.ts'

const STATE = 'consensus/state-1'
const NO_SYNC = { sync: false }

describe('StateDatabase', () => {
  it('write() puts rows, deletes and meta data into one batch, and getMany() reads rows in one call', async () => {
    const { disk, storage } = await memoryPeer()
    const before = disk.counts.writes
    await storage.state.write(
      { puts: [row('a', '1'), row('b', '2'), row('a', '3', 'expiry')], deletes: [], meta: meta(1) },
      NO_SYNC,
    )
    await storage.state.write(
      { puts: [row('c', '4')], deletes: [row('a', '')], meta: meta(1, { pinCount: 9 }) },
      NO_SYNC,
    )

    expect(disk.counts.writes).toBe(before + 2)
    expect(storage.state.meta).toEqual(meta(1, { pinCount: 9 }))
    const keys = [row('c', ''), row('a', ''), row('a', '', 'expiry'), row('b', '', 'origin'), row('b', '')]
    expect(await storage.state.getMany(keys)).toEqual([text('4'), undefined, text('3'), undefined, text('2')])
  })

  it('write() with sync makes everything before it durable; without, a crash takes whole writes from the end', async () => {
    const { disk, storage, write } = await memoryPeer()
    await write({ entries: entries(2, 9) })
    const put = (index: number, sync: boolean) =>
      storage.state.write({ puts: [row(`${index}`, `${index}`)], deletes: [], meta: meta(index) }, { sync })
    await put(1, false)
    await put(2, true)
    await put(3, false)
    await put(4, false)
    disk.crash({ keep: () => 1 })

    const { state } = await openStorage(disk.mount())
    expect(state.meta).toEqual(meta(3))
    expect(await collect((await state.snapshot()).rows())).toEqual([row('1', '1'), row('2', '2'), row('3', '3')])
  })

  it('write() is applied in call order, and meta speaks of the last one that was begun', async () => {
    const { storage } = await memoryPeer()
    const writes = [1, 2, 3].map((index) =>
      storage.state.write({ puts: [row('a', `${index}`)], deletes: [], meta: meta(index) }, NO_SYNC),
    )
    expect(storage.state.meta.appliedIndex).toBe(3)
    await Promise.all(writes)
    expect(await storage.state.getMany([row('a', '')])).toEqual([text('3')])
  })

  it('write() refuses an applied index that goes back, and rows that are too large', async () => {
    const { storage } = await memoryPeer()
    await storage.state.write({ puts: [], deletes: [], meta: meta(4) }, NO_SYNC)
    const attempts = [
      { puts: [], deletes: [], meta: meta(3) },
      { puts: [{ ...row('a', ''), value: new Uint8Array(65_537) }], deletes: [], meta: meta(5) },
      { puts: [], deletes: [{ table: 'pin' as const, key: new Uint8Array(1025) }], meta: meta(5) },
      { puts: [], deletes: [], meta: meta(5, { head: bytes(1) }) },
    ]
    for (const attempt of attempts)
      await expect(storage.state.write(attempt, NO_SYNC)).rejects.toBeInstanceOf(InvariantViolation)
    expect(storage.state.meta).toEqual(meta(4))
    await storage.state.write(
      { puts: [{ ...row('a', ''), value: new Uint8Array(65_536) }], deletes: [], meta: meta(5) },
      NO_SYNC,
    )
  })

  it('a failed write stops the log as well, but reads go on, and the next start votes', async () => {
    const { disk, storage, write } = await memoryPeer()
    await storage.state.write({ puts: [row('a', '1')], deletes: [], meta: meta(1) }, NO_SYNC)
    disk.failAt('write', 1)
    const failing = storage.state.write({ puts: [row('a', '2')], deletes: [], meta: meta(1) }, NO_SYNC)
    await expect(failing).rejects.toBeInstanceOf(StorageFailedError)
    await expect(write({ entries: entries(2, 2) })).rejects.toBeInstanceOf(StorageFailedError)
    expect(await storage.state.getMany([row('a', '')])).toEqual([text('1')])
    await storage.close()
    expect((await openStorage(disk.mount())).log.boot.votingSuspended).toBe(false)
  })

  it('getMany() and rows() find a flipped byte, and name the row', async () => {
    const { disk, storage } = await memoryPeer()
    const puts = ['a', 'b', 'c'].map((key) => row(key, key))
    await storage.state.write({ puts, deletes: [], meta: meta(1) }, NO_SYNC)
    disk.flipByte(STATE, rowKeyToKey(row('b', '')), 4)
    const message = /row pin\/62 in memory\/consensus\/state-1 has a wrong checksum/
    await expect(storage.state.getMany([row('a', ''), row('b', '')])).rejects.toThrow(message)
    const snapshot = await storage.state.snapshot()
    await expect(collect(snapshot.rows())).rejects.toThrow(message)
    await expect(snapshot.get(row('b', ''))).rejects.toBeInstanceOf(CorruptError)
    expect(await snapshot.get(row('a', ''))).toEqual(text('a'))
  })

  it('a value that stands under the key of another row is refused', async () => {
    const { disk, storage } = await memoryPeer()
    await storage.state.write({ puts: [row('a', '1'), row('b', '1')], deletes: [], meta: meta(1) }, NO_SYNC)
    const { value } = disk.records(STATE).find(({ key }) => Buffer.compare(key, rowKeyToKey(row('a', ''))) === 0) as {
      value: Uint8Array
    }
    disk.putRecord(STATE, rowKeyToKey(row('b', '')), value)
    await expect(storage.state.getMany([row('b', '')])).rejects.toBeInstanceOf(CorruptError)
  })
})

describe.each(['MemoryDisk', 'LevelEnvironment'])('StateSnapshot on %s', (adapter) => {
  const open = async () =>
    adapter === 'MemoryDisk'
      ? (await memoryPeer()).storage
      : await openFresh(new LevelEnvironment(await temporaryDirectory()))

  const open700 = async () => {
    const storage = await open()
    const puts: Row[] = []
    for (let at = 0; at < 600; at++) puts.push(row(String(at).padStart(4, '0'), `value ${at}`))
    for (let at = 0; at < 100; at++)
      puts.push({ ...row(`o${String(at).padStart(3, '0')}`, '', 'origin'), value: new Uint8Array(5000).fill(at) })
    await storage.state.write({ puts, deletes: [], meta: meta(1) }, NO_SYNC)
    return { storage, puts }
  }

  it('rows() gives all tables in order, in chunks of at most 256 rows and about 64 KiB, from one point in time', async () => {
    const { storage, puts } = await open700()
    const snapshot = await storage.state.snapshot()
    await storage.state.write(
      { puts: [row('0000', 'changed'), row('z', 'new')], deletes: [row('0001', '')], meta: meta(2) },
      NO_SYNC,
    )

    const found: Row[] = []
    for await (const chunk of snapshot.rows()) {
      expect(chunk.length).toBeGreaterThan(0)
      expect(chunk.length).toBeLessThanOrEqual(256)
      expect(chunk.reduce((sum, { value }) => sum + value.length, 0)).toBeLessThan(64 * 1024 + 5000)
      found.push(...chunk)
    }
    expect(found).toEqual(puts)
    expect(snapshot.meta).toEqual(meta(1))
    expect(await snapshot.get(row('0000', ''))).toEqual(text('value 0'))
    expect(await snapshot.get(row('z', ''))).toBeUndefined()
    await snapshot.close()
    await storage.close()
  })

  it('rows() begins after a row, within a table or across tables, up to a limit', async () => {
    const { storage, puts } = await open700()
    const snapshot = await storage.state.snapshot()
    expect(await collect(snapshot.rows({ table: 'pin', after: row('0597', '') }))).toEqual(puts.slice(598, 600))
    expect(await collect(snapshot.rows({ table: 'pin', after: row('05975', '') }))).toEqual(puts.slice(598, 600))
    expect(await collect(snapshot.rows({ after: row('0598', ''), limit: 3 }))).toEqual(puts.slice(599, 602))
    expect(await collect(snapshot.rows({ table: 'origin', limit: 2 }))).toEqual(puts.slice(600, 602))
    expect(await collect(snapshot.rows({ table: 'request' }))).toEqual([])
    await expect(collect(snapshot.rows({ table: 'pin', after: row('a', '', 'origin') }))).rejects.toBeInstanceOf(
      InvariantViolation,
    )
    await snapshot.close()
    await storage.close()
  })

  it('rows() stops with its signal; close() of the storage ends every snapshot', async () => {
    const { storage } = await open700()
    const snapshot = await storage.state.snapshot()
    const controller = new AbortController()
    const reading = async () => {
      for await (const _ of snapshot.rows({ signal: controller.signal })) controller.abort()
    }
    await expect(reading()).rejects.toMatchObject({ name: 'AbortError' })
    const rows = snapshot.rows()[Symbol.asyncIterator]()
    await rows.next()
    await storage.close()
    await expect(rows.next()).rejects.toBeInstanceOf(StoppedError)
    await expect(snapshot.get(row('0000', ''))).rejects.toBeInstanceOf(StoppedError)
    await expect(storage.state.snapshot()).rejects.toBeInstanceOf(StoppedError)
    await snapshot.close()
    await storage.close()
  })

  it('a storage that is opened again holds what was written', async () => {
    const { storage, puts } = await open700()
    await persister(storage)({ entries: entries(2, 2) })
    expect(await collect((await storage.state.snapshot()).rows({ limit: 5 }))).toEqual(puts.slice(0, 5))
    await storage.close()
  })
})
