/** All mutants. */
import { consensusMutants } from './consensus.ts'
import type { Mutant } from './mutant.ts'
import { raftMutants } from './raft.ts'
import { storageMutants } from './storage.ts'

export const mutants: readonly Mutant[] = [...raftMutants, ...storageMutants, ...consensusMutants]
