/** The content of a simulated operation: its number, then padding. */
import type { Entry } from '@pinset/raft'

export function proposalData(number: number, bytes: number): Uint8Array {
  const data = new Uint8Array(Math.max(4, bytes))
  new DataView(data.buffer).setUint32(0, number)
  return data
}

/** The number of the proposal that an entry carries; null for other kinds of entry. */
export function proposalOf({ kind, data }: Entry): number | null {
  return kind === 'operations'
    ? (((data[0] as number) << 24) | ((data[1] as number) << 16) | ((data[2] as number) << 8) | (data[3] as number)) >>>
        0
    : null
}
