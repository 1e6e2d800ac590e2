/** Real Helia nodes on loopback in temporary directories, closed together. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { silentLogger } from '@pinset/interface'
import type { AddedEntry, AddEntry, AddOptions } from '@pinset/interface'

import { createHeliaConnector } from '../src/index.ts'
import type { HeliaConnector, HeliaConnectorInit } from '../src/index.ts'

export class TestNodes {
  readonly #connectors: HeliaConnector[] = []
  readonly #directories: string[] = []

  async directory(): Promise<string> {
    const directory = await mkdtemp(join(tmpdir(), 'pinset-ipfs-'))
    this.#directories.push(directory)
    return directory
  }

  async start(init: Partial<HeliaConnectorInit> = {}): Promise<HeliaConnector> {
    const connector = this.make({ directory: init.directory ?? (await this.directory()), ...init })
    await connector.start()
    return connector
  }

  /** Not started. */
  make(init: Partial<HeliaConnectorInit> & Pick<HeliaConnectorInit, 'directory'>): HeliaConnector {
    const connector = createHeliaConnector({
      listen: ['/ip4/127.0.0.1/tcp/0'],
      logger: silentLogger,
      ...init,
    })
    this.#connectors.push(connector)
    return connector
  }

  async close(): Promise<void> {
    await Promise.all(this.#connectors.splice(0).map((connector) => connector.stop()))
    await Promise.all(this.#directories.splice(0).map((directory) => rm(directory, { recursive: true, force: true })))
  }
}

export async function addressesOf(...connectors: readonly HeliaConnector[]): Promise<string[]> {
  return (await Promise.all(connectors.map((connector) => connector.id()))).flatMap(({ addresses }) => addresses)
}

export async function addAll(
  connector: HeliaConnector,
  entries: readonly AddEntry[],
  options?: AddOptions,
): Promise<AddedEntry[]> {
  return await collect(connector.add(streamOf(entries), options))
}

export async function addFile(connector: HeliaConnector, bytes: Uint8Array, options?: AddOptions): Promise<AddedEntry> {
  return must((await addAll(connector, [file('file', bytes)], options)).at(0))
}

export function file(path: string, ...parts: readonly (Uint8Array | string)[]): AddEntry {
  return { path, content: streamOf(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part))) }
}

export async function* streamOf<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items
}

export async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of source) items.push(item)
  return items
}

export function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('there is no such item')
  return value
}

export async function read(connector: HeliaConnector, ...args: Parameters<HeliaConnector['cat']>): Promise<Buffer> {
  return Buffer.concat(await collect(connector.cat(...args)))
}

/** Bytes that look random and are the same in every run. */
export function bytesOf(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length)
  let state = (seed * 2_654_435_761 + 1) >>> 0
  for (let i = 0; i + 4 <= length; i += 4) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    bytes.writeUInt32LE(state >>> 0, i)
  }
  return bytes
}

/** Resolves once `condition` holds; the test's own time limit ends it otherwise. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10))
}
