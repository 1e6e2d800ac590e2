import { CorruptError, type Row, type StateMeta } from '@pinset/interface'
import type { SnapshotMeta } from '@pinset/raft'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { UpgradeRequiredError } from '../../src/codec/index.ts'
import * as wire from '../../src/proto/snapshot.ts'
import { decodeChunk, encodeChunk } from '../../src/snapshot/chunk-codec.ts'
import { encodeSnapshot, SNAPSHOT_LIMITS, SnapshotVerifier } from '../../src/snapshot/index.ts'
import { MachineBench } from '../fakes/machine-bench.ts'
import { MemoryStateStore } from '../fakes/memory-state-store.ts'
import { envelope, keyOf, member, pinOp, START_MS, unpinOp } from '../fakes/samples.ts'

/** A state of several chunks, with rows in every table. */
function bench(pins = 2500): MachineBench {
  const machine = new MachineBench()
  machine.members([member('a')])
  let serial = 0
  for (let pin = 0; pin < pins; pin += 250) {
    machine.run(
      ...Array.from({ length: Math.min(250, pins - pin) }, (_, at) => {
        serial += 1
        return pinOp(pin + at, envelope(serial, { lowWater: serial - 1 }), {
          name: `pin ${pin + at} ${'x'.repeat(100)}`,
        })
      }),
    )
  }
  const fingerprint = new Uint8Array(32)
  machine.run(
    unpinOp(0, envelope(serial + 1, { lowWater: serial, idempotency: { key: keyOf(START_MS, 1), fingerprint } })),
  )
  return machine
}

function offered(meta: StateMeta): SnapshotMeta {
  return {
    id: 'snapshot-1',
    index: meta.appliedIndex,
    term: meta.appliedTerm,
    membership: meta.membership,
    membershipIndex: meta.membershipIndex,
  }
}

async function chunksOf(
  store: MemoryStateStore,
  resumeAfter: Uint8Array = new Uint8Array(0),
): Promise<readonly Uint8Array[]> {
  const chunks: Uint8Array[] = []
  const snapshot = await store.snapshot()
  for await (const chunk of encodeSnapshot(snapshot, 'snapshot-1', resumeAfter)) chunks.push(chunk)
  await snapshot.close()
  return chunks
}

function receive(verifier: SnapshotVerifier, chunks: readonly Uint8Array[]): Row[] {
  return chunks.flatMap((chunk) => [...verifier.accept(chunk)])
}

const sender = bench().store
const meta = sender.meta
const chunks = await chunksOf(sender)

