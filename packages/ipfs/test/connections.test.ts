import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { identify } from '@libp2p/identify'
import type { Libp2p } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { CID } from 'multiformats/cid'
import { createLibp2p } from 'libp2p'
import { afterEach, describe, expect, it } from 'vitest'

import { BITSWAP_PROTOCOL } from '../src/want-sender.ts'
import { addFile, addressesOf, bytesOf, TestNodes, until } from './test-nodes.ts'

const nodes = new TestNodes()
const plain: Libp2p[] = []
afterEach(async () => {
  await nodes.close()
  for (const node of plain.splice(0)) await node.stop()
})

const MISSING = CID.parse('bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy')

/** A libp2p node that is no IPFS node of ours; counts who connects. */
async function plainNode(
  onWants?: (bytes: number) => void,
): Promise<{ libp2p: Libp2p; address: string; connections: () => number }> {
  const libp2p = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify() },
  })
  plain.push(libp2p)
  let connections = 0
  libp2p.addEventListener('connection:open', () => (connections += 1))
  if (onWants !== undefined) {
    await libp2p.handle(BITSWAP_PROTOCOL, (stream) => {
      stream.addEventListener('message', (event) => onWants(event.data.byteLength))
    })
  }
  return { libp2p, address: libp2p.getMultiaddrs().map(String).join(), connections: () => connections }
}

describe('Connections', () => {
  it('setSiblings() connects to all of them, and closes the connection to one that is left out', async () => {
    const [x, y] = [await plainNode(), await plainNode()]
    const node = await nodes.start()

    node.setSiblings([x.address, y.address])
    await until(() => x.libp2p.getPeers().length === 1 && y.libp2p.getPeers().length === 1)
    node.setSiblings([y.address])

    await until(() => x.libp2p.getPeers().length === 0)
    expect(y.libp2p.getPeers()).toHaveLength(1)
  })

  it('setSiblings() before start() is remembered', async () => {
    const x = await plainNode()
    const node = nodes.make({ directory: await nodes.directory() })

    node.setSiblings([x.address])
    await node.start()

    await until(() => x.libp2p.getPeers().length === 1)
    expect(x.connections()).toBe(1)
  })

  it('setSiblings() dials a sibling that hangs up again and again', async () => {
    const x = await plainNode()
    const node = await nodes.start()
    node.setSiblings([x.address])

    for (let round = 1; round <= 2; round += 1) {
      await until(() => x.connections() === round && x.libp2p.getPeers().length === 1)
      await Promise.all(x.libp2p.getConnections().map((connection) => connection.close()))
    }

    await until(() => x.connections() === 3)
    expect(x.connections()).toBe(3)
  })

  it('pin() asks nobody that it was not told about: not the siblings of a sibling, nor those that connected once', async () => {
    const [a, b] = [await nodes.start(), await nodes.start()]
    const outsider = await plainNode(() => {})
    const c = await nodes.start({ stallMs: 500 })
    const [addressOfA, addressOfB, addressOfC] = [await addressesOf(a), await addressesOf(b), await addressesOf(c)]
    b.setSiblings([...addressOfA, outsider.address])
    a.setSiblings(addressOfB)
    await until(() => outsider.libp2p.getPeers().length === 1)
    const { cid } = await addFile(a, bytesOf(1_000, 1))
    const { id: idOfA } = await a.id()
    const { id: idOfC } = await c.id()

    c.setSiblings(addressOfB)
    await expect(c.pin(cid, { mode: 'recursive' })).rejects.toThrow((await b.id()).id)

    expect(outsider.libp2p.getPeers().map(String)).not.toContain(idOfC)
    await expect(c.pin(cid, { mode: 'recursive' })).rejects.not.toThrow(idOfA)
    expect(addressOfC).toHaveLength(1)
  })

  it('pin() redials a node that answers nothing, once, before it fails (no reconnect storm)', async () => {
    let wants = 0
    const silent = await plainNode(() => (wants += 1))
    const node = await nodes.start({ stallMs: 300 })
    node.setSiblings([silent.address])

    await expect(node.pin(MISSING, { mode: 'recursive' })).rejects.toThrow(/\(no answer\)/)

    expect(silent.connections()).toBe(2)
    expect(wants).toBeGreaterThanOrEqual(2)
  })
})
