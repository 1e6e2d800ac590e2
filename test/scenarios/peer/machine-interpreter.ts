/**
 * Scenarios of the pinset machine: entries in, outcomes and state out. Everything is the production code of `consensus`; rows lie
 * in the production state store, on a disk in memory.
 *
 * - `members a b:learner c@s2` · `pin …` · `unpin …` · `noop`: an entry, applied at once.
 * - `entry` with one operation per indented line: an entry with all of them.
 * - `keys 40 from=1`: an entry with this many pins of x by a, with serials and keys from this number on; only the last is printed.
 * - `together` with one of these per indented line: several entries in one state write.
 * - `clock 5m`: what the leader's clock shows from now on. `term 2`: of entries from now on.
 * - `rows [table]` · `regroup`: the state; the same entries again, grouped otherwise.
 * - `admit …`: what the leader decides before it proposes. `decode …`, `send`, `receive …`: see wire-numbers.ts, snapshot-words.ts.
 */
import type { StateStore } from '@pinset/interface'
import type { Entry } from '@pinset/raft'
import { createStorage, MemoryDisk, openStorage, type Storage } from '@pinset/storage'

import { decodeEntries } from '../../../packages/consensus/src/codec/index.ts'
import { admitProposal, type Applied, applyEntries, loadRows } from '../../../packages/consensus/src/machine/index.ts'
import { Command } from '../scenario-file.ts'
import type { Interpreter } from '../golden.ts'
import { describeEntry, describeMeta, describeRow } from './describe-machine.ts'
import {
  type EntryPlace,
  entryOf,
  membershipEntry,
  operationsEntry,
  readMember,
  readOperation,
} from './machine-entries.ts'
import { parseDuration, START_MS } from './names.ts'
import { decodeNumber } from './wire-numbers.ts'
import { SnapshotWords } from './snapshot-words.ts'

/** Sizes of groups in which `regroup` applies all entries again; 0 stands for all at once. */
const GROUPINGS = [1, 2, 3, 0]

export async function createMachineInterpreter(): Promise<Interpreter> {
  return new MachineInterpreter(await freshStorage())
}

async function freshStorage(): Promise<Storage> {
  const disk = new MemoryDisk()
  await createStorage(disk.mount(), { storageId: 's1', cluster: null })
  return openStorage(disk.mount())
}

class MachineInterpreter implements Interpreter {
  readonly #storage: Storage
  readonly #entries: Entry[] = []
  readonly #snapshots: SnapshotWords
  #timeMs = START_MS
  #term = 1

  constructor(storage: Storage) {
    this.#storage = storage
    this.#snapshots = new SnapshotWords(() => storage.state)
  }

