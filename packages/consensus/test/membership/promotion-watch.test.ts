import type { Member } from '@pinset/interface'
import { describe, expect, it } from 'vitest'

import { CAUGHT_UP_ENTRIES, type LeaderView, PromotionWatch } from '../../src/membership/index.ts'
import { member, peer } from '../fakes/samples.ts'

const learner = { suffrage: 'learner', wanted: 'voter' } as const
const members = [member('a'), member('b', learner)]

function view(
  nowMs: number,
  changes: Partial<LeaderView> & { readonly match?: number; readonly members?: readonly Member[] } = {},
): LeaderView {
  const { match = 1000, members: those = members, ...rest } = changes
  return {
    nowMs,
    membership: { members: those },
    membershipCommitted: true,
    lastIndex: 1000,
    matchIndex: () => match,
    reachable: () => true,
    ...rest,
  }
}

const promote = { op: 'promote-peer', peerId: peer('b'), storageId: 's1' }

describe('PromotionWatch', () => {
  it('promotes a learner that has been caught up for two election timeouts', () => {
    const watch = new PromotionWatch(1_000)
    expect(watch.observe(view(0))).toBeNull()
    expect(watch.observe(view(1_999))).toBeNull()
    expect(watch.observe(view(2_000))).toEqual(promote)
  })

  it('begins to count anew when the learner falls behind, goes silent, is wiped, or the leader changes', () => {
    const interruptions: readonly ((watch: PromotionWatch) => void)[] = [
      (watch) => void watch.observe(view(1_000, { match: 1000 - CAUGHT_UP_ENTRIES - 1 })),
      (watch) => void watch.observe(view(1_000, { reachable: () => false })),
      (watch) => void watch.observe(view(1_000, { matchIndex: () => null })),
      (watch) =>
        void watch.observe(view(1_000, { members: [member('a'), member('b', { ...learner, storageId: 's2' })] })),
      (watch) => watch.reset(),
    ]
    for (const interrupt of interruptions) {
      const watch = new PromotionWatch(1_000)
      watch.observe(view(0))
      interrupt(watch)
      expect(watch.observe(view(2_500))).toBeNull()
      expect(watch.observe(view(4_500))).toEqual(promote)
    }
  })

  it('counts one that is 64 entries behind as caught up', () => {
    const watch = new PromotionWatch(1_000)
    watch.observe(view(0, { match: 1000 - CAUGHT_UP_ENTRIES }))
    expect(watch.observe(view(2_000, { match: 1000 - CAUGHT_UP_ENTRIES }))).toEqual(promote)
  })

  it('proposes nothing while a membership is uncommitted, but keeps counting', () => {
    const watch = new PromotionWatch(1_000)
    watch.observe(view(0))
    expect(watch.observe(view(3_000, { membershipCommitted: false }))).toBeNull()
    expect(watch.observe(view(3_001))).toEqual(promote)
  })

  it('leaves a learner that is meant to be one, and demotes a voter that is not, unless it is the last', () => {
    const watch = new PromotionWatch(1_000)
    const stays = [member('a'), member('b', { suffrage: 'learner', wanted: 'learner' })]
    watch.observe(view(0, { members: stays }))
    expect(watch.observe(view(5_000, { members: stays }))).toBeNull()
    const leaves = [member('a'), member('b', { wanted: 'learner' })]
    expect(watch.observe(view(0, { members: leaves }))).toEqual({ op: 'demote-peer', peerId: 'b' })
    expect(watch.observe(view(0, { members: [member('b', { wanted: 'learner' })] }))).toBeNull()
  })
})
