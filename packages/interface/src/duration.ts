/** Durations as people and Go programs write them: `90s`, `1h30m`, `250ms`. */
import { InvalidRequestError } from './errors.ts'

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}

const DURATION = /^[+-]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/u
const PART = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/gu

/**
 * Milliseconds of a duration in the syntax of Go's `time.ParseDuration`.
 *
 * @throws {InvalidRequestError} when it is not one, or too long for a safe integer.
 */
export function parseDuration(text: string): number {
  if (text.length > 64 || !DURATION.test(text)) {
    throw new InvalidRequestError(`not a duration: ${JSON.stringify(text.slice(0, 64))}; write it like 90s, 15m or 24h`)
  }
  let milliseconds = 0
  for (const [, amount, unit] of text.matchAll(PART)) {
    milliseconds += Number(amount) * (UNIT_MS[unit ?? ''] ?? 0)
  }
  milliseconds = Math.round(milliseconds)
  if (!Number.isSafeInteger(milliseconds)) throw new InvalidRequestError(`duration too long: ${text}`)
  return text.startsWith('-') && milliseconds !== 0 ? -milliseconds : milliseconds
}
