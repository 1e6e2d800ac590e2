import { describe } from 'vitest'

import { createTransport, generatePrivateKey, generateSwarmKey } from '../src/index.ts'
import type { PrivateKey } from '../src/index.ts'
import type { TransportAdapter } from './conformance/lab.ts'
import { raftSuite } from './conformance/raft-suite.ts'
import { rpcSuite } from './conformance/rpc-suite.ts'
import { snapshotSuite } from './conformance/snapshot-suite.ts'

/** The first life of a peer takes a free port; later ones come back to it. */
function createAdapter(psk: Uint8Array | null): TransportAdapter {
  const known = new Map<string, { readonly key: PrivateKey; listen: string }>()
  return {
    async create({ name, admission, logger, ...init }) {
      const identity = known.get(name) ?? { key: await generatePrivateKey(), listen: '/ip4/127.0.0.1/tcp/0' }
      known.set(name, identity)
      const transport = await createTransport(
        { admission, logger },
        { ...init, privateKey: identity.key, psk, listen: [identity.listen] },
      )
      const start = transport.start.bind(transport)
      transport.start = async () => {
        await start()
        identity.listen = (transport.listenAddresses()[0] as string).replace(/\/p2p\/.*$/, '')
      }
      return transport
    },
  }
}

describe('the libp2p transport on a private network', () => {
  const psk = generateSwarmKey()
  raftSuite(() => createAdapter(psk))
  snapshotSuite(() => createAdapter(psk))
  rpcSuite(() => createAdapter(psk))
})
