/** Checks on decoded fields: bytes from the disk are decoded or refused, never trusted. */
import { CorruptError } from '@pinset/interface'

/** Reads the fields of one record; every refusal names the record and where it lies. */
export class FieldChecks {
  readonly #what: string
  readonly #path: string

  constructor(what: string, path: string) {
    this.#what = what
    this.#path = path
  }

  /** A safe integer ≥ `least`. */
  integer(name: string, value: number, least = 0): number {
    this.that(Number.isSafeInteger(value) && value >= least, name, value)
    return value
  }

  text(name: string, value: string): string {
    this.that(value.length > 0, name, 'empty')
    return value
  }

  that(holds: boolean, name: string, value: string | number): void {
    if (!holds) throw new CorruptError(`${this.#what} in ${this.#path} has an impossible ${name}: ${String(value)}`)
  }

  decode<Decoded>(decode: () => Decoded): Decoded {
    try {
      return decode()
    } catch (err) {
      throw new CorruptError(`${this.#what} in ${this.#path} is not an encoding`, { cause: err })
    }
  }
}
