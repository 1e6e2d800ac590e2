/** What the tests of this package share: bytes, entries, rows, and storages on a memory disk or in a temporary directory. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Row, StateMeta, StateTable } from '@pinset/interface'
import type { Entry, LogBase, PersistOp, SnapshotMeta } from '@pinset/raft'
import { onTestFinished } from 'vitest'

import { MemoryDisk, createStorage, openStorage } from '../../src/index.ts'
import type { KeyValueEnvironment, Storage } from '../../src/index.ts'

export const bytes = (...values: number[]) => Uint8Array.from(values)
export const text = (value: string) => new TextEncoder().encode(value)

export const entry = (index: number, term = 1, data = `entry ${index} of term ${term}`): Entry => ({
  index,
  term,
  kind: 'operations',
  data: text(data),
})

export const membershipEntry = (index: number, term = 1): Entry => ({
  index,
  term,
  kind: 'membership',
  data: text(`members ${index}`),
})

export const entries = (from: number, to: number, term = 1) =>
  Array.from({ length: to - from + 1 }, (_, at) => entry(from + at, term))

export const FOUNDING = {
  storageId: 'storage-a',
  cluster: { clusterId: 'c0ffee', epoch: 1, entry: membershipEntry(1) },
}

export const meta = (appliedIndex: number, change: Partial<StateMeta> = {}): StateMeta => ({
  appliedIndex,
  appliedTerm: appliedIndex === 0 ? 0 : 1,
  head: new Uint8Array(32).fill(appliedIndex % 251),
  digest: new Uint8Array(32).fill(7),
  membership: appliedIndex === 0 ? bytes() : text('members 1'),
  membershipIndex: appliedIndex === 0 ? 0 : 1,
  committedTimeMs: 1_700_000_000_000 + appliedIndex,
  operationVersion: 1,
  pinCount: 3,
  ...change,
})

export const row = (key: string, value: string, table: StateTable = 'pin'): Row => ({
  table,
  key: text(key),
  value: text(value),
})

export const base = (index: number, term = 1): LogBase => ({
  index,
  term,
  membership: text('members 1'),
  membershipIndex: 1,
})

export const snapshotAt = (index: number, term = 1): SnapshotMeta => ({ ...base(index, term), id: `snapshot-${index}` })

/** Numbers persist operations, as the core does. */
export function persister(storage: Storage) {
  let seq = 0
  return (...ops: Omit<PersistOp, 'seq'>[]) => storage.log.write(ops.map((op) => Object.assign({ seq: ++seq }, op)))
}

export async function temporaryDirectory() {
  const directory = await mkdtemp(join(tmpdir(), 'pinset-storage-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}

export async function openFresh(environment: KeyValueEnvironment, init = FOUNDING) {
  await createStorage(environment, init)
  return await openStorage(environment)
}

/** A peer that founded a cluster, on a memory disk; `reopen` is a clean restart, `crash` loses what was not synced. */
export async function memoryPeer(disk = new MemoryDisk()) {
  const storage = await openFresh(disk.mount())
  return { disk, storage, write: persister(storage) }
}

export const readAll = async (storage: Storage) => {
  const { base: from, lastIndex } = storage.log.boot
  return lastIndex === from.index ? [] : await storage.log.read(from.index + 1, lastIndex, Infinity)
}

export async function collect<Item>(chunks: AsyncIterable<readonly Item[]>) {
  const items: Item[] = []
  for await (const chunk of chunks) items.push(...chunk)
  return items
}

/** Let everything run that needs no one else: for deletions that nobody waits for. */
export async function settle() {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
}
