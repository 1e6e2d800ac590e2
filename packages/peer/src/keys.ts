/** `identity.json` and `cluster.key`: who this peer is, and the secret that its cluster shares. Both readable by their owner only. */
import { InvalidRequestError, type PeerId } from '@pinset/interface'
import { generatePrivateKey, parseSwarmKey, peerIdOf, privateKeyFromBytes, privateKeyToBytes } from '@pinset/transport'

import { type DataDirectory, tryReadFile, writeFileWhole } from './data-directory.ts'

const PRIVATE = 0o600

export type PrivateKey = Awaited<ReturnType<typeof generatePrivateKey>>

export interface Identity {
  readonly peerId: PeerId
  readonly privateKey: PrivateKey
}

export async function createIdentity(directory: DataDirectory): Promise<Identity> {
  const privateKey = await generatePrivateKey()
  const peerId = peerIdOf(privateKey)
  const text = JSON.stringify(
    { id: peerId, private_key: Buffer.from(privateKeyToBytes(privateKey)).toString('base64') },
    null,
    2,
  )
  await writeFileWhole(directory.identity, `${text}\n`, PRIVATE)
  return { peerId, privateKey }
}

/** @throws {InvalidRequestError} when the file is missing, damaged, or names another peer than its key. */
export async function readIdentity(directory: DataDirectory): Promise<Identity> {
  const text = await tryReadFile(directory.identity)
  if (text === undefined)
    throw new InvalidRequestError(
      `${directory.identity} is missing: this peer cannot prove who it is; restore the file from a backup`,
    )
  try {
    const value: unknown = JSON.parse(text)
    if (
      typeof value !== 'object' ||
      value === null ||
      !('private_key' in value) ||
      typeof value.private_key !== 'string'
    ) {
      throw new Error('there is no "private_key"')
    }
    const privateKey = privateKeyFromBytes(Buffer.from(value.private_key, 'base64'))
    const peerId = peerIdOf(privateKey)
    if ('id' in value && value.id !== peerId) throw new Error(`"id" is not that of the key, which is ${peerId}`)
    return { peerId, privateKey }
  } catch (error) {
    throw new InvalidRequestError(`${directory.identity}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}

export async function writeClusterKey(directory: DataDirectory, swarmKey: string): Promise<void> {
  await writeFileWhole(directory.clusterKey, swarmKey.endsWith('\n') ? swarmKey : `${swarmKey}\n`, PRIVATE)
}

/** @returns the text of the swarm key, checked. */
export async function readClusterKey(directory: DataDirectory): Promise<string> {
  const text = await tryReadFile(directory.clusterKey)
  if (text === undefined)
    throw new InvalidRequestError(`${directory.clusterKey} is missing: copy it from another peer of the cluster`)
  try {
    parseSwarmKey(text)
  } catch (error) {
    throw new InvalidRequestError(
      `${directory.clusterKey}: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    )
  }
  return text
}

const SWARM_KEY_HEAD = '/key/swarm/psk/1.0.0/\n/base16/\n'

/** The three lines of a swarm key file. */
export function swarmKeyToText(swarmKey: Uint8Array): string {
  return `${Buffer.from(swarmKey).toString('latin1').trim()}\n`
}

/** The 32 bytes in a swarm key, as lower-case hex. */
export function swarmKeyToHex(swarmKey: string): string {
  parseSwarmKey(swarmKey)
  return swarmKey.trim().split('\n').at(-1)?.trim().toLowerCase() ?? ''
}

/** Accepts a swarm key file or its 64 hex digits. @throws {InvalidRequestError} */
export function secretToSwarmKey(secret: string): string {
  const text = secret.trim()
  const swarmKey = /^[0-9a-fA-F]{64}$/.test(text) ? `${SWARM_KEY_HEAD}${text.toLowerCase()}\n` : `${text}\n`
  try {
    parseSwarmKey(swarmKey)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new InvalidRequestError(`the secret is neither a swarm key file (three lines) nor 64 hex digits: ${why}`, {
      cause: error,
    })
  }
  return swarmKey
}
