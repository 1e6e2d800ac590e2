/**
 * Scenarios of the durable side of a peer: the production storage over a disk in memory that crashes, fails and lies when told.
 *
 * - `create [joins]` · `open` · `close` · `crash [keep=N] [log=N] [state-1=N]`: a founder or a peer that waits; a start says what it found.
 *   A crash keeps the first N unsynced batches of each database, none by default.
 * - `write …`: one persist operation, or one per indented line, in one write (storage-words.ts).
 * - `apply N [term=T] [sync] [row=name:value]` · `serials N [above=M]` · `bind cluster=c [epoch=N]` · `suspend yes|no`.
 * - `receive [row=(a b)]` · `finish N [term=T]` · `abort` · `adopt`: a state from another peer.
 * - `fail write|sync N [ENOSPC]`: the N-th from now fails. `flip`, `remove`, `damage`, `forget` (the record
 *   is as it was in the copy): lies of the disk. `backup`, `restore [log]`: an old copy of it.
 * - `batches on`: from now on every command prints what it sends to the disk. `databases` · `entries` · `rows` · `records`.
 * - `sweep` with commands in indented lines: a crash at each of their writes and syncs, keeping no or every unsynced batch, and what the
 *   next start finds.
 */
import { createStorage, MemoryDisk, openStorage, type Storage } from '@pinset/storage'
import type { StateReceiver } from '@pinset/interface'

import {
  BASE_KEY,
  entryKey,
  HEAD_KEY,
  IDENTITY_KEY,
  indexOfEntryKey,
} from '../../../packages/storage/src/log/log-records.ts'
import { META_KEY, rowKeyToKey } from '../../../packages/storage/src/state/state-records.ts'
import type { Interpreter } from '../golden.ts'
import { Command } from '../scenario-file.ts'
import { DiskCopy } from './disk-copy.ts'
import { describeBoot, FOUNDING_ENTRY, metaAt, readPersistOp, rowOf, watchedEnvironment } from './storage-words.ts'

const LOG = 'consensus/log'

export function createStorageInterpreter(): Interpreter {
  return new StorageInterpreter()
}

class StorageInterpreter implements Interpreter {
  #disk = new MemoryDisk({ location: 'disk' })
  #storage: Storage | null = null
  #receiver: StateReceiver | null = null
  #seq = 0
  #backup: DiskCopy | null = null
  #batches: string[] | null = null

