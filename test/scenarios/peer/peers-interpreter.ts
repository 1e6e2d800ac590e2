/**
 * Scenarios of whole peers: the production consensus (driver, machine, proposals, membership) and storage, in time and over links that
 * commands move. What happens while a command is carried out is printed in its order; open calls say so when they end.
 *
 * - `cluster a b c [compact=N] [trailing=N]`: a founds, the others join and are promoted. `new d [storage=s]`: a peer that does not run yet.
 * - `run 500ms` · `settle`: time; time until all members that run and have not halted agree. `elect`: until somebody leads who did not.
 * - `pin x at=b [name=] [if=] [key=] [as=r1]`, `unpin …`: by way of a peer, waited for unless it has a name; `wait r1`. `fill 10 at=a [prefix=g]`:
 *   as many pins, one after the other. `on-pin y at=a`: a listener that pins y as soon as it hears of a pin.
 * - `read x at=b [linearizable]`, `pins at=b`, `add d at=a`, `remove c at=a`, `transfer b at=a`. `status [a b]`, `describe a`.
 * - `cut a>b`, `hold a>b`, `up a>b`, also `a-b` for both directions and `a` for all of a peer; `heal`; `deliver a>b [N]`, `lose a>b [N]`, `links`.
 *   `break a>b [unnoticed]`: the stream of a snapshot that is on its way there breaks off now, wherever it has got to; the link stays as it is. Its
 *   receiver may hear nothing of it and go on.
 * - `watch a>b disk=a events=a admission=a`: messages that are sent, writes of the log, what the peer tells and whom it refuses are printed from
 *   then on; `unwatch …`. `journal a warn`: from this level on.
 * - `start a [join=b] [turns-at-once]`, `stop a`, `crash a [keep=N] [log=N] [state=N]`: so many unsynced batches survive. `pause a 5s`, `clock a 1h`.
 * - `wipe a [storage=s] [bound]`: another, empty database; one that belongs to the cluster already. `backup a`, `restore a [log]`: an old copy of the disk.
 * - `hold-disk a [of=log] [writes|reads]`, `release-disk a [N] [of=log]`: syncs, writes or reads wait. `fail a write|sync N [ENOSPC]`: the N-th from now. `flip a 5`: a bit of
 *   an entry. `tamper a x name=…`: a row with a checksum that fits. `databases a`.
 */
import { MemoryDisk } from '@pinset/storage'

import type { Interpreter } from '../golden.ts'
import type { Command } from '../scenario-file.ts'
import { DiskCommands } from './disk-commands.ts'
import { describePeer, lastIndexOf } from './describe-peers.ts'
import { parseDuration } from './names.ts'
import { CallCommands } from './call-commands.ts'
import { LinkCommands } from './link-commands.ts'
import { ScenarioPeer } from './scenario-peer.ts'
import { World } from './world.ts'

/** More than any scenario needs to settle. */
const SETTLE_MS = 60_000
const ELECT_MS = 10_000

export function createPeersInterpreter(): Interpreter {
  return new PeersInterpreter()
}

class PeersInterpreter implements Interpreter {
  readonly #world = new World()
  readonly #peers: ScenarioPeer[] = []
  readonly #calls = new CallCommands(this.#world, (command, name) => this.#peer(command, name))
  readonly #disks = new DiskCommands((command, name) => this.#peer(command, name))
  readonly #links = new LinkCommands(this.#world, () => this.#peers)
  #limits: ConstructorParameters<typeof ScenarioPeer>[3] = {}

