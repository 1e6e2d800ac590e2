/**
 * Invitations: one line of text with which a new peer finds a cluster and is let in.
 *
 * `pinset1` + base64url of the encoded message and the first 4 bytes of its SHA-256, so that a line that was cut or mistyped is seen.
 */
import { createHash } from 'node:crypto'

import { InvalidRequestError, type MultiaddrText } from '@pinset/interface'
import { parseMultiaddr } from '@pinset/transport'

import { InvitationMessage } from './proto/peer.ts'

const PREFIX = 'pinset1'
const CHECK_BYTES = 4
const SECRET_BYTES = 32
const CLUSTER_ID_BYTES = 32

export interface Invitation {
  /** 64 hex digits. */
  readonly secretHex: string
  /** 64 hex digits. */
  readonly clusterId: string
  /** Where peers of the cluster listen, each with a `/p2p/` part. At least one. */
  readonly addresses: readonly MultiaddrText[]
}

export function invitationToToken(invitation: Invitation): string {
  const bytes = InvitationMessage.encode({
    secret: Uint8Array.from(Buffer.from(invitation.secretHex, 'hex')),
    clusterId: Uint8Array.from(Buffer.from(invitation.clusterId, 'hex')),
    addresses: [...invitation.addresses],
  })
  return PREFIX + Buffer.concat([bytes, check(bytes)]).toString('base64url')
}

/** @throws {InvalidRequestError} that never repeats the token, which is a secret. */
export function tokenToInvitation(token: string): Invitation {
  const text = token.trim()
  if (!text.startsWith(PREFIX))
    throw new InvalidRequestError(
      `that is not an invitation: it must begin with "${PREFIX}"; \`pinset invite\` on a peer of the cluster prints one`,
    )
  const all = Buffer.from(text.slice(PREFIX.length), 'base64url')
  const bytes = all.subarray(0, Math.max(0, all.length - CHECK_BYTES))
  if (all.length <= CHECK_BYTES || !all.subarray(-CHECK_BYTES).equals(check(bytes))) {
    throw new InvalidRequestError('the invitation is damaged: was the whole line copied?')
  }
  let message: InvitationMessage
  try {
    message = InvitationMessage.decode(bytes)
  } catch (error) {
    throw new InvalidRequestError('the invitation is damaged: was it made by a newer version?', { cause: error })
  }
  if (
    message.secret.length !== SECRET_BYTES ||
    message.clusterId.length !== CLUSTER_ID_BYTES ||
    message.addresses.length === 0
  ) {
    throw new InvalidRequestError('the invitation lacks its secret, its cluster id or an address')
  }
  for (const address of message.addresses) parseMultiaddr(address)
  return {
    secretHex: Buffer.from(message.secret).toString('hex'),
    clusterId: Buffer.from(message.clusterId).toString('hex'),
    addresses: message.addresses,
  }
}

function check(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest().subarray(0, CHECK_BYTES)
}
