/** The core under test. */
import { createRaft } from '@pinset/raft'

import type { CreateCore } from './core.ts'

export const productionCore: CreateCore = createRaft
