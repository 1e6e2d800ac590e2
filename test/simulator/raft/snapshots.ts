/**
 * Owns snapshot transfers, the driver's part of them: opening, a delayed transfer that can fail at either end, receipt.
 *
 * T1 Both ends hear of the end of a transfer unless they have restarted. T2 `received` is said only of a state that is durable there.
 */
import type { InstallSnapshot, NodeId } from '@pinset/raft'

import { Violation } from '../invariants/violation.ts'
import type { SimulatedNode } from './node.ts'
import { snapshotOf, type MachineState } from './state-machine.ts'
import type { World } from './world.ts'

export class Snapshots {
  readonly #world: World
  #opened = 0

  constructor(world: World) {
    this.#world = world
  }

  open(sender: SimulatedNode, to: NodeId): void {
    const { run } = sender
    this.#world.schedule(this.#delay() / 4, () =>
      sender.when(run, () => {
        const snapshot = snapshotOf(sender.state, `${sender.id}-${++this.#opened}`)
        sender.opened.set(snapshot.id, sender.state)
        this.#world.coverage.count('snapshot opened')
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
          world.schedule(this.#delay(), () => this.#arrived(sender, senderRun, receiver, run, message, state))
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
      (!world.healed && world.random.chance(world.swarm.machine.snapshotFailure))
    const failed = (): void => this.#ended(sender, senderRun, message, false)
    const end = (): void => {
      if (!receiver.receiving.delete(snapshot.id)) {
        failed()
      } else if (broken) {
        world.coverage.count('snapshot transfer failed')
        receiver.input({ kind: 'snapshotReceiveFailed', snapshot })
        failed()
      } else {
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
      sender.when(run, () =>
        sender.input({
          kind: 'snapshotSent',
          to: message.to,
          received: received && world.network.isOpen(sender.id, message.to),
        }),
      ),
    )
  }

  #delay(): number {
    return this.#world.random.exponential(this.#world.swarm.machine.snapshotMean)
  }
}
