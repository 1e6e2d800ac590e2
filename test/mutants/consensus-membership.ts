/** Mutants of the consensus: who is let in, who is promoted, who learns that it is out, and whose state differs. */
import type { Mutant } from './mutant.ts'

const src = 'packages/consensus/src/membership'
const proposals = 'packages/consensus/src/proposals'

export const consensusMembershipMutants: readonly Mutant[] = [
  {
    id: 'c-p40-admission-by-peer-id-alone',
    breaks: 'P40, CA1',
    file: `${src}/cluster-admission.ts`,
    find: "if (known?.storageId === storageId) return { kind: 'admitted' } // CA1, CA2",
    replace: "if (known !== undefined) return { kind: 'admitted' }",
    harm: 'A peer that has lost its disk speaks with the name of the voter that it was.',
  },
  {
    id: 'c-p23-old-membership-tells-of-a-removal',
    breaks: 'P23, RW1',
    file: `${src}/removal-watch.ts`,
    find: 'return !listed && told.epoch >= own.cluster.epoch && told.index > own.membershipIndex',
    replace: 'return !listed && told.epoch >= own.cluster.epoch',
    harm: 'A member that lags makes a newer one believe that it was removed.',
  },
  {
    id: 'c-p39-learner-far-behind-is-promoted',
    breaks: 'P39, PW2',
    file: `${src}/promotion-watch.ts`,
    find: 'if (match === null || match === 0 || match < view.lastIndex - CAUGHT_UP_ENTRIES || !view.reachable(peerId))',
    replace: 'if (match === null || !view.reachable(peerId))',
    harm: 'A quorum includes a peer that has still to catch up; writes wait for it.',
  },
  {
    id: 'c-checkpoints-compare-the-chain-alone',
    breaks: 'DW1, CH1',
    file: `${src}/divergence-watch.ts`,
    find: 'return Buffer.concat([head, digest]).toString',
    replace: 'return Buffer.concat([head, digest.subarray(digest.length)]).toString',
    harm: 'A peer with another state than the majority goes on serving it.',
  },
  {
    id: 'c-one-peer-halts-all-others',
    breaks: 'DW3',
    file: `${src}/divergence-watch.ts`,
    find: 'if (text !== textOf(mine) && count > voters / 2) return mine.index',
    replace: 'if (text !== textOf(mine) && count > 0) return mine.index',
    harm: 'One peer with a wrong state takes all the others out of service.',
  },
  {
    id: 'c-ca6-word-of-a-member-is-not-taken',
    breaks: 'CA6',
    file: `${src}/cluster-admission.ts`,
    find: 'const isFormerOrTold = [...this.#components.former(), ...this.#told()].some(',
    replace: 'const isFormerOrTold = this.#components.former().some(',
    harm: 'A peer that is added again, when everybody whom its log names is gone, lets its leader in never.',
  },
  {
    id: 'c-ca6-uncommitted-change-stands-against-a-word',
    breaks: 'CA6',
    file: `${src}/cluster-admission.ts`,
    find: 'const isNewer = index > Math.max(appliedMembershipIndex(), toldBefore)',
    replace: 'const isNewer = index > Math.max(this.#components.newest().index, toldBefore)',
    harm: 'A change that was never committed keeps a peer from learning who leads: it stays shut out.',
  },
  {
    id: 'c-rw4-change-that-was-lost-holds-for-ever',
    breaks: 'RW4',
    file: `${src}/removal-watch.ts`,
    find: 'if (!listed && told.epoch >= own.cluster.epoch && told.appliedIndex >= own.newestMembershipIndex) return true // RW4\n',
    replace: '',
    harm: 'A peer that alone holds a change of the membership takes itself for a member for ever.',
  },
  {
    id: 'c-rw4-shorter-history-tells-of-a-removal',
    breaks: 'RW4',
    file: `${src}/removal-watch.ts`,
    find: 'told.appliedIndex >= own.newestMembershipIndex) return true // RW4',
    replace: 'told.appliedIndex >= own.membershipIndex) return true',
    harm: 'A member that lags makes a peer that was just added believe that it was removed.',
  },
  {
    id: 'c-ld3-only-learners-are-told',
    breaks: 'LD3',
    file: `${proposals}/leader-duties.ts`,
    find: "const isDue = member.suffrage === 'learner' || (hadTime && !recentActive && member.peerId !== id)",
    replace: "const isDue = member.suffrage === 'learner'",
    harm: 'A voter that was cut off while everybody whom its log names was replaced lets nobody in for ever.',
  },
  {
    id: 'c-jo4-word-about-an-earlier-database-binds',
    breaks: 'P40, JO4',
    file: `${proposals}/joiner.ts`,
    find: 'if (!record.members.some((each) => each.peerId === peerId && each.storageId === storageId)) {',
    replace: 'if (!record.members.some((each) => each.peerId === peerId)) {',
    harm: 'A wiped peer is bound by what is meant for its earlier database: it asks no more to be let in, and stays out.',
  },
]
