/** Waiting between rounds of work that goes on in the background, for a time that can be cut short. */

/** One waits at a time. The timer does not keep the process alive. */
export class Pause {
  #end: () => void = () => {}

  /** Resolves after `delayMs`, or with the next `end()`. */
  async wait(delayMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, delayMs)
      timer.unref()
      this.#end = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#end = () => {}
  }

  /** Does nothing when nobody waits. */
  end(): void {
    this.#end()
  }
}
