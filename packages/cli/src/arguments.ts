/** Arguments and options as people type them. */
import type { PinOptions } from '@pinset/interface'
import { cidFromText, InvalidRequestError, parseDuration, peerIdFromText } from '@pinset/interface'
import { InvalidArgumentError } from 'commander'
import type { Command } from 'commander'
import type { CID } from 'multiformats/cid'

import { CommandError } from './command-error.ts'

/** What a parser throws becomes a usage error of the option. */
function parsing<Value>(parse: (text: string) => Value): (text: string) => Value {
  return (text) => {
    try {
      return parse(text)
    } catch (error) {
      if (error instanceof InvalidRequestError) throw new InvalidArgumentError(error.message)
      throw error
    }
  }
}

/** A duration such as `90s`; a bare number is seconds, as with `ipfs-cluster-ctl`. Milliseconds. */
export const duration = parsing((text) => {
  const milliseconds = parseDuration(/^\d+(?:\.\d+)?$/u.test(text) ? `${text}s` : text)
  if (milliseconds <= 0) throw new InvalidArgumentError('it must be longer than nothing')
  return milliseconds
})

/** How long a pin is to live. Milliseconds. */
function lifetime(text: string): number {
  const milliseconds = duration(text)
  if (milliseconds < 1000) throw new InvalidArgumentError('it must be at least 1s')
  return milliseconds
}

/** A CID, alone or as `/ipfs/CID`. */
export const cid = parsing((text): CID => cidFromText(text.replace(/^\/ipfs\//u, '').replace(/\/+$/u, '')))

export const peerId = parsing(peerIdFromText)

export function integer(text: string): number {
  if (!/^-?\d{1,9}$/u.test(text)) throw new InvalidArgumentError('it takes a whole number')
  return Number(text)
}

/** Collects a repeatable option. */
export function collected(text: string, before: readonly string[] = []): string[] {
  return [...before, text]
}

/** The address of a peer that is not known yet. */
export function peerAddress(text: string): string {
  if (text.startsWith('/')) return text
  throw new InvalidArgumentError(
    `a multiaddr is needed to reach the new peer, not ${JSON.stringify(text.slice(0, 80))}: it looks like /ip4/…/tcp/9096/p2p/12D3KooW…; \`pinset id\` prints it there`,
  )
}

const PIN_TYPES = ['all', 'pin', 'meta-pin', 'clusterdag-pin', 'shard-pin']

/** Types of pins, separated by commas. */
export function pinTypes(text: string): string[] {
  const types = text.split(',').filter((type) => type !== '')
  const unknown = types.find((type) => !PIN_TYPES.includes(type))
  if (unknown === undefined) return types
  throw new InvalidArgumentError(
    `${JSON.stringify(unknown.slice(0, 80))} is no type of pin; there are ${PIN_TYPES.join(', ')}`,
  )
}

/** A CID and a path below it, from `CID/path` or `/ipfs/CID/path`. */
export function cidAndPath(text: string): { cid: CID; path: string } {
  const [first = '', ...rest] = text.replace(/^\/ipfs\//u, '').split('/')
  return { cid: cid(first), path: rest.filter((segment) => segment !== '').join('/') }
}

export interface PinFlags {
  readonly replication?: number
  readonly replicationMin?: number
  readonly replicationMax?: number
  readonly allocations?: string
  readonly name?: string
  readonly expireIn?: number
  readonly metadata?: readonly string[]
}

/** `short` gives `--replication` its letter, which `add` has for something else. */
export function withPinFlags(command: Command, short: 'r' | null): Command {
  return command
    .option(
      `${short === null ? '' : `-${short}, `}--replication <n>`,
      'number of peers that hold it, -1 for all',
      integer,
    )
    .option('--rmin, --replication-min <n>', 'fewest peers that hold it', integer)
    .option('--rmax, --replication-max <n>', 'most peers that hold it', integer)
    .option('--allocations <peers>', 'preferred peers, separated by commas')
    .option('-n, --name <name>', 'name of the pin')
    .option(
      '--expire-in <duration>',
      'not supported yet, and refused: forget the pin after this time, such as 24h',
      lifetime,
    )
    .option('--metadata <key=value>', 'metadata of the pin; may be repeated', collected)
}

export function pinOptionsOf(flags: PinFlags): Partial<Omit<PinOptions, 'mode' | 'pinUpdate'>> {
  const min = flags.replicationMin ?? flags.replication
  const max = flags.replicationMax ?? flags.replication
  return {
    ...(min === undefined ? {} : { replicationFactorMin: min }),
    ...(max === undefined ? {} : { replicationFactorMax: max }),
    ...(flags.name === undefined ? {} : { name: flags.name }),
    ...(flags.allocations === undefined ? {} : { userAllocations: flags.allocations.split(',').map(peerIdFromText) }),
    ...(flags.expireIn === undefined ? {} : { expireAtMs: Date.now() + flags.expireIn }),
    ...(flags.metadata === undefined ? {} : { metadata: Object.fromEntries(flags.metadata.map(keyAndValue)) }),
  }
}

function keyAndValue(text: string): [string, string] {
  const at = text.indexOf('=')
  if (at <= 0) throw new CommandError(`metadata is written key=value, not ${JSON.stringify(text)}`)
  return [text.slice(0, at), text.slice(at + 1)]
}

export function example(command: Command, ...lines: readonly string[]): Command {
  return command.addHelpText('after', `\nExample:\n${lines.map((line) => `  $ ${line}`).join('\n')}`)
}
