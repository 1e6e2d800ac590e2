/**
 * Encodes the one Bitswap message that Pinset sends itself: a want list with wants and cancels.
 *
 * Answers, and everything that is served to other nodes, go through Helia's Bitswap.
 *
 * @see https://specs.ipfs.tech/bitswap-protocol/ message Wantlist
 */

export interface WantOp {
  readonly kind: 'want' | 'cancel'
  readonly cidBytes: Uint8Array
}

/** Entries in one frame; about 50 bytes each, far below the 4 MiB that receivers take. */
export const MAX_FRAME_ENTRIES = 512

const TAG_CID = 0x0a
const TAG_PRIORITY = 0x10
const TAG_CANCEL = 0x18
const TAG_SEND_DONT_HAVE = 0x28
const TAG_ENTRY = 0x0a
const TAG_WANTLIST = 0x0a

/**
 * The operations as length-prefixed messages, in order. One CID stands at most once in a message, because receivers keep a message's
 * entries in a map; so a cancel followed by a want of the same CID takes two.
 */
export function encodeWantFrames(ops: readonly WantOp[]): Uint8Array[] {
  const frames: Uint8Array[] = []
  let entries: Buffer[] = []
  let seen = new Set<string>()
  const flush = (): void => {
    if (entries.length === 0) return
    const wantlist = Buffer.concat(entries)
    const message = Buffer.concat([Buffer.from([TAG_WANTLIST]), varint(wantlist.length), wantlist])
    frames.push(Buffer.concat([varint(message.length), message]))
    entries = []
    seen = new Set()
  }
  for (const op of ops) {
    const key = Buffer.from(op.cidBytes).toString('latin1')
    if (seen.has(key) || entries.length >= MAX_FRAME_ENTRIES) flush()
    seen.add(key)
    const tail = op.kind === 'cancel' ? [TAG_PRIORITY, 1, TAG_CANCEL, 1] : [TAG_PRIORITY, 1, TAG_SEND_DONT_HAVE, 1]
    const entry = Buffer.concat([Buffer.from([TAG_CID]), varint(op.cidBytes.length), op.cidBytes, Buffer.from(tail)])
    entries.push(Buffer.concat([Buffer.from([TAG_ENTRY]), varint(entry.length), entry]))
  }
  flush()
  return frames
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  bytes.push(rest)
  return Buffer.from(bytes)
}
