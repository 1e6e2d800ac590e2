/**
 * The words of the Raft scenarios: what each command does to a cluster of production cores, and what it prints.
 *
 * 1. A command prints everything that any core asked its host for while it was carried out, unless it is told `quietly`:
 *    then only changes of role and membership, what is applied, and what is wrong.
 */
import { describeEntry, describeMessage, describePersistOp, type Input, type Message, type NodeId } from '@pinset/raft'

import type { Interpreter } from '../golden.ts'
import type { Command } from '../scenario-file.ts'
import { Cluster } from './cluster.ts'
import type { Disk } from './disk.ts'
import { forge } from './forge.ts'
import type { Host } from './host.ts'
import { addNodes, heldOf } from './nodes.ts'
import { commitTable, voteTable } from './tables.ts'
import { bytesOf, encodeMembership } from './text.ts'

type Verb = (command: Command) => void

/** What is still printed of a command carried out `quietly`. */
const LOUD = /VIOLATION|\| (soft|membership|stops|apply|restore|may vote)/

export function createRaftInterpreter(): Interpreter {
  const words = new RaftWords()
  return { run: (command) => words.run(command) }
}

class RaftWords {
  readonly #cluster = new Cluster()
  #context = 0
  /** Of disks, by node. */
  readonly #copies = new Map<NodeId, Disk>()
  readonly #verbs = new Map<string, Verb>([
    // Nodes and their disks.
    ['add-nodes', (command) => addNodes(this.#cluster, command)],
    ['hold', (command) => this.#hold(command)],
    ['release', (command) => this.#release(command)],
    ['persist', (command) => this.#host(command).persist(command.integer('upto'))],
    ['fail-write', (command) => this.#host(command).failWrite()],
    ['crash', (command) => this.#host(command).crash(command.integer('keep') ?? 0)],
    ['restart', (command) => this.#restart(command)],
    ['damage', (command) => this.#damage(command)],
    ['copy-disk', (command) => this.#copyDisk(command)],
    ['put-back', (command) => this.#putBack(command)],
    ['forget-state', (command) => this.#forgetState(command)],
    ['report-applied', (command) => this.#host(command).reportApplied()],
    ['answer-loads', (command) => this.#host(command).answerLoads()],
    // Inputs.
    ['tick', (command) => this.#tick(command)],
    ['timeout', (command) => void (this.#host(command).nextTimeout = command.toInteger(command.argument('ticks')))],
    ['campaign', (command) => this.#host(command).step({ kind: 'campaign' })],
    ['propose', (command) => this.#propose(command)],
    ['propose-membership', (command) => this.#proposeMembership(command)],
    ['read', (command) => this.#read(command)],
    ['transfer', (command) => this.#transfer(command)],
    ['compact', (command) => this.#step(command, (to) => ({ kind: 'compact', index: command.toInteger(to('index')) }))],
    ['unreachable', (command) => this.#step(command, (to) => ({ kind: 'unreachable', node: to('node') }))],
    [
      'say-persisted',
      (command) => this.#step(command, (to) => ({ kind: 'persisted', seq: command.toInteger(to('seq')) })),
    ],
    [
      'say-applied',
      (command) => this.#step(command, (to) => ({ kind: 'applied', index: command.toInteger(to('index')) })),
    ],
    ['turn', (command) => this.#turn(command)],
    ['reenter', (command) => void (this.#host(command).reenters = true)],
    // Snapshots.
    ['open-snapshot', (command) => this.#openSnapshot(command)],
    ['receive-snapshot', (command) => this.#receiveSnapshot(command)],
    ['snapshot-sent', (command) => this.#snapshotSent(command)],
    // Messages.
    ['messages', (command) => this.#list(this.#select(command))],
    ['deliver', (command) => this.#each(command, (message) => this.#cluster.deliver(message))],
    ['drop', (command) => this.#each(command, (message) => this.#drop(message))],
    ['duplicate', (command) => this.#each(command, (message) => this.#duplicate(message))],
    ['postpone', (command) => this.#each(command, (message) => this.#postpone(message))],
    ['forge', (command) => this.#forge(command)],
    ['stabilize', (command) => this.#stabilize(command)],
    // Looking.
    ['summary', () => this.#summary()],
    ['status', (command) => this.#describe(command, () => true)],
    ['progress', (command) => this.#describe(command, (line) => line.startsWith('->'))],
    ['raft-log', (command) => this.#raftLog(command)],
    ['state', (command) => this.#state(command)],
    ['check', () => this.#check()],
    // Tables.
    ['commit-table', (command) => this.#print(commitTable(command))],
    ['vote-table', (command) => this.#print(voteTable(command))],
  ])

  run(command: Command): string {
    const verb = this.#verbs.get(command.verb)
    if (verb === undefined) throw command.mistake(`unknown command ${command.verb}`)
    const isQuiet = command.flag('quietly')
    verb(command)
    const lines = this.#cluster.takeLines()
    return lines.filter((line) => !isQuiet || LOUD.test(line)).join('\n')
  }

  #print(lines: readonly string[]): void {
    for (const line of lines) this.#cluster.print(line)
  }

  #nextContext(): number {
    this.#context += 1
    return this.#context
  }

  #find(command: Command, id: NodeId): Host {
    const host = this.#cluster.hosts.get(id)
    if (host === undefined) throw command.mistake(`there is no node ${id}`)
    return host
  }

  #host(command: Command): Host {
    return this.#find(command, command.argument('a node'))
  }

  /** Those named, or all. */
  #hosts(command: Command): readonly Host[] {
    const ids = command.arguments()
    return ids.length === 0 ? [...this.#cluster.hosts.values()] : ids.map((id) => this.#find(command, id))
  }

  #step(command: Command, input: (argument: (name: string) => string) => Input): void {
    const host = this.#host(command)
    host.step(input((name) => command.argument(name)))
  }

  // ---- nodes and disks ----

  #hold(command: Command): void {
    const host = this.#host(command)
    for (const what of command.arguments()) host.held.add(heldOf(command, what))
  }

  #release(command: Command): void {
    const host = this.#host(command)
    for (const what of command.arguments()) host.held.delete(heldOf(command, what))
    if (!host.held.has('writes')) host.persist()
    if (!host.held.has('applies')) host.reportApplied()
    if (!host.held.has('loads')) host.answerLoads()
  }

  #restart(command: Command): void {
    const host = this.#host(command)
    if (host.up) throw command.mistake(`${host.id} is up`)
    host.start()
  }

  #damage(command: Command): void {
    const host = this.#host(command)
    if (host.up) throw command.mistake(`${host.id} is up`)
    const isNoticed = !command.flag('unnoticed')
    const { log, hardState } = host.disk
    host.disk.damage(command.integer('from') ?? log.lastIndex + 1, command.integer('term') ?? hardState.term)
    host.disk.suspended = isNoticed
  }

  #copyDisk(command: Command): void {
    const host = this.#host(command)
    this.#copies.set(host.id, host.disk.copy())
  }

  #putBack(command: Command): void {
    const host = this.#host(command)
    const copy = this.#copies.get(host.id)
    if (host.up) throw command.mistake(`${host.id} is up`)
    if (copy === undefined) throw command.mistake(`there is no copy of the disk of ${host.id}`)
    host.disk = copy.copy()
  }

  #forgetState(command: Command): void {
    const host = this.#host(command)
    if (host.up) throw command.mistake(`${host.id} is up`)
    host.disk.forgetState(command.toInteger(command.argument('the last index that is kept')))
  }

  // ---- inputs ----

  #tick(command: Command): void {
    const count = command.integer('count') ?? 1
    const hosts = this.#hosts(command)
    for (let at = 0; at < count; at += 1) for (const host of hosts) host.step({ kind: 'tick' })
  }

  #propose(command: Command): void {
    const host = this.#host(command)
    const inputs = command.arguments().map((text): Input => {
      return { kind: 'propose', data: bytesOf(text), context: this.#nextContext() }
    })
    host.step(...inputs)
  }

  #read(command: Command): void {
    const host = this.#host(command)
    const count = command.integer('count') ?? 1
    host.step(...Array.from({ length: count }, (): Input => ({ kind: 'readIndex', context: this.#nextContext() })))
  }

  #proposeMembership(command: Command): void {
    const host = this.#host(command)
    const data = encodeMembership(command.list('voters') ?? [], command.list('learners'))
    const expectedIndex = command.integer('expected') ?? host.raft?.status().membership?.index ?? 0
    host.step({ kind: 'proposeMembership', data, expectedIndex, context: this.#nextContext() })
  }

  #transfer(command: Command): void {
    const host = this.#host(command)
    host.step({ kind: 'transfer', to: command.optionalArgument() ?? null, context: this.#nextContext() })
  }

  /** What one turn of a driver takes in before it looks at what is ready: the indented lines, one input each. */
  #turn(command: Command): void {
    const host = this.#host(command)
    const inputs = command.lines().map((line): Input => {
      const [kind = '', argument = ''] = line.split(/\s+/)
      switch (kind) {
        case 'tick':
          return { kind: 'tick' }
        case 'campaign':
          return { kind: 'campaign' }
        case 'propose':
          return { kind: 'propose', data: bytesOf(argument), context: this.#nextContext() }
        case 'read':
          return { kind: 'readIndex', context: this.#nextContext() }
        case 'transfer':
          return { kind: 'transfer', to: argument, context: this.#nextContext() }
        case 'persist-failed':
          return { kind: 'persistFailed' }
        case 'message':
          return { kind: 'message', message: this.#takeMessage(command, argument, host.id) }
        default:
          throw command.mistake(`"${line}" is no input`)
      }
    })
    host.step(...inputs)
  }

  #takeMessage(command: Command, from: NodeId, to: NodeId): Message {
    const message = this.#cluster.messages.find((found) => found.from === from && found.to === to)
    if (message === undefined) throw command.mistake(`there is no message ${from}->${to}`)
    this.#cluster.messages.splice(this.#cluster.messages.indexOf(message), 1)
    this.#cluster.print(describeMessage(message))
    return message
  }

  // ---- snapshots ----

  #openSnapshot(command: Command): void {
    const host = this.#host(command)
    this.#cluster.openSnapshot(host, command.argument('a follower'), command.integer('at'))
  }

  #receiveSnapshot(command: Command): void {
    const host = this.#host(command)
    if (host.receiving === null) throw command.mistake(`${host.id} receives no snapshot`)
    this.#cluster.receiveSnapshot(host, !command.flag('failed'))
  }

  #snapshotSent(command: Command): void {
    const host = this.#host(command)
    this.#cluster.endSending(host, command.argument('a follower'), !command.flag('failed'))
  }

  // ---- messages ----

  /** By routes (`a->b`, `->b`, `a->`) and kinds; `count=` of the oldest, or of the newest with `newest`. */
  #select(command: Command): readonly Message[] {
    const count = command.integer('count') ?? Infinity
    const isNewest = command.flag('newest')
    const words = command.arguments()
    const routes = words.filter((word) => word.includes('->')).map((word) => word.split('->'))
    const kinds = words.filter((word) => !word.includes('->'))
    const found = this.#cluster.messages.filter(
      ({ from, to, kind }) =>
        (routes.length === 0 ||
          routes.some(([left, right]) => (left === '' || left === from) && (right === '' || right === to))) &&
        (kinds.length === 0 || kinds.includes(kind)),
    )
    return isNewest ? found.toReversed().slice(0, count) : found.slice(0, count)
  }

  #each(command: Command, action: (message: Message) => void): void {
    const messages = this.#select(command)
    if (messages.length === 0) this.#cluster.print('(no such message)')
    for (const message of messages) action(message)
  }

  #list(messages: readonly Message[]): void {
    this.#print(messages.length === 0 ? ['(none)'] : messages.map(describeMessage))
  }

  #drop(message: Message): void {
    this.#cluster.messages.splice(this.#cluster.messages.indexOf(message), 1)
    this.#cluster.print(`dropped ${describeMessage(message)}`)
  }

  #duplicate(message: Message): void {
    this.#cluster.messages.push(structuredClone(message))
    this.#cluster.print(`duplicated ${describeMessage(message)}`)
  }

  #postpone(message: Message): void {
    this.#cluster.messages.splice(this.#cluster.messages.indexOf(message), 1)
    this.#cluster.messages.push(message)
    this.#cluster.print(`postponed ${describeMessage(message)}`)
  }

  #forge(command: Command): void {
    const message = forge(command)
    this.#cluster.post(message)
    this.#cluster.print(describeMessage(message))
  }

  #stabilize(command: Command): void {
    this.#cluster.stabilize(this.#hosts(command).map(({ id }) => id))
  }

  // ---- looking ----

  #summary(): void {
    for (const { id, raft } of this.#cluster.hosts.values()) {
      if (raft === null) {
        this.#cluster.print(`${id} down`)
        continue
      }
      const { role, term, vote, leader, commitIndex, durableIndex, appliedIndex, lastId } = raft.status()
      this.#cluster.print(
        `${id} ${role} term=${term} vote=${vote ?? '-'} leader=${leader ?? '-'} last=${lastId.term}/${lastId.index} durable=${durableIndex} commit=${commitIndex} applied=${appliedIndex}`,
      )
    }
  }

  #describe(command: Command, isShown: (line: string) => boolean): void {
    for (const { id, raft } of this.#hosts(command))
      this.#print(raft === null ? [`${id} down`] : raft.describe().split('\n').filter(isShown))
  }

  /** What is on disk, and what is on its way there. */
  #raftLog(command: Command): void {
    for (const { id, disk, writing } of this.#hosts(command)) {
      const { hardState, log, appliedIndex } = disk
      this.#cluster.print(`${id} term=${hardState.term} vote=${hardState.vote ?? '-'} applied=${appliedIndex}`)
      if (log.base.index > 0)
        this.#cluster.print(`  base ${log.base.term}/${log.base.index} membership@${log.base.membershipIndex}`)
      for (const entry of log.read(log.base.index + 1, log.lastIndex, Infinity))
        this.#cluster.print(`  ${describeEntry(entry)}`)
      for (const op of writing) this.#cluster.print(`  writing ${describePersistOp(op)}`)
    }
  }

  #state(command: Command): void {
    for (const { id, disk } of this.#hosts(command)) {
      this.#cluster.print(`${id} at ${disk.appliedIndex}`)
      for (const text of disk.state.values()) this.#cluster.print(`  ${text}`)
    }
  }

  #check(): void {
    for (const { raft } of this.#cluster.hosts.values()) raft?.checkInvariants()
    this.#cluster.print('ok')
  }
}
