/** One pass that finds where the IPFS node differs from the pinset. Memory does not grow with either: both are read in pages. */
import type { Consensus, IpfsConnector, Pin, PinRecord } from '@pinset/interface'
import type { CID } from 'multiformats/cid'

import { isHeld, type Wanted } from './pin-job.ts'

/** Pins read from one view; a view keeps disk space from being reused, so none is held while the queue has no room. */
const PAGE_PINS = 256

export interface ReconcileOptions {
  readonly consensus: Consensus
  readonly ipfs: IpfsConnector
  readonly isAllocatedHere: (pin: Pin) => boolean
  /** Resolves once there was room. */
  readonly enqueue: (cid: CID, wanted: Wanted) => Promise<void>
  readonly signal: AbortSignal
}

/** @returns the number of differences found. */
export async function reconcile(options: ReconcileOptions): Promise<number> {
  return (await enqueueMissing(options)) + (await enqueueSurplus(options))
}

/** Pins of the pinset that the IPFS node does not hold. */
async function enqueueMissing(options: ReconcileOptions): Promise<number> {
  let found = 0
  let after: CID | undefined
  for (;;) {
    const page = await readPage(options, after)
    for (const { pin } of page) {
      options.signal.throwIfAborted()
      if (!options.isAllocatedHere(pin)) continue
      if (isHeld(await options.ipfs.status(pin.cid, { signal: options.signal }), pin)) continue
      found += 1
      await options.enqueue(pin.cid, 'pin')
    }
    if (page.length < PAGE_PINS) return found
    after = page.at(-1)?.pin.cid
  }
}

/** Pins of the IPFS node that the pinset does not have, or not for this peer. */
async function enqueueSurplus(options: ReconcileOptions): Promise<number> {
  let found = 0
  for await (const { cid } of options.ipfs.pins({ signal: options.signal })) {
    options.signal.throwIfAborted()
    const record = await readPin(options.consensus, cid, options.signal)
    if (record !== undefined && options.isAllocatedHere(record.pin)) continue
    found += 1
    await options.enqueue(cid, 'unpin')
  }
  return found
}

/** What the pinset, as applied here, says of this CID. */
export async function readPin(consensus: Consensus, cid: CID, signal: AbortSignal): Promise<PinRecord | undefined> {
  await using view = await consensus.state({ signal })
  return await view.get(cid, { signal })
}

async function readPage(options: ReconcileOptions, after: CID | undefined): Promise<PinRecord[]> {
  await using view = await options.consensus.state({ signal: options.signal })
  const page: PinRecord[] = []
  const range = { limit: PAGE_PINS, signal: options.signal, ...(after === undefined ? {} : { after }) }
  for await (const record of view.pins(range)) page.push(record)
  return page
}
