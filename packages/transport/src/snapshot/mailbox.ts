/** Frames that wait for the one who takes them in turn; bounded by what the other side may send without credit. */

export class Mailbox<Item> {
  readonly #items: Item[] = []
  readonly #maxItems: number
  #taker: PromiseWithResolvers<Item> | null = null
  #failure: Error | null = null

  constructor(maxItems: number) {
    this.#maxItems = maxItems
  }

  /** @throws when the other side has sent more than it may. */
  put(item: Item): void {
    if (this.#taker !== null) {
      this.#taker.resolve(item)
      this.#taker = null
      return
    }
    if (this.#items.length >= this.#maxItems) throw new Error('the other side sends more frames than it may')
    this.#items.push(item)
  }

  /** What is here already may still be taken. */
  fail(reason: Error): void {
    this.#failure ??= reason
    this.#taker?.reject(this.#failure)
    this.#taker = null
  }

  async take(): Promise<Item> {
    const item = this.#items.shift()
    if (item !== undefined) return item
    if (this.#failure !== null) throw this.#failure
    this.#taker = Promise.withResolvers<Item>()
    return await this.#taker.promise
  }
}