  async run(command: Command): Promise<string> {
    switch (command.verb) {
      case 'clock':
        this.#timeMs = START_MS + parseDuration(command.argument('time'))
        return ''
      case 'term':
        this.#term = command.toInteger(command.argument('term'))
        return ''
      case 'rows':
        return this.#rows(command.optionalArgument())
      case 'regroup':
        return this.#regroup()
      case 'admit':
        return admit(command, this.#timeMs)
      case 'decode':
        return decodeNumber(command)
      case 'send':
      case 'receive':
        return this.#snapshots.run(command)
      case 'keys': {
        const lines = (await this.#apply([this.#entry(command, 0)])).split('\n')
        return lines.slice(-2).join('\n')
      }
      case 'together':
        return this.#apply(inner(command).map((each, at) => this.#entry(each, at)))
      default:
        return this.#apply([this.#entry(command, 0)])
    }
  }

  close(): Promise<void> {
    return this.#storage.close()
  }

  /** @param at - in the write: how many entries come before it. */
  #entry(command: Command, at: number): Entry {
    const place: EntryPlace = {
      term: this.#term,
      index: this.#storage.state.meta.appliedIndex + 1 + at,
      timeMs: this.#timeMs,
    }
    switch (command.verb) {
      case 'members': {
        const version = command.integer('version')
        const members = command.arguments().map(readMember)
        return membershipEntry(place, members, version === undefined ? {} : { version })
      }
      case 'noop':
        return entryOf(place, 'noop')
      case 'keys': {
        const count = command.toInteger(command.argument('count'))
        const from = command.integer('from') ?? 1
        const lines = Array.from({ length: count }, (_, number) => `pin x by=a/${from + number} key=k${from + number}`)
        const operations = lines.map((line) =>
          readOperation(new Command(command.file, command.line, line, []), this.#timeMs),
        )
        return operationsEntry(place, operations)
      }
      case 'entry': {
        const operations = inner(command).map((each) => readOperation(each, place.timeMs))
        return operationsEntry(place, operations)
      }
      case 'pin':
      case 'unpin':
        return operationsEntry(place, [readOperation(command, place.timeMs)])
      default:
        throw command.mistake(`unknown command ${command.verb}`)
    }
  }

  async #apply(entries: readonly Entry[]): Promise<string> {
    const { applied, stopped } = await applyTo(this.#storage.state, entries)
    this.#entries.push(...entries)
    return [
      ...(applied?.entries ?? []).flatMap(describeEntry),
      ...(stopped === null ? [] : [`stopped: ${stopped.message}`]),
      describeMeta(this.#storage.state.meta),
    ].join('\n')
  }

  async #rows(table: string | undefined): Promise<string> {
    const lines: string[] = []
    const snapshot = await this.#storage.state.snapshot()
    for await (const chunk of snapshot.rows()) {
      for (const row of chunk) if (table === undefined || row.table === table) lines.push(describeRow(row))
    }
    await snapshot.close()
    return lines.length === 0 ? '(no rows)' : lines.join('\n')
  }

  async #regroup(): Promise<string> {
    const lines: string[] = []
    for (const size of GROUPINGS) {
      const storage = await freshStorage()
      const step = size === 0 ? this.#entries.length : size
      for (let at = 0; at < this.#entries.length; at += step) {
        await applyTo(storage.state, this.#entries.slice(at, at + step))
      }
      lines.push(`${size === 0 ? 'all at once' : `by ${size}`}: ${describeMeta(storage.state.meta)}`)
      await storage.close()
    }
    return lines.join('\n')
  }
}

async function applyTo(
  state: StateStore,
  entries: readonly Entry[],
): Promise<{ readonly applied: Applied | null; readonly stopped: Error | null }> {
  const { decoded, stopped } = decodeEntries(entries)
  if (decoded.length === 0) return { applied: null, stopped }
  const applied = applyEntries(state.meta, decoded, await loadRows(state, state.meta, decoded))
  await state.write(applied.write, { sync: true })
  return { applied, stopped }
}

/** The indented lines, each as a command of its own. */
function inner(command: Command): readonly Command[] {
  return command.lines().map((line) => new Command(command.file, command.line, line, []))
}

/** `admit by=a/1 members=(a b) versions=(2 1) keys=999999 key=k1 needs=2` */
function admit(command: Command, timeMs: number): string {
  const versions = command.list('versions') ?? []
  const members = (command.list('members') ?? ['a']).map((word, at) => ({
    ...readMember(word),
    supportedVersion: command.toInteger(versions[at] ?? '1'),
  }))
  const context = { members, idempotencyKeys: command.integer('keys') ?? 0 }
  const needs = command.integer('needs') ?? 1
  const line = new Command(
    command.file,
    command.line,
    `pin x by=${command.option('by') ?? 'a/1'}${keyWord(command)}`,
    [],
  )
  const refusal = admitProposal(readOperation(line, timeMs).envelope, needs, context)
  return refusal === null ? 'proposed' : `not proposed: ${refusal.name}: ${refusal.message}`
}

function keyWord(command: Command): string {
  const key = command.option('key')
  return key === undefined ? '' : ` key=${key}`
}
