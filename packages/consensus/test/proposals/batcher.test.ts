import type { EntryId } from '@pinset/raft'
import { describe, expect, it } from 'vitest'

import type { ProposalHandler } from '../../src/driver/contexts.ts'
import { ProposalTable } from '../../src/driver/proposal-table.ts'
import { Batcher, type ProposalResult } from '../../src/proposals/batcher.ts'

function setUp(init: { maxBatchBytes?: number; maxBatchOperations?: number } = {}) {
  const proposals: { data: Uint8Array; handler: ProposalHandler }[] = []
  const driver = {
    persisterFree: true,
    wakes: 0,
    listeners: [] as (() => void)[],
    onTurnBegins: (listener: () => void) => void driver.listeners.push(listener),
    wake: () => void (driver.wakes += 1),
    propose: (data: Uint8Array, handler: ProposalHandler) => void proposals.push({ data, handler }),
  }
  const table = new ProposalTable<readonly string[]>()
  const batcher = new Batcher<string>(driver, table, {
    ...init,
    encodeBatch: (operations) => new Uint8Array(Buffer.concat(operations)),
  })
  const results: (readonly [number, ProposalResult<string>])[] = []
  const add = (byte: number, size = 1, key = `${byte}`) =>
    batcher.add({ bytes: new Uint8Array(size).fill(byte), key, settle: (result) => results.push([byte, result]) })
  const accept = (at: number, id: EntryId) => proposals[at]?.handler.accepted(id)
  return { batcher, table, driver, proposals, results, add, accept }
}

describe('Batcher', () => {
  it('cut() proposes a lone operation at once when nothing is being written', () => {
    const { batcher, driver, proposals, add } = setUp()
    add(1)
    expect(driver.wakes).toBe(1)
    batcher.cut()
    expect(proposals.map(({ data }) => [...data])).toEqual([[1]])
  })

  it('add() has its operation proposed at the beginning of the next turn', () => {
    const { driver, proposals, add } = setUp()
    add(1)
    add(2)
    expect(proposals).toEqual([])
    expect(driver.wakes).toBeGreaterThan(0)
    for (const turnBegins of driver.listeners) {
      turnBegins()
    }
    expect(proposals.map(({ data }) => [...data])).toEqual([[1, 2]])
  })

  it('cut() lets operations gather while a write is in flight, until a batch is full', () => {
    const { batcher, driver, proposals, add } = setUp({ maxBatchOperations: 3 })
    driver.persisterFree = false
    add(1)
    add(2)
    batcher.cut()
    expect(proposals).toHaveLength(0)
    add(3)
    add(4)
    batcher.cut()
    expect(proposals.map(({ data }) => [...data])).toEqual([[1, 2, 3]])
    driver.persisterFree = true
    batcher.cut()
    expect(proposals.map(({ data }) => [...data])).toEqual([[1, 2, 3], [4]])
  })

  it('cut() never makes a batch above its bytes, but lets one larger operation travel alone', () => {
    const { batcher, proposals, add } = setUp({ maxBatchBytes: 30 })
    add(1, 10)
    add(2, 10)
    add(3, 10)
    add(4, 100)
    batcher.cut()
    expect(proposals.map(({ data }) => data.length)).toEqual([20, 10, 100])
  })

  it('BA4 cut() never puts two operations of one CID into one entry, and keeps their order', () => {
    const { batcher, proposals, add } = setUp()
    add(1, 1, 'x')
    add(2, 1, 'y')
    add(3, 1, 'x')
    add(4, 1, 'x')
    add(5, 1, 'y')
    batcher.cut()
    expect(proposals.map(({ data }) => [...data])).toEqual([[1, 2], [3], [4, 5]])
  })

  it('applied() answers by term, index and position', () => {
    const { batcher, table, results, add, accept } = setUp()
    add(1)
    add(2)
    batcher.cut()
    accept(0, { term: 3, index: 10 })
    table.applied({ term: 3, index: 9 }, [])
    expect(results).toEqual([])
    table.applied({ term: 3, index: 10 }, ['one', 'two'])
    expect(results).toEqual([
      [1, { kind: 'decided', decision: 'one' }],
      [2, { kind: 'decided', decision: 'two' }],
    ])
  })

  it('applied() of another term says lost, and only then: a cut-off entry may still commit', () => {
    const { batcher, table, results, add, accept } = setUp()
    add(1)
    batcher.cut()
    accept(0, { term: 1, index: 10 })
    add(2)
    batcher.cut()
    accept(1, { term: 3, index: 10 })
    expect(results).toEqual([])
    table.applied({ term: 1, index: 10 }, ['first'])
    expect(results).toMatchObject([
      [1, { kind: 'decided', decision: 'first' }],
      [2, { kind: 'not-proposed', reason: 'lost' }],
    ])
  })

  it('jumped() leaves everything up to the index unknown, never failed', () => {
    const { batcher, table, results, add, accept } = setUp()
    add(1)
    batcher.cut()
    accept(0, { term: 1, index: 10 })
    add(2)
    batcher.cut()
    accept(1, { term: 1, index: 21 })
    table.jumped(20)
    expect(results).toMatchObject([[1, { kind: 'unknown' }]])
  })

  it('close() tells apart what is in the log and what is not', () => {
    const { batcher, table, driver, results, add, accept } = setUp()
    add(1)
    batcher.cut()
    accept(0, { term: 1, index: 10 })
    driver.persisterFree = false
    add(2)
    batcher.close('EIO')
    table.close('EIO')
    table.applied({ term: 1, index: 10 }, ['late'])
    expect(results).toMatchObject([
      [2, { kind: 'not-proposed' }],
      [1, { kind: 'unknown', detail: 'EIO' }],
    ])
  })
})
