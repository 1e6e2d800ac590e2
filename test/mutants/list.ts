/** All mutants. */
import { consensusDriverMutants } from './consensus-driver.ts'
import { consensusMembershipMutants } from './consensus-membership.ts'
import { consensusMutants } from './consensus.ts'
import type { Mutant } from './mutant.ts'
import { raftElectionMutants } from './raft-elections.ts'
import { raftLogMutants } from './raft-log.ts'
import { raftMembershipMutants } from './raft-membership.ts'
import { storageFailureMutants } from './storage-failures.ts'
import { storageMutants } from './storage.ts'

export const mutants: readonly Mutant[] = [
  ...raftLogMutants,
  ...raftElectionMutants,
  ...raftMembershipMutants,
  ...storageMutants,
  ...storageFailureMutants,
  ...consensusMutants,
  ...consensusDriverMutants,
  ...consensusMembershipMutants,
]
