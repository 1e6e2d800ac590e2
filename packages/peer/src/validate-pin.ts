/** Checks what a user asks for, before anything is proposed. */
import { InvalidRequestError, PIN_LIMITS, type PinOptions, type PinRequest } from '@pinset/interface'
import { parseAnyMultiaddr, parsePeerId } from '@pinset/transport'

const encoder = new TextEncoder()

/** @returns the request, which may go into the log. @throws {InvalidRequestError} naming the option and its limit. */
export function validatePinRequest(request: PinRequest): PinRequest {
  if (request.cid.bytes.length > PIN_LIMITS.maxCidBytes)
    refuse(`the CID is longer than ${PIN_LIMITS.maxCidBytes} bytes`)
  checkPinOptions(request)
  return request
}

/** @throws {InvalidRequestError} naming the option and its limit. */
export function checkPinOptions(request: PinOptions): void {
  checkReplication(request)
  checkText('the name', request.name, PIN_LIMITS.maxNameBytes)
  const metadata = Object.entries(request.metadata)
  if (metadata.length > PIN_LIMITS.maxMetadataEntries)
    refuse(`there are more than ${PIN_LIMITS.maxMetadataEntries} metadata entries`)
  for (const [key, value] of metadata) {
    if (key === '') refuse('a metadata key is empty')
    checkText(`the metadata key ${JSON.stringify(key)}`, key, PIN_LIMITS.maxMetadataKeyBytes)
    checkText(`the metadata value of ${JSON.stringify(key)}`, value, PIN_LIMITS.maxMetadataValueBytes)
  }
  if (request.origins.length > PIN_LIMITS.maxOrigins) refuse(`there are more than ${PIN_LIMITS.maxOrigins} origins`)
  for (const origin of request.origins) parseAnyMultiaddr(origin)
  if (request.userAllocations.length > PIN_LIMITS.maxUserAllocations)
    refuse(`there are more than ${PIN_LIMITS.maxUserAllocations} allocations`)
  for (const peerId of request.userAllocations) parsePeerId(peerId)
  if (request.expireAtMs !== null) refuse('expiry is not supported yet: a pin stays until it is removed')
  if (request.pinUpdate !== null) refuse('pin-update is not supported yet: pin the new CID, then unpin the old one')
}

function checkReplication({ replicationFactorMin: min, replicationFactorMax: max }: PinOptions): void {
  const everywhere = (factor: number): boolean => factor === -1 || factor === 0
  if (!everywhere(min) || !everywhere(max)) {
    refuse(`replication ${min} to ${max} is not supported yet: every pin is held by every peer (replication -1)`)
  }
}

/** Control characters and line separators would command the terminals of everybody who lists the pinset. */
const UNPRINTABLE = /[\p{Cc}\u2028\u2029]/u

function checkText(what: string, text: string, limit: number): void {
  const [unprintable] = UNPRINTABLE.exec(text) ?? []
  if (unprintable !== undefined) {
    refuse(
      `${what} holds the control character U+${unprintable.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`,
    )
  }
  if (encoder.encode(text).length > limit) refuse(`${what} is longer than ${limit} bytes`)
}

function refuse(why: string): never {
  throw new InvalidRequestError(`${why}; nothing was pinned`)
}
