/**
 * What a leader believes that others hold is durable there: by it entries are committed, and leadership is handed over.
 *
 * A node that has gone on to a later term may have cut off what it had; one that has lost its log says so itself.
 */
import type { Index, NodeId, Term, TimeoutNow } from '@pinset/raft'

import type { LogView } from '../simulated-log.ts'
import type { DurableView } from './durable-promises.ts'
import { Violation } from './violation.ts'

const rule = 'known progress'

export interface LeaderView {
  readonly id: NodeId
  readonly term: Term
  readonly log: LogView
}

/** By node. */
export interface Believed {
  readonly id: NodeId
  readonly matchIndex: Index
}

export function checkProgress(leader: LeaderView, believed: Believed, durable: DurableView): void {
  const { log } = durable
  const { matchIndex } = believed
  if (!isBound(durable, leader.term) || matchIndex <= log.base.index || matchIndex < leader.log.base.index) {
    return
  }
  const [held, wanted] = [log.termAt(matchIndex), leader.log.termAt(matchIndex)]
  if (held !== wanted) {
    throw new Violation(
      rule,
      `${leader.id}, leader of term ${leader.term}, believes that ${believed.id} holds ${wanted}/${matchIndex}; its disk has ${held} there`,
    )
  }
}

/** Leadership goes to a node that holds what it is told that it must hold. */
export function checkHandOver({ from, to, term, last }: TimeoutNow, durable: DurableView): void {
  const { log } = durable
  if (isBound(durable, term) && last.index > log.base.index && log.termAt(last.index) !== last.term) {
    throw new Violation(
      rule,
      `${from} hands over to ${to}, which is to hold ${last.term}/${last.index}; its disk has ${log.termAt(last.index)} there`,
    )
  }
}

function isBound({ hardState, log, suspended }: DurableView, term: Term): boolean {
  return hardState.term <= term && !suspended && log.lastIndex > 0
}
