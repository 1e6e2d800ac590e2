/** What every adapter of the key-value port does; run by the LevelDB adapter and by the memory disk. */
import { LockedError, StoppedError } from '@pinset/interface'
import { describe, expect, it } from 'vitest'

import { DatabaseMissingError } from '../../src/index.ts'
import type { BatchOperation, KeyRange, KeyValueEnvironment, KeyValueReader } from '../../src/index.ts'
import { bytes, collect } from '../support/storages.ts'

const put = (key: Uint8Array, value: Uint8Array): BatchOperation => ({ kind: 'put', key, value })
const del = (key: Uint8Array): BatchOperation => ({ kind: 'delete', key })
const SYNC = { sync: true }
const NO_SYNC = { sync: false }

const keysOf = async (reader: KeyValueReader, range?: KeyRange) =>
  (await collect(reader.range(range))).map(({ key }) => Array.from(key))

export function keyValueSuite(name: string, makeEnvironment: () => Promise<KeyValueEnvironment>) {
  const openFresh = async () => {
    const environment = await makeEnvironment()
    const store = await environment.open('dir/db', { create: true })
    return { environment, store }
  }
  const openNumbers = async (count: number) => {
    const opened = await openFresh()
    await opened.store.batch(
      Array.from({ length: count }, (_, at) => put(bytes(at), bytes(at, at))),
      NO_SYNC,
    )
    return opened
  }

  describe(`${name}: environment`, () => {
    it('open() with create makes a database that is then listed and can be opened', async () => {
      const { environment, store } = await openFresh()
      await store.batch([put(bytes(1), bytes(2))], SYNC)
      await store.close()

      expect(await environment.list('dir')).toEqual(['db'])
      const again = await environment.open('dir/db', { create: false })
      expect(await again.get(bytes(1))).toEqual(bytes(2))
      expect(again.damage).toBeNull()
      await again.close()
    })

    it('open() refuses to create twice, to open what is missing, and to open twice', async () => {
      const { environment, store } = await openFresh()
      await expect(environment.open('dir/db', { create: true })).rejects.toThrow(/exist/i)
      await expect(environment.open('dir/other', { create: false })).rejects.toBeInstanceOf(DatabaseMissingError)
      await expect(environment.open('dir/db', { create: false })).rejects.toBeInstanceOf(LockedError)
      expect(await environment.list('dir')).toEqual(['db'])
      await store.close()
    })

    it('list() gives null for a directory that is not there', async () => {
      const environment = await makeEnvironment()
      expect(await environment.list('dir')).toBeNull()
    })

    it('makeDirectory() makes what is then listed, once', async () => {
      const { environment, store } = await openFresh()
      await environment.makeDirectory('dir/mark')
      await expect(environment.makeDirectory('dir/mark')).rejects.toThrow(/exist/i)
      await expect(environment.makeDirectory('dir/db')).rejects.toThrow(/exist/i)
      expect(await environment.list('dir')).toEqual(['db', 'mark'])
      await environment.remove('dir/mark')
      expect(await environment.list('dir')).toEqual(['db'])
      await store.close()
    })

    it('remove() deletes a database or a directory, and does not mind when there is none', async () => {
      const { environment, store } = await openFresh()
      await store.close()
      const other = await environment.open('dir/other', { create: true })
      await other.close()

      await environment.remove('dir/db')
      expect(await environment.list('dir')).toEqual(['other'])
      await environment.remove('dir')
      await environment.remove('dir')
      expect(await environment.list('dir')).toBeNull()
    })

    it('rename() moves a directory with its databases and never replaces one', async () => {
      const { environment, store } = await openFresh()
      await store.batch([put(bytes(1), bytes(2))], SYNC)
      await store.close()
      await environment.rename('dir', 'place')
      expect(await environment.list('dir')).toBeNull()
      const moved = await environment.open('place/db', { create: false })
      expect(await moved.get(bytes(1))).toEqual(bytes(2))
      await moved.close()

      const second = await environment.open('dir/db', { create: true })
      await second.close()
      await expect(environment.rename('dir', 'place')).rejects.toThrow(/exists already/)
    })
  })

  describe(`${name}: store`, () => {
    it('get() and getMany() give values in the order asked for, undefined for what is missing', async () => {
      const { store } = await openNumbers(3)
      expect(await store.get(bytes(9))).toBeUndefined()
      expect(await store.getMany([bytes(2), bytes(9), bytes(0)])).toEqual([bytes(2, 2), undefined, bytes(0, 0)])
      await store.close()
    })

    it('batch() carries out its operations in order', async () => {
      const { store } = await openFresh()
      await store.batch(
        [put(bytes(1), bytes(1)), del(bytes(1)), put(bytes(2), bytes(1)), put(bytes(2), bytes(2))],
        SYNC,
      )
      expect(await store.getMany([bytes(1), bytes(2)])).toEqual([undefined, bytes(2)])
      await store.close()
    })

    it('batch() takes effect in call order, however many are in flight', async () => {
      const { store } = await openFresh()
      const calls = Array.from({ length: 200 }, (_, at) =>
        store.batch([put(bytes(1), bytes(at))], { sync: at % 7 === 0 }),
      )
      await Promise.all(calls)
      expect(await store.get(bytes(1))).toEqual(bytes(199))
      await store.close()
    })

    it('keeps empty values, keys with every byte, and values that look like nothing', async () => {
      const { store } = await openFresh()
      const keys = [
        bytes(0),
        bytes(0, 0),
        bytes(0, 255),
        bytes(1),
        bytes(127),
        bytes(128),
        bytes(255),
        bytes(255, 255, 255),
      ]
      await store.batch(
        keys.toReversed().map((key) => put(key, bytes())),
        NO_SYNC,
      )
      expect(await keysOf(store)).toEqual(keys.map((key) => Array.from(key)))
      expect(await store.get(bytes(0, 255))).toEqual(bytes())
      await store.close()
    })

    it('does not give out bytes that a reader could change for others', async () => {
      const { store } = await openNumbers(1)
      const found = await store.get(bytes(0))
      found?.fill(99)
      expect(await store.get(bytes(0))).toEqual(bytes(0, 0))
      await store.close()
    })

    it.each<[string, KeyRange, number[]]>([
      ['everything', {}, [0, 1, 2, 3, 4, 5]],
      ['gte', { gte: bytes(2) }, [2, 3, 4, 5]],
      ['gt', { gt: bytes(2) }, [3, 4, 5]],
      ['lt', { lt: bytes(2) }, [0, 1]],
      ['both bounds', { gte: bytes(1), lt: bytes(4) }, [1, 2, 3]],
      ['bounds between keys', { gt: bytes(1, 0), lt: bytes(3, 7) }, [2, 3]],
      ['nothing between', { gte: bytes(4), lt: bytes(4) }, []],
      ['bounds the wrong way round', { gte: bytes(4), lt: bytes(2) }, []],
      ['limit', { gte: bytes(1), limit: 2 }, [1, 2]],
      ['reverse', { reverse: true }, [5, 4, 3, 2, 1, 0]],
      ['reverse with bounds and limit', { gt: bytes(0), lt: bytes(5), reverse: true, limit: 3 }, [4, 3, 2]],
      ['a limit of none', { limit: 0 }, []],
    ])('range() reads %s', async (_, range, expected) => {
      const { store } = await openNumbers(6)
      expect(await keysOf(store, range)).toEqual(expected.map((key) => [key]))
      await store.close()
    })

    it('range() ends chunks by entries and by bytes, and gives no empty chunk', async () => {
      const { store } = await openFresh()
      await store.batch(
        Array.from({ length: 20 }, (_, at) => put(bytes(at), new Uint8Array(1000))),
        NO_SYNC,
      )
      const byEntries: number[] = []
      for await (const chunk of store.range({ chunkEntries: 8 })) byEntries.push(chunk.length)
      expect(byEntries).toEqual([8, 8, 4])
      for await (const chunk of store.range({ chunkBytes: 3000 })) {
        expect(chunk.length).toBeGreaterThan(0)
        expect(chunk.length).toBeLessThanOrEqual(4)
      }
      await store.close()
    })

    it('range() reads one point in time', async () => {
      const { store } = await openNumbers(6)
      const seen: number[] = []
      for await (const chunk of store.range({ chunkEntries: 2 })) {
        seen.push(...chunk.map(({ key }) => key[0] ?? -1))
        await store.batch([del(bytes(5)), put(bytes(6), bytes())], NO_SYNC)
      }
      expect(seen).toEqual([0, 1, 2, 3, 4, 5])
      await store.close()
    })

    it('range() stops when its signal ends, and can be left early', async () => {
      const { store } = await openNumbers(6)
      const controller = new AbortController()
      const reading = async () => {
        for await (const _ of store.range({ chunkEntries: 1, signal: controller.signal })) controller.abort()
      }
      await expect(reading()).rejects.toMatchObject({ name: 'AbortError' })
      for await (const _ of store.range({ chunkEntries: 1 })) break
      await store.close()
    })

    it('close() waits for batches in flight, refuses later calls, and can be called again', async () => {
      const { environment, store } = await openFresh()
      const writing = store.batch([put(bytes(1), bytes(1))], NO_SYNC)
      await Promise.all([store.close(), store.close()])
      await writing
      await expect(store.batch([], NO_SYNC)).rejects.toBeInstanceOf(StoppedError)
      await expect(store.get(bytes(1))).rejects.toBeInstanceOf(StoppedError)
      await expect(collect(store.range())).rejects.toBeInstanceOf(StoppedError)
      const again = await environment.open('dir/db', { create: false })
      expect(await again.get(bytes(1))).toEqual(bytes(1))
      await again.close()
    })
  })

  describe(`${name}: snapshot`, () => {
    it('snapshot() reads one point in time until it is closed', async () => {
      const { store } = await openNumbers(3)
      const snapshot = store.snapshot()
      await store.batch([del(bytes(0)), put(bytes(1), bytes(77)), put(bytes(9), bytes(9))], SYNC)

      expect(await snapshot.get(bytes(1))).toEqual(bytes(1, 1))
      expect(await snapshot.getMany([bytes(0), bytes(9)])).toEqual([bytes(0, 0), undefined])
      expect(await keysOf(snapshot)).toEqual([[0], [1], [2]])
      await snapshot.close()
      await snapshot.close()
      await expect(snapshot.get(bytes(1))).rejects.toBeInstanceOf(StoppedError)
      await store.close()
    })

    it('close() ends the ranges of a snapshot, and close() of the store its snapshots', async () => {
      const { store } = await openNumbers(6)
      const first = store.snapshot()
      const reading = first.range({ chunkEntries: 1 })[Symbol.asyncIterator]()
      await reading.next()
      await first.close()
      await expect(reading.next()).rejects.toBeInstanceOf(StoppedError)

      const second = store.snapshot()
      await store.close()
      await expect(second.get(bytes(1))).rejects.toBeInstanceOf(StoppedError)
      expect(() => store.snapshot()).toThrow(StoppedError)
    })
  })
}
