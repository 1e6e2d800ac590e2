import { CorruptError } from '@pinset/interface'
import { describe, expect, it } from 'vitest'

import { openStorage } from '../../src/index.ts'
import type { MemoryDisk, Storage } from '../../src/index.ts'
import { BASE_KEY, HEAD_KEY, encodeEntry, entryKey } from '../../src/log/log-records.ts'
import { META_KEY, metaToPut } from '../../src/state/state-records.ts'
import {
  base,
  bytes,
  entries,
  entry,
  membershipEntry,
  memoryPeer,
  meta,
  persister,
  readAll,
  settle,
} from '../support/storages.ts'

const LOG = 'consensus/log'
const STATE = 'consensus/state-1'

const recordOf = (disk: MemoryDisk, key: Uint8Array, name = LOG) =>
  disk.records(name).find((record) => Buffer.compare(record.key, key) === 0)?.value as Uint8Array

/** A peer with entries 1–20, of which `applied` are in the durable state; closed, then harmed, then opened. */
async function open(harm: (disk: MemoryDisk) => void, applied = 0) {
  const { disk, storage, write } = await memoryPeer()
  await write({ entries: entries(2, 10) }, { hardState: { term: 3, vote: 'b' }, entries: entries(11, 20, 3) })
  if (applied > 0) await apply(storage, applied)
  await storage.close()
  harm(disk)
  const opened = await openStorage(disk.mount())
  return { disk, storage: opened, boot: opened.log.boot, damage: opened.damage, write: persister(opened) }
}

const metaAt = (index: number) => meta(index, { appliedTerm: index > 10 ? 3 : 1 })
const apply = (storage: Storage, index: number) =>
  storage.state.write({ puts: [], deletes: [], meta: metaAt(index) }, { sync: true })

