/** Leader completeness (Raft §5.4.3): a leader's log holds whatever leaders of earlier terms have committed. */
import type { NodeId, Term } from '@pinset/raft'

import type { LogView } from '../simulated-log.ts'
import type { CommittedImmutable } from './committed-immutable.ts'
import { Violation } from './violation.ts'

export class LeaderCompleteness {
  readonly #history: CommittedImmutable

  constructor(history: CommittedImmutable) {
    this.#history = history
  }

  leads(node: NodeId, term: Term, log: LogView): void {
    const history = this.#history
    for (let index = history.frontier; index > log.base.index; index--) {
      if (history.committedBy(index) < term && log.termAt(index) !== history.termAt(index)) {
        throw new Violation(
          'leader completeness',
          `leader ${node} of term ${term} lacks ${history.termAt(index)}/${index}, committed in term ${history.committedBy(index)}; it has ${log.termAt(index)}`,
        )
      }
    }
  }
}
