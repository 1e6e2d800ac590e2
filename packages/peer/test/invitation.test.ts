import { InvalidRequestError } from '@pinset/interface'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { invitationToToken, tokenToInvitation } from '../src/invitation.ts'

const INVITATION = {
  secretHex: 'ab'.repeat(32),
  clusterId: '12'.repeat(32),
  addresses: ['/ip4/127.0.0.1/tcp/9096/p2p/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN'],
}

function refusalOf(token: string): unknown {
  try {
    return tokenToInvitation(token)
  } catch (error) {
    return error
  }
}

describe('invitation', () => {
  it('tokenToInvitation() gives back what invitationToToken() took, with white space around it', () => {
    const token = invitationToToken(INVITATION)
    expect(token).toMatch(/^pinset1[\w-]+$/)
    expect(tokenToInvitation(` ${token}\n`)).toEqual(INVITATION)
  })

  it('tokenToInvitation() refuses a line that was cut anywhere', () => {
    const token = invitationToToken(INVITATION)
    for (let length = 0; length < token.length; length += 1) {
      expect(() => tokenToInvitation(token.slice(0, length)), String(length)).toThrow(InvalidRequestError)
    }
  })

  it('tokenToInvitation() refuses random text without repeating it', () => {
    fc.assert(
      fc.property(fc.base64String({ minLength: 20 }), (text) => {
        const refusal = refusalOf(`pinset1${text}`)
        expect(refusal).toBeInstanceOf(InvalidRequestError)
        expect((refusal as Error).message).not.toContain(text)
      }),
      { numRuns: 500 },
    )
  })
})
