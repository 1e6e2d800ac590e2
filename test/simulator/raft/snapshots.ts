/**
 * Owns snapshot transfers, the driver's part of them: opening, a transfer that takes time and can break at either end, receipt.
 *
 * T1 Both ends hear of the end of a transfer unless they have restarted. T2 `received` is said only of a state that is durable there.
 * T3 A transfer that has broken may be resumed: the same snapshot is offered again, and what has arrived is not sent again.
 */
import type { InstallSnapshot, NodeId } from '@pinset/raft'

import { Violation } from '../invariants/violation.ts'
import type { SimulatedNode } from './node.ts'
import { snapshotOf, type MachineState } from './state-machine.ts'
import type { World } from './world.ts'

/** How often a driver resumes; else it opens a new snapshot. */
const resumes = 0.7

export class Snapshots {
  readonly #world: World
  #opened = 0

  constructor(world: World) {
    this.#world = world
  }

  open(sender: SimulatedNode, to: NodeId): void {
    const { run } = sender
    this.#world.schedule(this.#delay(sender) / 4, () =>
      sender.when(run, () => {
        const held = sender.held.get(to)
        const isHeld = held !== undefined && sender.random.chance(resumes)
        const state = isHeld ? held.state : sender.state
        const snapshot = isHeld ? held.snapshot : snapshotOf(state, `${sender.id}-${++this.#opened}`)
        // What was offered and not sent is of no use any more (T3).
        sender.held.delete(to)
        sender.opened.set(snapshot.id, state)
        this.#world.count(isHeld ? 'snapshot offered again' : 'snapshot opened')
        sender.input({ kind: 'snapshotOpened', to, snapshot })
      }),
    )
  }

  transfer(sender: SimulatedNode, message: InstallSnapshot): void {
    const world = this.#world
    const state = sender.opened.get(message.snapshot.id)
    if (state === undefined) {
      throw new Violation('persist order', `${sender.id} sends snapshot ${message.snapshot.id}, which was not opened`)
    }
    const receiver = world.node(message.to)
    sender.held.set(message.to, { snapshot: message.snapshot, state })
    const senderRun = sender.run
    const failed = (): void => this.#ended(sender, senderRun, message, false)
    world.schedule(world.network.delay(), () => {
      if (!world.network.isOpen(sender.id, receiver.id)) {
        failed()
        return
      }
      const { run } = receiver
      const offer = (): void => {
        receiver.input({ kind: 'message', message }, true)
        if (receiver.receiving.has(message.snapshot.id)) {
          const there = receiver.partial?.id === message.snapshot.id ? receiver.partial.share : 0
          if (there > 0) {
            world.count('snapshot transfer resumed')
          }
          receiver.partial = { id: message.snapshot.id, share: there }
          world.schedule(this.#delay(receiver) * (1 - there), () =>
            this.#arrived(sender, senderRun, receiver, run, message, state),
          )
        } else {
          world.coverage.count('snapshot refused')
          failed()
        }
      }
      receiver.when(run, offer, 'snapshots', failed)
    })
  }

  #arrived(
    sender: SimulatedNode,
    senderRun: number,
    receiver: SimulatedNode,
    run: number,
    message: InstallSnapshot,
    state: MachineState,
  ): void {
    const world = this.#world
    const { snapshot } = message
    const broken =
      !sender.running ||
      sender.run !== senderRun ||
      !world.network.isOpen(sender.id, receiver.id) ||
      (!world.healed && receiver.random.chance(world.swarm.machine.snapshotFailure))
    const failed = (): void => this.#ended(sender, senderRun, message, false)
    const end = (): void => {
      if (!receiver.receiving.delete(snapshot.id)) {
        failed()
      } else if (broken) {
        world.coverage.count('snapshot transfer failed')
        const there = receiver.partial?.id === snapshot.id ? receiver.partial.share : 0
        receiver.partial = { id: snapshot.id, share: there + (1 - there) * receiver.random.float() }
        receiver.input({ kind: 'snapshotReceiveFailed', snapshot })
        failed()
      } else {
        receiver.partial = null
        receiver.disk.received.set(snapshot.id, state)
        receiver.input({ kind: 'snapshotReceived', snapshot })
        this.#ended(sender, senderRun, message, true)
      }
    }
    receiver.when(run, end, 'snapshots', failed)
  }

  #ended(sender: SimulatedNode, run: number, message: InstallSnapshot, received: boolean): void {
    const world = this.#world
    world.schedule(world.network.delay(), () =>
      sender.when(run, () => {
        const known = received && world.network.isOpen(sender.id, message.to)
        if (known) {
          sender.held.delete(message.to)
        }
        sender.input({ kind: 'snapshotSent', to: message.to, received: known })
      }),
    )
  }

  #delay(node: SimulatedNode): number {
    return node.random.exponential(this.#world.swarm.machine.snapshotMean)
  }
}
