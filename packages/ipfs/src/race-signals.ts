/** Waiting that a signal can stop; what is waited for goes on. */

/** Settles as `promise` does, or rejects with the reason of the first signal that aborts. Leaves no listener behind. */
export async function raceSignals<T>(
  promise: Promise<T>,
  ...signals: readonly (AbortSignal | undefined)[]
): Promise<T> {
  const live = signals.filter((signal) => signal !== undefined)
  if (live.length === 0) return await promise
  for (const signal of live) {
    if (!signal.aborted) continue
    promise.catch(() => {})
    throw signal.reason
  }
  const removers: (() => void)[] = []
  const aborted = new Promise<never>((_resolve, reject) => {
    for (const signal of live) {
      const onAbort = (): void => reject(signal.reason as Error)
      signal.addEventListener('abort', onAbort, { once: true })
      removers.push(() => signal.removeEventListener('abort', onAbort))
    }
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    for (const remove of removers) remove()
  }
}

/** The items of `source` until the signal aborts, also while an item is waited for. The source is told to end, and not waited for. */
export async function* iterateUntil<T>(source: AsyncIterable<T>, signal: AbortSignal | undefined): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]()
  let isDone = false
  try {
    for (;;) {
      const result = await raceSignals(iterator.next(), signal)
      isDone = result.done === true
      if (result.done === true) return
      yield result.value
    }
  } finally {
    if (!isDone) iterator.return?.().catch(() => {})
  }
}
