import { cp, mkdtemp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'

import { CorruptError } from '@pinset/interface'
import { describe, expect, it } from 'vitest'

import { LevelEnvironment, StorageFormatError, openStorage } from '../../src/index.ts'
import { checkTables } from '../../src/level/table.ts'
import { findDamageOffset } from '../../src/level/write-ahead-log.ts'
import { entryKey } from '../../src/log/log-records.ts'
import {
  entries,
  entry,
  membershipEntry,
  meta,
  openFresh,
  persister,
  readAll,
  row,
  temporaryDirectory,
} from '../support/storages.ts'

const LOG = 'consensus/log'

/** A peer on LevelDB with entries 1–`last`, each in a batch of its own; closed. */
async function closedPeer(last = 40) {
  const directory = await temporaryDirectory()
  const storage = await openFresh(new LevelEnvironment(directory))
  const write = persister(storage)
  for (let index = 2; index <= last; index++) await write({ entries: [entry(index)] })
  await storage.state.write({ puts: [row('a', 'value of a')], deletes: [], meta: meta(1) }, { sync: true })
  await storage.close()
  return directory
}

async function fileIn(directory: string, database: string, extension: string) {
  const names = (await readdir(join(directory, database))).filter((name) => name.endsWith(extension)).sort()
  return join(directory, database, names.at(-1) as string)
}

async function flipAt(path: string, find: Uint8Array | number, mask = 0x01) {
  const content = await readFile(path)
  const at = typeof find === 'number' ? find : content.indexOf(find)
  expect(at).toBeGreaterThanOrEqual(0)
  content[at] = (content[at] ?? 0) ^ mask
  await writeFile(path, content)
}

/** What a start makes of a peer with entries 1–`last`. */
async function judge(directory: string, last = 12) {
  try {
    const storage = await openStorage(new LevelEnvironment(directory))
    const found = await readAll(storage)
    await storage.close()
    if (storage.damage !== null && storage.log.boot.votingSuspended) return 'reported'
    const isWhole = isDeepStrictEqual(found, [membershipEntry(1), ...entries(2, last)])
    return isWhole && storage.log.boot.hardState.term === 1 ? 'unchanged' : `silently ${found.length} entries`
  } catch (err) {
    const isKnown = err instanceof CorruptError || err instanceof StorageFormatError
    // A destroyed offset shows as an I/O error, which names the file.
    return isKnown || String(err).includes(`IO error: ${directory}`) ? 'refused' : String(err)
  }
}

/** Whether LevelDB is not even given the tables; opening it takes much longer. */
async function refusal(directory: string, file: string) {
  try {
    await checkTables(join(directory, LOG), { leaveValues: true })
    return null
  } catch (err) {
    return err instanceof CorruptError && err.message.includes(`${file} is damaged`) ? 'refused' : String(err)
  }
}

async function judgeCopy(directory: string, last: number) {
  const copy = await mkdtemp(join(tmpdir(), 'pinset-storage-'))
  try {
    await cp(directory, copy, { recursive: true })
    return await judge(copy, last)
  } finally {
    await rm(copy, { recursive: true })
  }
}

const dataOf = (index: number) => Buffer.from(entry(index).data)

describe('damage on LevelDB', () => {
  it.each([2, 20, 39, 40])(
    'a flipped byte in entry %i of the write-ahead log is found, and suspends voting for good',
    async (index) => {
      const directory = await closedPeer()
      await flipAt(await fileIn(directory, LOG, '.log'), dataOf(index))

      const storage = await openStorage(new LevelEnvironment(directory))
      expect(storage.damage).not.toBeNull()
      expect(storage.damage?.path).toContain(LOG)
      expect(storage.log.boot.votingSuspended).toBe(true)
      const { lastIndex } = storage.log.boot
      expect(lastIndex).toBeLessThan(index)
      expect(storage.damage?.index).toBe(lastIndex + 1)
      expect(await readAll(storage)).toEqual([membershipEntry(1), ...entries(2, lastIndex)].slice(0, lastIndex))
      await persister(storage)({ entries: entries(lastIndex + 1, 50) })
      await storage.close()

      const again = await openStorage(new LevelEnvironment(directory))
      expect(again.damage).toBeNull()
      expect(again.log.boot).toMatchObject({ lastIndex: 50, votingSuspended: true })
      await again.close()
    },
  )

  it('damage that was found is not forgotten when the start ends before it is recorded', async () => {
    const directory = await closedPeer()
    await flipAt(await fileIn(directory, LOG, '.log'), dataOf(20))
    // LevelDB has replayed what is left and deleted the evidence.
    const store = await new LevelEnvironment(directory).open(LOG, { create: false })
    expect(store.damage).not.toBeNull()
    await store.close()

    const storage = await openStorage(new LevelEnvironment(directory))
    expect(storage.damage).not.toBeNull()
    expect(storage.log.boot.votingSuspended).toBe(true)
    await storage.close()
  })

  it('a flipped byte in a table file is found', async () => {
    const directory = await closedPeer()
    await (await openStorage(new LevelEnvironment(directory))).close() // moves the log into a table
    const file = await fileIn(directory, LOG, '.ldb')
    await flipAt(file, dataOf(20))
    const storage = await openStorage(new LevelEnvironment(directory))
    expect(storage.damage).toMatchObject({ index: 20 })
    expect(storage.log.boot).toMatchObject({ lastIndex: 19, votingSuspended: true })
    await storage.close()
  })

  it.each(['.log', 'MANIFEST', 'CURRENT'])(
    'a flipped byte anywhere in a %s file is reported, refused, or changes nothing',
    async (kind) => {
      const directory = await closedPeer(12)
      const names = (await readdir(join(directory, LOG))).filter((name) => name.includes(kind))
      expect(names.length).toBeGreaterThan(0)
      for (const name of names) {
        const { length } = await readFile(join(directory, LOG, name))
        for (let at = 0; at < length; at += Math.ceil(length / 30)) {
          const copy = await temporaryDirectory()
          await cp(directory, copy, { recursive: true })
          await flipAt(join(copy, LOG, name), at, 1 << (at % 8))
          const verdict = await judge(copy)
          expect(['refused', 'reported', 'unchanged'], `byte ${at} of ${length} in ${name}`).toContain(verdict)
        }
      }
    },
    60_000,
  )

  it('every flipped byte of a table file is reported, refused, or changes nothing, and never ends the process', async () => {
    const directory = await closedPeer(8)
    await (await openStorage(new LevelEnvironment(directory))).close()
    const file = await fileIn(directory, LOG, '.ldb')
    const content = await readFile(file)
    const verdicts = new Map<string, number>()
    for (let at = 0; at < content.length; at++) {
      const harmed = Buffer.from(content)
      harmed[at] = (harmed[at] ?? 0) ^ (1 << (at % 8))
      await writeFile(file, harmed)
      const verdict = (await refusal(directory, file)) ?? (await judgeCopy(directory, 8))
      expect(['refused', 'reported', 'unchanged'], `byte ${at} of ${content.length}`).toContain(verdict)
      verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1)
    }
    // The head alone has eight versions here: their keys, lengths and sequence numbers are what must not change.
    expect(verdicts.get('refused')).toBeGreaterThan(200)
    expect(verdicts.get('reported')).toBeGreaterThan(200)
  }, 60_000)

  it('a table that a crash has left half written, and nobody uses, is no damage', async () => {
    const directory = await closedPeer()
    await writeFile(join(directory, LOG, '000099.ldb'), 'half a tab')
    const storage = await openStorage(new LevelEnvironment(directory))
    expect(storage.damage).toBeNull()
    await storage.close()
  })

  it('a flipped byte in the index of a table is refused, in the log and in the state, naming file, offset and what to do', async () => {
    for (const database of [LOG, 'consensus/state-1']) {
      const directory = await closedPeer()
      await (await openStorage(new LevelEnvironment(directory))).close()
      const file = await fileIn(directory, database, '.ldb')
      const { length } = await readFile(file)
      await flipAt(file, length - 48 - 20)
      const opening = openStorage(new LevelEnvironment(directory))
      await expect(opening).rejects.toThrow(/\.ldb is damaged: .*index at byte \d+.*let it join again/)
    }
  })

  it('a removed record is a hole', async () => {
    const directory = await closedPeer()
    const store = await new LevelEnvironment(directory).open(LOG, { create: false })
    await store.batch([{ kind: 'delete', key: entryKey(30) }], { sync: true })
    await store.close()
    const storage = await openStorage(new LevelEnvironment(directory))
    expect(storage.damage).toMatchObject({ index: 30, what: 'entry 30: missing' })
    expect(storage.log.boot).toMatchObject({ lastIndex: 29, votingSuspended: true })
    await storage.close()
  })

  it('a write-ahead log that was cut short, as by a crash, is a torn tail and no damage', async () => {
    const directory = await closedPeer()
    const file = await fileIn(directory, LOG, '.log')
    const { length } = await readFile(file)
    await truncate(file, length - 5)
    const storage = await openStorage(new LevelEnvironment(directory))
    expect(storage.damage).toBeNull()
    expect(storage.log.boot).toMatchObject({ lastIndex: 39, votingSuspended: false })
    await storage.close()
  })

  it('a flipped byte in the state, or a missing file, refuses to open and says what to do', async () => {
    const directory = await closedPeer()
    await flipAt(await fileIn(directory, 'consensus/state-1', '.log'), Buffer.from('value of a'))
    for (let attempt = 0; attempt < 2; attempt++) {
      const opening = openStorage(new LevelEnvironment(directory))
      await expect(opening).rejects.toBeInstanceOf(CorruptError)
      await expect(openStorage(new LevelEnvironment(directory))).rejects.toThrow(
        /state-1.*wrong checksum.*let it join again/,
      )
    }

    const other = await closedPeer()
    await (await openStorage(new LevelEnvironment(other))).close()
    await rm(await fileIn(other, LOG, '.ldb'))
    await expect(openStorage(new LevelEnvironment(other))).rejects.toBeInstanceOf(CorruptError)
  })
})

