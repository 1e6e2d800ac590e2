/** The journal of a process for people; the Raft log is something else. */

export type LogFields = Readonly<Record<string, unknown>>

/** A log line is a sentence plus fields; an error goes under the key `err`. */
export interface Logger {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}

/** Says nothing. */
export const silentLogger: Logger = Object.freeze({
  debug() {},
  info() {},
  warn() {},
  error() {},
})
