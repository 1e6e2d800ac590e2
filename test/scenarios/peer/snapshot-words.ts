/**
 * A state on its way to another peer, as words of machine scenarios.
 *
 * - `send`: encode the state of now into chunks; `receive` takes what was sent last.
 * - `receive [order=(0 1 1 m)] [without=2] [flip=1:20] [index=N] [term=N] [membership-index=N] [membership=(a b)]`: chunks in this order (`m` is
 *   the one with the meta data), without one row and numbered again, one byte of one chunk changed, and another offer than that of the sender.
 */
import type { Row, StateStore } from '@pinset/interface'
import type { SnapshotMeta } from '@pinset/raft'

import { decodeChunk, encodeChunk } from '../../../packages/consensus/src/snapshot/chunk-codec.ts'
import { encodeSnapshot, SnapshotVerifier } from '../../../packages/consensus/src/snapshot/index.ts'
import type { Command } from '../scenario-file.ts'
import { describeMeta, describeRow } from './describe-machine.ts'
import { membershipEntry, readMember } from './machine-entries.ts'
import { START_MS } from './names.ts'

const ID = 'a-1'

export class SnapshotWords {
  readonly #state: () => StateStore
  #chunks: readonly Uint8Array[] = []
  #offered: SnapshotMeta = { id: ID, index: 0, term: 0, membership: new Uint8Array(0), membershipIndex: 0 }

  constructor(state: () => StateStore) {
    this.#state = state
  }

  async run(command: Command): Promise<string> {
    return command.verb === 'send' ? await this.#send(command) : this.#receive(command)
  }

  /** One row to a chunk with `rows=1`, so that small states have several. */
  async #send(command: Command): Promise<string> {
    const perChunk = command.integer('rows')
    const snapshot = await this.#state().snapshot()
    const { appliedIndex: index, appliedTerm: term, membership, membershipIndex } = snapshot.meta
    this.#offered = { id: ID, index, term, membership, membershipIndex }
    const chunks: Uint8Array[] = []
    for await (const chunk of encodeSnapshot(snapshot, ID, new Uint8Array(0))) chunks.push(chunk)
    await snapshot.close()
    this.#chunks = perChunk === undefined ? chunks : recut(chunks, perChunk)
    const shown = this.#chunks.map((chunk, at) => {
      const decoded = decodeChunk(chunk)
      return decoded.kind === 'meta'
        ? `m: ${describeMeta(decoded.meta)}`
        : `${at}: ${decoded.rows.map(describeRow).join('; ')}`
    })
    return shown.join('\n')
  }

  #receive(command: Command): string {
    const members = command.list('membership')
    const place = { term: 1, index: 1, timeMs: START_MS }
    const verifier = new SnapshotVerifier({
      id: ID,
      index: command.integer('index') ?? this.#offered.index,
      term: command.integer('term') ?? this.#offered.term,
      membershipIndex: command.integer('membership-index') ?? this.#offered.membershipIndex,
      membership:
        members === undefined ? this.#offered.membership : membershipEntry(place, members.map(readMember)).data,
    })
    const [flipAt, flipByte] = (command.option('flip') ?? '').split(':').map(Number)
    const without = command.integer('without')
    const chunks = without === undefined ? this.#chunks : recut(this.#chunks, 1, without)
    const last = chunks.length - 1
    const order = command.list('order')?.map((word) => (word === 'm' ? last : Number(word)))
    const rows: Row[] = []
    for (const at of order ?? chunks.keys()) {
      const chunk = (chunks[at] as Uint8Array).slice()
      if (at === flipAt) chunk[flipByte ?? 0] = (chunk[flipByte ?? 0] ?? 0) ^ 1
      rows.push(...verifier.accept(chunk))
    }
    const meta = verifier.finish()
    return [`whole: ${rows.length} rows`, describeMeta(meta)].join('\n')
  }
}

/** The same rows in other chunks, with numbers that fit; without one row. */
function recut(chunks: readonly Uint8Array[], perChunk: number, without = -1): readonly Uint8Array[] {
  const decoded = chunks.map(decodeChunk)
  const rows = decoded.flatMap((chunk) => (chunk.kind === 'rows' ? chunk.rows : [])).filter((_, at) => at !== without)
  const cut: Uint8Array[] = []
  for (let at = 0; at < rows.length; at += perChunk) {
    cut.push(encodeChunk({ kind: 'rows', sequence: cut.length, rows: rows.slice(at, at + perChunk) }))
  }
  const meta = decoded.at(-1)
  if (meta?.kind === 'meta') cut.push(encodeChunk({ ...meta, sequence: cut.length }))
  return cut
}
