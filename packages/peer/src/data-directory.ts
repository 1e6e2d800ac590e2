/**
 * The data directory of one peer: where each file lies, and how a file is replaced whole or not at all.
 *
 * Owns names and the way of writing; not what stands in the files.
 *
 * D1 A file is written beside its place, synced, and renamed: a reader sees the old or the new one, whole.
 */
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

import { InvalidRequestError } from '@pinset/interface'

/** Paths of everything that a peer keeps. */
export interface DataDirectory {
  readonly path: string
  readonly config: string
  readonly identity: string
  readonly clusterKey: string
  readonly consensus: string
  readonly ipfs: string
  readonly run: string
  /** TCP ports that the system chose for addresses with port 0, to be tried first at the next start. */
  readonly ports: string
}

export function dataDirectory(path: string): DataDirectory {
  return {
    path,
    config: join(path, 'config.json'),
    identity: join(path, 'identity.json'),
    clusterKey: join(path, 'cluster.key'),
    consensus: join(path, 'consensus'),
    ipfs: join(path, 'ipfs'),
    run: join(path, 'run.json'),
    ports: join(path, 'ports.json'),
  }
}

/** Replace a file (D1). `mode` holds from the first byte on. */
export async function writeFileWhole(path: string, text: string, mode = 0o644): Promise<void> {
  const beside = `${path}.new`
  await rm(beside, { force: true })
  const handle = await open(beside, 'wx', mode)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(beside, path)
  await syncDirectory(dirname(path))
}

/** Make renames inside a directory durable. */
export async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** @returns the file's text, or undefined when there is no such file. */
export async function tryReadFile(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined
    throw new InvalidRequestError(`cannot read ${path}: ${describeErrno(error)}`, { cause: error })
  }
}

/** Make a directory with its parents. @throws {InvalidRequestError} naming the path and what to do. */
export async function makeDirectory(path: string): Promise<void> {
  // Step by step: node's own recursion never ends where a parent refuses directories with ENOENT, as /proc does.
  const missing: string[] = []
  for (let each = resolve(path); !(await isThere(each)); each = dirname(each)) missing.push(each)
  for (const each of missing.toReversed()) {
    try {
      await mkdir(each, { mode: 0o700 })
    } catch (error) {
      if (!isErrno(error, 'EEXIST')) throw unwritable(each, error)
    }
  }
  try {
    if (!(await stat(path)).isDirectory()) throw Object.assign(new Error('not a directory'), { code: 'ENOTDIR' })
  } catch (error) {
    throw unwritable(path, error)
  }
}

/** False when nothing has that name. @throws {InvalidRequestError} when that cannot be known. */
async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if (isErrno(error, 'ENOENT') && dirname(path) !== path) return false
    throw unwritable(path, error)
  }
}

export function unwritable(path: string, cause: unknown): InvalidRequestError {
  return new InvalidRequestError(
    `cannot write to ${path}: ${describeErrno(cause)}; choose another directory with --data, or make it writable`,
    { cause },
  )
}

export function isErrno(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code)
}

const ERRNO_WORDS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left on the device',
  ENOENT: 'no directory can be made there',
  ENOTDIR: 'a part of the path is not a directory',
  EEXIST: 'a file of that name is in the way',
  EADDRINUSE: 'the address is in use',
  EADDRNOTAVAIL: 'this machine does not have that address',
}

/** Words for a system error, without the path that node puts into its message. */
function describeErrno(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return ERRNO_WORDS[code] ?? error.message
}
