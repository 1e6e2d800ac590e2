/**
 * Log matching (Raft §5.3): entries of one index and term are equal, and so is all before them.
 *
 * Kept by induction: for each (index, term) ever appended anywhere there is one content, one term of the entry before
 * and one creator per term. Checking each append and each sent entry against that record covers every pair of logs.
 */
import type { AppendEntries, Entry, Index, NodeId, Term } from '@pinset/raft'

import { sameEntry, type LogView } from '../simulated-log.ts'
import { Violation } from './violation.ts'

const rule = 'log matching'

interface Known {
  readonly entry: Entry
  readonly prevTerm: Term
}

export class LogMatching {
  readonly #known: Known[][] = []
  readonly #creators = new Map<Term, NodeId>()

  /** @returns true when nobody had this entry before, which is to say that `node` has created it. */
  appended(node: NodeId, entry: Entry, prevTerm: Term): boolean {
    const known = this.find(entry.index, entry.term)
    if (known !== undefined) {
      this.#compare(node, known, entry, prevTerm)
      return false
    }
    const creator = this.#creators.get(entry.term)
    if (creator === undefined) {
      this.#creators.set(entry.term, node)
    } else if (creator !== node) {
      throw new Violation(rule, `${node} and ${creator} both created entries of term ${entry.term}`)
    }
    const at = (this.#known[entry.index] ??= [])
    at.push({ entry, prevTerm })
    return true
  }

  sent(message: AppendEntries): void {
    let { index, term } = message.prev
    for (const entry of message.entries) {
      if (entry.index !== index + 1) {
        throw new Violation(rule, `${message.from} sends entry ${entry.index} after ${index}`)
      }
      const known = this.find(entry.index, entry.term)
      if (known === undefined) {
        throw new Violation(rule, `${message.from} sends entry ${entry.term}/${entry.index}, which is in no log`)
      }
      this.#compare(message.from, known, entry, term)
      ;({ index, term } = entry)
    }
  }

  /** The whole of a log against the record: finds an entry that was changed after it was appended. */
  sweep(node: NodeId, log: LogView): void {
    let prevTerm = log.base.term
    for (const entry of log.entries) {
      const known = this.find(entry.index, entry.term)
      if (known === undefined) {
        throw new Violation(rule, `${node} holds ${entry.term}/${entry.index}, which was never appended`)
      }
      if (known.entry !== entry || known.prevTerm !== prevTerm) {
        this.#compare(node, known, entry, prevTerm)
      }
      prevTerm = entry.term
    }
  }

  find(index: Index, term: Term): Known | undefined {
    const at = this.#known[index]
    if (at !== undefined) {
      for (let i = at.length - 1; i >= 0; i--) {
        const known = at[i] as Known
        if (known.entry.term === term) {
          return known
        }
      }
    }
    return undefined
  }

  #compare(node: NodeId, known: Known, entry: Entry, prevTerm: Term): void {
    if (known.prevTerm !== prevTerm) {
      throw new Violation(
        rule,
        `${node} has ${entry.term}/${entry.index} after term ${prevTerm}, others after term ${known.prevTerm}`,
      )
    }
    if (!sameEntry(known.entry, entry)) {
      throw new Violation(rule, `${node} has other content at ${entry.term}/${entry.index}`)
    }
  }
}
