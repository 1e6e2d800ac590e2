/**
 * Owns what a node writes and sends: one write at a time with all that waits, messages at once or after their write.
 *
 * O1 A message of `sendAfter` leaves only once its number is durable, and never after a crash or a failed write.
 * O2 What it promises is checked against the disk as of exactly that number.
 */
import type { Message, PersistOp, Ready } from '@pinset/raft'

import type { DiskEvents } from './disk.ts'
import { checkSuspended } from '../invariants/suspended-silence.ts'
import { Violation } from '../invariants/violation.ts'
import type { SimulatedNode } from './node.ts'
import type { World } from './world.ts'

export class Outgoing implements DiskEvents {
  readonly #world: World
  readonly #node: SimulatedNode
  #waiting: { readonly seq: number; readonly message: Message }[] = []
  #persistedSeq = 0

  constructor(world: World, node: SimulatedNode) {
    this.#world = world
    this.#node = node
  }

  clear(): void {
    this.#waiting = []
    this.#persistedSeq = 0
  }

  carryOut(ready: Ready): void {
    const { checker } = this.#world
    this.#node.disk.enqueue(ready.persist)
    for (const op of ready.persist) {
      this.#count(op)
    }
    for (const message of ready.send) {
      checker.confirmed.made(message)
      if (this.#world.admits(message)) {
        checker.sending(this.#node, message)
        this.#send(message)
      } else {
        this.#world.coverage.count('message to a stranger')
      }
    }
    for (const item of ready.sendAfter) {
      checker.confirmed.made(item.message)
      if (this.#node.disk.barred) {
        checkSuspended(item.message)
      }
      if (!this.#world.admits(item.message)) {
        this.#world.coverage.count('message to a stranger')
      } else if (item.seq <= this.#persistedSeq) {
        checker.sending(this.#node, item.message)
        this.#send(item.message)
      } else {
        this.#waiting.push(item)
      }
    }
    this.#write()
  }

  carriedOut(op: PersistOp): void {
    const { checker } = this.#world
    if (op.hardState !== undefined) {
      checker.monotonic.persisted(this.#node.id, op.hardState)
    }
    for (const { seq, message } of this.#waiting) {
      if (seq === op.seq) {
        checker.promised(this.#node, message)
      }
    }
  }

  #write(): void {
    const world = this.#world
    const node = this.#node
    if (!node.disk.begin()) {
      return
    }
    const { run } = node
    const { latencyMin, latencyMean, stall, stallMean } = world.diskOptions
    const latency =
      latencyMin +
      node.random.exponential(latencyMean) +
      (node.random.chance(stall) ? node.random.exponential(stallMean) : 0)
    world.schedule(latency, () => {
      if (node.run === run && node.running) {
        this.#end()
      }
    })
  }

  /** The time of the write is over: it has succeeded, or failed, or the process dies in it. */
  #end(): void {
    const { disk } = this.#node
    const { fault } = disk
    const survivors = fault?.kind === 'crash' ? fault.survivors(disk.writing, disk.carriedOut) : null
    if (fault?.kind === 'crash' && survivors !== null) {
      disk.fault = null
      fault.crash(survivors)
    } else if ((disk.full || fault?.kind === 'failure') && this.#world.mayFail(this.#node)) {
      this.#fail()
    } else {
      this.#complete()
    }
  }

  #complete(): void {
    const node = this.#node
    const seq = node.disk.complete(this)
    node.when(node.run, () => {
      this.#persistedSeq = seq
      const waiting = this.#waiting
      this.#waiting = waiting.filter((item) => item.seq > seq)
      for (const item of waiting) {
        if (item.seq <= seq) {
          this.#send(item.message)
        }
      }
      node.input({ kind: 'persisted', seq })
      this.#write()
    })
  }

  #fail(): void {
    const node = this.#node
    const { disk, random } = node
    if (disk.full) {
      // Nothing of it has found room, and often not even the note that something has failed.
      this.#world.count('write failed, disk full')
      disk.fail(0, random.chance(0.5), this)
    } else {
      disk.fault = null
      this.#world.count('write failed')
      disk.fail(random.int(disk.writing + 1), true, this)
    }
    node.when(node.run, () => {
      this.#waiting = []
      node.input({ kind: 'persistFailed' })
    })
  }

  #send(message: Message): void {
    const { id } = this.#node
    if (message.from !== id || message.to === id) {
      throw new Violation('durable promises', `${id} sends ${message.kind} from ${message.from} to ${message.to}`)
    }
    if (message.kind === 'installSnapshot') {
      this.#world.snapshots.transfer(this.#node, message)
    } else {
      this.#world.network.send(message)
    }
  }

  #count(op: PersistOp): void {
    const { coverage } = this.#world
    if (op.truncateFrom !== undefined) {
      coverage.count('truncated')
    }
    if (op.compact !== undefined) {
      coverage.count('compacted')
    }
    if (op.installSnapshot !== undefined) {
      coverage.count(op.installSnapshot.keepEntries ? 'snapshot installed, log kept' : 'snapshot installed')
    }
  }
}
