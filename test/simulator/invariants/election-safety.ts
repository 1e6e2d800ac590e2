/** Election safety (Raft §5.2): at most one leader in a term, and only voters campaign. */
import type { NodeId, Role, Term } from '@pinset/raft'

import { Violation } from './violation.ts'

const rule = 'election safety'

export class ElectionSafety {
  readonly #leaders = new Map<Term, string>()

  /** @param run - counts the starts of this node: having led is not remembered over a restart. */
  leads(node: NodeId, run: number, term: Term): void {
    const leader = `${node} (run ${run})`
    const known = this.#leaders.get(term)
    if (known === undefined) {
      this.#leaders.set(term, leader)
    } else if (known !== leader) {
      throw new Violation(rule, `${leader} and ${known} both lead term ${term}`)
    }
  }

  campaigns(node: NodeId, role: Role, voters: readonly NodeId[]): void {
    if (!voters.includes(node)) {
      throw new Violation(rule, `${node} is ${role}, entitled are ${voters.join(' ')}`)
    }
  }

  get terms(): number {
    return this.#leaders.size
  }
}
