/** What the three protocols share: the own peer, its admission, its links, its limits. */
import type { Admission, Logger, PeerId } from '@pinset/interface'

import type { Side } from './handshake.ts'
import { helloOf } from './handshake.ts'
import type { TransportLimits } from './limits.ts'
import type { Links } from './links.ts'
import type { NoticeLog } from './notice-log.ts'

export interface ProtocolContext {
  readonly localPeer: PeerId
  readonly admission: Admission
  readonly links: Links
  readonly limits: TransportLimits
  readonly logger: Logger
  readonly notices: NoticeLog
  readonly release: string
  readonly electionTimeoutMs: number
  /** Ends when the transport stops. */
  readonly stopping: AbortSignal
}

export function ownSide(context: ProtocolContext): Side {
  return { peer: context.localPeer, hello: helloOf(context.admission.identity(), context.release) }
}
