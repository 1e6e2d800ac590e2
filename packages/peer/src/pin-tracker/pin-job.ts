/** What the tracker knows of one CID that is not settled. */
import type { IpfsPinState, Pin, PinProgress, PinStatus } from '@pinset/interface'
import type { CID } from 'multiformats/cid'

/** What the pinset asked for when it was last looked at. */
export type Wanted = 'pin' | 'unpin'

export type JobState =
  | { readonly kind: 'queued' }
  | {
      readonly kind: 'running'
      readonly abort: AbortController
      readonly done: Promise<void>
      progress: PinProgress | undefined
    }
  /** Failed; runs again when the timer fires. */
  | { readonly kind: 'waiting'; readonly error: string; readonly cancelTimer: () => void }

export interface PinJob {
  readonly key: string
  readonly cid: CID
  wanted: Wanted
  state: JobState
  /** When `state` was entered, Unix milliseconds. */
  sinceMs: number
  attemptCount: number
  /** Something changed while the job ran: run it once more (T1 of the pin tracker). */
  dirty: boolean
}

export function jobStatus(job: PinJob): PinStatus {
  switch (job.state.kind) {
    case 'queued':
      return job.wanted === 'pin' ? 'pin_queued' : 'unpin_queued'
    case 'running':
      return job.wanted === 'pin' ? 'pinning' : 'unpinning'
    case 'waiting':
      return job.wanted === 'pin' ? 'pin_error' : 'unpin_error'
  }
}

/** Does the IPFS node hold all that the pin asks for? */
export function isHeld(state: IpfsPinState, pin: Pin): boolean {
  return state.kind === 'pinned' && (state.mode === pin.mode || state.mode === 'recursive')
}
