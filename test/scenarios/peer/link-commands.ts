/** What links carry, and what of it is printed. */
import type { Command } from '../scenario-file.ts'
import { nameOfCid } from './names.ts'
import type { ScenarioPeer } from './scenario-peer.ts'
import type { World } from './world.ts'

export class LinkCommands {
  readonly verbs: ReadonlySet<string> = new Set([
    'cut',
    'hold',
    'up',
    'heal',
    'deliver',
    'lose',
    'break',
    'links',
    'watch',
    'unwatch',
    'journal',
  ])
  readonly #world: World
  readonly #peers: () => readonly ScenarioPeer[]
  readonly #listening = new Map<string, () => void>()

  constructor(world: World, peers: () => readonly ScenarioPeer[]) {
    this.#world = world
    this.#peers = peers
  }

  run(command: Command): string {
    switch (command.verb) {
      case 'cut':
      case 'hold':
      case 'up': {
        const state = command.verb === 'hold' ? 'held' : command.verb
        for (const [from, to] of this.#directions(command)) this.#world.setLink(from, to, state)
        return ''
      }
      case 'heal':
        for (const [from, to] of this.#all()) this.#world.setLink(from, to, 'up')
        return ''
      case 'deliver':
      case 'lose': {
        const [direction] = this.#directions(command, 1)
        const count = command.optionalArgument()
        const [from = '', to = ''] = direction ?? []
        const number = count === undefined ? Infinity : command.toInteger(count)
        return String(this.#world.let(from, to, number, command.verb === 'deliver'))
      }
      case 'break': {
        const isNoticed = !command.flag('unnoticed')
        for (const [from, to] of this.#directions(command)) {
          const { network } = this.#must(command, from)
          if (network === null) throw new Error(`${from} does not run`)
          network.breakStream(this.#must(command, to).peerId, isNoticed)
        }
        return ''
      }
      case 'links':
        return this.#world.describeLinks()
      case 'journal': {
        const peer = this.#must(command, command.argument('peer'))
        const level = command.argument('level')
        if (level !== 'debug' && level !== 'info' && level !== 'warn' && level !== 'error')
          throw command.mistake(`no level ${level}`)
        peer.journal = level
        return ''
      }
      default:
        return this.#watch(command, command.verb === 'watch')
    }
  }

  #watch(command: Command, isOn: boolean): string {
    for (const name of command.list('disk') ?? []) this.#must(command, name).isDiskWatched = isOn
    for (const name of command.list('admission') ?? []) this.#must(command, name).isAdmissionWatched = isOn
    for (const name of command.list('events') ?? []) {
      this.#listening.get(name)?.()
      if (isOn) this.#listening.set(name, this.#listen(this.#must(command, name)))
    }
    for (const [from, to] of this.#directions(command)) this.#world.watch(from, to, isOn)
    return ''
  }

  #listen(peer: ScenarioPeer): () => void {
    const { events } = peer.consensus
    const tell = (text: string): void => this.#world.note(`${peer.peerId} ${text}`)
    const offs = [
      events.on('pin:apply', ({ revision, pinned, unpinned }) =>
        tell(
          `applied ${revision}: +(${pinned.map(({ cid }) => nameOfCid(cid)).join(' ')}) -(${unpinned.map(nameOfCid).join(' ')})`,
        ),
      ),
      events.on('snapshot:install', ({ revision }) => tell(`installed a snapshot at ${revision}`)),
      events.on('leader:change', ({ leader, term }) => tell(`sees ${leader ?? 'nobody'} lead in term ${term}`)),
    ]
    return () => {
      for (const off of offs) off()
    }
  }

  /** `a>b`, `a-b`, `a`: one direction, both, all of a peer. */
  #directions(command: Command, most = Infinity): readonly (readonly [string, string])[] {
    const found: (readonly [string, string])[] = []
    while (found.length < most) {
      const word = command.optionalArgument()
      if (word === undefined) break
      const match = /^(\w+)(?:([>-])(\w+))?$/.exec(word)
      const [, from = '', sign, to] = match ?? []
      this.#must(command, from)
      if (to === undefined) found.push(...this.#all().filter((direction) => direction.includes(from)))
      else found.push([from, this.#must(command, to).peerId], ...(sign === '-' ? [[to, from] as const] : []))
    }
    return found
  }

  #all(): readonly (readonly [string, string])[] {
    const names = this.#peers().map(({ peerId }) => peerId)
    return names.flatMap((from) => names.filter((to) => to !== from).map((to) => [from, to] as const))
  }

  #must(command: Command, name: string): ScenarioPeer {
    const peer = this.#peers().find(({ peerId }) => peerId === name)
    if (peer === undefined) throw command.mistake(`there is no peer ${name}`)
    return peer
  }
}
