/** Peers over libp2p on the loopback, for the suite and for the tests of what only libp2p has. */
import { createTransport, generatePrivateKey } from '../src/index.ts'
import type { PrivateKey } from '../src/index.ts'
import { addressOf } from './conformance/lab.ts'
import type { TransportAdapter } from './conformance/lab.ts'

/** The first life of a peer takes a free port; later ones come back to it. */
export function createLibp2pAdapter(psk: Uint8Array | null): TransportAdapter {
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
        identity.listen = addressOf({ transport }).replace(/\/p2p\/.*$/, '')
      }
      return transport
    },
  }
}
