/** What disks of peers do to their peers. */
import { encodePinRow, decodePinRow, pinRowKey } from '../../../packages/consensus/src/machine/rows.ts'
import { decodePinContent, encodePinContent } from '../../../packages/consensus/src/codec/pin-codec.ts'
import { entryKey } from '../../../packages/storage/src/log/log-records.ts'
import { decodeRowValue, rowKeyToKey, rowToPut } from '../../../packages/storage/src/state/state-records.ts'
import type { Command } from '../scenario-file.ts'
import { DiskCopy } from './disk-copy.ts'
import { cidOf } from './names.ts'
import type { DiskPhase, ScenarioPeer } from './scenario-peer.ts'

export class DiskCommands {
  readonly verbs: ReadonlySet<string> = new Set([
    'hold-disk',
    'release-disk',
    'fail',
    'backup',
    'restore',
    'tamper',
    'flip',
    'databases',
  ])
  readonly #peer: (command: Command, name: string) => ScenarioPeer
  readonly #copies = new Map<string, DiskCopy>()

  constructor(peer: (command: Command, name: string) => ScenarioPeer) {
    this.#peer = peer
  }

  async run(command: Command): Promise<string> {
    const peer = this.#peer(command, command.argument('peer'))
    switch (command.verb) {
      case 'hold-disk':
        peer.holdDisk(command.option('of') ?? 'log', phaseOf(command))
        return ''
      case 'release-disk': {
        const count = command.optionalArgument()
        peer.releaseDisk(command.option('of') ?? 'log', count === undefined ? null : command.toInteger(count))
        return ''
      }
      case 'fail': {
        const phase = command.argument('write or sync') === 'sync' ? 'sync' : 'write'
        const number = command.toInteger(command.argument('which one'))
        peer.disk.failAt(phase, number, command.flag('ENOSPC') ? 'ENOSPC' : 'EIO')
        return ''
      }
      case 'backup':
        this.#copies.set(peer.peerId, DiskCopy.of(peer.disk))
        return ''
      case 'restore': {
        const copy = this.#copies.get(peer.peerId)
        if (copy === undefined) throw command.mistake(`there is no copy of ${peer.peerId}'s disk`)
        const names = command.arguments().map((name) => `consensus/${name}`)
        peer.crash(() => Infinity)
        peer.disk = (names.length === 0 ? copy : DiskCopy.of(peer.disk).with(copy, names)).restore()
        return ''
      }
      case 'flip':
        peer.disk.flipByte('consensus/log', entryKey(command.toInteger(command.argument('index'))), 30)
        return ''
      case 'databases':
        return peer.disk.databases().join('\n')
      default:
        return tamper(command, peer)
    }
  }
}

function phaseOf(command: Command): DiskPhase {
  if (command.flag('reads')) return 'read'
  return command.flag('writes') ? 'write' : 'sync'
}

/** Another name in the row of a pin, with a checksum that fits: what a faulty program would write. */
function tamper(command: Command, peer: ScenarioPeer): string {
  const rowKey = pinRowKey(cidOf(command.argument('CID')))
  const key = rowKeyToKey(rowKey)
  const database = peer.disk.databases().find((name) => name.includes('/state-')) ?? ''
  const record = peer.disk.records(database).find((each) => Buffer.compare(each.key, key) === 0)
  if (record === undefined) throw command.mistake('there is no such pin')
  const row = decodePinRow(decodeRowValue(key, record.value, database))
  const content = encodePinContent({ ...decodePinContent(row.content), name: command.option('name') ?? 'tampered' })
  const put = rowToPut({ ...rowKey, value: encodePinRow({ ...row, content }) })
  if (put.kind === 'put') peer.disk.putRecord(database, key, put.value)
  return ''
}
