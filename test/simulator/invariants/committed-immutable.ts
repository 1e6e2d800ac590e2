/**
 * What was committed once, by anybody, stays (Raft §5.4): keeps the history of the committed log and compares with it.
 *
 * Also: only a leader moves the frontier, and only to an entry of its own term (§5.4.2).
 */
import type { Index, NodeId, Term } from '@pinset/raft'

import { sameEntry, type LogView } from '../simulated-log.ts'
import type { Entry } from '@pinset/raft'
import { Violation } from './violation.ts'

const rule = 'committed immutable'

interface Committed {
  readonly entry: Entry
  /** Term of the leader that committed it. */
  readonly by: Term
}

export interface Advance {
  readonly node: NodeId
  readonly log: LogView
  readonly from: Index
  readonly to: Index
  /** Null when several inputs were stepped at once, so that role and term at the commit are not known. */
  readonly leads: boolean | null
  readonly term: Term
}

export class CommittedImmutable {
  readonly #committed: Committed[] = []

  /** The highest index that anybody has committed. */
  get frontier(): Index {
    return this.#committed.length
  }

  termAt(index: Index): Term {
    return index === 0 ? 0 : (this.#committed[index - 1] as Committed).entry.term
  }

  committedBy(index: Index): Term {
    return (this.#committed[index - 1] as Committed).by
  }

  entryAt(index: Index): Entry | undefined {
    return this.#committed[index - 1]?.entry
  }

  /** Data of the newest membership that is committed; empty before the first. */
  membership(): Uint8Array {
    return this.#committed.findLast(({ entry }) => entry.kind === 'membership')?.entry.data ?? new Uint8Array(0)
  }

  /** Entries that are committed from the start. */
  seed(entries: readonly Entry[]): void {
    for (const entry of entries) {
      this.#committed.push({ entry, by: entry.term })
    }
  }

  advanced({ node, log, from, to, leads, term }: Advance): void {
    const toTerm = log.termAt(to)
    if (toTerm === undefined) {
      throw new Violation(rule, `${node} commits ${to}, its log is [${log.base.index}, ${log.lastIndex}]`)
    }
    this.#compareBase(node, log)
    const before = this.frontier
    for (let index = Math.max(from, log.base.index) + 1; index <= to; index++) {
      const entry = log.entryAt(index) as Entry
      const known = this.#committed[index - 1]
      if (known === undefined) {
        if (index !== this.frontier + 1) {
          throw new Violation(rule, `${node} commits ${index}, nobody has committed ${this.frontier + 1}`)
        }
        this.#committed.push({ entry, by: toTerm })
      } else if (!sameEntry(known.entry, entry)) {
        throw new Violation(
          rule,
          `${node} commits ${entry.term}/${index}, committed before was ${known.entry.term}/${index}`,
        )
      }
    }
    if (this.frontier > before && leads !== null) {
      if (!leads) {
        throw new Violation(rule, `${node} commits ${to} before any leader has`)
      }
      if (toTerm !== term) {
        throw new Violation(rule, `leader ${node} of term ${term} commits ${toTerm}/${to} by counting (§5.4.2)`)
      }
    }
  }

  /** A log drops entries from here on. */
  truncated(node: NodeId, log: LogView, from: Index): void {
    for (let index = from; index <= Math.min(log.lastIndex, this.frontier); index++) {
      if (log.termAt(index) === this.termAt(index)) {
        throw new Violation(rule, `${node} truncates ${log.termAt(index)}/${index}, which is committed`)
      }
    }
  }

  /** Everything at or below a node's commit index against the history. */
  sweep(node: NodeId, log: LogView, commitIndex: Index): void {
    this.#compareBase(node, log)
    for (const entry of log.entries) {
      if (entry.index > commitIndex) {
        return
      }
      const known = this.#committed[entry.index - 1]
      if (known === undefined || !sameEntry(known.entry, entry)) {
        throw new Violation(
          rule,
          `${node} holds ${entry.term}/${entry.index} as committed, history says ${known?.entry.term}`,
        )
      }
    }
  }

  #compareBase(node: NodeId, log: LogView): void {
    const { index, term } = log.base
    if (index > this.frontier || this.termAt(index) !== term) {
      throw new Violation(rule, `${node} has a log base ${term}/${index} that was never committed`)
    }
  }
}
