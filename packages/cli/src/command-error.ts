/** How commands end. */

export const EXIT = Object.freeze({
  ok: 0,
  requestProblem: 1,
  refused: 2,
  timedOut: 62,
  interrupted: 130,
  terminated: 143,
})

/** A command cannot go on; the message is for the person who typed it. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly exitCode: number
  constructor(message: string, options: ErrorOptions & { readonly exitCode?: number } = {}) {
    super(message, options)
    this.exitCode = options.exitCode ?? EXIT.requestProblem
  }
}

/** Nobody reads standard output any more, as in `pinset pin ls | head`. */
export class OutputClosedError extends Error {
  override readonly name = 'OutputClosedError'
}
