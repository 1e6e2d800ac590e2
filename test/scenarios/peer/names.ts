/** How scenarios write CIDs, times, keys and hashes. */
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'

/** What the clock of a scenario shows at its beginning, Unix milliseconds. */
export const START_MS = 1_800_000_000_000

const UNITS: readonly (readonly [string, number])[] = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
]

/** The CID whose hash is this name. */
export function cidOf(name: string): CID {
  const hash = new Uint8Array(32)
  hash.set(new TextEncoder().encode(name))
  return CID.createV1(0x70, create(0x12, hash))
}

export function nameOfCid(cid: CID): string {
  return new TextDecoder().decode(cid.multihash.digest).replaceAll('\0', '')
}

/** `1h2m3s4ms`, in milliseconds. A sign may stand before it. */
export function parseDuration(text: string): number {
  const match = /^([+-])?((?:\d+(?:ms|h|m|s))+)$/.exec(text)
  if (match === null) throw new RangeError(`"${text}" is not a duration such as 1m30s`)
  let sum = 0
  for (const [, count, unit] of (match[2] ?? '').matchAll(/(\d+)(ms|h|m|s)/g)) {
    sum += Number(count) * (UNITS.find(([name]) => name === unit)?.[1] ?? 0)
  }
  return match[1] === '-' ? -sum : sum
}

function describeDuration(ms: number): string {
  let rest = Math.abs(ms)
  const parts: string[] = []
  for (const [name, size] of UNITS) {
    const count = Math.floor(rest / size)
    if (count > 0) parts.push(`${count}${name}`)
    rest -= count * size
  }
  return `${ms < 0 ? '-' : '+'}${parts.length === 0 ? '0s' : parts.join('')}`
}

/** A time as its distance from the beginning of the scenario. */
export function describeTime(timeMs: number): string {
  return describeDuration(timeMs - START_MS)
}

/** `k1`, or `k1@3m` for a key whose own time is three minutes after the beginning: a UUID of version 7 as text. */
export function keyOf(text: string): string {
  const [name = '', at = '0s'] = text.split('@')
  const time = (START_MS + parseDuration(at)).toString(16).padStart(12, '0')
  const tail = Buffer.from(name.padEnd(6, '\0').slice(0, 6)).toString('hex')
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${tail}`
}

export function nameOfKey(key: Uint8Array): string {
  const timeMs = Buffer.from(key.subarray(0, 6)).readUIntBE(0, 6)
  const name = Buffer.from(key.subarray(10)).toString('latin1').replaceAll('\0', '')
  return timeMs === START_MS ? name : `${name}@${describeTime(timeMs).slice(1)}`
}

/** Enough of a hash to tell it from another. */
export function short(hash: Uint8Array | string): string {
  return (typeof hash === 'string' ? hash : Buffer.from(hash).toString('hex')).slice(0, 8)
}
