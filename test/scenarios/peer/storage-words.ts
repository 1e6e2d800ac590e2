/** Entries, bases, states and records of storage scenarios: from words, and as text. */
import type { Row, StateMeta } from '@pinset/interface'
import type { Entry, LogBase, PersistOp, RaftLogStore } from '@pinset/raft'
import type { BatchOperation, KeyValueEnvironment, KeyValueStore, OpenOptions } from '@pinset/storage'

import {
  BASE_KEY,
  decodeBase,
  decodeEntry,
  decodeHead,
  decodeIdentity,
  entryKey,
  HEAD_KEY,
  IDENTITY_KEY,
  indexOfEntryKey,
} from '../../../packages/storage/src/log/log-records.ts'
import { SEAL_BYTES } from '../../../packages/storage/src/record/seal.ts'
import { decodeMeta, decodeRow, META_KEY } from '../../../packages/storage/src/state/state-records.ts'
import type { Command } from '../scenario-file.ts'

const text = (value: string): Uint8Array => new TextEncoder().encode(value)

export const FOUNDING_ENTRY: Entry = { term: 1, index: 1, kind: 'membership', data: text('members 1') }

function entryAt(index: number, term: number): Entry {
  return { term, index, kind: 'operations', data: text(`entry ${index}`) }
}

/** `3..5:2` or `4:2`: indices and their term. */
function readEntries(command: Command, word: string): readonly Entry[] {
  const match = /^(\d+)(?:\.\.(\d+))?:(\d+)$/.exec(word)
  if (match === null) throw command.mistake(`"${word}" names no entries, such as 2..5:1`)
  const [, first = '', last = first, term] = match
  const count = Number(last) - Number(first) + 1
  return Array.from({ length: count }, (_, at) => entryAt(Number(first) + at, Number(term)))
}

/** `8:1`: index and term, with the founding membership. */
function readBase(command: Command, word: string): LogBase {
  const match = /^(\d+):(\d+)$/.exec(word)
  if (match === null) throw command.mistake(`"${word}" names no place in the log, such as 8:1`)
  return { index: Number(match[1]), term: Number(match[2]), membership: FOUNDING_ENTRY.data, membershipIndex: 1 }
}

/** `term=2 vote=b truncate=4 append=4..6:2 compact=3:1 install=9:2 keep`, what an operation has of these. */
export function readPersistOp(command: Command, nextSeq: number): PersistOp {
  const term = command.integer('term')
  const vote = command.option('vote') ?? null
  const truncateFrom = command.integer('truncate')
  const append = command.option('append')
  const compact = command.option('compact')
  const install = command.option('install')
  return {
    seq: command.integer('seq') ?? nextSeq,
    ...(term === undefined ? {} : { hardState: { term, vote } }),
    ...(truncateFrom === undefined ? {} : { truncateFrom }),
    ...(append === undefined ? {} : { entries: readEntries(command, append) }),
    ...(compact === undefined ? {} : { compact: readBase(command, compact) }),
    ...(install === undefined
      ? {}
      : {
          installSnapshot: {
            snapshot: { ...readBase(command, install), id: 's' },
            keepEntries: command.flag('keep'),
          },
        }),
  }
}

/** A state at an index: everything in it follows from the two numbers. */
export function metaAt(index: number, term: number): StateMeta {
  return {
    appliedIndex: index,
    appliedTerm: term,
    head: new Uint8Array(32).fill(index % 251),
    digest: new Uint8Array(32).fill(7),
    membership: FOUNDING_ENTRY.data,
    membershipIndex: 1,
    committedTimeMs: index,
    operationVersion: 1,
    pinCount: 1,
  }
}

export function rowOf(name: string, value = ''): Row {
  return { table: 'pin', key: text(name), value: text(value) }
}

/** What a start has found. */
export function describeBoot(boot: RaftLogStore['boot']): string {
  const { hardState, base, lastIndex, termRuns, memberships, votingSuspended } = boot
  const runs = termRuns.map(({ term, index }) => `${term}/${index}`).join(' ')
  return (
    `term=${hardState.term} vote=${hardState.vote ?? '-'} base=${base.term}/${base.index} last=${lastIndex} ` +
    `terms=(${runs}) memberships=(${memberships.map(({ index }) => index).join(' ')})` +
    (votingSuspended ? ' voting suspended' : '')
  )
}

