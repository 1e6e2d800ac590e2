/**
 * Makes the databases of a peer; the only place that does.
 *
 * N1 Everything is built in a temporary directory that is renamed into place: either all of it is there, or nothing.
 */
import { InvalidRequestError } from '@pinset/interface'
import { invariant } from '@pinset/raft'

import type { KeyValueEnvironment, BatchOperation } from './key-value/port.ts'
import {
  BASE_KEY,
  EMPTY_BASE,
  HEAD_KEY,
  IDENTITY_KEY,
  encodeBase,
  encodeEntry,
  encodeHead,
  encodeIdentity,
  entryKey,
} from './log/log-records.ts'
import { CREATING_DIRECTORY, DIRECTORY, LOG_NAME, databasePath, stateName } from './names.ts'
import { EMPTY } from './record/bytes.ts'
import { formatOperation } from './record/format.ts'
import { EMPTY_META, metaToPut } from './state/state-records.ts'
import type { StorageInit } from './types.ts'

const FIRST_STATE = 1

/**
 * Make the databases of a peer; afterwards `openStorage` opens them. With a cluster, its first entry is in the log.
 *
 * @throws {InvalidRequestError} there is one already; nothing was changed.
 */
export async function createStorage(environment: KeyValueEnvironment, init: StorageInit): Promise<void> {
  checkInit(init)
  if ((await environment.list(DIRECTORY)) !== null) {
    throw new InvalidRequestError(
      `${environment.location} holds a peer's database already; it was left as it is. Choose another data directory, or start that peer`,
    )
  }
  await environment.remove(CREATING_DIRECTORY)
  await fill(environment, databasePath(stateName(FIRST_STATE), CREATING_DIRECTORY), [
    formatOperation('pinset-state'),
    metaToPut(EMPTY_META),
  ])
  await fill(environment, databasePath(LOG_NAME, CREATING_DIRECTORY), logOperations(init))
  await environment.rename(CREATING_DIRECTORY, DIRECTORY) // N1
}

function checkInit(init: StorageInit): void {
  invariant(init.storageId !== '', 'a storage id is not empty')
  if (init.cluster === null) return
  const { clusterId, epoch, entry } = init.cluster
  invariant(
    clusterId !== '' && Number.isSafeInteger(epoch) && epoch >= 1,
    () => `a cluster has an id and an epoch ≥ 1: ${epoch}`,
  )
  invariant(
    entry.index === 1 && entry.term === 1 && entry.kind === 'membership',
    () => `a cluster begins with a membership, entry 1 of term 1: ${entry.kind} ${entry.index} of term ${entry.term}`,
  )
}

function logOperations({ storageId, cluster }: StorageInit): readonly BatchOperation[] {
  const base = encodeBase(EMPTY_BASE)
  const identity = encodeIdentity({
    storageId,
    clusterId: cluster?.clusterId ?? null,
    epoch: cluster?.epoch ?? 0,
    admission: EMPTY,
  })
  const operations: BatchOperation[] = [
    formatOperation('pinset-log'),
    { kind: 'put', key: BASE_KEY, value: base.value },
    { kind: 'put', key: IDENTITY_KEY, value: identity.value },
  ]
  let lastChecksum = 0
  if (cluster !== null) {
    const first = encodeEntry(cluster.entry, 1, 0)
    operations.push({ kind: 'put', key: entryKey(1), value: first.value })
    lastChecksum = first.checksum
  }
  const head = encodeHead({
    seq: 1,
    hardState: { term: cluster === null ? 0 : 1, vote: null },
    lastIndex: cluster === null ? 0 : 1,
    lastChecksum,
    stateNumber: FIRST_STATE,
    votingSuspended: false,
    serialFloor: 1,
    baseChecksum: base.checksum,
    identityChecksum: identity.checksum,
  })
  return [...operations, { kind: 'put', key: HEAD_KEY, value: head }]
}

async function fill(
  environment: KeyValueEnvironment,
  path: string,
  operations: readonly BatchOperation[],
): Promise<void> {
  const store = await environment.open(path, { create: true })
  try {
    await store.batch(operations, { sync: true })
  } finally {
    await store.close()
  }
}
