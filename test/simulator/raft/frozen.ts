/** Ways for data to cross between host and core, to find aliasing: shared, deeply frozen, or copied. */
import type { Entry, Input, Message } from '@pinset/raft'

export type Sharing = 'shared' | 'frozen' | 'copied'

/** Freeze everything reachable but the bytes, which the language cannot freeze. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const inner of Object.values(value)) {
      deepFreeze(inner)
    }
  }
  return value
}

function copyEntry(entry: Entry): Entry {
  return { ...entry, data: entry.data.slice() }
}

export function copyMessage(message: Message): Message {
  if (message.kind === 'appendEntries') {
    return { ...message, prev: { ...message.prev }, entries: message.entries.map(copyEntry) }
  }
  return structuredClone(message)
}

/** An input as it is to reach the core. */
export function crossing(input: Input, sharing: Sharing): Input {
  return sharing === 'copied' && input.kind === 'message'
    ? { kind: 'message', message: copyMessage(input.message) }
    : frozen(input, sharing)
}

export function frozen<T>(value: T, sharing: Sharing): T {
  return sharing === 'frozen' ? deepFreeze(value) : value
}
