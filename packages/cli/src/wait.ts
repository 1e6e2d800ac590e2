/**
 * Waits until a pin has reached the peers.
 *
 * W1 Polls one peer at a bounded pace: 250 ms at first, 2 s at most.
 * W2 A failed attempt on a peer is shown, not final: the peer tries again until the waiting ends.
 */
import type { PinsetClient } from '@pinset/client'
import type { GlobalPinInfo } from '@pinset/interface'
import type { CID } from 'multiformats/cid'
import { setTimeout as sleep } from 'node:timers/promises'

import { CommandError, EXIT } from './command-error.ts'
import type { Context } from './context.ts'
import { createPinReporter, type WaitProgress } from './progress.ts'

export interface WaitOptions {
  readonly target: 'pinned' | 'unpinned'
  /** How many peers must have reached it; null for all that are to. */
  readonly limit: number | null
  readonly timeoutMs: number | undefined
  readonly minRevision: number
}

const FIRST_POLL_MS = 250
const SLOWEST_POLL_MS = 2000

/** @returns the status that reached the target. */
export async function waitForStatus(
  context: Context,
  client: PinsetClient,
  cid: CID,
  options: WaitOptions,
): Promise<GlobalPinInfo> {
  const timeout = options.timeoutMs === undefined ? null : AbortSignal.timeout(options.timeoutMs)
  const signal = timeout === null ? context.signal : AbortSignal.any([context.signal, timeout])
  const reporter = createPinReporter(context, cid, options.target)
  let progress: WaitProgress | null = null
  try {
    for (let pauseMs = FIRST_POLL_MS; ; pauseMs = Math.min(SLOWEST_POLL_MS, pauseMs * 1.5)) {
      const info = await client.status(cid, { signal, minRevision: options.minRevision })
      progress = progressOf(info, options)
      reporter.update(progress)
      if (progress.done >= progress.wanted) return info
      await sleep(pauseMs, undefined, { signal }) // W1
    }
  } catch (error) {
    if (timeout?.aborted === true && !context.signal.aborted) throw waitedTooLong(cid, options, progress, error)
    if (!context.signal.aborted) throw error
    context.note(`no longer waiting for ${cid.toString()}: ${whatStays(cid, options)}`)
    throw context.signal.reason as Error
  } finally {
    reporter.stop()
  }
}

function progressOf(info: GlobalPinInfo, options: Pick<WaitOptions, 'target' | 'limit'>): WaitProgress {
  const count = (...statuses: readonly string[]): number =>
    info.peers.filter((peer) => statuses.includes(peer.status)).length
  const remote = count('remote')
  const done = options.target === 'pinned' ? count('pinned') : count('unpinned') + remote
  const all = options.target === 'pinned' ? Math.max(1, info.peers.length - remote) : info.peers.length
  return {
    done,
    wanted: options.limit === null ? all : Math.min(options.limit, all),
    blocks: info.peers.reduce((sum, peer) => sum + (peer.progress?.blocks ?? 0), 0),
    bytes: info.peers.reduce((sum, peer) => sum + (peer.progress?.bytes ?? 0), 0),
    // W2
    errors: info.peers
      .filter((peer) => peer.error !== '')
      .map((peer) => `${peer.peerName === '' ? peer.peerId : peer.peerName} ${peer.status}: ${peer.error}`),
  }
}

function waitedTooLong(cid: CID, options: WaitOptions, progress: WaitProgress | null, cause: unknown): CommandError {
  const reached =
    progress === null ? 'its status is not known' : `${options.target} on ${progress.done} of ${progress.wanted} peers`
  return new CommandError(
    `waited ${(options.timeoutMs ?? 0) / 1000} s: ${cid.toString()} is ${reached}; ${whatStays(cid, options)}`,
    { cause, exitCode: EXIT.timedOut },
  )
}

function whatStays(cid: CID, { target }: Pick<WaitOptions, 'target'>): string {
  const text = cid.toString()
  const stays = target === 'pinned' ? 'it stays in the pinset' : 'it is out of the pinset'
  return `${stays}, follow it with \`pinset status ${text}\``
}
