/** A safety or liveness property of the cluster does not hold. Ends the run. */
export class Violation extends Error {
  override readonly name = 'Violation'
  readonly rule: string

  constructor(rule: string, detail: string, options?: ErrorOptions) {
    super(`${rule}: ${detail}`, options)
    this.rule = rule
  }
}
