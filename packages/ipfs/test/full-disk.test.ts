import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

import { silentLogger } from '@pinset/interface'
import { afterEach, describe, expect, it } from 'vitest'

import { Connections } from '../src/connections.ts'
import { openIpfsNode } from '../src/ipfs-node.ts'
import { OpenedNode } from '../src/opened-node.ts'
import { resolveSettings } from '../src/settings.ts'
import { bytesOf, collect, file, must, streamOf, TestNodes, until } from './test-nodes.ts'

const nodes = new TestNodes()
const opened: OpenedNode[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((node) => node.close(new Error('the test is over'))))
  await nodes.close()
})

/** A real node whose disk takes so many blocks and no more. */
async function nodeWithRoomFor(blocks: number): Promise<{ node: OpenedNode; directory: string }> {
  const directory = await nodes.directory()
  const settings = resolveSettings({ directory, listen: ['/ip4/127.0.0.1/tcp/0'], logger: silentLogger })
  const components = { logger: silentLogger }
  const connections = new Connections(components, settings)
  const ipfs = await openIpfsNode(settings, connections.gater)
  const { local } = ipfs
  const put = local.put.bind(local)
  let left = blocks
  local.put = async (...args) => {
    left -= 1
    if (left < 0) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
    return await put(...args)
  }
  const node = new OpenedNode({ ...components, node: ipfs, connections }, settings)
  opened.push(node)
  return { node, directory }
}

async function blocksIn(directory: string): Promise<number> {
  const names = await readdir(join(directory, 'blocks'), { recursive: true })
  return names.filter((name) => name.endsWith('.data')).length
}

describe('OpenedNode on a full disk', () => {
  it('add() says which disk is full and that nothing was pinned, and gives back what it wrote', async () => {
    const { node, directory } = await nodeWithRoomFor(5)
    const adding = collect(node.add(streamOf([file('large', bytesOf(3_000_000, 1))]), {}))

    await expect(adding).rejects.toMatchObject({ code: 'ERR_NO_SPACE', message: expect.stringContaining(directory) })
    await expect(adding).rejects.toThrow(/nothing was pinned/)
    await until(async () => (await blocksIn(directory)) === 0)
  })

  it('add() that fails keeps what was there, what a pin shares, and the roots that it has given out', async () => {
    const { node, directory } = await nodeWithRoomFor(77)
    const there = bytesOf(600_000, 2)
    const pinned = must((await collect(node.add(streamOf([file('a', there)]), {}))).at(0))
    await node.runs.pin(pinned.cid, { mode: 'recursive' })
    expect(await blocksIn(directory)).toBe(4)
    const given: string[] = []
    const small = Array.from({ length: 70 }, (_, index) => file(`b${index}`, `small ${index}`))
    const adding = async (): Promise<void> => {
      const entries = [...small, file('c', there, bytesOf(3_000_000, 3))]
      for await (const { path } of node.add(streamOf(entries), {})) given.push(path)
    }

    await expect(adding()).rejects.toThrow(/what was not listed as added was not pinned/)
    expect(given.length).toBeGreaterThan(0)
    await until(async () => (await blocksIn(directory)) === 4 + given.length)
    expect(await node.collectGarbage({})).toEqual({ kept: 4 + given.length, deleted: 0 })
  })
})
