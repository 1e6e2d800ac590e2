/** Several operations on one CID in one entry: they share its index. */
import { describe, expect, it } from 'vitest'

import { MachineBench } from '../fakes/machine-bench.ts'
import { envelope, member, operationsEntry, pinOf, pinOp, unpinOp } from '../fakes/samples.ts'

function bench(): MachineBench {
  const made = new MachineBench()
  made.members([member('a'), member('b')])
  return made
}

describe('applyEntries: one CID twice in one entry', () => {
  it('answers a repeated pin with its own pin, never with the one that took its place in the same entry', () => {
    const machine = bench()
    const mine = pinOp(1, envelope(1), { name: 'mine' })
    machine.apply([operationsEntry(2, [mine, pinOp(1, envelope(1, { origin: 'b' }), { name: 'theirs' })])])
    expect(machine.run(mine)).toEqual([
      { kind: 'pinned', pin: pinOf(1, { name: 'mine' }), modifiedIndex: 2, changed: true },
    ])
  })

  it('answers a repeated pin with its own pin after it was unpinned and pinned otherwise in the same entry', () => {
    const machine = bench()
    const mine = pinOp(1, envelope(1), { name: 'mine' })
    const others = [
      unpinOp(1, envelope(1, { origin: 'b' })),
      pinOp(1, envelope(2, { origin: 'b' }), { mode: 'direct' }),
    ]
    machine.apply([operationsEntry(2, [mine, ...others])])
    expect(machine.run(mine)).toMatchObject([
      { kind: 'pinned', pin: { name: 'mine', mode: 'recursive' }, changed: true },
    ])
  })
})
