/** New nodes: their settings, and what is on their disks before they start. */
import type { NodeId } from '@pinset/raft'

import type { Command } from '../scenario-file.ts'
import type { Cluster } from './cluster.ts'
import { Disk } from './disk.ts'
import type { Held, Settings } from './host.ts'
import { baseAt, membershipEntry, operation, parseEntries, parseId } from './text.ts'

/** Small, so that scenarios are short. */
const ELECTION_TICKS = 10
const HEARTBEAT_TICKS = 2
/** Above the election timeout: a follower is ready to vote for a while before it campaigns itself. */
const DEFAULT_TIMEOUT = 15

const LIMITS = {
  'max-entries': 'maxEntriesPerMessage',
  'max-bytes': 'maxBytesPerMessage',
  'max-inflight': 'maxInflightMessages',
  'max-inflight-bytes': 'maxInflightBytes',
  'max-uncommitted': 'maxUncommittedBytes',
  'max-applying': 'maxApplyingBytes',
  'max-cached': 'maxCachedBytes',
  'max-reads': 'maxPendingReads',
} as const

/**
 * `add-nodes a b … voters=(…) learners=(…) log=(1 1 2) term= vote= applied= base=2/5 held=(writes …) empty suspended down`.
 *
 * The log begins with the membership, unless `empty`; `log` lists the terms of operations after it. Indented lines are the
 * whole log instead. Without `voters`, all of the nodes are. The membership entry is applied, unless `applied` says otherwise.
 */
export function addNodes(cluster: Cluster, command: Command): void {
  const settings = {
    electionTicks: command.integer('election') ?? ELECTION_TICKS,
    heartbeatTicks: command.integer('heartbeat') ?? HEARTBEAT_TICKS,
    ...limitsOf(command),
  }
  const timeout = command.integer('timeout') ?? DEFAULT_TIMEOUT
  const held = (command.list('held') ?? []).map((what) => heldOf(command, what))
  const isDown = command.flag('down')
  const isEmpty = command.flag('empty')
  const isSuspended = command.flag('suspended')
  const ids = command.arguments()
  const make = isEmpty ? () => new Disk() : diskOf(command, ids)
  for (const id of ids) {
    if (cluster.hosts.has(id)) throw command.mistake(`there is a node ${id} already`)
    const host = cluster.add(id, settings)
    host.nextTimeout = timeout
    for (const what of held) host.held.add(what)
    host.disk = make()
    host.disk.suspended = isSuspended
    if (!isDown) host.start()
  }
}

export function heldOf(command: Command, what: string): Held {
  if (what === 'writes' || what === 'applies' || what === 'loads') return what
  throw command.mistake(`${what} cannot be held: writes, applies or loads can`)
}

function limitsOf(command: Command): Partial<Settings> {
  const limits: Record<string, number> = {}
  for (const [key, name] of Object.entries(LIMITS)) {
    const value = command.integer(key)
    if (value !== undefined) limits[name] = value
  }
  return limits
}

/** What makes one more disk as the command describes it; its options are read at once. */
function diskOf(command: Command, ids: readonly NodeId[]): () => Disk {
  const learners = command.list('learners') ?? []
  const voters = command.list('voters') ?? ids.filter((id) => !learners.includes(id))
  const terms = (command.list('log') ?? []).map((term) => command.toInteger(term))
  const base = command.option('base')
  const term = command.integer('term')
  const vote = command.option('vote') ?? null
  const applied = command.integer('applied')
  const lines = command.lines()
  return () => {
    const disk = new Disk()
    if (base !== undefined) {
      const snapshot = { id: 'base', ...baseAt(parseId(command, base), voters, learners) }
      disk.log.carryOut({ seq: 0, installSnapshot: { snapshot, keepEntries: false } })
    }
    const first = disk.log.lastIndex + 1
    const membership = base === undefined ? [membershipEntry({ term: 1, index: 1 }, voters, learners)] : []
    const operations = terms.map((at, offset) => operation({ term: at, index: first + membership.length + offset }))
    const entries = lines.length > 0 ? parseEntries(command, lines, first) : [...membership, ...operations]
    disk.log.carryOut({ seq: 0, entries })
    disk.hardState = { term: term ?? disk.log.lastTerm, vote }
    disk.appliedIndex = applied ?? Math.max(1, disk.log.base.index)
    for (let index = 1; index <= disk.appliedIndex; index += 1) {
      const entry = disk.log.entryAt(index)
      disk.state.set(index, entry === undefined ? `(${index})` : `${entry.term}/${index}`)
    }
    return disk
  }
}
