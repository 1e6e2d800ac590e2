/** The composition root hands this package's storage to consensus: their shapes are checked here, where neither imports the other. */
import type { ConsensusStorage } from '@pinset/consensus'

import type { Storage } from '../../src/index.ts'

export const asConsensusStorage = (storage: Storage): ConsensusStorage => storage
