import { describe } from 'vitest'

import { createMemoryNetwork } from '../src/index.ts'
import type { PeerId } from '@pinset/interface'
import type { TransportAdapter } from './conformance/lab.ts'
import { raftSuite } from './conformance/raft-suite.ts'
import { rpcSuite } from './conformance/rpc-suite.ts'
import { snapshotSuite } from './conformance/snapshot-suite.ts'

function createAdapter(): TransportAdapter {
  const network = createMemoryNetwork()
  return {
    async create({ name, admission, ...init }) {
      return network.createTransport(`memory-${name}` as PeerId, admission, init)
    },
  }
}

describe('the memory transport', () => {
  raftSuite(createAdapter)
  snapshotSuite(createAdapter)
  rpcSuite(createAdapter)
})
