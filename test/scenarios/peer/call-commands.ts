/** What clients and operators ask of peers: writes, reads, changes of the membership. */
import { DEFAULT_PIN_OPTIONS, type PeerId } from '@pinset/interface'

import type { Command } from '../scenario-file.ts'
import { describeOutcome } from './describe-machine.ts'
import { cidOf, keyOf } from './names.ts'
import type { ScenarioPeer } from './scenario-peer.ts'
import type { World } from './world.ts'

/** Longer than any call waits. */
const CALL_MS = 40_000

export class CallCommands {
  readonly verbs: ReadonlySet<string> = new Set([
    'pin',
    'unpin',
    'fill',
    'read',
    'pins',
    'add',
    'remove',
    'transfer',
    'on-pin',
    'wait',
  ])
  readonly #world: World
  readonly #peer: (command: Command, name: string) => ScenarioPeer
  readonly #open = new Set<string>()

  constructor(world: World, peer: (command: Command, name: string) => ScenarioPeer) {
    this.#world = world
    this.#peer = peer
  }

  async run(command: Command): Promise<string> {
    const at = (): ScenarioPeer => this.#peer(command, command.option('at') ?? '')
    switch (command.verb) {
      case 'pin':
      case 'unpin':
        return await this.#call(command, write(command, at()))
      case 'fill':
        return await this.#fill(command, at())
      case 'on-pin':
        return onPin(command, at())
      case 'wait': {
        const name = command.argument('call')
        await this.#world.run(CALL_MS, () => !this.#open.has(name))
        return this.#open.has(name) ? `${name} is open` : ''
      }
      case 'read':
        return await this.#call(command, read(command, at()))
      case 'pins':
        return await this.#call(command, pins(at()))
      case 'add': {
        const { address } = this.#peer(command, command.argument('peer'))
        return await this.#call(
          command,
          at().ask(async (consensus) => `added by revision ${(await consensus.addPeer(address)).revision}`),
        )
      }
      case 'remove': {
        const peerId = command.argument('peer') as PeerId
        return await this.#call(
          command,
          at().ask(async (consensus) => `removed by revision ${(await consensus.rmPeer(peerId)).revision}`),
        )
      }
      default: {
        const to = command.argument('to') as PeerId
        return await this.#call(
          command,
          at().ask(async (consensus) => `${(await consensus.transferLeadership(to)).leader} leads`),
        )
      }
    }
  }

  /** Wait for the end of a call; one with a name goes on and tells its end when it comes. */
  async #call(command: Command, call: Promise<string>): Promise<string> {
    const name = command.option('as')
    const prefix = name === undefined ? '' : `${name}: `
    let isOver = false
    const end = (text: string): void => {
      isOver = true
      if (name !== undefined) this.#open.delete(name)
      this.#world.note(prefix + text)
    }
    call.then(end, (err: Error) => end(`${err.name}: ${err.message}`))
    if (name !== undefined) this.#open.add(name)
    else await this.#world.run(CALL_MS, () => isOver)
    return name !== undefined || isOver ? '' : 'still open'
  }

  /** Pins `x1` to `xN`, one after the other: as many entries. */
  async #fill(command: Command, peer: ScenarioPeer): Promise<string> {
    const count = command.toInteger(command.argument('count'))
    const prefix = command.option('prefix') ?? 'f'
    const revisions: number[] = []
    for (let number = 1; number <= count; number += 1) {
      let isOver = false
      peer
        .ask((consensus) => consensus.logPin({ ...DEFAULT_PIN_OPTIONS, cid: cidOf(`${prefix}${number}`) }))
        .then(({ revision }) => revisions.push(revision))
        .catch((err: Error) => this.#world.note(`${err.name}: ${err.message}`))
        .finally(() => (isOver = true))
      await this.#world.run(CALL_MS, () => isOver)
    }
    return `revisions ${revisions[0] ?? '-'} to ${revisions.at(-1) ?? '-'}`
  }
}

function write(command: Command, peer: ScenarioPeer): Promise<string> {
  const cid = cidOf(command.argument('CID'))
  const ifModifiedIndex = command.integer('if')
  const key = command.option('key')
  const name = command.option('name') ?? ''
  const options = {
    ...(ifModifiedIndex === undefined ? {} : { ifModifiedIndex }),
    ...(key === undefined ? {} : { idempotencyKey: keyOf(key) }),
  }
  const isPin = command.verb === 'pin'
  return peer.ask(async (consensus) => {
    const { outcome, revision, appliedHere } = isPin
      ? await consensus.logPin({ ...DEFAULT_PIN_OPTIONS, cid, name }, options)
      : await consensus.logUnpin(cid, options)
    return `${describeOutcome(outcome)} (revision ${revision}${appliedHere ? '' : ', not applied here'})`
  })
}

function read(command: Command, peer: ScenarioPeer): Promise<string> {
  const cid = cidOf(command.argument('CID'))
  const consistency = command.flag('linearizable') ? 'linearizable' : 'local'
  return peer.ask(async (consensus) => {
    const view = await consensus.state({ consistency })
    const record = await view.get(cid)
    const { revision } = view
    await view.close()
    return record === undefined
      ? `not pinned (revision ${revision})`
      : `name=${JSON.stringify(record.pin.name)} modified=${record.modifiedIndex} (revision ${revision})`
  })
}

function pins(peer: ScenarioPeer): Promise<string> {
  return peer.ask(async (consensus) => {
    const view = await consensus.state()
    const names: string[] = []
    for await (const { pin } of view.pins())
      names.push(new TextDecoder().decode(pin.cid.multihash.digest).replaceAll('\0', ''))
    await view.close()
    return `(${names.join(' ')})`
  })
}

/** A listener that writes as soon as it hears of a pin, from within the call that tells it. */
function onPin(command: Command, peer: ScenarioPeer): string {
  const cid = cidOf(command.argument('CID'))
  const off = peer.consensus.events.on('pin:apply', () => {
    off()
    peer.consensus.logPin({ ...DEFAULT_PIN_OPTIONS, cid }).catch(() => {})
  })
  return ''
}
