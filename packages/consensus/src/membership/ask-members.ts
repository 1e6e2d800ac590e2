/** Asking other members for the newest committed membership they know. */
import type { AbortOptions, Membership, PeerId, Rpc } from '@pinset/interface'

import { membershipOf } from '../codec/membership-codec.ts'
import type { Clock } from '../ports.ts'
import { CONSENSUS_METHODS } from '../rpc-methods.ts'

/** How long members are given. */
const ASK_TIMEOUT_MS = 2_000

export interface OwnCluster {
  /** Hex; null while the peer belongs to none. */
  readonly clusterId: string | null
  readonly epoch: number
}

/** A committed membership as another member of the own cluster told it. */
export interface ToldMembership {
  readonly by: PeerId
  readonly epoch: number
  readonly index: number
  readonly membership: Membership
  /** It is the newest in committed history up to here. */
  readonly appliedIndex: number
}

/**
 * Ask these peers at once; resolves with the first answer that is accepted, or null when none is within 2 s.
 *
 * Answers of another cluster, of an earlier epoch, or damaged ones are passed over like no answer.
 */
export async function askMembers(
  { rpc, clock }: { readonly rpc: Pick<Rpc, 'call'>; readonly clock: Pick<Clock, 'setTimer'> },
  own: OwnCluster,
  peers: readonly PeerId[],
  accept: (told: ToldMembership) => boolean,
  options: AbortOptions = {},
): Promise<ToldMembership | null> {
  if (peers.length === 0 || own.clusterId === null) return null
  const done = new AbortController()
  const cancelTimer = clock.setTimer(ASK_TIMEOUT_MS, () => done.abort())
  const signal = options.signal === undefined ? done.signal : AbortSignal.any([done.signal, options.signal])
  const ask = async (peer: PeerId): Promise<ToldMembership> => {
    const answer = await rpc.call(peer, CONSENSUS_METHODS.membership, null, { signal })
    const { clusterId, epoch, index, entry, appliedIndex } = answer
    if (clusterId !== own.clusterId || epoch < own.epoch || index === 0)
      throw new Error('not an answer of the own cluster')
    const told = { by: peer, epoch, index, membership: membershipOf(entry), appliedIndex }
    if (!accept(told)) throw new Error('not what was asked for')
    return told
  }
  const ended = Promise.withResolvers<null>()
  const end = (): void => ended.resolve(null)
  signal.addEventListener('abort', end, { once: true })
  if (signal.aborted) end()
  try {
    // A peer whose call never ends does not hold up the deadline.
    return await Promise.race([Promise.any(peers.map(ask)).catch(() => null), ended.promise])
  } finally {
    signal.removeEventListener('abort', end)
    cancelTimer()
    done.abort()
  }
}