describe('bootLog', () => {
  it('finds nothing in a whole log', async () => {
    const { boot, damage } = await open(() => {}, 15)
    expect(damage).toBeNull()
    expect(boot).toMatchObject({ lastIndex: 20, hardState: { term: 3, vote: 'b' }, votingSuspended: false })
    expect(boot.termRuns).toEqual([
      { term: 1, index: 1 },
      { term: 3, index: 11 },
    ])
  })

  it.each<[string, (disk: MemoryDisk) => void, number, RegExp]>([
    ['a flipped byte in data', (disk) => disk.flipByte(LOG, entryKey(12), 30), 12, /entry 12: wrong checksum/],
    ['a flipped byte in a term', (disk) => disk.flipByte(LOG, entryKey(12), 11), 12, /entry 12: wrong checksum/],
    ['a flipped byte in a checksum', (disk) => disk.flipByte(LOG, entryKey(12), 0), 12, /entry 12: wrong checksum/],
    ['a missing entry', (disk) => disk.removeRecord(LOG, entryKey(12)), 12, /entry 12: missing/],
    [
      'missing entries',
      (disk) => [12, 13, 14].forEach((at) => disk.removeRecord(LOG, entryKey(at))),
      12,
      /entry 12: missing, up to 14/,
    ],
    [
      'a missing end',
      (disk) => [19, 20].forEach((at) => disk.removeRecord(LOG, entryKey(at))),
      19,
      /entry 19: missing, up to the end at 20/,
    ],
    ['a destroyed last entry', (disk) => disk.flipByte(LOG, entryKey(20), 5), 20, /entry 20: wrong checksum/],
    [
      'an entry under the key of another',
      (disk) => disk.putRecord(LOG, entryKey(12), recordOf(disk, entryKey(13))),
      12,
      /wrong checksum/,
    ],
    [
      'a record that is no entry',
      (disk) => disk.putRecord(LOG, bytes(0x10, 0, 0, 0, 0, 0, 0, 0, 11, 99), bytes(1)),
      12,
      /no entry/,
    ],
    [
      'an entry far beyond the end',
      (disk) => disk.putRecord(LOG, entryKey(2 ** 52), recordOf(disk, entryKey(12))),
      21,
      /missing/,
    ],
    ['damage in two places', (disk) => [12, 17].forEach((at) => disk.flipByte(LOG, entryKey(at), 5)), 12, /entry 12/],
    [
      'an unknown kind',
      (disk) => disk.putRecord(LOG, entryKey(12), forged(disk, 12, { kind: 'noop' }, 9)),
      12,
      /entry 12/,
    ],
    [
      'a term that goes back',
      (disk) => disk.putRecord(LOG, entryKey(12), forged(disk, 12, { term: 2 })),
      12,
      /term 2 after term 3/,
    ],
  ])('cuts the log before %s, reports it and suspends voting (P18)', async (_, harm, index, what) => {
    const { disk, storage, boot, damage, write } = await open(harm, 5)
    expect(damage).toEqual({ path: 'memory/consensus/log', index, what: expect.stringMatching(what) as string })
    expect(boot).toMatchObject({
      base: { index: 0 },
      lastIndex: index - 1,
      votingSuspended: true,
      hardState: { term: 3, vote: 'b' },
    })
    expect(await readAll(storage)).toEqual([membershipEntry(1), ...entries(2, 10), ...entries(11, index - 1, 3)])

    // A leader heals it; the suspension outlives the restart, the damage does not.
    await write({ entries: entries(index, 25, 3) })
    await storage.close()
    const reopened = await openStorage(disk.mount())
    expect(reopened.damage).toBeNull()
    expect(reopened.log.boot).toMatchObject({ lastIndex: 25, votingSuspended: true })
    expect(disk.records(LOG).filter(({ key }) => key[0] === 0x10)).toHaveLength(25)
  })

  it('notices a batch that was lost in the middle, though no index is missing', async () => {
    const { disk, storage, write } = await memoryPeer()
    await write({ entries: entries(2, 10) })
    const before = new Map([6, 7, 8].map((index) => [index, recordOf(disk, entryKey(index))]))
    await write({ hardState: { term: 2, vote: null }, truncateFrom: 6, entries: entries(6, 8, 2) })
    await write({ entries: entries(9, 12, 2) })
    await storage.close()
    for (const [index, value] of before) disk.putRecord(LOG, entryKey(index), value)

    const reopened = await openStorage(disk.mount())
    expect(reopened.damage).toMatchObject({
      index: 9,
      what: expect.stringContaining('a batch in between is lost') as string,
    })
    expect(reopened.log.boot).toMatchObject({ lastIndex: 8, votingSuspended: true })
  })

  it('notices that the newest head is lost: entries lie beyond the end that the old one names', async () => {
    const { disk, storage, write } = await memoryPeer()
    await write({ entries: entries(2, 10) })
    const oldHead = recordOf(disk, HEAD_KEY)
    await write({ hardState: { term: 2, vote: 'b' }, entries: entries(11, 12, 2) })
    await storage.close()
    disk.putRecord(LOG, HEAD_KEY, oldHead)

    const reopened = await openStorage(disk.mount())
    expect(reopened.damage).toMatchObject({
      index: 11,
      what: expect.stringContaining('the newest head is lost') as string,
    })
    // The forgotten term is raised to what the log is known to have held, so that no entry is above it (P6).
    expect(reopened.log.boot).toMatchObject({
      lastIndex: 10,
      votingSuspended: true,
      hardState: { term: 2, vote: null },
    })
    expect(disk.records(LOG).filter(({ key }) => key[0] === 0x10)).toHaveLength(10)
  })

  it('notices an older last entry under a newer head', async () => {
    const { disk, storage, write } = await memoryPeer()
    await write({ entries: entries(2, 10) })
    const stale = recordOf(disk, entryKey(10))
    await write({ hardState: { term: 2, vote: null }, truncateFrom: 10, entries: [entry(10, 2)] })
    await storage.close()
    disk.putRecord(LOG, entryKey(10), stale)

    const reopened = await openStorage(disk.mount())
    const what = 'entry 10: not the last record that the head names'
    expect(reopened.damage).toEqual({ path: 'memory/consensus/log', index: 10, what })
    expect(reopened.log.boot).toMatchObject({ lastIndex: 9, votingSuspended: true })
  })

  it('takes damage that the adapter found as a loss of the newest batches', async () => {
    const { disk, boot, damage } = await open((disk) => disk.setDamage(LOG, 'a bad sector'))
    expect(damage).toEqual({ path: 'memory/consensus/log', index: 21, what: 'a bad sector' })
    expect(boot).toMatchObject({ lastIndex: 20, votingSuspended: true })
    disk.crash()
    const reopened = await openStorage(disk.mount())
    expect(reopened.damage).toBeNull()
    expect(reopened.log.boot.votingSuspended).toBe(true)
  })

  it.each([
    ['below the state', [4], 15, 15, 20, true],
    ['up to the state', [4, 15], 15, 15, 20, true],
    ['below and above the state', [4, 18], 15, 15, 15, false],
    ['at the last entry, which is applied', [20], 20, 20, 20, false],
  ])(
    'damage %s: the state becomes the base, nothing applied is taken back',
    async (_, damaged, applied, baseIndex, lastIndex, isKept) => {
      const { disk, storage, boot, damage, write } = await open((disk) => {
        for (const index of damaged) disk.flipByte(LOG, entryKey(index), 28)
      }, applied)
      expect(damage?.index).toBe(damaged[0])
      expect(boot).toMatchObject({ base: { ...base(baseIndex, 3) }, lastIndex, votingSuspended: true, memberships: [] })
      expect(boot.termRuns).toEqual(!isKept ? [] : [{ term: 3, index: baseIndex + 1 }])
      expect(await readAll(storage)).toEqual(!isKept ? [] : entries(baseIndex + 1, lastIndex, 3))
      await write({ entries: entries(lastIndex + 1, lastIndex + 2, 3) })
      await settle()
      await storage.close()
      const reopened = await openStorage(disk.mount())
      expect(reopened.damage).toBeNull()
      expect(reopened.log.boot).toMatchObject({ base: { index: baseIndex }, lastIndex: lastIndex + 2 })
      await settle()
      expect(disk.records(LOG).filter(({ key }) => key[0] === 0x10)).toHaveLength(lastIndex + 2 - baseIndex)
    },
  )

  it('a state that is ahead of the log shows that the end of the log is lost', async () => {
    const { storage, boot, damage } = await open((disk) => putMeta(disk, 25))
    expect(damage).toMatchObject({
      index: 21,
      what: expect.stringContaining('entries up to 25 were applied') as string,
    })
    expect(boot).toMatchObject({ base: base(25, 3), lastIndex: 25, termRuns: [], votingSuspended: true })
    expect(storage.state.meta.appliedIndex).toBe(25)
  })

  it('a state that is behind the base cannot be used', async () => {
    const { disk, storage, write } = await memoryPeer()
    await write({ entries: entries(2, 10) })
    await apply(storage, 8)
    await write({ compact: base(8) })
    await storage.close()
    putMeta(disk, 7)
    await expect(openStorage(disk.mount())).rejects.toBeInstanceOf(CorruptError)
    await expect(openStorage(disk.mount())).rejects.toThrow(/state-1 is at index 7, but the log begins after index 8/)
  })

  it('an old base under a newer head is refused: what lies between the two is not there any more', async () => {
    const { disk, storage, write } = await memoryPeer()
    await write({ entries: entries(2, 10) })
    await apply(storage, 8)
    await write({ compact: base(4) })
    const old = recordOf(disk, BASE_KEY)
    await write({ compact: base(8) })
    await storage.close()
    disk.putRecord(LOG, BASE_KEY, old)
    await expect(openStorage(disk.mount())).rejects.toBeInstanceOf(CorruptError)
    await expect(openStorage(disk.mount())).rejects.toThrow(/base .* is not the one that its head names \(index 4\)/)
  })

  it('a state of a later term than the hard state shows that the newest batch is lost, though the log is as long', async () => {
    const { disk, storage, write } = await memoryPeer()
    await write({ entries: entries(2, 10) })
    const before = disk.records(LOG)
    await write({ hardState: { term: 3, vote: 'b' }, truncateFrom: 10, entries: [entry(10, 3)] })
    await storage.state.write({ puts: [], deletes: [], meta: meta(10, { appliedTerm: 3 }) }, { sync: true })
    await storage.close()
    for (const { key, value } of before) disk.putRecord(LOG, key, value)
    const reopened = await openStorage(disk.mount())
    expect(reopened.damage?.what).toBe('the hard state is at term 1, the log at term 3')
    // The vote of term 3 is lost with the batch: whoever got it may lead.
    expect(reopened.log.boot).toMatchObject({ hardState: { term: 3, vote: null }, votingSuspended: true })
  })

  it('a crash during the repair repairs again', async () => {
    for (const phase of ['write', 'sync'] as const) {
      const { disk, storage, write } = await memoryPeer()
      await write({ entries: entries(2, 10) })
      await storage.close()
      disk.flipByte(LOG, entryKey(6), 28)
      disk.intercept = (event) => {
        if (event.phase === phase) disk.crash()
      }
      await expect(openStorage(disk.mount())).rejects.toThrow(/has crashed/)
      disk.intercept = null
      const reopened = await openStorage(disk.mount())
      expect(reopened.damage?.index).toBe(6)
      expect(reopened.log.boot).toMatchObject({ lastIndex: 5, votingSuspended: true })
    }
  })

  it('any single flipped byte in any record of the log is found, and never read as data', async () => {
    const { disk, storage, write } = await memoryPeer()
    await write({ entries: [entry(2), entry(3), entry(4)] })
    await storage.close()
    for (const { key, value } of disk.records(LOG)) {
      for (let offset = 0; offset < value.length; offset++) {
        const harmed = value.slice()
        harmed[offset] = (harmed[offset] ?? 0) ^ (1 << (offset % 8))
        const copies = disk.records(LOG)
        disk.putRecord(LOG, key, harmed)
        const verdict = await openStorage(disk.mount()).then(
          async (opened) => {
            await opened.close()
            return opened.damage !== null && opened.log.boot.votingSuspended ? 'suspended' : 'missed'
          },
          (err: unknown) => (err instanceof CorruptError ? 'refused' : err),
        )
        expect(['suspended', 'refused'], `byte ${offset}`).toContain(verdict)
        disk.crash()
        for (const record of copies) disk.putRecord(LOG, record.key, record.value)
      }
    }
  })
})

/** A record with a right checksum and a wrong content. */
function forged(disk: MemoryDisk, index: number, change: object, kind?: number) {
  const { value } = encodeEntry({ ...entry(index, 3), ...change }, 2, readChain(disk, index))
  if (kind !== undefined) value[12] = kind
  return value
}

function readChain(disk: MemoryDisk, index: number) {
  return Buffer.from(recordOf(disk, entryKey(index))).readUInt32BE(21)
}

function putMeta(disk: MemoryDisk, index: number) {
  const operation = metaToPut(metaAt(index))
  if (operation.kind === 'put') disk.putRecord(STATE, META_KEY, operation.value)
}
