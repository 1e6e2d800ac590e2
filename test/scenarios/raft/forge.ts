/** Messages made by hand: late ones, ones of nodes that are not there, and nonsense. */
import type { EntryId, Message, NodeId } from '@pinset/raft'

import type { Command } from '../scenario-file.ts'
import { encodeMembership, parseEntries, parseId } from './text.ts'

/** `forge a->b kind term=… …`; numbers are taken as they are written, however strange. */
export function forge(command: Command): Message {
  const [from = '', to = ''] = command.argument('a route such as a->b').split('->')
  const kind = command.argument('a kind of message')
  const term = number(command, 'term', 1)
  return { from, to, term, ...contentOf(command, kind, { from, to }) }
}

/** What is left of a message without its head. */
type Content<M> = M extends Message ? Omit<M, 'from' | 'to' | 'term'> : never

function contentOf(command: Command, kind: string, route: { from: NodeId; to: NodeId }): Content<Message> {
  switch (kind) {
    case 'appendEntries': {
      const prev = id(command, 'prev')
      const entries = parseEntries(command, command.lines(), prev.index + 1)
      return { kind, prev, entries, commitIndex: number(command, 'commit', 0), readRound: number(command, 'round', 0) }
    }
    case 'appendEntriesResponse': {
      const readRound = number(command, 'round', 0)
      const rejected = command.option('rejected')
      const outcome =
        rejected === undefined
          ? ({ kind: 'accepted', matchIndex: number(command, 'match', 0) } as const)
          : ({ kind: 'rejected', rejectedIndex: Number(rejected), hint: id(command, 'hint') } as const)
      return { kind, readRound, outcome }
    }
    case 'heartbeat':
      return { kind, commitIndex: number(command, 'commit', 0), readRound: number(command, 'round', 0) }
    case 'heartbeatResponse':
      return { kind, readRound: number(command, 'round', 0) }
    case 'requestVote':
    case 'preVote':
      return { kind, last: id(command, 'last'), transfer: command.flag('transfer') }
    case 'requestVoteResponse':
    case 'preVoteResponse':
      return { kind, granted: command.argument('granted or rejected') === 'granted' }
    case 'timeoutNow':
      return { kind, last: id(command, 'last') }
    case 'installSnapshot': {
      const voters = command.list('voters') ?? [route.from, route.to]
      const snapshot = {
        ...id(command, 'at'),
        id: command.option('id') ?? 'forged',
        membership: encodeMembership(voters),
        membershipIndex: number(command, 'membership', 1),
      }
      return { kind, snapshot }
    }
    default:
      throw command.mistake(`there is no message ${kind}`)
  }
}

function id(command: Command, key: string): EntryId {
  return parseId(command, command.option(key) ?? '0/0')
}

function number(command: Command, key: string, otherwise: number): number {
  const text = command.option(key)
  return text === undefined ? otherwise : Number(text)
}
