/** ctrl-C: the first asks for an orderly end, a later one ends at once. */

export interface InterruptionInit {
  readonly now: () => number
  readonly endAtOnce: () => void
}

/** Without a terminal one ctrl-C arrives twice: from the process group, and handed on by npm. */
const sameCtrlCMs = 1000

export class Interruption {
  readonly #init: InterruptionInit
  readonly #controller = new AbortController()
  #firstAt: number | null = null

  constructor(init: InterruptionInit) {
    this.#init = init
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  heard(): void {
    const now = this.#init.now()
    this.#firstAt ??= now
    if (now - this.#firstAt > sameCtrlCMs) {
      this.#init.endAtOnce() // Who asks again does not want to wait for the tables.
    }
    this.#controller.abort()
  }
}
