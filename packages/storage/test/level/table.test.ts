import { readFile, readdir, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { CorruptError } from '@pinset/interface'
import { describe, expect, it } from 'vitest'

import { LevelEnvironment } from '../../src/index.ts'
import { MalformedError, findBlockDamage, parseBlock } from '../../src/level/block.ts'
import { locateChangedByte, mask, unmask } from '../../src/level/checksum.ts'
import { readLiveTables, tablesOf } from '../../src/level/manifest.ts'
import { checkTables } from '../../src/level/table.ts'
import { crc32c } from '../../src/record/crc32c.ts'
import { temporaryDirectory } from '../support/storages.ts'

const fixed32 = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

/** A key of LevelDB: text, sequence number and type. */
const internalKey = (text: string, sequence = 1, type = 1) => {
  const trailer = Buffer.alloc(8)
  trailer.writeBigUInt64LE((BigInt(sequence) << 8n) | BigInt(type))
  return Buffer.concat([Buffer.from(text), trailer])
}

function flip(bytes: Uint8Array, at: number, bits: number) {
  bytes[at] = (bytes[at] ?? 0) ^ bits
}

interface RawEntry {
  readonly shared?: number
  readonly rest: Uint8Array
  readonly value?: string
}

function rawBlock(raw: readonly RawEntry[], restarts: readonly number[] = [0]) {
  const entries = raw.map(({ shared = 0, rest, value = '' }) =>
    Buffer.concat([Uint8Array.of(shared, rest.length, value.length), rest, Buffer.from(value)]),
  )
  return Buffer.concat([...entries, ...restarts.map(fixed32), fixed32(restarts.length)])
}

const sealed = (contents: Uint8Array, type = 0) => {
  const block = Buffer.concat([contents, Uint8Array.of(type)])
  return Buffer.concat([block, fixed32(mask(crc32c(block)))])
}

/** Two entries; `change` makes one byte wrong, after the checksum was made. */
function harmed(change: (block: Buffer) => void) {
  const block = sealed(
    rawBlock([
      { rest: internalKey('key-a', 7), value: 'value of a' },
      { shared: 4, rest: internalKey('b', 8), value: 'value of b' },
    ]),
  )
  change(block)
  return block
}

const BOUNDS = { after: null, upTo: internalKey('key-c') }

describe('locateChangedByte', () => {
  it('names the byte that has changed, wherever it lies', () => {
    const original = Uint8Array.from({ length: 4101 }, (_, at) => (at * 31) % 251)
    const expected = crc32c(original)
    for (let at = 0; at < original.length; at += 7) {
      const changed = original.slice()
      changed[at] = (changed[at] ?? 0) ^ (1 + (at % 255))
      expect(locateChangedByte(crc32c(changed), expected, changed.length)).toBe(at)
    }
  })

  it('names none when nothing, or more than one byte, has changed', () => {
    const original = new Uint8Array(4096)
    const changed = original.slice()
    expect(locateChangedByte(crc32c(changed), crc32c(original), 4096)).toBeNull()
    changed[100] = 1
    changed[3000] = 1
    expect(locateChangedByte(crc32c(changed), crc32c(original), 4096)).toBeNull()
  })

  it('mask() and unmask() are inverse', () => {
    for (const crc of [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0x1234_5678]) expect(unmask(mask(crc))).toBe(crc)
  })
})

describe('parseBlock', () => {
  it('gives keys in full, and where the values lie', () => {
    const first = { rest: internalKey('key-a'), value: 'one' }
    const contents = rawBlock([first, { shared: 4, rest: internalKey('b'), value: 'two' }])
    const entries = parseBlock(contents)
    expect(entries.map(({ key }) => Buffer.from(key))).toEqual([internalKey('key-a'), internalKey('key-b')])
    expect(entries.map((found) => contents.toString('latin1', found.valueStart, found.valueEnd))).toEqual([
      'one',
      'two',
    ])
  })

  it('gives nothing for an empty block', () => {
    expect(parseBlock(rawBlock([]))).toEqual([])
  })

  it.each([
    [
      'a key that shares more than there is',
      rawBlock([{ rest: Buffer.from('abc') }, { shared: 4, rest: Buffer.from('d') }]),
    ],
    ['a first key that shares', rawBlock([{ shared: 1, rest: Buffer.from('abc') }])],
    ['a key beyond the end', Buffer.concat([Uint8Array.of(0, 9, 0), Buffer.from('abc'), fixed32(0), fixed32(1)])],
    ['a value beyond the end', Buffer.concat([Uint8Array.of(0, 1, 127), Buffer.from('abc'), fixed32(0), fixed32(1)])],
    [
      'lengths that wrap around 32 bits',
      Buffer.concat([Buffer.from('00ffffffff0f05', 'hex'), Buffer.alloc(9), fixed32(0), fixed32(1)]),
    ],
    ['a number without end', Buffer.concat([Buffer.alloc(12, 0xff), fixed32(0), fixed32(1)])],
    ['no restart point', rawBlock([{ rest: Buffer.from('abc') }], [])],
    ['more restart points than bytes', Buffer.concat([Buffer.alloc(8), fixed32(1000)])],
    ['a restart point within an entry', rawBlock([{ rest: Buffer.from('abc') }, { rest: Buffer.from('abd') }], [0, 3])],
    ['a restart point beyond the end', rawBlock([{ rest: Buffer.from('abc') }], [0, 4096])],
    ['a first restart point that is not the first entry', rawBlock([{ rest: Buffer.from('abc') }], [6])],
    ['less than a block', Buffer.alloc(3)],
  ])('refuses %s', (_, contents) => {
    expect(() => parseBlock(contents)).toThrow(MalformedError)
  })
})

describe('findBlockDamage', () => {
  it('finds nothing in a whole block, whatever it holds', () => {
    expect(
      findBlockDamage(
        harmed(() => {}),
        BOUNDS,
      ),
    ).toBeNull()
    expect(findBlockDamage(sealed(Buffer.from('anything'), 1), BOUNDS)).toBeNull()
  })

  it('lets a changed byte of a value pass, or of the checksum itself', () => {
    for (const find of ['lue of a', 'lue of b']) {
      expect(
        findBlockDamage(
          harmed((bytes) => flip(bytes, bytes.indexOf(find), 0x40)),
          BOUNDS,
        ),
      ).toBeNull()
    }
    expect(
      findBlockDamage(
        harmed((bytes) => flip(bytes, bytes.length - 2, 0x40)),
        BOUNDS,
      ),
    ).toBeNull()
  })

  it('refuses a changed byte anywhere else', () => {
    const whole = harmed(() => {})
    const isHarmless = (at: number) => {
      const values = ['value of a', 'value of b'].map((value) => whole.indexOf(value))
      return values.some((start) => start <= at && at < start + 10) || at >= whole.length - 4
    }
    for (let at = 0; at < whole.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const damage = findBlockDamage(
          harmed((bytes) => flip(bytes, at, 1 << bit)),
          BOUNDS,
        )
        expect(damage === null, `byte ${at}, bit ${bit}`).toBe(isHarmless(at))
      }
    }
  })

  it('refuses a newer sequence number in a key, with which the block would still be in order', () => {
    const at = harmed(() => {}).indexOf(internalKey('b', 8))
    expect(
      findBlockDamage(
        harmed((bytes) => (bytes[at + 2] = 80)),
        BOUNDS,
      ),
    ).toContain('not explained')
  })

  it('refuses two changed bytes, even in a value', () => {
    const at = harmed(() => {}).indexOf('value of a')
    expect(
      findBlockDamage(
        harmed((bytes) => bytes.fill(0, at, at + 2)),
        BOUNDS,
      ),
    ).toContain('not explained')
  })

  it.each([
    ['a key that is too short', [{ rest: Buffer.from('short') }], 'too short'],
    ['an unknown type', [{ rest: internalKey('a', 1, 2) }], 'unknown type'],
    ['keys out of order', [{ rest: internalKey('b') }, { rest: internalKey('a') }], 'out of order'],
    ['an older version before a newer', [{ rest: internalKey('a', 1) }, { rest: internalKey('a', 2) }], 'out of order'],
    ['the same key twice', [{ rest: internalKey('a') }, { rest: internalKey('a') }], 'out of order'],
    ['a key below the block', [{ rest: internalKey('0') }], 'out of order'],
    ['a key beyond the block', [{ rest: internalKey('z') }], 'beyond'],
    ['no entries', [], 'no entries'],
  ])('refuses %s, if only the checksum is wrong as well', (_, raw, what) => {
    const block = sealed(rawBlock(raw))
    flip(block, block.length - 1, 1)
    expect(findBlockDamage(block, { after: internalKey('1'), upTo: internalKey('m') })).toContain(what)
  })
})

