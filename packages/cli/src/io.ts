/** What a command has of the world outside, so that tests can give it another one. */
import type * as peer from '@pinset/peer'
import type { Readable, Writable } from 'node:stream'

/** How this process may make and run a peer. */
export type PeerDoor = Pick<typeof peer, 'initPeer' | 'startPeer'>

export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdin: Readable
  readonly stdout: Writable
  /** A terminal when `isTTY` is true. */
  readonly stderr: Writable & { readonly isTTY?: boolean }
  /** Ends, with the signal's name as reason, when the user wants the command to stop. */
  readonly interrupt: AbortSignal
  /** Loaded only when a command needs it: most are done sooner than it takes to load libp2p. */
  readonly loadPeer: () => Promise<PeerDoor>
}
