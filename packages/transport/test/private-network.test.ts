/** The defects of @libp2p/pnet 3.0.27 that would end all protected connections of a process. */
import type { MultiaddrConnection } from '@libp2p/interface'
import { multiaddrConnectionPair } from '@libp2p/utils'
import { describe, expect, it } from 'vitest'

import { generateSwarmKey } from '../src/index.ts'
import { createProtector } from '../src/network/private-network.ts'
import { until } from './fakes.ts'

const psk = generateSwarmKey()

async function protectedPair(): Promise<[MultiaddrConnection, MultiaddrConnection]> {
  const [a, b] = multiaddrConnectionPair()
  const protector = createProtector(psk)
  return (await Promise.all([protector.protect(a), protector.protect(b)])) as [MultiaddrConnection, MultiaddrConnection]
}

async function move(
  from: MultiaddrConnection,
  to: MultiaddrConnection,
  init: { readonly writes: number; readonly bytes: number },
): Promise<number> {
  let received = 0
  let wrong = 0
  to.addEventListener('message', ({ data }) => {
    for (const part of data instanceof Uint8Array ? [data] : data) {
      received += part.byteLength
      if (part[0] !== 7 || part.at(-1) !== 7) wrong++
    }
  })
  const payload = new Uint8Array(init.bytes).fill(7)
  for (let write = 0; write < init.writes; write++) {
    const drained = new Promise((resolve) => from.addEventListener('drain', resolve, { once: true }))
    if (!from.send(payload)) await drained
    await new Promise((resolve) => setImmediate(resolve))
  }
  await until('all bytes are there', () => received === init.writes * init.bytes, 15_000)
  return wrong
}

describe('createProtector', () => {
  it('P1 256 MiB pass in writes of 2 MiB, and small messages pass on other connections after it', async () => {
    const [a, b] = await protectedPair()
    const [c, d] = await protectedPair()
    expect(await move(a, b, { writes: 96, bytes: 2 * 1024 * 1024 })).toBe(0)
    await Promise.all([
      move(b, a, { writes: 32, bytes: 2 * 1024 * 1024 }),
      move(c, d, { writes: 2_000, bytes: 100 }),
      move(d, c, { writes: 2_000, bytes: 100 }),
    ])
    for (const connection of [a, c]) await connection.close()
  }, 30_000)

  it('P2 six thousand protected connections are opened and closed, and the next one is as good', async () => {
    for (let round = 0; round < 6_000; round++) {
      const [a, b] = await protectedPair()
      if (round % 2 === 0) {
        a.abort(new Error('enough'))
        b.abort(new Error('enough'))
      } else {
        await Promise.all([a.close(), b.close()])
      }
    }
    const [a, b] = await protectedPair()
    expect(await move(a, b, { writes: 10, bytes: 100_000 })).toBe(0)
    await a.close()
  }, 30_000)
})