describe('findDamageOffset', () => {
  it('tells every flipped byte in front of the last record, and every crash, apart', async () => {
    const directory = await closedPeer(12)
    const file = await readFile(await fileIn(directory, LOG, '.log'))
    expect(findDamageOffset(file)).toBeNull()
    for (let cut = 0; cut <= file.length; cut++) {
      expect(findDamageOffset(file.subarray(0, cut))).toBeNull()
      expect(
        findDamageOffset(Buffer.concat([file.subarray(0, cut), Buffer.alloc(Math.max(64, file.length - cut))])),
      ).toBeNull()
    }
    const lastRecord = file.lastIndexOf(dataOf(12)) - 200
    for (let at = 0; at < lastRecord; at++) {
      const harmed = Buffer.from(file)
      harmed[at] = (harmed[at] ?? 0) ^ (1 << (at % 8))
      expect(findDamageOffset(harmed), `byte ${at}`).not.toBeNull()
    }
  })

  it('finds damage across blocks of 32 KiB', async () => {
    const directory = await temporaryDirectory()
    const storage = await openFresh(new LevelEnvironment(directory))
    const write = persister(storage)
    for (let index = 2; index <= 12; index++)
      await write({ entries: [{ ...entry(index), data: new Uint8Array(20_000).fill(index) }] })
    await storage.close()
    const file = await readFile(await fileIn(directory, LOG, '.log'))
    expect(file.length).toBeGreaterThan(200_000)
    expect(findDamageOffset(file)).toBeNull()
    for (let at = 100; at < file.length - 20_200; at += 997) {
      const harmed = Buffer.from(file)
      harmed[at] = (harmed[at] ?? 0) ^ 0x10
      expect(findDamageOffset(harmed), `byte ${at}`).not.toBeNull()
    }
  })
})

describe('LevelStore', () => {
  it('a synced batch leaves no unsynced write-ahead log behind', async () => {
    const directory = await temporaryDirectory()
    const store = await new LevelEnvironment(directory).open('db', { create: true })
    // Several memory tables of 4 MiB, unsynced; then one sync.
    const value = new Uint8Array(256 * 1024)
    for (let at = 0; at < 40; at++) await store.batch([{ kind: 'put', key: Uint8Array.of(at), value }], { sync: false })
    await store.batch([{ kind: 'put', key: Uint8Array.of(99), value: Uint8Array.of(1) }], { sync: true })
    expect((await readdir(join(directory, 'db'))).filter((name) => name.endsWith('.log'))).toHaveLength(1)
    await store.close()
  })
})
