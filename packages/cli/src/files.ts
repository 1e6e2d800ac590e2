/** Files and directories on this machine, as entries to add. */
import type { AddEntry } from '@pinset/interface'
import { createReadStream } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'

import { CommandError } from './command-error.ts'

export interface FilesOptions {
  /** Also what begins with a dot. A path that is named itself is always added. */
  readonly hidden: boolean
  /** Told about what is left out. */
  readonly onSkip: (path: string, reason: string) => void
}

export interface FoundFile {
  /** Where it is on this machine. */
  readonly source: string
  /** What it is called in what is added. */
  readonly path: string
  readonly kind: 'file' | 'directory'
  readonly bytes: number
}

/** Everything below the paths, directories before what they hold, in the order of names. */
export async function* findFiles(paths: readonly string[], options: FilesOptions): AsyncGenerator<FoundFile> {
  const names = new Set<string>()
  for (const path of paths) {
    const name = basename(resolve(path))
    if (name === '') throw new CommandError('the root directory cannot be added; name a directory in it')
    if (names.has(name)) throw new CommandError(`two of the paths are named ${name}; add them one after the other`)
    names.add(name)
    yield* found(path, name, options, true)
  }
}

async function* found(source: string, path: string, options: FilesOptions, named: boolean): AsyncGenerator<FoundFile> {
  const stats = await reading(source, () => lstat(source))
  if (stats.isFile()) {
    yield { source, path, kind: 'file', bytes: stats.size }
  } else if (stats.isDirectory()) {
    yield { source, path, kind: 'directory', bytes: 0 }
    const names = (await reading(source, () => readdir(source))).sort()
    for (const name of names) {
      if (options.hidden || !name.startsWith('.')) yield* found(join(source, name), `${path}/${name}`, options, false)
    }
  } else {
    const what = stats.isSymbolicLink() ? 'a symbolic link' : 'neither a file nor a directory'
    if (named) throw new CommandError(`cannot add ${source}: it is ${what}`)
    options.onSkip(source, what)
  }
}

/** Entries whose content is read when it is asked for. */
export async function* entriesOf(
  files: AsyncIterable<FoundFile>,
  onBytes: (bytes: number) => void,
): AsyncGenerator<AddEntry> {
  for await (const file of files) {
    yield file.kind === 'directory' ? { path: file.path } : { path: file.path, content: contentOf(file, onBytes) }
  }
}

async function* contentOf(file: FoundFile, onBytes: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  const stream = createReadStream(file.source, { highWaterMark: 262_144 })
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      onBytes(chunk.length)
      yield chunk
    }
  } catch (error) {
    throw cannotRead(file.source, error)
  } finally {
    stream.destroy()
  }
}

async function reading<Value>(source: string, read: () => Promise<Value>): Promise<Value> {
  try {
    return await read()
  } catch (error) {
    throw cannotRead(source, error)
  }
}

function cannotRead(source: string, error: unknown): CommandError {
  const { code, message } = error as NodeJS.ErrnoException
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file or directory',
    EACCES: 'no permission to read it',
    EPERM: 'no permission to read it',
  }
  return new CommandError(`cannot add ${source}: ${reasons[code ?? ''] ?? message}`, { cause: error })
}
