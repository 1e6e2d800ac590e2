/** Entries, memberships and places in the log as scenarios write them. */
import type { Entry, EntryId, Index, LogBase, NodeId, RaftMembership } from '@pinset/raft'

import type { Command } from '../scenario-file.ts'

const NOTHING = new Uint8Array()

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}

/** `a b c / d`: voters, then learners. Short enough to be printed whole. */
export function encodeMembership(voters: readonly NodeId[], learners: readonly NodeId[] = []): Uint8Array {
  return bytesOf(`${voters.toSorted().join(' ')}/${learners.toSorted().join(' ')}`)
}

/** @throws {TypeError} when the bytes are not one. */
export function decodeMembership(data: Uint8Array): RaftMembership {
  const parts = textOf(data).split('/')
  if (parts.length !== 2) throw new TypeError('not a membership')
  const [voters, learners] = parts.map((part) => part.split(' ').filter((id) => id !== ''))
  return { voters: voters ?? [], learners: learners ?? [] }
}

/** An operation whose text is its place, unless another is given. */
export function operation(id: EntryId, text = `${id.term}.${id.index}`): Entry {
  return { ...id, kind: 'operations', data: bytesOf(text) }
}

export function membershipEntry(id: EntryId, voters: readonly NodeId[], learners: readonly NodeId[] = []): Entry {
  return { ...id, kind: 'membership', data: encodeMembership(voters, learners) }
}

/** `2/5`: term and index. */
export function parseId(command: Command, text: string): EntryId {
  const [term, index, ...rest] = text.split('/')
  if (term === undefined || index === undefined || rest.length > 0) throw command.mistake(`"${text}" is not term/index`)
  return { term: Number(term), index: Number(index) }
}

/** Lines such as `2 noop`, `2 op text` and `2 membership a b / c`: term and content of consecutive entries. */
export function parseEntries(command: Command, lines: readonly string[], first: Index): Entry[] {
  return lines.map((line, at) => {
    const [term = '', kind = '', ...words] = line.split(/\s+/)
    const id = { term: command.toInteger(term), index: first + at }
    switch (kind) {
      case 'noop':
        return { ...id, kind: 'noop', data: NOTHING }
      case 'op':
        return operation(id, words.length === 0 ? undefined : words.join(' '))
      case 'membership': {
        const slash = words.indexOf('/')
        return slash < 0
          ? membershipEntry(id, words)
          : membershipEntry(id, words.slice(0, slash), words.slice(slash + 1))
      }
      default:
        throw command.mistake(`"${line}" is not an entry`)
    }
  })
}

export function baseAt(id: EntryId, voters: readonly NodeId[], learners: readonly NodeId[]): LogBase {
  return { ...id, membership: encodeMembership(voters, learners), membershipIndex: 1 }
}
