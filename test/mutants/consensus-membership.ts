/** Mutants of the consensus: who is let in, and who learns that it is out. */
import type { Mutant } from './mutant.ts'

const src = 'packages/consensus/src/membership'
const proposals = 'packages/consensus/src/proposals'

export const consensusMembershipMutants: readonly Mutant[] = [
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
