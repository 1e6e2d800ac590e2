/** Checks that stay on in production. */

/** The program's own rules are broken. Nobody handles it: the node stops and prints its state. */
export class InvariantViolation extends Error {
  override readonly name = 'InvariantViolation'
  readonly code = 'ERR_INVARIANT'
}

/** Throw unless `condition`; `rule` opens with the rule's number, e.g. `W1 durable ≤ handed out ≤ last`. */
export function invariant(condition: boolean, rule: string | (() => string)): asserts condition {
  if (!condition) {
    throw new InvariantViolation(typeof rule === 'string' ? rule : rule())
  }
}
