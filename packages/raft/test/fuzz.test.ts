import { describe, expect, it } from 'vitest'

import { Cluster, type TestNode } from './cluster.ts'
import { diskWith, Disk, present } from './disk.ts'

const MEMBERS = ['a', 'b', 'c', 'd', 'e']

/** Small limits, so that every limit is met. */
const LIMITS = {
  maxEntriesPerMessage: 4,
  maxBytesPerMessage: 200,
  maxInflightMessages: 3,
  maxInflightBytes: 400,
  maxUncommittedBytes: 2000,
  maxApplyingBytes: 150,
  maxCachedBytes: 300,
  maxPendingReads: 20,
}

interface Read {
  readonly node: TestNode
  /** Highest index that any client knew to be committed when the read came in. */
  readonly floor: number
}

class Chaos {
  readonly cluster: Cluster
  readonly reads = new Map<string, Read>()
  checkedReads = 0
  readonly counts = new Map<string, number>()
  #serial = 1000

  constructor(seed: number) {
    this.cluster = new Cluster(seed)
    const size = 1 + Math.floor(this.cluster.random() * 4)
    const voters = MEMBERS.slice(0, size)
    for (const id of MEMBERS) {
      this.cluster.add(id, voters.includes(id) ? diskWith(voters) : new Disk(), {
        ...LIMITS,
        manualSync: true,
        manualApply: this.cluster.random() < 0.5,
      })
    }
    this.cluster.autoSnapshots = false
    for (const node of this.cluster.nodes.values()) node.manualLoads = this.cluster.random() < 0.7
  }

  pick<T>(items: readonly T[]): T {
    return present(items[Math.floor(this.cluster.random() * items.length)])
  }

  count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1)
  }

  get committed(): number {
    return Math.max(0, ...this.cluster.appliedTerms.keys())
  }

  event(rates: { readonly loss: number; readonly crash: number }): void {
    const { cluster } = this
    const node = this.pick([...cluster.nodes.values()])
    const dice = cluster.random()
    this.#serial += 1
    const context = this.#serial
    if (dice < 0.25) node.step({ kind: 'tick' })
    else if (dice < 0.6) this.network(rates.loss)
    else if (dice < 0.75) node.sync(cluster.random() < 0.5 ? 1 : Infinity)
    else if (dice < 0.8) this.whenUp(node, () => node.reportApplied())
    else if (dice < 0.84) this.whenUp(node, () => node.answerLoads())
    else if (dice < 0.9)
      this.anyLeader((leader) =>
        leader.step({ kind: 'propose', data: new TextEncoder().encode(`${context}`), context }),
      )
    else if (dice < 0.93) {
      this.anyLeader((leader) => {
        this.reads.set(`${leader.id}${context}`, { node: leader, floor: this.committed })
        leader.step({ kind: 'readIndex', context })
      })
    } else if (dice < 0.945) this.anyLeader((leader) => this.changeMembership(leader, context))
    else if (dice < 0.95)
      this.anyLeader((leader) =>
        leader.step({ kind: 'transfer', to: cluster.random() < 0.5 ? null : this.pick(MEMBERS), context }),
      )
    else if (dice < 0.965) {
      if (node.up)
        node.step({ kind: 'compact', index: Math.max(1, node.status.appliedIndex - Math.floor(cluster.random() * 4)) })
    } else if (dice < 0.98) this.snapshots(rates.loss)
    else if (dice < 0.985) node.step({ kind: 'unreachable', node: this.pick(MEMBERS) })
    else if (dice < 0.99) node.step({ kind: 'campaign' })
    else if (cluster.random() < rates.crash) {
      if (node.up && cluster.random() < 0.2) this.failDisk(node)
      else if (node.up) {
        this.count('crash')
        node.crash(Math.floor(cluster.random() * 3))
      } else node.restart()
    } else if (!node.up) node.restart()
    this.check()
  }

  /** A sync fails: the node halts, and after a restart it must not vote until it has been brought up to date. */
  failDisk(node: TestNode): void {
    const suspended = [...this.cluster.nodes.values()].filter(
      (other) => other.status.votingSuspended || other.status.halted !== null,
    )
    if (suspended.length > 0) return
    this.count('disk failure')
    node.step({ kind: 'persistFailed' })
    node.crash(Math.floor(this.cluster.random() * 3))
    node.disk.votingSuspended = true
  }

  whenUp(node: TestNode, act: () => void): void {
    if (node.up) act()
  }

  anyLeader(act: (leader: TestNode) => void): void {
    const leaders = [...this.cluster.nodes.values()].filter((node) => node.up && node.status.role === 'leader')
    if (leaders.length > 0) act(this.pick(leaders))
  }

  network(loss: number): void {
    const { cluster } = this
    if (cluster.messages.length === 0) return
    const at = cluster.random() < 0.7 ? 0 : Math.floor(cluster.random() * cluster.messages.length)
    const dice = cluster.random()
    const message = present(cluster.messages[at])
    if (dice < loss) cluster.messages.splice(at, 1)
    else {
      if (dice < loss * 1.5) cluster.messages.push(message)
      cluster.deliver(at)
    }
    if (cluster.messages.length > 300) cluster.messages.splice(0, 200)
  }

  changeMembership(leader: TestNode, context: number): void {
    const { membership } = leader.status
    if (membership === null) return
    const voters = new Set(membership.membership.voters)
    const learners = new Set(membership.membership.learners)
    const id = this.pick(MEMBERS)
    if (voters.has(id)) {
      if (voters.size === 1) return
      voters.delete(id)
      if (this.cluster.random() < 0.5) learners.add(id)
    } else if (learners.has(id)) {
      learners.delete(id)
      if (this.cluster.random() < 0.8) voters.add(id)
    } else if (this.cluster.random() < 0.7) learners.add(id)
    else voters.add(id)
    const data = new TextEncoder().encode(
      JSON.stringify({ voters: [...voters].sort(), learners: [...learners].sort() }),
    )
    leader.step({ kind: 'proposeMembership', data, expectedIndex: membership.index, context })
  }

  snapshots(loss: number): void {
    const { cluster } = this
    cluster.wanted = cluster.wanted.filter(({ leader }) => leader.up)
    cluster.arriving = cluster.arriving.filter(({ node }) => node.up)
    this.breakTransfers()
    for (const { leader, to } of cluster.wanted.splice(0)) {
      if (cluster.random() < loss) leader.step({ kind: 'snapshotSent', to, received: false })
      else leader.step({ kind: 'snapshotOpened', to, snapshot: cluster.snapshotOf(leader) })
    }
    for (const { node, snapshot } of cluster.arriving.splice(0)) {
      const isLost = cluster.random() < loss
      if (isLost) node.step({ kind: 'snapshotReceiveFailed', snapshot })
      else {
        this.count('snapshot')
        node.step({ kind: 'snapshotReceived', snapshot })
      }
      for (const leader of cluster.nodes.values())
        if (leader.up) leader.step({ kind: 'snapshotSent', to: node.id, received: !isLost })
    }
  }

  /** A transfer of which nothing is on its way any more has failed; its sender hears of it. */
  breakTransfers(): void {
    const { cluster } = this
    for (const leader of cluster.nodes.values()) {
      if (!leader.up) continue
      for (const { id, state } of leader.status.progress) {
        if (state !== 'snapshot' || cluster.wanted.some((want) => want.leader === leader && want.to === id)) continue
        const isUnderWay =
          cluster.messages.some((message) => message.kind === 'installSnapshot' && message.to === id) ||
          cluster.arriving.some((arrival) => arrival.node.id === id)
        if (!isUnderWay) leader.step({ kind: 'snapshotSent', to: id, received: false })
      }
    }
  }

  check(): void {
    this.cluster.check()
    for (const node of this.cluster.nodes.values()) {
      if (node.up && node.disk.votingSuspended && !node.status.votingSuspended) {
        this.count('suspension over')
        node.disk.votingSuspended = false
      }
    }
    for (const node of this.cluster.nodes.values()) {
      for (const { context, index } of node.reads.splice(0)) {
        const read = this.reads.get(`${node.id}${context}`)
        if (read === undefined) throw new Error('a read nobody asked for')
        if (index < read.floor) throw new Error(`stale read: ${index} < ${read.floor}`)
        this.checkedReads += 1
      }
    }
  }

  /** All faults end: somebody leads, and everybody in the membership ends with the same state. */
  heal(): void {
    const { cluster } = this
    for (const node of cluster.nodes.values()) {
      node.manualSync = false
      node.manualApply = false
      node.manualLoads = false
      // Without a quorum of sound disks somebody has to decide.
      node.disk.votingSuspended = false
      if (node.up && !node.status.votingSuspended) {
        node.sync()
        node.answerLoads()
        node.reportApplied()
      } else node.restart()
    }
    this.snapshots(0)
    cluster.autoSnapshots = true
    cluster.openWanted()
    cluster.run(300)
    const leader = cluster.leader()
    const before = leader.status.commitIndex
    cluster.propose(leader.id, 'after')
    cluster.run(60)
    const { membership, commitIndex } = cluster.leader().status
    if (commitIndex <= before) throw new Error('nothing is committed after healing')
    const members = [...(membership?.membership.voters ?? []), ...(membership?.membership.learners ?? [])]
    const states = members.map((id) =>
      cluster
        .node(id)
        .disk.state.map(({ term, index }) => `${term}/${index}`)
        .join(' '),
    )
    if (new Set(states).size > 1) throw new Error('states differ after healing')
    cluster.checkAll()
  }
}

