/**
 * Files and directories from the parts of an upload, as `ipfs` and `ipfs-cluster-ctl` send them.
 *
 * E1 A path that could leave its directory is refused.
 * E2 A directory comes before what it holds, and once, also when the client never names it.
 */
import type { AddEntry } from '@pinset/interface'
import { InvalidRequestError } from '@pinset/interface'

import type { Part } from './multipart.ts'

const MAX_PATH_BYTES = 4096
const MAX_DIRECTORIES = 1_000_000

export async function* entriesFromParts(parts: AsyncIterable<Part>): AsyncGenerator<AddEntry> {
  const directories = new Set<string>()
  const files = new Set<string>()
  for await (const part of parts) {
    const path = pathOf(part)
    const type = (part.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase()
    if (type === 'application/symlink') throw new InvalidRequestError(`symbolic links cannot be added: ${path}`)
    const isDirectory = type === 'application/x-directory'
    for (const directory of directoriesOf(path, isDirectory)) {
      if (directories.has(directory)) continue
      if (directories.size >= MAX_DIRECTORIES) throw new InvalidRequestError(`more than ${MAX_DIRECTORIES} directories`)
      if (files.has(directory)) throw new InvalidRequestError(`${directory} is a file and a directory in this upload`)
      directories.add(directory)
      yield { path: directory } // E2
    }
    if (isDirectory) continue
    if (directories.has(path)) throw new InvalidRequestError(`${path} is a file and a directory in this upload`)
    if (!path.includes('/')) {
      if (files.has(path)) throw new InvalidRequestError(`two files of this upload are named ${path}`)
      files.add(path)
    }
    yield { path, content: part.body }
  }
}

function directoriesOf(path: string, itself: boolean): string[] {
  const segments = path.split('/')
  const count = itself ? segments.length : segments.length - 1
  return Array.from({ length: count }, (_, index) => segments.slice(0, index + 1).join('/'))
}

function pathOf(part: Part): string {
  const disposition = part.headers.get('content-disposition') ?? ''
  const match = /;\s*filename="((?:[^"\\]|\\.)*)"/iu.exec(disposition) ?? /;\s*filename=([^\s;"]+)/iu.exec(disposition)
  const written = match?.[1]
  if (written === undefined) {
    throw new InvalidRequestError('a part of the upload has no filename; send each file with its name')
  }
  const path = unescaped(written.replaceAll(/\\(["\\])/gu, '$1'))
    .replace(/^\/+/u, '')
    .replace(/\/+$/u, '')
  const segments = path.split('/')
  if (
    path === '' ||
    Buffer.byteLength(path) > MAX_PATH_BYTES ||
    path.includes('\0') ||
    segments.some((segment) => segment === '' || segment === '.' || segment === '..')
  ) {
    throw new InvalidRequestError(`not a path that can be added: ${JSON.stringify(written.slice(0, 80))}`) // E1
  }
  return path
}

/** File names are query-escaped by IPFS clients and plain from others. */
function unescaped(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll('+', ' '))
  } catch {
    return name
  }
}