describe('snapshot', () => {
  it('carries every row and the meta data in chunks of at most 256 KiB', () => {
    const verifier = new SnapshotVerifier(offered(meta))
    expect(chunks.length).toBeGreaterThan(4)
    for (const chunk of chunks) expect(chunk.length).toBeLessThanOrEqual(SNAPSHOT_LIMITS.maxChunkBytes)
    expect(receive(verifier, chunks)).toEqual(sender.ordered())
    expect(verifier.finish()).toEqual(meta)
    expect(new Set(sender.ordered().map(({ table }) => table)).size).toBe(5)
  })

  it('carries an empty table set', async () => {
    const machine = new MachineBench()
    machine.members([member('a')])
    const [only, ...rest] = await chunksOf(machine.store)
    const verifier = new SnapshotVerifier(offered(machine.store.meta))
    expect(rest).toEqual([])
    expect(verifier.accept(only ?? new Uint8Array(0))).toEqual([])
    expect(verifier.cursor().length).toBe(0)
    expect(verifier.finish()).toEqual(machine.store.meta)
  })

  it('is resumed after every chunk, also after the last one, with the digest of all rows', async () => {
    for (let taken = 0; taken <= chunks.length; taken++) {
      const verifier = new SnapshotVerifier(offered(meta))
      const rows = receive(verifier, chunks.slice(0, taken))
      const rest = await chunksOf(sender, verifier.cursor())
      expect(rest).toEqual(chunks.slice(Math.min(taken, chunks.length - 1)))
      rows.push(...receive(verifier, rest))
      expect(rows).toEqual(sender.ordered())
      expect(verifier.finish()).toEqual(meta)
    }
  })

  it('replaces a state: pins that were removed while the receiver was away do not come back', async () => {
    const machine = bench(20)
    const before = [...machine.store.rows.values()]
    for (let pin = 1; pin < 10; pin++) machine.run(unpinOp(pin, envelope(100 + pin, { lowWater: 99 + pin })))
    const verifier = new SnapshotVerifier(offered(machine.store.meta))
    const received = receive(verifier, await chunksOf(machine.store))
    verifier.finish()
    expect(received).toEqual(machine.store.ordered())
    // Merged with what the receiver had, it would not be the state announced.
    const merged = new MemoryStateStore()
    for (const row of [...before, ...received])
      merged.rows.set(`${row.table} ${Buffer.from(row.key).toString('hex')}`, row)
    merged.meta = machine.store.meta
    const mergedVerifier = new SnapshotVerifier(offered(machine.store.meta))
    receive(mergedVerifier, await chunksOf(merged))
    expect(() => mergedVerifier.finish()).toThrow('digest')
  })

  it('refuses a chunk that is missing, twice, or out of order, and is still where it was', () => {
    for (const [label, order] of [
      ['missing', [0, 2]],
      ['twice', [0, 0]],
      ['not the first', [1]],
      ['after the meta data', [0, 1, chunks.length - 1]],
    ] as const) {
      const verifier = new SnapshotVerifier(offered(meta))
      for (const at of order.slice(0, -1)) verifier.accept(chunks[at] ?? new Uint8Array(0))
      const cursor = verifier.cursor()
      expect(() => verifier.accept(chunks[order.at(-1) ?? 0] ?? new Uint8Array(0)), label).toThrow(CorruptError)
      expect(verifier.cursor(), label).toEqual(cursor)
    }
  })

  it('refuses rows after the meta data, and an end without it', () => {
    const verifier = new SnapshotVerifier(offered(meta))
    receive(verifier, chunks.slice(0, -1))
    expect(() => verifier.finish()).toThrow('without its meta data')
    receive(verifier, chunks.slice(-1))
    const more = encodeChunk({
      kind: 'rows',
      sequence: chunks.length - 1,
      rows: [{ table: 'expiry', key: Uint8Array.of(9), value: new Uint8Array(0) }],
    })
    expect(() => verifier.accept(more)).toThrow('rows after the meta data')
    expect(verifier.finish()).toEqual(meta)
  })

  it('finds rows left out, changed, or added by a sender whose chunks are well-formed', () => {
    const all = sender.ordered()
    const extra: Row = { table: 'expiry', key: Uint8Array.of(2), value: Uint8Array.of(1) }
    const forged: readonly (readonly Row[])[] = [
      all.slice(1),
      [...all, extra],
      all.map((row, at) => (at === 3 ? { ...row, value: new Uint8Array(4) } : row)),
    ]
    for (const rows of forged) {
      const verifier = new SnapshotVerifier(offered(meta))
      let sequence = 0
      for (let at = 0; at < rows.length; at += 200) {
        verifier.accept(encodeChunk({ kind: 'rows', sequence, rows: rows.slice(at, at + 200) }))
        sequence += 1
      }
      verifier.accept(encodeChunk({ kind: 'meta', sequence, meta }))
      expect(() => verifier.finish()).toThrow(CorruptError)
    }
  })

  it('refuses rows out of order or twice, within a chunk and across chunks', () => {
    const [first, second] = sender.ordered()
    if (first === undefined || second === undefined) throw new Error('no rows')
    const verifier = new SnapshotVerifier(offered(meta))
    const chunk = (sequence: number, rows: readonly Row[]) => encodeChunk({ kind: 'rows', sequence, rows })
    expect(() => verifier.accept(chunk(0, [second, first]))).toThrow('out of order')
    expect(() => verifier.accept(chunk(0, [first, first]))).toThrow('out of order')
    verifier.accept(chunk(0, [second]))
    expect(() => verifier.accept(chunk(1, [first]))).toThrow('out of order')
    expect(() => verifier.accept(chunk(1, [second]))).toThrow('out of order')
    expect(() => verifier.accept(chunk(1, []))).toThrow('holds no row')
  })

  it('refuses meta data that are not those offered, or of a newer version', () => {
    const offer = offered(meta)
    for (const other of [
      { ...offer, index: offer.index + 1 },
      { ...offer, term: 9 },
      { ...offer, membershipIndex: 2 },
      { ...offer, membership: new Uint8Array(3) },
    ]) {
      const verifier = new SnapshotVerifier(other)
      expect(() => receive(verifier, chunks)).toThrow('was offered')
    }
    const newer = new SnapshotVerifier(offer)
    expect(() =>
      newer.accept(encodeChunk({ kind: 'meta', sequence: 0, meta: { ...meta, operationVersion: 2 } })),
    ).toThrow(UpgradeRequiredError)
    expect(() => decodeChunk(wire.SnapshotChunk.encode({ version: 2 }))).toThrow(UpgradeRequiredError)
  })

  it('refuses every chunk in which a byte was changed', () => {
    const small = encodeChunk({ kind: 'rows', sequence: 5, rows: sender.ordered().slice(0, 3) })
    fc.assert(
      fc.property(fc.nat(small.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const mutated = small.slice()
        mutated[at] = (mutated[at] ?? 0) ^ flip
        let decoded: unknown
        try {
          decoded = decodeChunk(mutated)
        } catch (error) {
          if (!(error instanceof CorruptError) && !(error instanceof UpgradeRequiredError)) throw error
          return
        }
        // A change of the encoding that says the same (a field that is skipped or repeated).
        expect(decoded).toEqual(decodeChunk(small))
      }),
      { numRuns: 2000 },
    )
  })

  it('refuses a cursor of another snapshot, and a damaged one', async () => {
    const verifier = new SnapshotVerifier({ ...offered(meta), id: 'another' })
    receive(verifier, chunks.slice(0, 1))
    await expect(chunksOf(sender, verifier.cursor())).rejects.toThrow('start from the beginning')
    await expect(chunksOf(sender, Uint8Array.of(1, 2, 3))).rejects.toThrow(CorruptError)
  })
})
