/**
 * Walks a DAG with several blocks at a time.
 *
 * Owns the order and the limits of the walk; where blocks come from is the caller's.
 *
 * Invariants
 * W1 a block is visited after a block that links to it, and never more than `concurrency` at a time;
 * W2 after an error or `stop` nothing more is visited; visits under way end by themselves and their outcome is dropped;
 * W3 an inner block is visited once; so is a raw leaf, as long as fewer than `MAX_REMEMBERED` blocks are remembered: above that a
 *    leaf that several blocks link to may be visited again, which costs time and is counted twice, but keeps memory below that of the
 *    inner blocks.
 */
import type { CID } from 'multiformats/cid'

import { nodeKey } from './multihash-key.ts'

export interface DagWalkInit {
  readonly root: CID
  readonly concurrency: number
  /** Resolves with the CIDs to visit below; none for a leaf. */
  readonly visit: (cid: CID) => Promise<readonly CID[]>
}

export interface DagWalk {
  /** Resolves once every block was visited. */
  readonly done: Promise<void>
  stop(reason: unknown): void
}

const MAX_REMEMBERED = 1 << 20
const RAW_CODE = 0x55

export function walkDag(init: DagWalkInit): DagWalk {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const remembered = new Set<string>([nodeKey(init.root)])
  const waiting: CID[] = [init.root]
  let running = 0
  let ended = false

  const isNew = (cid: CID): boolean => {
    if (cid.code === RAW_CODE && remembered.size >= MAX_REMEMBERED) return true // W3
    const key = nodeKey(cid)
    if (remembered.has(key)) return false
    remembered.add(key)
    return true
  }
  const stop = (reason: unknown): void => {
    if (ended) return
    ended = true // W2
    waiting.length = 0
    remembered.clear()
    reject(reason)
  }
  const pump = (): void => {
    while (running < init.concurrency) {
      const cid = waiting.pop() // W2: nothing waits once the walk has ended
      if (cid === undefined) break
      running += 1
      init.visit(cid).then(onLinks, (err: unknown) => {
        running -= 1
        stop(err)
      })
    }
    if (ended || running > 0) return
    ended = true
    resolve()
  }
  const onLinks = (links: readonly CID[]): void => {
    running -= 1
    if (ended) return
    for (let i = links.length - 1; i >= 0; i -= 1) {
      const link = links[i]
      if (link !== undefined && isNew(link)) waiting.push(link) // W1; depth first: few blocks wait
    }
    pump()
  }
  pump()
  return { done: promise, stop }
}
