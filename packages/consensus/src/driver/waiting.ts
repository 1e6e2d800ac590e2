/** Waiting with an end: every wait of this package ends by its event, its deadline or its signal. */
import type { Clock } from '../ports.ts'

export type Waited<Value> = { readonly kind: 'done'; readonly value: Value } | { readonly kind: 'deadline' }

export interface WaitOptions {
  readonly clock: Clock
  /** On the clock's monotonic scale. */
  readonly deadlineMs: number
  readonly signal?: AbortSignal | undefined
}

export interface Settle<Value> {
  readonly done: (value: Value) => void
  readonly fail: (error: Error) => void
}

/**
 * Resolves with the value that `subscribe` delivers, or with `deadline`.
 *
 * @param subscribe - called once, synchronously; what it returns is called exactly once when the wait has ended in any way.
 * @throws the signal's reason, unchanged, when it ends first.
 */
export function waitFor<Value>(
  options: WaitOptions,
  subscribe: (settle: Settle<Value>) => () => void,
): Promise<Waited<Value>> {
  const { clock, deadlineMs, signal } = options
  return new Promise((resolve, reject) => {
    let ended = false
    let unsubscribe: (() => void) | null = null
    let cancelTimer: (() => void) | null = null
    const end = (finish: () => void): void => {
      if (ended) {
        return
      }
      ended = true
      cancelTimer?.()
      signal?.removeEventListener('abort', onAbort)
      unsubscribe?.()
      finish()
    }
    const onAbort = (): void => end(() => reject(abortReason(signal)))
    if (signal?.aborted === true) {
      ended = true
      reject(abortReason(signal))
      return
    }
    unsubscribe = subscribe({
      done: (value) => end(() => resolve({ kind: 'done', value })),
      fail: (error) => end(() => reject(error)),
    })
    if (ended) {
      unsubscribe() // It was settled while it subscribed, before there was anything to take back.
      return
    }
    const delayMs = deadlineMs - clock.nowMs()
    if (delayMs <= 0) {
      end(() => resolve({ kind: 'deadline' }))
      return
    }
    if (Number.isFinite(delayMs)) {
      cancelTimer = clock.setTimer(delayMs, () => end(() => resolve({ kind: 'deadline' })))
    }
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}

/** Resolves after `delayMs`. @throws the signal's reason */
export async function delay(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  await waitFor<never>({ clock, deadlineMs: clock.nowMs() + delayMs, signal }, () => () => {})
}

function abortReason(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason
  return reason instanceof Error ? reason : new DOMException('The operation was aborted', 'AbortError')
}

export function toError(err: unknown): Error {
  return err instanceof Error ? err : new Error(String(err))
}
