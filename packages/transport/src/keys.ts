/** Keys and identities: what a peer's name is made of, and the secret of its private network. */
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey, peerIdFromString } from '@libp2p/peer-id'
import { generateKey } from '@libp2p/pnet'
import { InvalidRequestError } from '@pinset/interface'
import type { PeerId } from '@pinset/interface'

export type { PrivateKey } from '@libp2p/interface'

const SWARM_KEY_FILE_BYTES = 95
const SWARM_KEY_HEADER = '/key/swarm/psk/1.0.0/'
const SWARM_KEY_CODEC = '/base16/'

export async function generatePrivateKey(): Promise<PrivateKey> {
  return await generateKeyPair('Ed25519')
}

/** Libp2p's protobuf form. @throws {InvalidRequestError} */
export function privateKeyFromBytes(bytes: Uint8Array): PrivateKey {
  try {
    return privateKeyFromProtobuf(bytes)
  } catch (err) {
    throw new InvalidRequestError('the private key is damaged: it is not a libp2p private key', { cause: err })
  }
}

export function privateKeyToBytes(key: PrivateKey): Uint8Array {
  return privateKeyToProtobuf(key)
}

export function peerIdOf(key: PrivateKey): PeerId {
  return peerIdFromPrivateKey(key).toString() as PeerId
}

/** A peer id in its canonical text form. @throws {InvalidRequestError} */
export function parsePeerId(text: string): PeerId {
  try {
    return peerIdFromString(text.trim()).toString() as PeerId
  } catch (err) {
    throw new InvalidRequestError(
      `"${shown(text)}" is not a peer id; one looks like 12D3KooW… and is shown by "pinset id"`,
      { cause: err },
    )
  }
}

/** A new secret, as the three lines of a swarm.key file. */
export function generateSwarmKey(): Uint8Array {
  const bytes = new Uint8Array(SWARM_KEY_FILE_BYTES)
  generateKey(bytes)
  return bytes
}

/**
 * Check a swarm.key file, and give it back in its plain form, as `createTransport` takes it.
 *
 * @throws {InvalidRequestError} which line is wrong; the secret itself is never shown.
 */
export function parseSwarmKey(text: string): Uint8Array {
  const lines = text.trim().split(/\r\n|\r|\n/)
  const [header, codec, secret] = lines.map((line) => line.trim())
  if (header !== SWARM_KEY_HEADER) throw swarmKeyError(`its first line is not "${SWARM_KEY_HEADER}"`)
  if (codec !== SWARM_KEY_CODEC) throw swarmKeyError(`its second line is not "${SWARM_KEY_CODEC}"`)
  if (secret === undefined) throw swarmKeyError('its third line, the secret, is missing')
  if (!/^[0-9a-f]*$/i.test(secret)) throw swarmKeyError('its third line has characters that are not hexadecimal')
  if (secret.length !== 64) throw swarmKeyError(`its third line has ${secret.length} characters instead of 64`)
  if (lines.length > 3) throw swarmKeyError(`it has ${lines.length} lines instead of 3`)
  return new TextEncoder().encode(`${SWARM_KEY_HEADER}\n${SWARM_KEY_CODEC}\n${secret.toLowerCase()}`)
}

function swarmKeyError(what: string): InvalidRequestError {
  return new InvalidRequestError(
    `the secret is not a swarm key: ${what}; copy the whole cluster.key of a peer of the cluster`,
  )
}

export function shown(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}