  async run(command: Command): Promise<string> {
    if (this.#batches !== null) this.#batches.length = 0
    const printed = await this.#carryOut(command)
    await settled()
    return [...(this.#batches ?? []), ...(printed === '' ? [] : [printed])].join('\n')
  }

  async close(): Promise<void> {
    await this.#storage?.close().catch(() => {})
  }

  async #carryOut(command: Command): Promise<string> {
    switch (command.verb) {
      case 'create':
        return await this.#create(command)
      case 'open':
        return await this.#open()
      case 'close':
        await this.#must(command).close()
        this.#storage = null
        return ''
      case 'crash':
        return this.#crash(command)
      case 'fail': {
        const phase = command.argument('write or sync') === 'sync' ? 'sync' : 'write'
        const count = command.toInteger(command.argument('which one'))
        this.#disk.failAt(phase, count, command.flag('ENOSPC') ? 'ENOSPC' : 'EIO')
        return ''
      }
      case 'batches':
        this.#batches = command.argument('on or off') === 'on' ? [] : null
        return ''
      case 'backup':
        this.#backup = DiskCopy.of(this.#disk)
        return ''
      case 'restore':
        return this.#restore(command)
      case 'records':
        return describeIndices(this.#disk)
      case 'databases':
        return this.#disk.databases().join('\n')
      case 'sweep':
        return await this.#sweep(command)
      case 'flip':
      case 'remove':
      case 'forget':
      case 'damage':
        return this.#tamper(command)
      default:
        return await this.#use(command)
    }
  }

  /** Commands that need an open storage. */
  async #use(command: Command): Promise<string> {
    const storage = this.#must(command)
    switch (command.verb) {
      case 'write': {
        const lines = command.lines()
        const parts = lines.length === 0 ? [command] : lines.map((line) => inner(command, `op ${line}`))
        const ops = parts.map((part) => {
          const op = readPersistOp(part, this.#seq + 1)
          this.#seq = op.seq
          return op
        })
        if (command.flag('twice')) return await overlapping(storage, ops, readPersistOp(command, this.#seq + 1))
        await storage.log.write(ops)
        return ''
      }
      case 'apply': {
        const index = command.toInteger(command.argument('index'))
        const meta = metaAt(index, command.integer('term') ?? 1)
        const puts = (command.list('row') ?? [`at-${index}`]).map(readRow)
        await storage.state.write({ puts, deletes: [], meta }, { sync: command.flag('sync') })
        return ''
      }
      case 'serials': {
        const count = command.toInteger(command.argument('count'))
        const first = await storage.reserveSerials({ count, above: command.integer('above') ?? 0 })
        return `from ${first} to ${first + count - 1}`
      }
      case 'bind': {
        const clusterId = command.option('cluster') ?? ''
        const epoch = command.integer('epoch') ?? 1
        await storage.bind({ clusterId, epoch, admission: new Uint8Array(0) })
        return describeIdentity(storage)
      }
      case 'suspend':
        await storage.setVotingSuspended(command.argument('yes or no') === 'yes')
        return ''
      case 'receive':
      case 'finish':
      case 'abort':
      case 'adopt':
        return await this.#receive(command, storage)
      case 'entries': {
        const { base, lastIndex } = storage.log.boot
        const to = command.integer('to') ?? lastIndex
        const entries = await storage.log.read(command.integer('from') ?? base.index + 1, to, Infinity)
        return entries.length === 0 ? '(none)' : entries.map(({ term, index }) => `${term}/${index}`).join(' ')
      }
      case 'rows':
        return `applied=${storage.state.meta.appliedTerm}/${storage.state.meta.appliedIndex} rows=(${(await rowsOf(storage)).join(' ')})`
      default:
        throw command.mistake(`unknown command ${command.verb}`)
    }
  }

  async #receive(command: Command, storage: Storage): Promise<string> {
    switch (command.verb) {
      case 'receive':
        this.#receiver = await storage.receiveState()
        await this.#receiver.write((command.list('row') ?? ['new']).map(readRow))
        return `into state-${this.#receiver.stateNumber}`
      case 'finish': {
        const index = command.toInteger(command.argument('index'))
        await this.#receiver?.finish(metaAt(index, command.integer('term') ?? 1))
        return ''
      }
      case 'abort':
        await this.#receiver?.abort()
        return ''
      default:
        await storage.adoptState()
        return ''
    }
  }

  async #create(command: Command): Promise<string> {
    const cluster = command.flag('joins') ? null : { clusterId: 'c1', epoch: 1, entry: FOUNDING_ENTRY }
    await createStorage(this.#mount(), { storageId: command.option('storage') ?? 's1', cluster })
    return ''
  }

  async #open(): Promise<string> {
    this.#seq = 0
    this.#receiver = null
    const storage = await openStorage(this.#mount())
    this.#storage = storage
    const { boot } = storage.log
    const { damage } = storage
    return [
      describeBoot(boot),
      `${describeIdentity(storage)} applied=${storage.state.meta.appliedTerm}/${storage.state.meta.appliedIndex}`,
      ...(damage === null ? [] : [`damage from ${damage.index} on: ${damage.what}`]),
    ].join('\n')
  }

  /** All of the copy that was made, or only some databases of it, put back beside what is newer. */
  #restore(command: Command): string {
    if (this.#backup === null) throw command.mistake('there is no backup')
    const names = command.arguments().map((name) => `consensus/${name}`)
    const copy = names.length === 0 ? this.#backup : DiskCopy.of(this.#disk).with(this.#backup, names)
    this.#disk.crash()
    this.#storage = null
    this.#disk = copy.restore()
    return ''
  }

  #crash(command: Command): string {
    const all = command.integer('keep') ?? 0
    const kept = new Map<string, number>()
    for (const name of ['log', 'state-1', 'state-2', 'state-3']) {
      const count = command.integer(name)
      if (count !== undefined) kept.set(`consensus/${name}`, count)
    }
    this.#disk.crash({ keep: (database) => kept.get(database) ?? all })
    this.#storage = null
    return ''
  }

  /** `flip entry 6 byte=10` · `flip head|base|identity|meta|row:name` · `remove …` · `damage log|state-1 what`. */
  #tamper(command: Command): string {
    const what = command.argument('record')
    if (command.verb === 'damage') {
      this.#disk.setDamage(`consensus/${what}`, command.argument('what was found'))
      return ''
    }
    const [database, key] = place(command, what)
    if (command.verb === 'forget') {
      const value = this.#backup?.record(database, key)
      if (value === undefined) throw command.mistake('the copy has no such record')
      this.#disk.putRecord(database, key, value)
      return ''
    }
    if (command.verb === 'remove') this.#disk.removeRecord(database, key)
    else this.#disk.flipByte(database, key, command.integer('byte') ?? 4)
    return ''
  }

  /** Rule of the sweep: each line is one crash point, and every start after it must find one state or the other. */
  async #sweep(command: Command): Promise<string> {
    const steps = command.lines()
    const before = DiskCopy.of(this.#disk)
    const lines: string[] = []
    for (const phase of ['write', 'sync'] as const) {
      for (let number = 1; ; number += 1) {
        const found = await this.#crashAt(command, steps, before, { phase, number, keep: 0 })
        if (found === null) break
        const kept = await this.#crashAt(command, steps, before, { phase, number, keep: Infinity })
        lines.push(`${phase} ${number} ${found}${kept === found ? '' : `\n  unsynced kept: ${kept ?? ''}`}`)
      }
    }
    this.#disk = before.restore()
    await this.#open()
    return lines.join('\n')
  }

  /** Null when the steps end before this crash point. */
  async #crashAt(
    command: Command,
    steps: readonly string[],
    before: DiskCopy,
    { phase, number, keep }: { readonly phase: 'write' | 'sync'; readonly number: number; readonly keep: number },
  ): Promise<string | null> {
    this.#disk = before.restore()
    await this.#open()
    let count = 0
    let at = ''
    this.#disk.intercept = (event) => {
      if (event.phase !== phase) return
      count += 1
      if (count !== number) return
      at = `(${event.database.slice('consensus/'.length)}${event.sync ? ', synced' : ''})`
      this.#disk.crash({ keep: () => keep })
    }
    try {
      for (const line of steps) {
        const step = inner(command, line)
        await this.#carryOut(step)
        step.checkAllRead()
      }
    } catch (error) {
      if (at === '') throw error
    }
    await settled()
    if (at === '') return null
    this.#disk.intercept = null
    this.#disk.crash()
    const found = await this.#open()
    const rows = await rowsOf(this.#must(command))
    await this.#must(command).close()
    const names = this.#disk.databases().map((name) => name.slice('consensus/'.length))
    return `${at}: ${found.replaceAll('\n', ' | ')} rows=(${rows.join(' ')}) databases=(${names.join(' ')})`
  }

  #mount() {
    return watchedEnvironment(this.#disk.mount(), (line) => this.#batches?.push(line))
  }

  #must(command: Command): Storage {
    if (this.#storage === null) throw command.mistake('nothing is open')
    return this.#storage
  }
}

function inner(command: Command, line: string): Command {
  return new Command(command.file, command.line, line, [])
}

/** Two writes at the same time. */
async function overlapping(
  storage: Storage,
  first: Parameters<Storage['log']['write']>[0],
  second: Parameters<Storage['log']['write']>[0][number],
): Promise<string> {
  const results = await Promise.allSettled([storage.log.write(first), storage.log.write([second])])
  return results
    .map((result) => (result.status === 'fulfilled' ? 'written' : (result.reason as Error).message))
    .join('\n')
}

function readRow(word: string): ReturnType<typeof rowOf> {
  const [name = '', value] = word.split(':')
  return rowOf(name, value)
}

function place(command: Command, what: string): readonly [string, Uint8Array] {
  const [kind = '', name = ''] = what.split(':')
  switch (kind) {
    case 'entry':
      return [LOG, entryKey(command.toInteger(command.argument('index')))]
    case 'head':
      return [LOG, HEAD_KEY]
    case 'base':
      return [LOG, BASE_KEY]
    case 'identity':
      return [LOG, IDENTITY_KEY]
    case 'meta':
      return ['consensus/state-1', META_KEY]
    case 'row':
      return ['consensus/state-1', rowKeyToKey(rowOf(name))]
    default:
      throw command.mistake(`no record ${what}`)
  }
}

function describeIdentity({ identity }: Storage): string {
  return `storage=${identity.storageId} cluster=${identity.clusterId ?? '-'} epoch=${identity.epoch}`
}

async function rowsOf(storage: Storage): Promise<readonly string[]> {
  const names: string[] = []
  const snapshot = await storage.state.snapshot()
  for await (const chunk of snapshot.rows()) {
    for (const { key, value } of chunk) {
      const shown = new TextDecoder().decode(value)
      names.push(`${new TextDecoder().decode(key)}${shown === '' ? '' : `:${shown}`}`)
    }
  }
  await snapshot.close()
  return names
}

/** The entries that lie in the log's database, whether they belong to the log or not. */
function describeIndices(disk: MemoryDisk): string {
  const indices = disk.records(LOG).flatMap(({ key }) => indexOfEntryKey(key) ?? [])
  return indices.length === 0 ? '(no entries)' : `entries ${indices.join(' ')}`
}

/** What nobody waits for, such as deletions, has been done. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}
