/** Fixed-width integers and the order of byte strings. */

export const EMPTY = new Uint8Array(0)

const HIGH = 2 ** 32

/** Big endian; `value` is a safe integer ≥ 0. */
export function writeUint64(target: Uint8Array, offset: number, value: number): void {
  writeUint32(target, offset, Math.floor(value / HIGH))
  writeUint32(target, offset + 4, value % HIGH)
}

/** May be above the safe integers; the caller checks. */
export function readUint64(source: Uint8Array, offset: number): number {
  return readUint32(source, offset) * HIGH + readUint32(source, offset + 4)
}

export function writeUint32(target: Uint8Array, offset: number, value: number): void {
  target[offset] = value >>> 24
  target[offset + 1] = value >>> 16
  target[offset + 2] = value >>> 8
  target[offset + 3] = value
}

export function readUint32(source: Uint8Array, offset: number): number {
  return (
    byteAt(source, offset) * 2 ** 24 +
    (byteAt(source, offset + 1) << 16) +
    (byteAt(source, offset + 2) << 8) +
    byteAt(source, offset + 3)
  )
}

function byteAt(source: Uint8Array, offset: number): number {
  return source[offset] ?? 0
}

export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b)
}

export function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}

/** Nothing in this project lies in shared memory; generated codecs ask for this type. */
export function unshared(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>
}