/** One record of a database as it lies there; only its head, base and so on are decoded, the seal is not looked at. */
function describeRecord(
  database: string,
  { key, value }: { readonly key: Uint8Array; readonly value: Uint8Array },
): string {
  if (key[0] === 0) return 'format'
  if (!database.endsWith('/log')) return describeStateRecord(key, value)
  const payload = value.subarray(SEAL_BYTES)
  switch (key[0] ?? 0) {
    case HEAD_KEY[0]: {
      const head = decodeHead(payload, database)
      const { term, vote } = head.hardState
      return (
        `head(term=${term} vote=${vote ?? '-'} last=${head.lastIndex} state-${head.stateNumber}` +
        `${head.votingSuspended ? ' suspended' : ''} serials<${head.serialFloor})`
      )
    }
    case BASE_KEY[0]: {
      const base = decodeBase(payload, database)
      return `base(${base.term}/${base.index})`
    }
    case IDENTITY_KEY[0]: {
      const { storageId, clusterId, epoch } = decodeIdentity(payload, database)
      return `identity(${storageId} cluster=${clusterId ?? '-'} epoch=${epoch})`
    }
    default: {
      const index = indexOfEntryKey(key) ?? 0
      const record = decodeEntry(index, value)
      return typeof record === 'string' ? `entry ?/${index}` : `entry ${record.entry.term}/${index}`
    }
  }
}

function describeStateRecord(key: Uint8Array, value: Uint8Array): string {
  if (key[0] === META_KEY[0]) {
    const { appliedTerm, appliedIndex } = decodeMeta(value, 'state')
    return `meta(applied=${appliedTerm}/${appliedIndex})`
  }
  const row = decodeRow({ key, value }, 'state')
  const shown = new TextDecoder().decode(row.value)
  return `row ${new TextDecoder().decode(row.key)}${shown === '' ? '' : `=${shown}`}`
}

/** Runs of entries, put or deleted, as one word. */
function describeBatch(database: string, operations: readonly BatchOperation[]): string {
  const words: string[] = []
  let run: { readonly what: string; readonly first: number; last: number } | null = null
  const endRun = (): void => {
    if (run !== null) words.push(`${run.what}${run.first}${run.last === run.first ? '' : `..${run.last}`}`)
    run = null
  }
  for (const operation of operations) {
    const index = database.endsWith('/log') ? indexOfEntryKey(operation.key) : null
    const isEntry = index !== null && operation.key[0] === entryKey(1)[0]
    const what = operation.kind === 'delete' ? 'delete ' : entryTerm(database, operation)
    if (!isEntry) {
      endRun()
      words.push(
        operation.kind === 'delete'
          ? `delete ${describeKey(database, operation.key)}`
          : describeRecord(database, operation),
      )
    } else if (run !== null && run.what === what && run.last + 1 === index) {
      run.last = index
    } else {
      endRun()
      run = { what, first: index, last: index }
    }
  }
  endRun()
  return words.join(', ')
}

function entryTerm(database: string, operation: BatchOperation & { readonly kind: 'put' }): string {
  return describeRecord(database, operation).replace(/\d+$/, '')
}

function describeKey(database: string, key: Uint8Array): string {
  return database.endsWith('/log') ? Buffer.from(key).toString('hex') : new TextDecoder().decode(key.subarray(1))
}

/** Notes every batch before it goes to the disk: what is in it, and whether it is synced. */
export function watchedEnvironment(inner: KeyValueEnvironment, note: (line: string) => void): KeyValueEnvironment {
  const watch = (name: string, store: KeyValueStore): KeyValueStore => ({
    get path() {
      return store.path
    },
    get damage() {
      return store.damage
    },
    get: (key) => store.get(key),
    getMany: (keys) => store.getMany(keys),
    range: (range) => store.range(range),
    batch: (operations, options) => {
      const database = name.slice(name.lastIndexOf('/') + 1)
      note(`${database}${options.sync ? ' synced' : ''}: ${describeBatch(name, operations)}`)
      return store.batch(operations, options)
    },
    snapshot: () => store.snapshot(),
    clearDamage: () => store.clearDamage(),
    close: () => store.close(),
  })
  return {
    location: inner.location,
    list: (directory) => inner.list(directory),
    open: async (name: string, options: OpenOptions) => watch(name, await inner.open(name, options)),
    makeDirectory: (name) => inner.makeDirectory(name),
    remove: (path) => {
      if (!path.endsWith('.creating')) note(`remove ${path}`)
      return inner.remove(path)
    },
    rename: (from, to) => {
      note(`rename ${from} to ${to}`)
      return inner.rename(from, to)
    },
  }
}
