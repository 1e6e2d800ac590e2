/**
 * Databases of LevelDB below a directory. Owns the directories: creation, removal, renaming, and their durability.
 *
 * E1 A directory entry is synced before the call that made or removed it resolves.
 * E2 Damage that LevelDB would hide is noted in the directory before LevelDB opens it, for opening destroys the evidence.
 * E3 Damage on which LevelDB would end the process is refused before LevelDB opens it.
 */
import type { FileHandle } from 'node:fs/promises'
import { access, mkdir, open, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { CorruptError, LockedError } from '@pinset/interface'
import { ClassicLevel } from 'classic-level'
import { LevelDatastore } from 'datastore-level'

import { DatabaseMissingError } from '../errors.ts'
import type { KeyValueEnvironment, KeyValueStore, OpenOptions, StoreDamage } from '../key-value/port.ts'
import { LevelStore } from './level-store.ts'
import { checkTables } from './table.ts'
import { findLogDamage } from './write-ahead-log.ts'

/** LevelDB does not know the name and leaves the file alone. */
const DAMAGE_FILE = 'DAMAGED'

export class LevelEnvironment implements KeyValueEnvironment {
  readonly location: string

  constructor(location: string) {
    this.location = location
  }

  async list(directory: string): Promise<readonly string[] | null> {
    try {
      const found = await readdir(join(this.location, directory), { withFileTypes: true })
      return found
        .filter((entry) => entry.isDirectory())
        .map((entry) => entry.name)
        .sort()
    } catch (err) {
      if (hasCode(err, 'ENOENT')) return null
      throw err
    }
  }

  async open(name: string, options: OpenOptions): Promise<KeyValueStore> {
    const path = join(this.location, name)
    if (options.create) {
      await mkdir(dirname(path), { recursive: true })
      await this.makeDirectory(name)
      await syncDirectory(dirname(dirname(path))) // E1 the name of the directory above
    } else if (!(await exists(join(path, 'CURRENT')))) {
      throw new DatabaseMissingError(path)
    }
    if (!options.create) await checkTables(path, { leaveValues: options.leaveDamagedValues ?? false }) // E3
    const damage = options.create ? null : await noteDamage(path)
    const settings = { createIfMissing: options.create, errorIfExists: options.create, compression: false }
    const encodings = { keyEncoding: 'view', valueEncoding: 'view' }
    // Datastore-level's types speak of string keys; its `db` is this very database, with binary keys.
    const level = new ClassicLevel<Uint8Array, Uint8Array>(path, { ...settings, ...encodings })
    const datastore = new LevelDatastore(level as never, settings)
    const db = datastore.db as unknown as ClassicLevel<Uint8Array, Uint8Array>
    try {
      // Not `datastore.open()`: it drops the error's code.
      await db.open(settings)
      // E1 What it has replayed lies in synced tables; that it names them has to last, too.
      await syncDirectory(path)
    } catch (err) {
      await datastore.close().catch(() => {})
      throw openError(err, path)
    }
    return new LevelStore(db, path, damage, () => forgetDamage(path))
  }

  async makeDirectory(name: string): Promise<void> {
    const path = join(this.location, name)
    await mkdir(path)
    await syncDirectory(dirname(path)) // E1
  }

  async remove(path: string): Promise<void> {
    const target = join(this.location, path)
    await rm(target, { recursive: true, force: true })
    if (await exists(dirname(target))) await syncDirectory(dirname(target))
  }

  async rename(from: string, to: string): Promise<void> {
    const target = join(this.location, to)
    if (await exists(target)) throw new Error(`${target} exists already`)
    const source = join(this.location, from)
    await syncDirectory(source)
    await rename(source, target)
    await syncDirectory(dirname(target))
  }
}

async function noteDamage(path: string): Promise<StoreDamage | null> {
  const noted = await readFile(join(path, DAMAGE_FILE), 'utf8').catch((err: unknown) => {
    if (hasCode(err, 'ENOENT')) return null
    throw err
  })
  if (noted !== null) return { path, what: noted === '' ? 'damage noted by an earlier start' : noted }
  const damage = await findLogDamage(path)
  if (damage === null) return null
  await writeFile(join(path, DAMAGE_FILE), `${damage.path}: ${damage.what}`, { flush: true })
  await syncDirectory(path)
  return damage
}

async function forgetDamage(path: string): Promise<void> {
  await rm(join(path, DAMAGE_FILE), { force: true })
  await syncDirectory(path)
}

function openError(err: unknown, path: string): Error {
  const cause = err instanceof Error && err.cause !== undefined ? err.cause : err
  if (hasCode(cause, 'LEVEL_LOCKED')) {
    return new LockedError(
      `the database ${path} is in use by another process or was not closed; stop the other process first`,
      { cause },
    )
  }
  if (hasCode(cause, 'LEVEL_CORRUPTION')) {
    return new CorruptError(`LevelDB cannot read ${path}: files are damaged or missing`, { cause })
  }
  return new Error(`cannot open the database ${path}: ${cause instanceof Error ? cause.message : String(cause)}`, {
    cause,
  })
}

async function syncDirectory(path: string): Promise<void> {
  let handle: FileHandle | null = null
  try {
    handle = await open(path, 'r')
    await handle.sync()
  } catch (err) {
    // Windows opens no directories; its file systems journal names.
    if (process.platform !== 'win32') throw err
  } finally {
    await handle?.close()
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch (err) {
    if (hasCode(err, 'ENOENT')) return false
    throw err
  }
}

function hasCode(err: unknown, code: string): boolean {
  return err instanceof Error && 'code' in err && err.code === code
}
