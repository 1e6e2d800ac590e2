import { afterEach, describe, expect, it } from 'vitest'

import type { HeliaConnector } from '../src/index.ts'
import { addFile, addressesOf, bytesOf, must, read, TestNodes } from './test-nodes.ts'

const nodes = new TestNodes()
afterEach(() => nodes.close())

const RUN_MS = 4_000
/** What may go wrong when callers cross each other; anything else is a defect. */
const EXPECTED = [/aborted due to timeout/, /was removed while it was being fetched/, /being collected already/]

/** The same numbers for the same seed; what the nodes make of them also depends on time. */
function chooser(seed: number): (below: number) => number {
  let state = seed * 7_919 + 13
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return (state >>> 8) % below
  }
}

describe('HeliaConnector under load', () => {
  it('pins, aborts, unpins, collections and lost connections at once: nothing hangs, and what is pinned is whole', async () => {
    const holder = await nodes.start()
    const others = [await nodes.start({ stallMs: 5_000 }), await nodes.start({ stallMs: 5_000 })]
    const siblings = await addressesOf(holder, ...others)
    for (const node of [holder, ...others]) node.setSiblings(siblings)
    const contents: { readonly cid: Awaited<ReturnType<typeof addFile>>['cid']; readonly bytes: Buffer }[] = []
    for (let i = 0; i < 9; i += 1) {
      const bytes = Buffer.concat([bytesOf(600_000, i % 3), bytesOf(500_000, 50 + i)]) // two leaves of each are shared
      contents.push({ cid: (await addFile(holder, bytes)).cid, bytes })
    }
    const unexpected: string[] = []
    const endMs = performance.now() + RUN_MS

    const act = async (choose: (below: number) => number): Promise<void> => {
      const node: HeliaConnector = must(others[choose(others.length)])
      const { cid, bytes } = must(contents[choose(contents.length)])
      const action = choose(11)
      if (action < 3) await node.pin(cid, { mode: 'recursive' })
      else if (action < 6) await node.pin(cid, { mode: 'recursive', signal: AbortSignal.timeout(choose(60)) })
      else if (action < 8) await node.unpin(cid)
      else if (action < 9) await node.collectGarbage()
      else if (action < 10) {
        if (!(await read(node, cid)).equals(bytes)) unexpected.push(`${cid.toString()} has other bytes`)
      } else if (choose(10) === 0) {
        node.setSiblings([])
        node.setSiblings(siblings)
      }
    }
    const work = async (seed: number): Promise<void> => {
      const choose = chooser(seed)
      while (performance.now() < endMs) {
        await act(choose).catch((err: unknown) => {
          const message = String(err)
          if (!EXPECTED.some((pattern) => pattern.test(message))) unexpected.push(message)
        })
        await new Promise(setImmediate)
      }
    }
    await Promise.all([...Array(10).keys()].map(work))

    expect(unexpected).toEqual([])
    for (const node of others) {
      for (const { cid } of contents) await node.pin(cid, { mode: 'recursive' })
    }
    await holder.stop()
    for (const node of others) await node.collectGarbage()
    await must(others[0]).stop()
    for (const { cid, bytes } of contents) expect((await read(must(others[1]), cid)).equals(bytes)).toBe(true)
  }, 40_000)
})
