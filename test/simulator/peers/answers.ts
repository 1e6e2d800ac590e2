/** What becomes of a call to a peer: an answer, an error of the peer, or nothing any more because its process is gone. */
import type { PinsetConsensus } from '@pinset/consensus'

import type { Process } from './process.ts'

export type Answer<Value> =
  | { readonly kind: 'answered'; readonly value: Value }
  | { readonly kind: 'failed'; readonly error: Error }
  /** The process was gone before it answered. */
  | { readonly kind: 'gone' }
  /** There was nobody to ask. */
  | { readonly kind: 'down' }

export function asked<Value>(
  process: Process | null,
  consensus: PinsetConsensus | null,
  call: (consensus: PinsetConsensus) => Promise<Value>,
): Promise<Answer<Value>> {
  if (process === null || consensus === null) {
    return Promise.resolve({ kind: 'down' })
  }
  return new Promise((resolve) => {
    const forget = process.onEnd(() => resolve({ kind: 'gone' }))
    const end = (answer: Answer<Value>): void => {
      forget()
      resolve(answer)
    }
    process.when(() => {
      call(consensus).then(
        (value) => end({ kind: 'answered', value }),
        (error: unknown) => end({ kind: 'failed', error: error as Error }),
      )
    }, 'clients')
  })
}
