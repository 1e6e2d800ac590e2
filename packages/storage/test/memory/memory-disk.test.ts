import { StoppedError } from '@pinset/interface'
import { describe, expect, it } from 'vitest'

import { MemoryDisk, diskError, readError } from '../../src/index.ts'
import { bytes, collect } from '../support/storages.ts'

const put = (key: number, value: number) => [{ kind: 'put', key: bytes(key), value: bytes(value) } as const]

async function diskWithStore(disk = new MemoryDisk()) {
  const environment = disk.mount()
  const store = await environment.open('a', { create: true })
  return { disk, environment, store }
}

async function valuesAfterCrash(disk: MemoryDisk) {
  const store = await disk.mount().open('a', { create: false })
  return (await store.getMany([bytes(1), bytes(2), bytes(3)])).map((value) => value?.[0])
}

describe('MemoryDisk', () => {
  it.each([
    [0, [1, undefined, undefined]],
    [1, [1, 2, undefined]],
    [2, [1, 2, 3]],
    [99, [1, 2, 3]],
  ])('crash() keeps synced batches and the first %i of the others', async (kept, expected) => {
    const { disk, store } = await diskWithStore()
    await store.batch(put(1, 1), { sync: true })
    await store.batch(put(2, 2), { sync: false })
    await store.batch(put(3, 3), { sync: false })
    disk.crash({ keep: () => kept })
    expect(await valuesAfterCrash(disk)).toEqual(expected)
  })

  it('crash() keeps everything before a sync', async () => {
    const { disk, store } = await diskWithStore()
    await store.batch(put(1, 1), { sync: false })
    await store.batch(put(2, 2), { sync: true })
    disk.crash()
    expect(await valuesAfterCrash(disk)).toEqual([1, 2, undefined])
  })

  it('crash() cuts off whoever had the disk mounted, delayed batches included', async () => {
    let release = () => {}
    const disk = new MemoryDisk({
      intercept: () =>
        new Promise<void>((resolve) => {
          release = resolve
        }),
    })
    const { environment, store } = await diskWithStore(disk)
    const writing = store.batch(put(1, 1), { sync: true })
    await Promise.resolve()
    await Promise.resolve()
    disk.crash()
    disk.intercept = null
    release()
    await expect(writing).rejects.toBeInstanceOf(StoppedError)
    await expect(store.get(bytes(1))).rejects.toBeInstanceOf(StoppedError)
    await expect(environment.open('b', { create: true })).rejects.toBeInstanceOf(StoppedError)
    expect(await valuesAfterCrash(disk)).toEqual([undefined, undefined, undefined])
  })

  it('failAt() fails one write or sync, and the database takes nothing after it', async () => {
    const { disk, store } = await diskWithStore()
    disk.failAt('sync', 2)
    await store.batch(put(1, 1), { sync: true })
    await store.batch(put(2, 2), { sync: false })
    await expect(store.batch(put(3, 3), { sync: true })).rejects.toMatchObject({ code: 'EIO' })
    await expect(store.batch(put(3, 4), { sync: false })).rejects.toMatchObject({ code: 'EIO' })
    disk.crash()
    expect(await valuesAfterCrash(disk)).toEqual([1, undefined, undefined])
  })

  it('capacityBytes makes a batch fail whole when the disk is full', async () => {
    const { disk, store } = await diskWithStore()
    disk.capacityBytes = 4
    await store.batch(put(1, 1), { sync: true })
    await expect(store.batch([...put(2, 2), ...put(3, 3)], { sync: true })).rejects.toMatchObject({ code: 'ENOSPC' })
    disk.crash({ keep: () => 9 })
    expect(await valuesAfterCrash(disk)).toEqual([1, undefined, undefined])
  })

  it('intercept sees every write and sync, in order, and decides', async () => {
    const { disk, store } = await diskWithStore()
    const seen: string[] = []
    disk.intercept = ({ database, phase, sync, operations, bytes: size, number }) => {
      seen.push(`${database} ${phase} ${sync} ${operations} ${size} ${number}`)
      if (number === 3) throw diskError('EIO')
    }
    await store.batch(put(1, 1), { sync: false })
    await store.batch([...put(1, 1), ...put(2, 2)], { sync: true })
    await expect(store.batch(put(3, 3), { sync: true })).rejects.toThrow('EIO')
    expect(seen).toEqual(['a write false 1 2 1', 'a write true 2 4 2', 'a sync true 2 4 1', 'a write true 1 2 3'])
  })

  it('interceptRead sees every get, and every chunk of a range, and decides', async () => {
    const { disk, store } = await diskWithStore()
    await store.batch([...put(1, 1), ...put(2, 2), ...put(3, 3)], { sync: true })
    const seen: string[] = []
    disk.mostPerChunk = 2
    disk.interceptRead = ({ database, isOfSnapshot, number }) => {
      seen.push(`${database}${isOfSnapshot ? ' snapshot' : ''} ${number}`)
      if (number === 5) throw readError()
      return undefined
    }
    expect(await store.get(bytes(1))).toEqual(bytes(1))
    expect(await store.getMany([bytes(1), bytes(2)])).toEqual([bytes(1), bytes(2)])
    const snapshot = store.snapshot()
    const sizes: number[] = []
    for await (const chunk of snapshot.range()) sizes.push(chunk.length)
    expect(sizes).toEqual([2, 1])
    await expect(collect(store.range({ gte: bytes(9) }))).rejects.toThrow('EIO')
    expect(await store.get(bytes(1))).toEqual(bytes(1))
    expect(seen).toEqual(['a 1', 'a 2', 'a snapshot 3', 'a snapshot 4', 'a 5', 'a 6'])
  })

  it('a read gives what was there when it was asked for, and close() waits for it', async () => {
    const { disk, store } = await diskWithStore()
    await store.batch(put(1, 1), { sync: true })
    const { promise, resolve } = Promise.withResolvers<void>()
    disk.interceptRead = () => promise
    const told: string[] = []
    const reads = [store.get(bytes(1)), store.snapshot().get(bytes(1))].map(async (read) => {
      told.push(`read ${(await read)?.[0]}`)
    })
    await store.batch(put(1, 2), { sync: true })
    const closed = store.close().then(() => told.push('closed'))
    resolve()
    await Promise.all([...reads, closed])
    expect(told).toEqual(['read 1', 'read 1', 'closed'])
  })

  it('a read that a crash cuts off is not answered', async () => {
    const { disk, store } = await diskWithStore()
    const { promise, resolve } = Promise.withResolvers<void>()
    disk.interceptRead = () => promise
    const read = store.get(bytes(1))
    disk.crash()
    resolve()
    await expect(read).rejects.toBeInstanceOf(StoppedError)
  })

  it('flipByte(), removeRecord() and setDamage() change what is read', async () => {
    const { disk, store } = await diskWithStore()
    await store.batch([...put(1, 1), ...put(2, 2)], { sync: true })
    await store.close()
    disk.flipByte('a', bytes(1), 0, 0x80)
    disk.removeRecord('a', bytes(2))
    disk.setDamage('a', 'a bad sector')
    expect(await valuesAfterCrash(disk)).toEqual([0x81, undefined, undefined])
    disk.crash()
    const again = await disk.mount().open('a', { create: false })
    expect(again.damage).toEqual({ path: 'memory/a', what: 'a bad sector' })
    await again.clearDamage()
    expect(again.damage).toBeNull()
  })
})
