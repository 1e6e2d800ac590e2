/**
 * Owns the lock of a data directory: one process at a time.
 *
 * L1 The kernel holds the lock and lets go when the process ends, however it ends; what stands in the file is only for messages.
 */
import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'

import { LockedError } from '@pinset/interface'
import { tryLock, unlock } from 'fs-native-extensions'

export interface DirectoryLock {
  readonly path: string
  /** Idempotent. */
  release(): Promise<void>
}

/**
 * Take the lock of a data directory (`<directory>/lock`); held until released or until this process ends.
 *
 * @throws {LockedError} naming the directory and the process that holds it.
 */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  await mkdir(directory, { recursive: true })
  const path = join(directory, 'lock')
  // Not truncated: the process id in it belongs to whoever holds the lock.
  const file = await open(path, 'a+')
  try {
    if (!tryLock(file.fd)) {
      // L1
      const holder = (await readAll(file)).trim()
      const who = /^\d+$/.test(holder) ? `process ${holder}` : 'another process'
      throw new LockedError(
        `the data directory ${directory} is in use by ${who}; stop it first, or choose another directory`,
      )
    }
    await file.truncate(0)
    await file.write(`${process.pid}\n`)
  } catch (err) {
    await file.close()
    throw err
  }
  let released: Promise<void> | null = null
  return {
    path,
    release: () => {
      released ??= (async () => {
        await file.truncate(0)
        unlock(file.fd)
        await file.close()
      })()
      return released
    },
  }
}

async function readAll(file: Awaited<ReturnType<typeof open>>): Promise<string> {
  const buffer = new Uint8Array(64)
  const { bytesRead } = await file.read(buffer, 0, buffer.length, 0)
  return new TextDecoder().decode(buffer.subarray(0, bytesRead))
}
