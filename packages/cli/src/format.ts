/** Text for people, in the forms of `ipfs-cluster-ctl`. */
import type { AddedEntry, ClusterStatus, GlobalPinInfo, PeerInfo, Pin } from '@pinset/interface'

/**
 * Text from elsewhere, such as names, in a form that a terminal only shows: control characters, line separators and marks that turn
 * the direction of writing are written out.
 */
export function visible(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, (character) => {
    const hex = character.charCodeAt(0).toString(16)
    return hex.length <= 2 ? `\\x${hex.padStart(2, '0')}` : `\\u${hex}`
  })
}

/** JSON without the characters that JSON may hold as they are and a terminal obeys. */
export function visibleJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** Each of the lines is one line of output, whatever it holds. */
function lines(...texts: readonly string[]): string {
  return texts.map(visible).join('\n')
}

export function peerText(peer: PeerInfo): string {
  if (peer.error !== '') return visible(`${peer.id} | ERROR: ${peer.error}`)
  const ipfs =
    peer.ipfs === null
      ? [`  > IPFS ERROR: ${peer.ipfsError}`]
      : [`  > IPFS: ${peer.ipfs.id}`, ...addressLines(peer.ipfs.addresses)]
  return lines(
    `${peer.id} | ${peer.name} | Sees ${Math.max(0, peer.clusterPeers.length - 1)} other peers`,
    '  > Addresses:',
    ...addressLines(peer.addresses),
    ...ipfs,
  )
}

function addressLines(addresses: readonly string[]): string[] {
  return [...addresses].sort().map((address) => `    - ${address}`)
}

export function statusText(info: GlobalPinInfo): string {
  const peers = [...info.peers].sort((a, b) => (a.peerId < b.peerId ? -1 : 1))
  return lines(
    `${info.cid.toString()}${info.name === '' ? '' : ` | ${info.name}`}:`,
    ...peers.map((peer) => {
      const name = (peer.peerName === '' ? peer.peerId : peer.peerName).padEnd(20)
      const error = peer.error === '' ? '' : `: ${peer.error}`
      const time = new Date(peer.timestampMs).toISOString()
      return `    > ${name} : ${peer.status.toUpperCase()}${error} | ${time} | Attempts: ${peer.attemptCount} | Priority: ${peer.priorityPin}`
    }),
  )
}

export function pinText(pin: Pin): string {
  const everywhere = pin.replicationFactorMin === -1 && pin.replicationFactorMax === -1
  return [
    pin.cid.toString(),
    visible(pin.name),
    pin.mode === 'direct' ? 'PIN-DIRECT' : 'PIN',
    everywhere ? 'Repl. Factor: -1' : `Repl. Factor: ${pin.replicationFactorMin}--${pin.replicationFactorMax}`,
    everywhere ? 'Allocations: [everywhere]' : `Allocations: [${[...pin.allocations].sort().join(' ')}]`,
    pin.mode === 'direct' ? 'Direct' : 'Recursive',
    `Metadata: ${Object.keys(pin.metadata).length === 0 ? 'no' : 'yes'}`,
    `Exp: ${pin.expireAtMs === null ? '∞' : dateText(pin.expireAtMs)}`,
    `Added: ${pin.timestampMs === 0 ? 'unknown' : dateText(pin.timestampMs)}`,
  ].join(' | ')
}

export function addedText(entry: AddedEntry): string {
  return visible(`added ${entry.cid.toString()} ${entry.path}`)
}

export function clusterText(status: ClusterStatus): string {
  const { quorum } = status
  const voters = status.members.filter((member) => member.suffrage === 'voter').length
  const leader = status.members.find((member) => member.peerId === status.leader)
  const pending = status.pending ? ' (a change of the members is not committed yet)' : ''
  return lines(
    `cluster ${status.clusterId ?? 'none yet'} | epoch ${status.epoch}`,
    `peer    ${status.peerId} | ${status.relation} | ${status.role}${status.haltedReason === null ? '' : `: ${status.haltedReason}`}${status.votingSuspended ? ' | does not vote until a leader has brought it up to date' : ''}`,
    `leader  ${status.leader === null ? 'unknown' : `${status.leader}${leader === undefined ? '' : ` | ${leader.name}`}`} | term ${status.term}`,
    `log     committed ${status.commitIndex} | applied ${status.appliedIndex} | head ${short(status.head)} | state ${short(status.stateDigest)}`,
    `quorum  ${quorum.reachable} of ${voters} voters reachable, ${quorum.size} needed, ${failures(quorum.tolerates)} tolerated${pending}`,
    'members',
    ...status.members.map((member) => {
      const change = member.suffrage === member.wanted ? '' : `, to be ${member.wanted}`
      const match = member.matchIndex === null ? '' : ` | match ${member.matchIndex}`
      const mark = member.peerId === status.leader ? ' | leader' : ''
      const reach = member.reachable ? 'reachable' : 'UNREACHABLE'
      return `    > ${member.name.padEnd(20)} : ${member.suffrage}${change} | ${reach}${match}${mark} | ${member.addresses[0] ?? member.peerId}`
    }),
  )
}

/** `4.1 MB`, with powers of 1000. */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`
}

function dateText(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 19).replace('T', ' ')
}

function short(hex: string): string {
  return hex.length > 16 ? `${hex.slice(0, 16)}…` : hex
}

function failures(count: number): string {
  return count === 1 ? '1 failure' : `${count} failures`
}
