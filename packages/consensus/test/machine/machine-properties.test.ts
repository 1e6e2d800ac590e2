/** What must hold for every log: the same state however it is grouped, a digest of exactly its rows, every request once. */
import type { StateMeta } from '@pinset/interface'
import type { Entry } from '@pinset/raft'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { type Operation } from '../../src/codec/index.ts'
import {
  type AppliedOperation,
  decodeExpiryQueue,
  decodePinRecord,
  EXPIRY_QUEUE_KEY,
  extendChain,
  FIRST_HEAD,
  StateDigest,
} from '../../src/machine/index.ts'
import { decodeExpiryRow, decodeOriginRow } from '../../src/machine/rows.ts'
import { MachineBench } from '../fakes/machine-bench.ts'
import {
  entryOf,
  envelope,
  keyOf,
  member,
  membershipEntry,
  operationsEntry,
  pinOp,
  START_MS,
  unpinOp,
} from '../fakes/samples.ts'

const MINUTE = 60_000

interface OperationPlan {
  readonly origin: string
  readonly storageId: string
  readonly serial: number
  readonly lowWater: number
  readonly unpin: boolean
  readonly cid: number
  readonly name: string
  readonly direct: boolean
  readonly ifModifiedIndex: number | null
  readonly key: number | null
}

type EntryPlan =
  | { readonly kind: 'noop' }
  | { readonly kind: 'operations'; readonly minutes: number; readonly operations: readonly OperationPlan[] }
  | { readonly kind: 'membership'; readonly minutes: number; readonly b: string | null; readonly c: string | null }

const operationPlan: fc.Arbitrary<OperationPlan> = fc
  .record({
    origin: fc.constantFrom('a', 'b', 'c'),
    storageId: fc.oneof({ weight: 5, arbitrary: fc.constant('s1') }, { weight: 1, arbitrary: fc.constant('s2') }),
    serial: fc.integer({ min: 1, max: 8 }),
    lowWater: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(6) }),
    unpin: fc.boolean(),
    cid: fc.nat(3),
    name: fc.constantFrom('', 'x'),
    direct: fc.boolean(),
    ifModifiedIndex: fc.option(fc.nat(6), { freq: 5 }),
    key: fc.option(fc.nat(3), { freq: 2 }),
  })
  .map((plan) => ({ ...plan, lowWater: Math.min(plan.lowWater, plan.serial - 1) }))

