import { DEFAULT_PIN_OPTIONS, InvalidRequestError, type PinRequest } from '@pinset/interface'
import { CID } from 'multiformats/cid'
import { describe, expect, it } from 'vitest'

import { validatePinRequest } from '../src/validate-pin.ts'

const cid = CID.parse('bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi')
const request: PinRequest = { cid, ...DEFAULT_PIN_OPTIONS }

describe('validatePinRequest', () => {
  it('validatePinRequest() lets pass what can be kept', () => {
    const named = { ...request, name: 'Wörter, 👩‍🚀 and spaces', metadata: { key: '' } }
    expect(validatePinRequest(named)).toBe(named)
  })

  it.each<[string, Partial<PinRequest>, RegExp]>([
    [
      'a replication factor',
      { replicationFactorMin: 1, replicationFactorMax: 2 },
      /replication 1 to 2 is not supported yet/,
    ],
    ['an expiry', { expireAtMs: Date.UTC(2030, 0, 1) }, /expiry is not supported yet/],
    ['an escape sequence in a name', { name: '\u001b[2J' }, /the name holds the control character U\+001B/],
    ['a C1 control in a name', { name: '\u009b2J' }, /U\+009B/],
    ['a line separator in metadata', { metadata: { key: 'a\u2028b' } }, /the metadata value of "key" holds .* U\+2028/],
    ['a new line in a metadata key', { metadata: { 'a\nb': '' } }, /the metadata key "a\\nb" holds .* U\+000A/],
    ['pin-update', { pinUpdate: cid }, /pin-update is not supported yet/],
  ])('validatePinRequest() refuses %s, which would not be kept', (_, changes, message) => {
    expect(() => validatePinRequest({ ...request, ...changes })).toThrow(InvalidRequestError)
    expect(() => validatePinRequest({ ...request, ...changes })).toThrow(message)
    expect(() => validatePinRequest({ ...request, ...changes })).toThrow(/nothing was pinned/)
  })
})
