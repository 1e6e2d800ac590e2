/**
 * Hosts and the messages between them, which move only when told.
 *
 * 1. Messages keep the order in which they were sent until a scenario changes it.
 * 2. After every command: at most one leader per term, and what is applied at an index is the same everywhere. What breaks this is
 *    printed as `VIOLATION`, in every scenario.
 */
import { describeMessage, type Message, type NodeId, type SnapshotMeta } from '@pinset/raft'

import { deepFreeze } from '../../simulator/raft/frozen.ts'
import type { State } from './disk.ts'
import { Host, type Settings, type Surroundings } from './host.ts'

/** Messages delivered by one `stabilize` before it is called endless. */
const MAX_DELIVERIES = 2_000

export class Cluster implements Surroundings {
  readonly hosts = new Map<NodeId, Host>()
  readonly snapshots = new Map<string, State>()
  /** On their way, oldest first. */
  messages: Message[] = []
  #lines: string[] = []
  #indent = ''
  #snapshotCount = 0
  readonly #received = new Set<string>()
  readonly #leaders = new Map<number, NodeId>()
  readonly #applied = new Map<number, { readonly host: NodeId; readonly text: string }>()

  add(id: NodeId, settings: Settings): Host {
    const host = new Host(id, settings, this)
    this.hosts.set(id, host)
    return host
  }

  print(line: string): void {
    this.#lines.push(`${this.#indent}${line}`)
  }

  post(message: Message): void {
    this.messages.push(deepFreeze(message))
  }

  violated(rule: string): void {
    this.#lines.push(`VIOLATION ${rule}`)
  }

  applied(host: Host, index: number, text: string): void {
    const known = this.#applied.get(index)
    if (known === undefined) this.#applied.set(index, { host: host.id, text })
    else if (known.text !== text) this.violated(`${host.id} applies ${text}, ${known.host} has applied ${known.text}`)
  }

  /** What was printed since the last call, after a look at what must always hold. */
  takeLines(): string[] {
    for (const host of this.hosts.values()) {
      const status = host.raft?.status()
      if (status?.role !== 'leader') continue
      const known = this.#leaders.get(status.term) ?? host.id
      this.#leaders.set(status.term, known)
      if (known !== host.id) this.violated(`term ${status.term} has two leaders: ${known} and ${host.id}`)
    }
    return this.#lines.splice(0)
  }

  /** Take this message off its way, to its receiver. */
  deliver(message: Message): void {
    this.messages.splice(this.messages.indexOf(message), 1)
    const receiver = this.hosts.get(message.to)
    this.print(`${describeMessage(message)}${receiver?.up === true ? '' : ' (lost: the receiver is down)'}`)
    this.#indent = '  '
    receiver?.step({ kind: 'message', message })
    this.#indent = ''
  }

  /** Complete writes and transfers, and deliver, among these nodes, until nothing is left to do. */
  stabilize(ids: readonly NodeId[]): void {
    const hosts = ids.map((id) => this.hosts.get(id) as Host)
    for (let count = 0; count < MAX_DELIVERIES; count += 1) {
      for (const host of hosts) {
        host.persist()
        host.reportApplied()
        host.answerLoads()
      }
      const message = this.messages.find(({ from, to }) => ids.includes(from) && ids.includes(to))
      if (message !== undefined) this.deliver(message)
      else if (!this.#moveSnapshots(hosts, ids)) return
    }
    this.print('VIOLATION this does not come to rest')
  }

  /** The state of `host` as a snapshot, at what it has applied, or earlier. */
  openSnapshot(host: Host, to: NodeId, at?: number): void {
    host.snapshotsNeeded = host.snapshotsNeeded.filter((id) => id !== to)
    const { log, state, appliedIndex } = host.disk
    const index = at ?? appliedIndex
    this.#snapshotCount += 1
    const id = `s${this.#snapshotCount}`
    this.snapshots.set(id, new Map([...state].filter(([applied]) => applied <= index)))
    const membership = log.membershipAt(index)
    const snapshot = {
      id,
      term: log.termAt(index) ?? 0,
      index,
      membership: membership.data,
      membershipIndex: membership.index,
    }
    host.step({ kind: 'snapshotOpened', to, snapshot })
  }

  receiveSnapshot(host: Host, received: boolean): void {
    const snapshot = host.receiving as SnapshotMeta
    host.receiving = null
    if (received) this.#received.add(snapshot.id)
    host.step({ kind: received ? 'snapshotReceived' : 'snapshotReceiveFailed', snapshot })
  }

  endSending(host: Host, to: NodeId, received: boolean): void {
    host.sending = host.sending.filter((item) => item.to !== to)
    host.snapshotsNeeded = host.snapshotsNeeded.filter((id) => id !== to)
    host.step({ kind: 'snapshotSent', to, received })
  }

  /** One step of a transfer; a sender learns how it has ended last of all. */
  #moveSnapshots(hosts: readonly Host[], ids: readonly NodeId[]): boolean {
    for (const host of hosts) {
      const to = host.snapshotsNeeded.find((id) => ids.includes(id))
      if (to === undefined) continue
      this.openSnapshot(host, to)
      return true
    }
    for (const host of hosts) {
      if (host.receiving === null) continue
      this.receiveSnapshot(host, true)
      return true
    }
    for (const host of hosts) {
      const sending = host.sending.find((item) => ids.includes(item.to))
      if (sending === undefined) continue
      this.endSending(host, sending.to, this.#received.has(sending.snapshot.id))
      return true
    }
    return false
  }
}
