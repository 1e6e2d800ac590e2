/**
 * The pins of this IPFS node, on disk.
 *
 * Owns the rows `/pinset/pins/<cid>` of the node's datastore. A row is written before anything is fetched, and says `pinned` only once
 * every block is in the local store.
 *
 * Invariants
 * T1 a write has reached the disk when it resolves;
 * T2 a row that cannot be decoded counts as absent: the tracker then pins again, which writes it anew.
 */
import type { Logger, PinMode } from '@pinset/interface'
import type { LevelDatastore } from 'datastore-level'
import { CID } from 'multiformats/cid'

type PinState = 'fetching' | 'pinned'

export interface PinRow {
  readonly mode: PinMode
  readonly state: PinState
  readonly name: string
  /** What the walk counted; 0 while fetching. */
  readonly blocks: number
  readonly bytes: number
}

const PREFIX = '/pinset/pins/'
/** The character after `/` ends the range. */
const PREFIX_END = '/pinset/pins0'

export class PinTable {
  readonly #db: LevelDatastore['db']
  readonly #logger: Logger

  constructor(components: { readonly db: LevelDatastore['db']; readonly logger: Logger }) {
    this.#db = components.db
    this.#logger = components.logger
  }

  async get(cid: CID): Promise<PinRow | undefined> {
    const key = PREFIX + cid.toString()
    const value = (await this.#db.get(key)) as Uint8Array | undefined
    return value === undefined ? undefined : this.#decode(key, value)
  }

  async put(cid: CID, row: PinRow): Promise<void> {
    const value = Buffer.from(JSON.stringify({ version: 1, ...row }))
    await this.#db.put(PREFIX + cid.toString(), value, { sync: true }) // T1
  }

  async delete(cid: CID): Promise<void> {
    await this.#db.del(PREFIX + cid.toString(), { sync: true }) // T1
  }

  /** Every row as it was when the iteration began. */
  async *rows(): AsyncGenerator<{ readonly cid: CID; readonly row: PinRow }> {
    for await (const [key, value] of this.#db.iterator({ gte: PREFIX, lt: PREFIX_END })) {
      const row = this.#decode(key, value)
      const cid = parseCid(key.slice(PREFIX.length))
      if (row !== undefined && cid !== undefined) yield { cid, row }
    }
  }

  #decode(key: string, value: Uint8Array): PinRow | undefined {
    const row = decodePinRow(value)
    if (row === undefined) this.#logger.warn('A row of the pin table cannot be read and is ignored.', { key }) // T2
    return row
  }
}

/** Undefined when the bytes are not a row. */
export function decodePinRow(value: Uint8Array): PinRow | undefined {
  let parsed: unknown
  try {
    parsed = JSON.parse(Buffer.from(value).toString('utf8'))
  } catch {
    return undefined
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined
  const { version, mode, state, name, blocks, bytes } = parsed as Record<string, unknown> & PinRow
  if (version !== 1 || typeof name !== 'string') return undefined
  if (mode !== 'recursive' && mode !== 'direct') return undefined
  if (state !== 'fetching' && state !== 'pinned') return undefined
  if (!isCount(blocks) || !isCount(bytes)) return undefined
  return { mode, state, name, blocks, bytes }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function parseCid(text: string): CID | undefined {
  try {
    return CID.parse(text)
  } catch {
    return undefined
  }
}