  async run(command: Command): Promise<string> {
    const printed = await this.#carryOut(command)
    await this.#world.settle()
    return [...this.#world.takeNotes(), ...(printed === '' ? [] : [printed])].join('\n')
  }

  async close(): Promise<void> {
    for (const peer of this.#peers) peer.crash()
    await this.#world.settle()
  }

  async #carryOut(command: Command): Promise<string> {
    switch (command.verb) {
      case 'cluster':
        return await this.#cluster(command)
      case 'new':
        await this.#add(command.argument('peer'), command.option('storage'), false)
        return ''
      case 'run':
        await this.#world.run(parseDuration(command.argument('time')))
        return ''
      case 'settle':
        return (await this.#settle()) ? '' : `not settled\n${this.#status(command)}`
      case 'elect':
        return await this.#elect()
      case 'status':
        return this.#status(command)
      case 'describe':
        return this.#peer(command, command.argument('peer')).consensus.describe()
      case 'start':
      case 'stop':
      case 'crash':
      case 'wipe':
      case 'pause':
      case 'clock':
        return await this.#process(command, this.#peer(command, command.argument('peer')))
      default:
    }
    if (this.#calls.verbs.has(command.verb)) return await this.#calls.run(command)
    if (this.#disks.verbs.has(command.verb)) return await this.#disks.run(command)
    if (this.#links.verbs.has(command.verb)) return this.#links.run(command)
    throw command.mistake(`unknown command ${command.verb}`)
  }

  async #cluster(command: Command): Promise<string> {
    const compact = command.integer('compact')
    const trailing = command.integer('trailing')
    this.#limits = {
      ...(compact === undefined ? {} : { compactAfterEntries: compact }),
      ...(trailing === undefined ? {} : { trailingEntries: trailing }),
    }
    const names = command.arguments()
    for (const [at, name] of names.entries()) {
      const peer = await this.#add(name, undefined, at === 0)
      await peer.start(at === 0 ? {} : { join: [(this.#peers[0] as ScenarioPeer).address] })
    }
    const formed = await this.#world.run(SETTLE_MS, () => this.#agree() && this.#votersEverywhere() === names.length)
    if (!formed) throw new Error(`no cluster came of it:\n${this.#status(command)}`)
    return this.#status(command)
  }

  async #add(name: string, storageId: string | undefined, founds: boolean): Promise<ScenarioPeer> {
    const find = (peerId: string): ScenarioPeer | undefined => this.#peers.find((peer) => peer.peerId === peerId)
    const peer = new ScenarioPeer(this.#world, name, find, this.#limits)
    this.#peers.push(peer)
    await peer.create(storageId ?? `${name}-1`, founds)
    return peer
  }

  async #process(command: Command, peer: ScenarioPeer): Promise<string> {
    switch (command.verb) {
      case 'start': {
        const join = command.list('join')?.map((name) => this.#peer(command, name).address)
        const turnsAtOnce = command.flag('turns-at-once')
        await peer.start({ join: join ?? null, turnsAtOnce })
        return ''
      }
      case 'stop': {
        let isOver = false
        void peer.stop().then(() => (isOver = true))
        await this.#world.run(SETTLE_MS, () => isOver)
        return ''
      }
      case 'crash': {
        const all = command.integer('keep') ?? 0
        const log = command.integer('log')
        const state = command.integer('state')
        peer.crash((database) => (database.endsWith('/log') ? log : state) ?? all)
        return ''
      }
      case 'wipe':
        peer.crash()
        peer.disk = new MemoryDisk()
        await peer.create(command.option('storage') ?? `${peer.peerId}-2`, false)
        if (command.flag('bound')) await peer.bind(this.#running()[0] as ScenarioPeer)
        return ''
      case 'pause':
        peer.pausedUntilMs = this.#world.nowMs + parseDuration(command.argument('time'))
        return ''
      default:
        peer.wallOffsetMs += parseDuration(command.argument('jump'))
        return ''
    }
  }

  /** Until somebody leads who did not before; who leads in the end, when nobody does in ten seconds. */
  async #elect(): Promise<string> {
    const leaders = (): readonly string[] =>
      this.#running()
        .filter(({ status }) => status.role === 'leader')
        .map(({ peerId, status }) => `${peerId} leads in term ${status.term}`)
    const before = new Set(leaders())
    await this.#world.run(ELECT_MS, () => leaders().some((line) => !before.has(line)))
    return leaders().join('\n') || 'nobody leads'
  }

  async #settle(): Promise<boolean> {
    return await this.#world.run(SETTLE_MS, () => this.#agree())
  }

  #agree(): boolean {
    const peers = this.#running().filter(({ status }) => status.haltedReason === null && status.relation === 'member')
    const statuses = peers.map(({ status }) => status)
    const [first] = statuses
    return (
      first !== undefined &&
      peers.every((peer) => lastIndexOf(peer) === first.appliedIndex) &&
      statuses.every(
        ({ head, stateDigest, appliedIndex, commitIndex, leader, term, pending, members }) =>
          leader !== null &&
          leader === first.leader &&
          term === first.term &&
          head === first.head &&
          stateDigest === first.stateDigest &&
          appliedIndex === commitIndex &&
          !pending &&
          members.every(({ suffrage, wanted }) => suffrage === wanted),
      ) &&
      statuses.some(({ role }) => role === 'leader')
    )
  }

  #votersEverywhere(): number {
    return Math.min(
      ...this.#running().map(({ status }) => status.members.filter(({ suffrage }) => suffrage === 'voter').length),
    )
  }

  #running(): readonly ScenarioPeer[] {
    return this.#peers.filter(({ running }) => running !== null)
  }

  #status(command: Command): string {
    const names = command.arguments()
    const peers = names.length === 0 ? this.#peers : names.map((name) => this.#peer(command, name))
    return peers.map(describePeer).join('\n')
  }

  #peer(command: Command, name: string): ScenarioPeer {
    const peer = this.#peers.find(({ peerId }) => peerId === name)
    if (peer === undefined) throw command.mistake(`there is no peer ${name}`)
    return peer
  }
}
