/**
 * Reads which tables a closed database consists of: CURRENT names the MANIFEST, the MANIFEST lists them. Only reads.
 *
 * Files that are not listed are what a crash has left half written; nobody reads them, so nobody may judge by them.
 *
 * MF1 A MANIFEST passes with a torn tail only (W1): LevelDB takes a last record with a destroyed length for one, and would go
 *     back to the tables before it without a word.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { CorruptError } from '@pinset/interface'

import { Cursor, MalformedError } from './block.ts'
import { findDamageOffset, readLogRecords } from './write-ahead-log.ts'

export interface LiveTable {
  readonly number: number
  readonly size: number
}

/** @throws {CorruptError} naming the file. */
export async function readLiveTables(directory: string): Promise<readonly LiveTable[]> {
  const currentPath = join(directory, 'CURRENT')
  const current = await readFile(currentPath, 'latin1')
  const name = /^(MANIFEST-\d{6,})\n$/.exec(current)?.[1]
  if (name === undefined) throw new CorruptError(`${currentPath} is damaged: it names no manifest of LevelDB's`)
  const path = join(directory, name)
  const file = await readFile(path).catch((err: unknown) => {
    if (!(err instanceof Error && 'code' in err && err.code === 'ENOENT')) throw err
    throw new CorruptError(`${path}, which CURRENT names, is missing`, { cause: err })
  })
  const offset = findDamageOffset(file) // MF1
  if (offset !== null) {
    throw new CorruptError(`LevelDB's manifest ${path} is damaged: a wrong checksum at byte ${offset}`)
  }
  try {
    return tablesOf(readLogRecords(file))
  } catch (err) {
    if (!(err instanceof MalformedError)) throw err
    throw new CorruptError(`LevelDB's manifest ${path} is damaged: ${err.message}`, { cause: err })
  }
}

/** The tables that are left after all edits. @throws {MalformedError} */
export function tablesOf(edits: Iterable<Uint8Array>): readonly LiveTable[] {
  const tables = new Map<string, LiveTable>()
  for (const edit of edits) applyEdit(edit, tables)
  return [...new Map([...tables.values()].map((table) => [table.number, table])).values()]
}

function applyEdit(edit: Uint8Array, tables: Map<string, LiveTable>): void {
  const cursor = new Cursor(edit)
  const added: (readonly [string, LiveTable])[] = []
  const bytes = (): Uint8Array => cursor.take(cursor.varint())
  while (!cursor.isAtEnd) {
    const tag = cursor.varint()
    switch (tag) {
      case 1: // comparator
        bytes()
        break
      case 2: // number of the write-ahead log
      case 3: // next file
      case 4: // last sequence number
      case 9: // number of the write-ahead log before
        cursor.varint()
        break
      case 5: // where compaction goes on: level, key
        cursor.varint()
        bytes()
        break
      case 6: // deleted table: level, number
        tables.delete(`${cursor.varint()}/${cursor.varint()}`)
        break
      case 7: {
        // new table: level, number, size, lowest and highest key
        const [level, number, size] = [cursor.varint(), cursor.varint(), cursor.varint()]
        bytes()
        bytes()
        added.push([`${level}/${number}`, { number, size }])
        break
      }
      default:
        throw new MalformedError(`unknown field ${tag}`)
    }
  }
  for (const [key, table] of added) tables.set(key, table)
}
