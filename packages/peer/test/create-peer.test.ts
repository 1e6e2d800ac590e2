import { type ClusterStatus, silentLogger } from '@pinset/interface'
import { describe, expect, it } from 'vitest'

import { journalRemoval } from '../src/create-peer.ts'
import { FakeConsensus } from './fakes/fake-consensus.ts'

describe('create-peer.ts', () => {
  it('journalRemoval() warns once per removal and says both ways back', () => {
    const consensus = new FakeConsensus()
    const warnings: string[] = []
    const logger = { ...silentLogger, warn: (message: string) => void warnings.push(message) }
    journalRemoval(consensus, () => ['/ip4/10.0.0.4/tcp/9096/p2p/12D3'], logger)
    for (const relation of ['member', 'removed', 'removed', 'member', 'removed'] as const) {
      consensus.emit('status:change', { relation } as ClusterStatus)
    }

    expect(warnings).toHaveLength(2)
    expect(warnings[0]).toContain('`pinset peers add /ip4/10.0.0.4/tcp/9096/p2p/12D3`')
    expect(warnings[0]).toContain('`pinset init --join`')
  })
})
