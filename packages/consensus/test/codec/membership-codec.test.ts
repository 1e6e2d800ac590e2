import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  decodeAdmissionRecord,
  decodeMembershipEntry,
  encodeAdmissionRecord,
  membershipOf,
  toRaftMembership,
  UpgradeRequiredError,
} from '../../src/codec/index.ts'
import * as wire from '../../src/proto/log.ts'
import { DECODED_OR_REFUSED, member, membershipEntry, verdict } from '../fakes/samples.ts'

const members = [member('a'), member('b', { suffrage: 'learner', addresses: [] })]
const { data } = membershipEntry(1, members)
const changed = (changes: Partial<wire.MembershipEntry>): Uint8Array =>
  wire.MembershipEntry.encode({ ...wire.MembershipEntry.decode(data), ...changes })

describe('membership-codec', () => {
  it('decodeMembershipEntry() gives back the membership and its cause', () => {
    expect(decodeMembershipEntry(data)).toMatchObject({
      version: 1,
      next: { members },
      cause: { op: 'add-peer', subject: 'a' },
    })
    expect(toRaftMembership(data)).toEqual({ voters: ['a'], learners: ['b'] })
  })

  it('decodeMembershipEntry() requires an upgrade for what it does not know, but who takes part can still be read', () => {
    const cause = wire.MembershipEntry.decode(data).cause
    if (cause === undefined) throw new Error('no cause')
    for (const newer of [changed({ version: 2 }), changed({ cause: { ...cause, op: 8 } })]) {
      expect(() => decodeMembershipEntry(newer)).toThrow(UpgradeRequiredError)
      expect(toRaftMembership(newer)).toEqual({ voters: ['a'], learners: ['b'] })
    }
  })

  it('decodeMembershipEntry() refuses memberships that are none, and names the field', () => {
    const next = wire.MembershipEntry.decode(data).next
    const [first, second] = next
    if (first === undefined || second === undefined) throw new Error('no members')
    const broken: [string, Uint8Array][] = [
      ['no voter', changed({ next: [] })],
      ['no voter', changed({ next: [second] })],
      ['out of order or twice', changed({ next: [second, first] })],
      ['out of order or twice', changed({ next: [first, first] })],
      ['members[0].suffrage', changed({ next: [{ ...first, suffrage: 3 }] })],
      ['members[0].peerId', changed({ next: [{ ...first, peerId: '' }] })],
      ['members[0].storageId', changed({ next: [{ ...first, storageId: 'x/y' }] })],
      ['members[0].supportedVersion', changed({ next: [{ ...first, supportedVersion: 0 }] })],
      ['65 items', changed({ next: Array.from({ length: 65 }, () => first) })],
      ['membership.nonce', changed({ nonce: new Uint8Array(3) })],
    ]
    for (const [why, bytes] of broken) expect(() => decodeMembershipEntry(bytes), why).toThrow(why)
  })

  it('membershipOf() decodes or refuses mutated bytes', () => {
    fc.assert(
      fc.property(fc.nat(data.length - 1), fc.nat(255), fc.nat(255), (at, value, next) => {
        const mutated = data.slice()
        mutated[at] = value
        mutated[(at + 1) % data.length] = next
        expect(verdict(() => membershipOf(mutated))).toMatch(DECODED_OR_REFUSED)
      }),
      { numRuns: 2000 },
    )
  })

  it('decodeAdmissionRecord() gives back the record and refuses others', () => {
    const record = { clusterId: 'ab'.repeat(32), epoch: 1, members }
    expect(decodeAdmissionRecord(encodeAdmissionRecord(record))).toEqual(record)
    expect(() => decodeAdmissionRecord(encodeAdmissionRecord({ ...record, clusterId: 'x' }))).toThrow(
      'admission.clusterId',
    )
    expect(() => decodeAdmissionRecord(encodeAdmissionRecord({ ...record, epoch: 0 }))).toThrow('admission.epoch')
    expect(() => decodeAdmissionRecord(encodeAdmissionRecord({ ...record, members: [] }))).toThrow('no voter')
  })
})