describe('tablesOf', () => {
  it('follows tables that are added, moved to another level, and deleted', () => {
    const added = (level: number, number: number) => [7, level, number, 100, 1, 65, 1, 66]
    const edits = [
      [1, 1, 120, 2, 3, 3, 9, 4, 0x80, 1, 9, 0, ...added(0, 5), ...added(0, 6)],
      [5, 1, 1, 65, 6, 0, 5, ...added(1, 5)],
      [6, 0, 6, ...added(1, 9)],
    ]
    expect(tablesOf(edits.map((edit) => Uint8Array.from(edit)))).toEqual([
      { number: 5, size: 100 },
      { number: 9, size: 100 },
    ])
    expect(() => tablesOf([Uint8Array.of(8, 1)])).toThrow(MalformedError)
    expect(() => tablesOf([Uint8Array.of(7, 1)])).toThrow(MalformedError)
  })
})

/** A closed database with tables of many blocks. */
async function closedDatabase() {
  const directory = await temporaryDirectory()
  const environment = new LevelEnvironment(directory)
  for (let round = 0; round < 3; round++) {
    const store = await environment.open('db', { create: round === 0 })
    const keys = Array.from({ length: 120 }, (_, at) => Buffer.from(`key ${at}`))
    const value = new Uint8Array(300).fill(round)
    // The last round only moves the write-ahead log into a table.
    if (round < 2)
      await store.batch(
        keys.map((key) => ({ kind: 'put', key, value })),
        { sync: true },
      )
    await store.close()
  }
  return join(directory, 'db')
}

