/** What a block links to. */
import { IpfsError } from '@pinset/interface'
import { createUnsafe } from 'multiformats/block'
import type { BlockCodec } from 'multiformats/codecs/interface'
import type { CID } from 'multiformats/cid'

export type CodecOf = (code: number) => Promise<BlockCodec<number, unknown>>

const RAW_CODE = 0x55

/** @throws {IpfsError} the codec is unknown or the block is not what its codec says. */
export async function blockLinks(cid: CID, bytes: Uint8Array, codecOf: CodecOf): Promise<CID[]> {
  if (cid.code === RAW_CODE) return []
  let codec: BlockCodec<number, unknown>
  try {
    codec = await codecOf(cid.code)
  } catch (cause) {
    throw new IpfsError(
      `Block ${cid.toString()} has the codec 0x${cid.code.toString(16)}, which this node cannot read; pin it with mode "direct", or only DAGs of dag-pb, dag-cbor, json and raw blocks.`,
      { cause },
    )
  }
  try {
    return Array.from(createUnsafe({ cid, bytes, codec }).links(), ([, link]) => link)
  } catch (cause) {
    throw new IpfsError(
      `Block ${cid.toString()} is not valid ${codec.name}; the content itself is damaged and cannot be pinned recursively.`,
      {
        cause,
      },
    )
  }
}