const database = fc.option(fc.constantFrom('s1', 's1', 's2'), { freq: 4 })
const minutes = fc.oneof({ weight: 3, arbitrary: fc.nat(3) }, { weight: 1, arbitrary: fc.integer({ min: 4, max: 25 }) })
const entryPlan: fc.Arbitrary<EntryPlan> = fc.oneof(
  { weight: 1, arbitrary: fc.constant({ kind: 'noop' as const }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('operations' as const),
      minutes,
      operations: fc.array(operationPlan, { minLength: 1, maxLength: 5 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('membership' as const), minutes, b: database, c: database }) },
)
const logPlan = fc.array(entryPlan, { minLength: 1, maxLength: 14 })

function operationOf(plan: OperationPlan, timeMs: number): Operation {
  const { origin, storageId, serial, lowWater, ifModifiedIndex, key, cid } = plan
  // The key's number says what it is used for, more or less: most repetitions have the same fingerprint.
  const fingerprint = new Uint8Array(32).fill(plan.unpin ? 1 : 2)
  const idempotency = key === null ? null : { key: keyOf(START_MS + key * 7 * MINUTE, key), fingerprint }
  const at = envelope(serial, { origin, storageId, lowWater, ifModifiedIndex, idempotency, timeMs })
  if (plan.unpin) return unpinOp(cid, at)
  return pinOp(cid, at, { name: plan.name, mode: plan.direct ? 'direct' : 'recursive', timestampMs: timeMs })
}

function logOf(plans: readonly EntryPlan[]): readonly Entry[] {
  let timeMs = START_MS
  const members = (b: string | null, c: string | null) => [
    member('a'),
    ...(b === null ? [] : [member('b', { storageId: b })]),
    ...(c === null ? [] : [member('c', { storageId: c, suffrage: 'learner' })]),
  ]
  const entries: Entry[] = [membershipEntry(1, members('s1', 's1'))]
  for (const plan of plans) {
    const index = entries.length + 1
    if (plan.kind === 'noop') {
      entries.push(entryOf(index, 'noop', new Uint8Array(0), index))
      continue
    }
    timeMs += plan.minutes * MINUTE
    const made =
      plan.kind === 'membership'
        ? membershipEntry(index, members(plan.b, plan.c), { timeMs })
        : operationsEntry(
            index,
            plan.operations.map((operation) => operationOf(operation, timeMs)),
          )
    entries.push({ ...made, term: index })
  }
  return entries
}

interface Result {
  readonly rows: readonly string[]
  readonly meta: StateMeta
  readonly operations: readonly AppliedOperation[]
  readonly machine: MachineBench
}

function applyIn(log: readonly Entry[], sizes: readonly number[]): Result {
  const machine = new MachineBench()
  const operations: AppliedOperation[] = []
  let at = 0
  for (let write = 0; at < log.length; write++) {
    const size = sizes.length === 0 ? log.length : (sizes[write % sizes.length] ?? 1)
    for (const entry of machine.apply(log.slice(at, at + size)).entries) operations.push(...entry.operations)
    at += size
  }
  const rows = machine.store.ordered().map(({ table, key, value }) => `${table} ${hex(key)} ${hex(value)}`)
  return { rows, meta: machine.store.meta, operations, machine }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

describe('machine: every log', () => {
  it('gives the same rows, meta data and outcomes however its entries are grouped into writes', () => {
    fc.assert(
      fc.property(logPlan, fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }), (plans, sizes) => {
        const log = logOf(plans)
        const one = applyIn(log, [1])
        for (const other of [applyIn(log, sizes), applyIn(log, [])]) {
          expect(other.rows).toEqual(one.rows)
          expect(other.meta).toEqual(one.meta)
          expect(other.operations.map(({ outcome, revision, repeated }) => ({ outcome, revision, repeated }))).toEqual(
            one.operations.map(({ outcome, revision, repeated }) => ({ outcome, revision, repeated })),
          )
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('has the digest of exactly its rows, the head of exactly its entries, and counts that are true', () => {
    let pins = 0
    fc.assert(
      fc.property(logPlan, fc.integer({ min: 1, max: 4 }), (plans, size) => {
        const log = logOf(plans)
        const { meta, machine } = applyIn(log, [size])
        const digest = new StateDigest(new Uint8Array(32))
        const counts = { pin: 0, origin: 0, request: 0, idempotency: 0, expiry: 0 }
        let removedPins = 0
        const queued: string[] = []
        const keys: string[] = []
        for (const row of machine.store.ordered()) {
          digest.add(row)
          counts[row.table] += 1
          if (row.table === 'pin') decodePinRecord(row.value)
          if (row.table === 'origin')
            removedPins += [...decodeOriginRow(row.value).open.values()].filter(
              ({ kind }) => kind === 'unpinned',
            ).length
          if (row.table === 'idempotency') keys.push(hex(row.key))
          if (row.table === 'expiry' && row.key[0] === 1) queued.push(hex(decodeExpiryRow(row.value).key))
        }
        expect(hex(meta.digest)).toBe(hex(digest.bytes()))
        expect(hex(meta.head)).toBe(hex(log.reduce(extendChain, FIRST_HEAD)))
        expect(meta.pinCount).toBe(counts.pin)
        expect(counts.request).toBe(removedPins)
        expect(queued.sort()).toEqual(keys.sort())
        const queue = decodeExpiryQueue(machine.store.getManyNow([EXPIRY_QUEUE_KEY])[0])
        expect(queue.tail - queue.head).toBe(queued.length)
        pins += counts.pin
      }),
      { numRuns: 2500 },
    )
    expect(pins).toBeGreaterThan(1000)
  })

  it('lets no request and no idempotency key take effect twice', () => {
    let repeated = 0
    fc.assert(
      fc.property(logPlan, (plans) => {
        const { operations } = applyIn(logOf(plans), [3])
        const requests = new Set<string>()
        const keys = new Set<string>()
        const twice: string[] = []
        for (const { operation, outcome, repeated: again } of operations) {
          if (again) repeated += 1
          const took = !again && (outcome.kind === 'unpinned' || (outcome.kind === 'pinned' && outcome.changed))
          if (!took) continue
          const { requestId, idempotencyKey } = operation.envelope
          const request = `${requestId.peerId} ${requestId.storageId} ${requestId.serial}`
          // b and c may leave and come back, which forgets what they asked; a never leaves.
          if (requestId.peerId === 'a' && requests.has(request)) twice.push(request)
          requests.add(request)
          if (idempotencyKey !== null) {
            if (keys.has(hex(idempotencyKey))) twice.push(hex(idempotencyKey))
            keys.add(hex(idempotencyKey))
          }
        }
        expect(twice).toEqual([])
      }),
      { numRuns: 1500 },
    )
    expect(repeated).toBeGreaterThan(300)
  })

  it('changes the digest with every byte of table, key and value, and with nothing else', () => {
    const row = { table: 'pin', key: Uint8Array.of(1, 2), value: Uint8Array.of(3) } as const
    const digests = [
      row,
      { ...row, table: 'origin' as const },
      { ...row, key: Uint8Array.of(1), value: Uint8Array.of(2, 3) },
      { ...row, value: Uint8Array.of(4) },
    ].map((each) => {
      const digest = new StateDigest(new Uint8Array(32))
      digest.add(each)
      return hex(digest.bytes())
    })
    expect(new Set(digests).size).toBe(4)
    const there = new StateDigest(new Uint8Array(32).fill(0xff))
    there.add(row)
    there.remove(row)
    expect(hex(there.bytes())).toBe('ff'.repeat(32))
  })

  it('sums modulo 2²⁵⁶ as whole numbers do, over many carries', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(50), fc.boolean()), { maxLength: 60 }),
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        (steps, start) => {
          const digest = new StateDigest(start)
          let sum = BigInt(`0x${hex(start)}`)
          for (const [number, add] of steps) {
            const row = { table: 'pin', key: Uint8Array.of(number), value: new Uint8Array(0) } as const
            const alone = new StateDigest(new Uint8Array(32))
            alone.add(row)
            const value = BigInt(`0x${hex(alone.bytes())}`)
            sum += add ? value : -value
            if (add) digest.add(row)
            else digest.remove(row)
          }
          expect(BigInt(`0x${hex(digest.bytes())}`)).toBe(BigInt.asUintN(256, sum))
        },
      ),
    )
  })
})
