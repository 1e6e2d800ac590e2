/** What can be set about a Helia connector, and the limits that hold when nothing is said. */
import type { Logger, MultiaddrText } from '@pinset/interface'

export interface HeliaConnectorInit {
  /** Made when missing: `blocks/` holds the blocks, `data/` libp2p's key and peers and the pin table. One process at a time. */
  readonly directory: string
  /** Where other IPFS nodes reach this one, e.g. `/ip4/0.0.0.0/tcp/4001`; port 0 takes a free one. */
  readonly listen: readonly MultiaddrText[]
  /**
   * Dial any address that libp2p can dial. Otherwise only the given origins and siblings are dialled, and only by TCP.
   * There is no bootstrap, routing, discovery or port mapping in either case.
   *
   * @default false
   */
  readonly allowOutsideNetwork?: boolean
  readonly logger: Logger
  /** Blocks of one pin that are fetched or read at a time. @default 16 */
  readonly blocksPerPin?: number
  /** Blocks asked for from other nodes at a time, all pins together. @default 256 */
  readonly blocksWanted?: number
  /** Pins fetched at a time; more are refused. @default 1024 */
  readonly pinsFetched?: number
  /** A pin without a new block for so long redials the nodes that are silent, and fails after as long again; a read fails at once. Milliseconds. @default 20000 */
  readonly stallMs?: number
}

export interface ConnectorSettings {
  readonly directory: string
  readonly listen: readonly MultiaddrText[]
  readonly allowOutsideNetwork: boolean
  readonly blocksPerPin: number
  readonly blocksWanted: number
  readonly pinsFetched: number
  readonly stallMs: number
}

export function resolveSettings(init: HeliaConnectorInit): ConnectorSettings {
  const settings: ConnectorSettings = {
    directory: init.directory,
    listen: init.listen,
    allowOutsideNetwork: init.allowOutsideNetwork ?? false,
    blocksPerPin: init.blocksPerPin ?? 16,
    blocksWanted: init.blocksWanted ?? 256,
    pinsFetched: init.pinsFetched ?? 1024,
    stallMs: init.stallMs ?? 20_000,
  }
  for (const name of ['blocksPerPin', 'blocksWanted', 'pinsFetched', 'stallMs'] as const) {
    const value = settings[name]
    if (!Number.isSafeInteger(value) || value < 1)
      throw new RangeError(`${name} must be a whole number above 0, not ${value}`)
  }
  return settings
}
