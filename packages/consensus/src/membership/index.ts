export { agreedVersion } from './agreed-version.ts'
export { type ToldMembership } from './ask-members.ts'
export { ClusterAdmission, type ClusterAdmissionComponents, type ClusterAdmissionInit } from './cluster-admission.ts'
export { DivergenceWatch } from './divergence-watch.ts'
export { foundCluster } from './found-cluster.ts'
export {
  encodeChange,
  type MembershipChange,
  type MembershipDecision,
  type Newcomer,
  nextMembership,
} from './next-membership.ts'
export { CAUGHT_UP_ENTRIES, type LeaderView, PromotionWatch } from './promotion-watch.ts'
export { SelfRecord } from './self-record.ts'
export { RemovalWatch, type RemovalWatchComponents, type RemovalWatchInit, tellsRemoval } from './removal-watch.ts'
