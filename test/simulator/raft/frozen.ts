/** Ways for data to cross between host and core, to find aliasing: shared, deeply frozen, or copied. */
import type { Entry, Input, Message } from '@pinset/raft'

export type Sharing = 'shared' | 'frozen' | 'copied'

/** Freeze everything reachable but the bytes, which the language cannot freeze. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const name in value) {
      deepFreeze(value[name])
    }
  }
  return value
}

function copyEntry(entry: Entry): Entry {
  return { ...entry, data: entry.data.slice() }
}

export function copyMessage(message: Message): Message {
  switch (message.kind) {
    case 'appendEntries':
      return { ...message, prev: { ...message.prev }, entries: message.entries.map(copyEntry) }
    case 'appendEntriesResponse': {
      const { outcome } = message
      return {
        ...message,
        outcome: outcome.kind === 'accepted' ? { ...outcome } : { ...outcome, hint: { ...outcome.hint } },
      }
    }
    case 'installSnapshot':
      return structuredClone(message)
    case 'preVote':
    case 'requestVote':
    case 'timeoutNow':
      return { ...message, last: { ...message.last } }
    case 'heartbeat':
    case 'heartbeatResponse':
    case 'preVoteResponse':
    case 'requestVoteResponse':
      return { ...message }
  }
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
