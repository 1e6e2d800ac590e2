import { describe } from 'vitest'

import { createMemoryNetwork } from '../src/index.ts'
import type { PeerId } from '@pinset/interface'
import type { TransportAdapter } from './conformance/lab.ts'
import { raftSuite } from './conformance/raft-suite.ts'

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
})
