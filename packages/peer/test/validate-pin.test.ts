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
    ['a replication factor', { replicationFactorMin: 1, replicationFactorMax: 2 }, /replication 1 to 2 is not supported yet/],
    ['an expiry', { expireAtMs: Date.UTC(2030, 0, 1) }, /expiry is not supported yet/],
    ['pin-update', { pinUpdate: cid }, /pin-update is not supported yet/],
  ])('validatePinRequest() refuses %s, which would not be kept', (_, changes, message) => {
    expect(() => validatePinRequest({ ...request, ...changes })).toThrow(InvalidRequestError)
    expect(() => validatePinRequest({ ...request, ...changes })).toThrow(message)
    expect(() => validatePinRequest({ ...request, ...changes })).toThrow(/nothing was pinned/)
  })
})
