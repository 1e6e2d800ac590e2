/**
 * What waits for the next turn of the driver.
 *
 * IN1 It is bounded: messages beyond the limits are dropped, which Raft tolerates; completions are bounded by what is in flight.
 * IN2 Ticks coalesce: at most one waits.
 */
import type { Input, Message } from '@pinset/raft'

export interface InboxInit {
  /** Messages that may wait; above it they are dropped. @default 16384 */
  readonly maxInboxMessages?: number
  /** Bytes of entries in waiting messages. @default 67108864 */
  readonly maxInboxBytes?: number
}

export class Inbox {
  readonly #maxMessages: number
  readonly #maxBytes: number
  #inputs: Input[] = []
  #messages = 0
  #bytes = 0
  #tickWaits = false
  #droppedMessages = 0

  constructor(init: InboxInit = {}) {
    this.#maxMessages = init.maxInboxMessages ?? 16_384
    this.#maxBytes = init.maxInboxBytes ?? 64 * 1024 * 1024
  }

  /** Messages that found no room. */
  get droppedMessages(): number {
    return this.#droppedMessages
  }

  add(input: Input): 'added' | 'coalesced' | 'dropped' {
    if (input.kind === 'tick') {
      if (this.#tickWaits) {
        return 'coalesced' // IN2
      }
      this.#tickWaits = true
    } else if (input.kind === 'message') {
      const bytes = messageBytes(input.message)
      if (this.#messages >= this.#maxMessages || (this.#messages > 0 && this.#bytes + bytes > this.#maxBytes)) {
        this.#droppedMessages += 1
        return 'dropped' // IN1
      }
      this.#messages += 1
      this.#bytes += bytes
    }
    this.#inputs.push(input)
    return 'added'
  }

  /** Everything that waits, in the order of its arrival. */
  take(): readonly Input[] {
    const inputs = this.#inputs
    this.#inputs = []
    this.#messages = 0
    this.#bytes = 0
    this.#tickWaits = false
    return inputs
  }
}

function messageBytes(message: Message): number {
  let bytes = 0
  if (message.kind === 'appendEntries') {
    for (const entry of message.entries) {
      bytes += entry.data.length
    }
  }
  return bytes
}
