/** A node that has lost what it had acknowledged neither votes nor asks for votes (P18): elections rest on logs that are whole. */
import type { Message } from '@pinset/raft'

import { Violation } from './violation.ts'

/** @param message - of a node that was started as one that may not vote, and that no leader has brought up to date since. */
export function checkSuspended(message: Message): void {
  const isVote = message.kind === 'requestVote' || (message.kind === 'requestVoteResponse' && message.granted)
  if (isVote) {
    throw new Violation(
      'suspended silence',
      `${message.from} may not vote, and sends ${message.kind} to ${message.to} in term ${message.term}`,
    )
  }
}