const tableIn = async (directory: string) =>
  join(directory, (await readdir(directory)).find((name) => name.endsWith('.ldb')) as string)

const manifestOf = async (directory: string) =>
  join(directory, (await readFile(join(directory, 'CURRENT'), 'latin1')).trim())

describe('readLiveTables', () => {
  it('lists the tables that LevelDB has left in the directory, with their sizes', async () => {
    const directory = await closedDatabase()
    const found = (await readLiveTables(directory)).map(({ number, size }) => [number, size])
    const names = (await readdir(directory)).filter((name) => name.endsWith('.ldb')).sort()
    const sizes = await Promise.all(names.map(async (name) => (await readFile(join(directory, name))).length))
    expect(names.length).toBeGreaterThan(0)
    expect(found).toEqual(names.map((name, at) => [Number.parseInt(name, 10), sizes[at]]))
  })

  it('refuses every flipped byte of CURRENT and MANIFEST, also one that LevelDB takes for a torn tail', async () => {
    const directory = await closedDatabase()
    for (const path of [join(directory, 'CURRENT'), await manifestOf(directory)]) {
      const content = await readFile(path)
      for (let at = 0; at < content.length; at++) {
        const changed = Buffer.from(content)
        flip(changed, at, 1 << (at % 8))
        await writeFile(path, changed)
        await expect(readLiveTables(directory), `byte ${at} of ${path}`).rejects.toBeInstanceOf(CorruptError)
      }
      await writeFile(path, content)
    }
    await expect(readLiveTables(directory)).resolves.toBeDefined()
  })

  it('passes a MANIFEST whose last record a crash has cut off', async () => {
    const directory = await closedDatabase()
    const path = await manifestOf(directory)
    await truncate(path, (await readFile(path)).length - 3)
    await expect(readLiveTables(directory)).resolves.toBeDefined()
  })
})

describe('checkTables', () => {
  it('passes whole tables of many blocks', async () => {
    const directory = await closedDatabase()
    await expect(checkTables(directory)).resolves.toBeUndefined()
  })

  it('refuses a data block with a damaged key', async () => {
    const directory = await closedDatabase()
    const path = await tableIn(directory)
    const content = await readFile(path)
    flip(content, 1, 1) // the length of the first key
    await writeFile(path, content)
    await expect(checkTables(directory)).rejects.toThrow(`${path} is damaged: a data block`)
  })

  it('refuses every flipped byte behind the data blocks, but for padding', async () => {
    const directory = await closedDatabase()
    const path = await tableIn(directory)
    const content = await readFile(path)
    const behind = Math.max(...[0, 1].map((round) => content.lastIndexOf(Buffer.alloc(300, round)))) + 400
    const passed: number[] = []
    for (let at = behind; at < content.length; at++) {
      const changed = Buffer.from(content)
      flip(changed, at, 1 << (at % 8))
      await writeFile(path, changed)
      const result = await checkTables(directory).catch((err: unknown) => err)
      if (!(result instanceof CorruptError)) passed.push(at)
    }
    // 40 bytes of the footer hold two places of 3–4 bytes; the rest is zero and read by nobody.
    expect(content.length - behind).toBeGreaterThan(200)
    expect(passed.every((at) => at >= content.length - 48 && at < content.length - 8 && content[at] === 0)).toBe(true)
  })

  it('refuses a table that is shorter than the manifest says', async () => {
    const directory = await closedDatabase()
    const path = await tableIn(directory)
    await truncate(path, (await readFile(path)).length - 100)
    await expect(checkTables(directory)).rejects.toBeInstanceOf(CorruptError)
    await truncate(path, 0)
    await expect(checkTables(directory)).rejects.toBeInstanceOf(CorruptError)
  })
})
