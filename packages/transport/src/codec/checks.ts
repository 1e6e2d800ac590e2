/** Checks that every decoder uses: bytes from the wire become a value or a `CorruptError`, nothing else. */
import { CorruptError } from '@pinset/interface'

/** Run a decoder; whatever it throws becomes a `CorruptError` that names the frame. */
export function decoded<Value>(what: string, decode: () => Value): Value {
  try {
    return decode()
  } catch (err) {
    if (err instanceof CorruptError) throw err
    throw new CorruptError(`${what} cannot be decoded: ${err instanceof Error ? err.message : String(err)}`, {
      cause: err,
    })
  }
}

export function check(condition: boolean, what: string): asserts condition {
  if (!condition) throw new CorruptError(what)
}

/** A safe integer ≥ 0. */
export function integer(value: number, name: string): number {
  check(Number.isSafeInteger(value) && value >= 0, `${name} is not a safe integer`)
  return value
}

/** Bytes that are no UTF-8 become half characters, which would not survive the way back. */
export function text(value: string, maxLength: number, name: string): string {
  check(value.isWellFormed(), `${name} is not a text`)
  check(value.length <= maxLength, `${name} is longer than ${maxLength}`)
  return value
}

/** A field that proto3 cannot declare as required. */
export function required<Value>(value: Value | undefined, name: string): Value {
  check(value !== undefined, `${name} is missing`)
  return value
}
