/**
 * Quorum arithmetic as tables: one line, one case, put to a real core.
 *
 * 1. A case is played in several orders of its answers; they must agree.
 */
import { createRaft, type Message, type NodeId, type Raft, type Ready } from '@pinset/raft'

import type { Command } from '../scenario-file.ts'
import { bytesOf, decodeMembership, encodeMembership } from './text.ts'

const ELECTION_TICKS = 10

interface Case {
  readonly text: string
  /** By node; `-` is missing. */
  readonly values: ReadonlyMap<NodeId, string>
}

/**
 * Lines such as `a=3 b=1 c=-`: how many entries of its own term the leader `a`, the first of the voters, and the others hold
 * durably. Prints up to which of them is committed.
 */
export function commitTable(command: Command): string[] {
  const voters = command.list('voters') ?? []
  const learners = command.list('learners') ?? []
  return casesOf(command).map(({ text, values }) => {
    const results = ordersOf([...values.keys()]).map((order) => {
      const leader = new Bench(voters, learners)
      leader.elect(voters.slice(1))
      const counts = [...values.values()].map((value) => (value === '-' ? 0 : command.toInteger(value)))
      leader.grow(Math.max(1, ...counts))
      for (const id of order) {
        const value = values.get(id) as string
        if (value !== '-') leader.hold(id, command.toInteger(value))
      }
      return String(leader.committed)
    })
    return `${text}: ${agreed(results)}`
  })
}

/** Lines such as `a=yes b=no c=-`: answers to the candidate `a`, the first of the voters. Prints what becomes of it. */
export function voteTable(command: Command): string[] {
  const voters = command.list('voters') ?? []
  const learners = command.list('learners') ?? []
  return casesOf(command).map(({ text, values }) => {
    const results = ordersOf([...values.keys()]).map((order) => {
      const candidate = new Bench(voters, learners)
      candidate.stand(voters.slice(1))
      for (const id of order) {
        const value = values.get(id)
        if (value !== 'yes' && value !== 'no' && value !== '-') throw command.mistake(`${id} says yes, no or -`)
        if (value !== '-') candidate.vote(id, value === 'yes')
      }
      return candidate.raft.status().role
    })
    return `${text}: ${agreed(results)}`
  })
}

function casesOf(command: Command): Case[] {
  return command.lines().map((text) => {
    const pairs = text.split(/\s+/).map((word) => word.split('='))
    return { text, values: new Map(pairs.map(([id = '', value = '']) => [id, value])) }
  })
}

/** Forwards, backwards, and each begun at every place. */
function ordersOf<T>(items: readonly T[]): readonly (readonly T[])[] {
  const rotated = items.map((_, at) => [...items.slice(at), ...items.slice(0, at)])
  return [...rotated, ...rotated.map((order) => order.toReversed())]
}

function agreed(results: readonly string[]): string {
  const different = [...new Set(results)]
  return different.length === 1 ? (different[0] as string) : `the order matters: ${different.join(', ')}`
}

/** One core alone; what it sends goes nowhere, what it writes waits. */
class Bench {
  readonly raft: Raft
  readonly #id: NodeId
  /** Number of the write that holds the n-th own entry. */
  readonly #seqs: number[] = []
  #voteSeq = 0

  constructor(voters: readonly NodeId[], learners: readonly NodeId[]) {
    const data = encodeMembership(voters, learners)
    this.#id = voters[0] as NodeId
    this.raft = createRaft(
      { id: this.#id, electionTicks: ELECTION_TICKS, heartbeatTicks: 1, random: () => 0, decodeMembership },
      {
        hardState: { term: 1, vote: null },
        base: { term: 0, index: 0, membership: new Uint8Array(), membershipIndex: 0 },
        termRuns: [{ term: 1, index: 1 }],
        lastIndex: 1,
        memberships: [{ index: 1, data }],
        appliedIndex: 0,
        votingSuspended: false,
      },
    )
  }

  /** How many own entries are committed. */
  get committed(): number {
    return Math.max(0, this.raft.status().commitIndex - 1)
  }

  /** Become a candidate whose own vote is not durable yet. */
  stand(others: readonly NodeId[]): void {
    this.raft.step({ kind: 'campaign' })
    for (const from of others) this.#receive({ kind: 'preVoteResponse', from, term: 2, granted: true })
    this.#voteSeq = this.#take().persist.at(-1)?.seq ?? 0
  }

  elect(others: readonly NodeId[]): void {
    this.stand(others)
    this.vote(this.#id, true)
    for (const from of others) this.vote(from, true)
  }

  /** The candidate's own vote becomes durable, or somebody answers. */
  vote(from: NodeId, granted: boolean): void {
    if (from === this.#id) this.raft.step({ kind: 'persisted', seq: this.#voteSeq })
    else this.#receive({ kind: 'requestVoteResponse', from, term: 2, granted })
  }

  /** As leader, have this many own entries, each in a write of its own. */
  grow(count: number): void {
    this.#note(this.#take())
    while (this.#seqs.length < count) {
      this.raft.step({ kind: 'propose', data: bytesOf(`${this.#seqs.length + 1}`), context: this.#seqs.length })
      this.#note(this.#take())
    }
  }

  /** `id` holds this many of them durably. */
  hold(id: NodeId, count: number): void {
    if (id !== this.#id) {
      const outcome = { kind: 'accepted', matchIndex: count + 1 } as const
      this.#receive({ kind: 'appendEntriesResponse', from: id, term: 2, readRound: 0, outcome })
    } else if (count > 0) {
      this.raft.step({ kind: 'persisted', seq: this.#seqs[count - 1] as number })
    }
    if (this.raft.hasReady()) this.#take()
  }

  #note(ready: Ready): void {
    for (const op of ready.persist) for (const _ of op.entries ?? []) this.#seqs.push(op.seq)
  }

  #take(): Ready {
    this.raft.hasReady()
    return this.raft.takeReady()
  }

  #receive(message: DistributiveOmit<Message, 'to'>): void {
    this.raft.step({ kind: 'message', message: { ...message, to: this.#id } })
  }
}

type DistributiveOmit<T, K extends string> = T extends unknown ? Omit<T, K> : never
