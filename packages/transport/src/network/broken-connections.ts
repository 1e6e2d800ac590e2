/** Notices inbound connections that break before they are encrypted: the only sign of a peer with another secret. */
import type { MultiaddrConnection } from '@libp2p/interface'

import type { NoticeLog } from '../notice-log.ts'

/** Connections that may be in the middle of their handshake and remembered here. */
const MAX_PENDING = 1_000

export class BrokenConnections {
  readonly #pending = new Set<string>()
  readonly #notices: NoticeLog

  constructor(notices: NoticeLog) {
    this.#notices = notices
  }

  watch(connection: MultiaddrConnection): void {
    const remote = connection.remoteAddr.toString()
    if (this.#pending.size >= MAX_PENDING) return
    this.#pending.add(remote)
    connection.addEventListener('close', () => {
      if (!this.#pending.delete(remote)) return
      const host = remote.replace(/\/tcp\/.*$/, '')
      this.#notices.warn(
        'inbound',
        `broken ${host}`,
        'A connection was broken off before encryption: the secret of the other side probably differs',
        {
          remoteAddress: remote,
        },
      )
    })
  }

  /** The connection from there was encrypted and authenticated. */
  succeeded(remoteAddress: string): void {
    this.#pending.delete(remoteAddress.replace(/\/p2p\/[^/]+$/, ''))
  }
}