export function runSeed(seed: number, events: number): Chaos {
  const chaos = new Chaos(seed)
  const rates = { loss: present([0, 0.05, 0.2][seed % 3]), crash: present([0, 0.3, 0.8][Math.floor(seed / 3) % 3]) }
  try {
    for (let at = 0; at < events; at += 1) {
      chaos.event(rates)
      if (at % 16 === 0) chaos.cluster.checkAll()
    }
    chaos.heal()
  } catch (error) {
    const dump = [...chaos.cluster.nodes.values()]
      .map((node) => `${node.up ? 'up' : 'down'} ${node.raft.describe()}`)
      .join('\n')
    throw new Error(`seed ${seed}: ${String(error)}\n${dump}`, { cause: error })
  }
  return chaos
}

describe('createRaft', () => {
  it('step() keeps every promise under loss, duplication, reordering, crashes and late syncs, and recovers', () => {
    const seeds = Number(process.env['RAFT_SEEDS'] ?? 120)
    const first = Number(process.env['RAFT_FIRST_SEED'] ?? 1)
    const total = new Map<string, number>()
    let reads = 0
    for (let seed = first; seed < first + seeds; seed += 1) {
      const chaos = runSeed(seed, Number(process.env['RAFT_EVENTS'] ?? 6000))
      reads += chaos.checkedReads
      for (const [what, count] of chaos.counts) total.set(what, (total.get(what) ?? 0) + count)
    }
    // The faults happened.
    const few = seeds < 20
    expect(few || reads > 100).toBe(true)
    for (const [fault, least] of [
      ['crash', 20],
      ['disk failure', 20],
      ['suspension over', 5],
      ['snapshot', 5],
    ] as const) {
      expect([fault, few || (total.get(fault) ?? 0) >= least]).toEqual([fault, true])
    }
  }, 300_000)
})
