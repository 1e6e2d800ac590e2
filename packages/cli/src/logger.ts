/** The journal of a peer on standard error: for eyes on a terminal, JSON lines elsewhere. */
import type { LogFields, Logger } from '@pinset/interface'
import { pino } from 'pino'
import { PinoPretty } from 'pino-pretty'

import { CommandError } from './command-error.ts'
import type { Io } from './io.ts'

const LEVELS = ['debug', 'info', 'warn', 'error', 'silent']

/** @throws {CommandError} when `PINSET_LOG` is no level. */
export function createLogger(io: Io): Logger {
  const level = io.env['PINSET_LOG'] || 'info'
  if (!LEVELS.includes(level)) throw new CommandError(`PINSET_LOG=${level} is no level; it takes ${LEVELS.join(', ')}`)
  const terminal = io.stderr.isTTY === true
  const stream = terminal
    ? PinoPretty({
        destination: io.stderr,
        colorize: io.env['NO_COLOR'] === undefined,
        ignore: 'pid,hostname',
        sync: true,
      })
    : io.stderr
  const journal = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, stream)
  const at =
    (name: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, fields: LogFields = {}): void =>
      journal[name](fields, message)
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
