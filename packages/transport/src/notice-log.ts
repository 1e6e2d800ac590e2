/** Says a thing about a peer once, not each time it happens again: refusals and failed dials repeat several times a second. */
import type { LogFields, Logger } from '@pinset/interface'

const MAX_NOTICES = 1_000

export class NoticeLog {
  readonly #logger: Logger
  readonly #said = new Set<string>()

  constructor(logger: Logger) {
    this.#logger = logger
  }

  /** @param topic - what makes two notices the same; never a text that changes with every attempt. */
  warn(peer: string, topic: string, message: string, fields: LogFields = {}): void {
    const key = `${peer} ${topic}`
    if (this.#said.has(key)) return
    if (this.#said.size >= MAX_NOTICES) this.#said.clear()
    this.#said.add(key)
    this.#logger.warn(message, { peer, ...fields })
  }

  /** All is well with this peer: what happens next is news again. Returns the topics of what had been said. */
  forget(peer: string): readonly string[] {
    const prefix = `${peer} `
    const said = [...this.#said].filter((key) => key.startsWith(prefix))
    for (const key of said) this.#said.delete(key)
    return said.map((key) => key.slice(prefix.length))
  }
}
