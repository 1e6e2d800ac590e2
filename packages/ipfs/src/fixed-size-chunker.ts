/** Cuts a stream of bytes into pieces of one size, as `ipfs add` does. */

/** Holds one piece. An empty stream gives one empty piece, which is the block of an empty file. */
export function fixedSizeChunker(chunkSize: number): (source: AsyncIterable<Uint8Array>) => AsyncGenerator<Uint8Array> {
  return async function* chunks(source) {
    let parts: Uint8Array[] = []
    let length = 0
    let isEmpty = true
    for await (const bytes of source) {
      let offset = 0
      while (offset < bytes.byteLength) {
        const part = bytes.subarray(offset, offset + chunkSize - length)
        parts.push(part)
        length += part.byteLength
        offset += part.byteLength
        if (length < chunkSize) continue
        yield join(parts, length)
        isEmpty = false
        parts = []
        length = 0
      }
    }
    if (length > 0 || isEmpty) yield join(parts, length)
  }
}

/** Always a copy: the giver of the bytes may use their memory again. */
function join(parts: readonly Uint8Array[], length: number): Uint8Array {
  const joined = new Uint8Array(length)
  let offset = 0
  for (const part of parts) {
    joined.set(part, offset)
    offset += part.byteLength
  }
  return joined
}
