/** Owns the record of a run: a hash over everything that happened, and, when asked for, its lines of text. */
import { describeMessage, type Input } from '@pinset/raft'

export class Trace {
  readonly #print: ((line: string) => void) | null
  #low = 0x811c9dc5
  #high = 0x9e3779b1

  constructor(print: ((line: string) => void) | null) {
    this.#print = print
  }

  /** Equal for equal runs. */
  get hash(): string {
    return (this.#high >>> 0).toString(16).padStart(8, '0') + (this.#low >>> 0).toString(16).padStart(8, '0')
  }

  get prints(): boolean {
    return this.#print !== null
  }

  mix(value: number): void {
    this.#low = Math.imul(this.#low ^ value, 0x01000193)
    this.#high = Math.imul(this.#high ^ this.#low ^ Math.floor(value / 4294967296), 0x5bd1e995)
    this.#high ^= this.#high >>> 15
  }

  mixText(text: string): void {
    for (let i = 0; i < text.length; i++) {
      this.#low = Math.imul(this.#low ^ text.charCodeAt(i), 0x01000193)
    }
    this.mix(text.length)
  }

  line(time: number, subject: string, text: string): void {
    if (this.#print !== null) {
      const head = `${(time / 1000).toFixed(3).padStart(11)} ${subject.padEnd(4)} `
      this.#print(head + text.replaceAll('\n', `\n${' '.repeat(head.length)}`))
    }
  }
}

export function inputText(input: Input): string {
  if (input.kind === 'message') {
    return describeMessage(input.message)
  }
  const { kind, ...rest } = input
  const text = JSON.stringify(rest, (_name, value: unknown) =>
    value instanceof Uint8Array ? `${value.length} bytes` : value,
  )
  return text === '{}' ? kind : `${kind} ${text.replaceAll('"', '')}`
}
