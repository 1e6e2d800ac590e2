/**
 * Owns what a careful operator does about broken disks: replaces them, one at a time, and only while the others can do without.
 *
 * OP1 A disk may fail or lose something only where every membership that anybody may rest on has three voters, no other peer is
 * weak, and no removal is on its way: a quorum of lost disks cannot be survived by design.
 * OP2 A peer whose disk is of no use any more is removed, gets an empty one, and joins again.
 */
import type { NodeId } from '@pinset/raft'

import { isMember, membershipOf, membersOf } from './memberships.ts'
import type { SimulatedPeer } from './peer.ts'
import { second } from './swarm.ts'
import type { Calls } from './workload.ts'
import type { World } from './world.ts'

const looksEvery = second

export class Operator {
  readonly #world: World
  readonly #calls: Calls
  readonly #removing = new Set<NodeId>()

  constructor(world: World, calls: Calls) {
    this.#world = world
    this.#calls = calls
    this.#lookLater()
  }

  /** OP1 */
  mayBreak(peer: SimulatedPeer): boolean {
    const { peers } = this.#world
    const isLarge = ({ index, data }: { readonly index: number; readonly data: Uint8Array }): boolean =>
      index === 0 || membershipOf(data).voters.length >= 3
    return (
      peer.run > 0 &&
      peers.every((other) => other === peer || !other.isWeak) &&
      !peer.isLost &&
      !this.#calls.isRemoving &&
      peers.every(
        ({ log, promises }) =>
          [...log.memberships, log.membershipAt(log.base.index)].every(isLarge) &&
          [...promises.log.memberships, promises.log.membershipAt(promises.log.base.index)].every(isLarge),
      )
    )
  }

  #lookLater(): void {
    this.#world.schedule(looksEvery, () => {
      for (const peer of this.#world.peers) {
        if (peer.isLost) {
          this.#tend(peer)
        }
      }
      this.#lookLater()
    })
  }

  /** OP2 */
  #tend(peer: SimulatedPeer): void {
    const { members } = membersOf(this.#world.checker.history.membership())
    const member = members.find(({ peerId }) => peerId === peer.id)
    if (!peer.isWiped) {
      const isUseless = peer.isDown || peer.isStranded || (peer.consensus?.status().haltedReason ?? null) !== null
      if (isUseless || this.#world.healed) {
        this.replaceDisk(peer)
      }
    } else if (member?.storageId === peer.storageId) {
      peer.found()
      this.#world.count('peer with a new disk is in again')
    } else if (member !== undefined) {
      this.#remove(peer)
    } else if ((peer.consensus?.status().clusterId ?? null) !== null) {
      peer.found() // It was in again, and was removed once more.
    }
  }

  /** Down, and up again with an empty disk; it asks the members to be let in. */
  replaceDisk(peer: SimulatedPeer): void {
    const members = membershipOf(this.#world.checker.history.membership())
    peer.crash(() => 0)
    peer.wipe()
    this.#world.network.resetNode(peer.id)
    peer.join = this.#world.peers
      .filter((other) => other !== peer && isMember(members, other.id))
      .map(({ address }) => address)
    peer.create(null).then(
      () => peer.start(),
      (err: unknown) => this.#world.report(err),
    )
  }

  #remove(peer: SimulatedPeer): void {
    const others = this.#world.peers.filter((other) => other !== peer && other.running)
    const asked = others.find(({ role }) => role === 'leader') ?? others[0]
    if (asked === undefined || this.#removing.has(peer.id)) {
      return
    }
    this.#removing.add(peer.id)
    const removal = asked.ask((consensus) => consensus.rmPeer(peer.id))
    this.#calls.watch(`replace-peer at ${asked.name}`, removal)
    void removal.finally(() => this.#removing.delete(peer.id))
  }
}
