/** Keys for maps and sets over blocks and pins; flat strings, because those of `CID.toString()` keep over a kilobyte each. */
import type { CID } from 'multiformats/cid'

export type MultihashKey = string & { readonly __brand: 'MultihashKey' }

/** The same block under another codec or CID version has the same key. */
export function multihashKey(cid: CID): MultihashKey {
  const { bytes } = cid.multihash
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1') as MultihashKey
}

/** Tells codecs apart: one block read as `raw` has no links, read as `dag-pb` it may have some. */
export function nodeKey(cid: CID): string {
  return `${cid.code.toString(36)} ${multihashKey(cid)}`
}
