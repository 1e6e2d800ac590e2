// @ts-nocheck generated from records.proto by scripts/generate-protobuf.ts; do not edit
import { decodeMessage, encodeMessage, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface HeadRecord {
  seq: number
  term: number
  vote?: string
  lastIndex: number
  lastChecksum: number
  stateNumber: number
  votingSuspended: boolean
  baseChecksum: number
  identityChecksum: number
  serialFloor: number
}

export namespace HeadRecord {
  let _codec: Codec<HeadRecord>

  export const codec = (): Codec<HeadRecord> => {
    if (_codec == null) {
      _codec = message<HeadRecord>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.seq != null && obj.seq !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.seq)
        }

        if ((obj.term != null && obj.term !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.term)
        }

        if (obj.vote != null) {
          w.uint32(26)
          w.string(obj.vote)
        }

        if ((obj.lastIndex != null && obj.lastIndex !== 0)) {
          w.uint32(32)
          w.uint64Number(obj.lastIndex)
        }

        if ((obj.lastChecksum != null && obj.lastChecksum !== 0)) {
          w.uint32(40)
          w.uint32(obj.lastChecksum)
        }

        if ((obj.stateNumber != null && obj.stateNumber !== 0)) {
          w.uint32(48)
          w.uint32(obj.stateNumber)
        }

        if ((obj.votingSuspended != null && obj.votingSuspended !== false)) {
          w.uint32(56)
          w.bool(obj.votingSuspended)
        }

        if ((obj.baseChecksum != null && obj.baseChecksum !== 0)) {
          w.uint32(64)
          w.uint32(obj.baseChecksum)
        }

        if ((obj.identityChecksum != null && obj.identityChecksum !== 0)) {
          w.uint32(72)
          w.uint32(obj.identityChecksum)
        }

        if ((obj.serialFloor != null && obj.serialFloor !== 0)) {
          w.uint32(80)
          w.uint64Number(obj.serialFloor)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          seq: 0,
          term: 0,
          lastIndex: 0,
          lastChecksum: 0,
          stateNumber: 0,
          votingSuspended: false,
          baseChecksum: 0,
          identityChecksum: 0,
          serialFloor: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.seq = reader.uint64Number()
              break
            }
            case 2: {
              obj.term = reader.uint64Number()
              break
            }
            case 3: {
              obj.vote = reader.string()
              break
            }
            case 4: {
              obj.lastIndex = reader.uint64Number()
              break
            }
            case 5: {
              obj.lastChecksum = reader.uint32()
              break
            }
            case 6: {
              obj.stateNumber = reader.uint32()
              break
            }
            case 7: {
              obj.votingSuspended = reader.bool()
              break
            }
            case 8: {
              obj.baseChecksum = reader.uint32()
              break
            }
            case 9: {
              obj.identityChecksum = reader.uint32()
              break
            }
            case 10: {
              obj.serialFloor = reader.uint64Number()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.seq`,
                value: reader.uint64Number()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.term`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.vote`,
                value: reader.string()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.lastIndex`,
                value: reader.uint64Number()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.lastChecksum`,
                value: reader.uint32()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.stateNumber`,
                value: reader.uint32()
              }
              break
            }
            case 7: {
              yield {
                field: `${prefix}.votingSuspended`,
                value: reader.bool()
              }
              break
            }
            case 8: {
              yield {
                field: `${prefix}.baseChecksum`,
                value: reader.uint32()
              }
              break
            }
            case 9: {
              yield {
                field: `${prefix}.identityChecksum`,
                value: reader.uint32()
              }
              break
            }
            case 10: {
              yield {
                field: `${prefix}.serialFloor`,
                value: reader.uint64Number()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface HeadRecordSeqFieldEvent {
    field: '$.seq'
    value: number
  }

  export interface HeadRecordTermFieldEvent {
    field: '$.term'
    value: number
  }

  export interface HeadRecordVoteFieldEvent {
    field: '$.vote'
    value: string
  }

  export interface HeadRecordLastIndexFieldEvent {
    field: '$.lastIndex'
    value: number
  }

  export interface HeadRecordLastChecksumFieldEvent {
    field: '$.lastChecksum'
    value: number
  }

  export interface HeadRecordStateNumberFieldEvent {
    field: '$.stateNumber'
    value: number
  }

  export interface HeadRecordVotingSuspendedFieldEvent {
    field: '$.votingSuspended'
    value: boolean
  }

  export interface HeadRecordBaseChecksumFieldEvent {
    field: '$.baseChecksum'
    value: number
  }

  export interface HeadRecordIdentityChecksumFieldEvent {
    field: '$.identityChecksum'
    value: number
  }

  export interface HeadRecordSerialFloorFieldEvent {
    field: '$.serialFloor'
    value: number
  }

  export function encode (obj: Partial<HeadRecord>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, HeadRecord.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<HeadRecord>): HeadRecord {
    return decodeMessage(buf, HeadRecord.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<HeadRecord>): Generator<HeadRecordSeqFieldEvent | HeadRecordTermFieldEvent | HeadRecordVoteFieldEvent | HeadRecordLastIndexFieldEvent | HeadRecordLastChecksumFieldEvent | HeadRecordStateNumberFieldEvent | HeadRecordVotingSuspendedFieldEvent | HeadRecordBaseChecksumFieldEvent | HeadRecordIdentityChecksumFieldEvent | HeadRecordSerialFloorFieldEvent> {
    return streamMessage(buf, HeadRecord.codec(), opts)
  }
}

export interface BaseRecord {
  index: number
  term: number
  membership: Uint8Array<ArrayBuffer>
  membershipIndex: number
}

export namespace BaseRecord {
  let _codec: Codec<BaseRecord>

  export const codec = (): Codec<BaseRecord> => {
    if (_codec == null) {
      _codec = message<BaseRecord>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.index != null && obj.index !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.index)
        }

        if ((obj.term != null && obj.term !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.term)
        }

        if ((obj.membership != null && obj.membership.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.membership)
        }

        if ((obj.membershipIndex != null && obj.membershipIndex !== 0)) {
          w.uint32(32)
          w.uint64Number(obj.membershipIndex)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          index: 0,
          term: 0,
          membership: uint8ArrayAlloc(0),
          membershipIndex: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.index = reader.uint64Number()
              break
            }
            case 2: {
              obj.term = reader.uint64Number()
              break
            }
            case 3: {
              obj.membership = reader.bytes()
              break
            }
            case 4: {
              obj.membershipIndex = reader.uint64Number()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.index`,
                value: reader.uint64Number()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.term`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.membership`,
                value: reader.bytes()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.membershipIndex`,
                value: reader.uint64Number()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface BaseRecordIndexFieldEvent {
    field: '$.index'
    value: number
  }

  export interface BaseRecordTermFieldEvent {
    field: '$.term'
    value: number
  }

  export interface BaseRecordMembershipFieldEvent {
    field: '$.membership'
    value: Uint8Array<ArrayBuffer>
  }

  export interface BaseRecordMembershipIndexFieldEvent {
    field: '$.membershipIndex'
    value: number
  }

  export function encode (obj: Partial<BaseRecord>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, BaseRecord.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<BaseRecord>): BaseRecord {
    return decodeMessage(buf, BaseRecord.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<BaseRecord>): Generator<BaseRecordIndexFieldEvent | BaseRecordTermFieldEvent | BaseRecordMembershipFieldEvent | BaseRecordMembershipIndexFieldEvent> {
    return streamMessage(buf, BaseRecord.codec(), opts)
  }
}

export interface IdentityRecord {
  storageId: string
  clusterId?: string
  epoch: number
  admission: Uint8Array<ArrayBuffer>
}

export namespace IdentityRecord {
  let _codec: Codec<IdentityRecord>

  export const codec = (): Codec<IdentityRecord> => {
    if (_codec == null) {
      _codec = message<IdentityRecord>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.storageId != null && obj.storageId !== '')) {
          w.uint32(10)
          w.string(obj.storageId)
        }

        if (obj.clusterId != null) {
          w.uint32(18)
          w.string(obj.clusterId)
        }

        if ((obj.epoch != null && obj.epoch !== 0)) {
          w.uint32(24)
          w.uint32(obj.epoch)
        }

        if ((obj.admission != null && obj.admission.byteLength > 0)) {
          w.uint32(34)
          w.bytes(obj.admission)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          storageId: '',
          epoch: 0,
          admission: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.storageId = reader.string()
              break
            }
            case 2: {
              obj.clusterId = reader.string()
              break
            }
            case 3: {
              obj.epoch = reader.uint32()
              break
            }
            case 4: {
              obj.admission = reader.bytes()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.storageId`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.clusterId`,
                value: reader.string()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.epoch`,
                value: reader.uint32()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.admission`,
                value: reader.bytes()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface IdentityRecordStorageIdFieldEvent {
    field: '$.storageId'
    value: string
  }

  export interface IdentityRecordClusterIdFieldEvent {
    field: '$.clusterId'
    value: string
  }

  export interface IdentityRecordEpochFieldEvent {
    field: '$.epoch'
    value: number
  }

  export interface IdentityRecordAdmissionFieldEvent {
    field: '$.admission'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<IdentityRecord>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, IdentityRecord.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<IdentityRecord>): IdentityRecord {
    return decodeMessage(buf, IdentityRecord.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<IdentityRecord>): Generator<IdentityRecordStorageIdFieldEvent | IdentityRecordClusterIdFieldEvent | IdentityRecordEpochFieldEvent | IdentityRecordAdmissionFieldEvent> {
    return streamMessage(buf, IdentityRecord.codec(), opts)
  }
}

export interface MetaRecord {
  appliedIndex: number
  appliedTerm: number
  head: Uint8Array<ArrayBuffer>
  digest: Uint8Array<ArrayBuffer>
  membership: Uint8Array<ArrayBuffer>
  membershipIndex: number
  committedTimeMs: number
  operationVersion: number
  pinCount: number
}

export namespace MetaRecord {
  let _codec: Codec<MetaRecord>

  export const codec = (): Codec<MetaRecord> => {
    if (_codec == null) {
      _codec = message<MetaRecord>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.appliedIndex != null && obj.appliedIndex !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.appliedIndex)
        }

        if ((obj.appliedTerm != null && obj.appliedTerm !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.appliedTerm)
        }

        if ((obj.head != null && obj.head.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.head)
        }

        if ((obj.digest != null && obj.digest.byteLength > 0)) {
          w.uint32(34)
          w.bytes(obj.digest)
        }

        if ((obj.membership != null && obj.membership.byteLength > 0)) {
          w.uint32(42)
          w.bytes(obj.membership)
        }

        if ((obj.membershipIndex != null && obj.membershipIndex !== 0)) {
          w.uint32(48)
          w.uint64Number(obj.membershipIndex)
        }

        if ((obj.committedTimeMs != null && obj.committedTimeMs !== 0)) {
          w.uint32(56)
          w.uint64Number(obj.committedTimeMs)
        }

        if ((obj.operationVersion != null && obj.operationVersion !== 0)) {
          w.uint32(64)
          w.uint32(obj.operationVersion)
        }

        if ((obj.pinCount != null && obj.pinCount !== 0)) {
          w.uint32(72)
          w.uint64Number(obj.pinCount)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          appliedIndex: 0,
          appliedTerm: 0,
          head: uint8ArrayAlloc(0),
          digest: uint8ArrayAlloc(0),
          membership: uint8ArrayAlloc(0),
          membershipIndex: 0,
          committedTimeMs: 0,
          operationVersion: 0,
          pinCount: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.appliedIndex = reader.uint64Number()
              break
            }
            case 2: {
              obj.appliedTerm = reader.uint64Number()
              break
            }
            case 3: {
              obj.head = reader.bytes()
              break
            }
            case 4: {
              obj.digest = reader.bytes()
              break
            }
            case 5: {
              obj.membership = reader.bytes()
              break
            }
            case 6: {
              obj.membershipIndex = reader.uint64Number()
              break
            }
            case 7: {
              obj.committedTimeMs = reader.uint64Number()
              break
            }
            case 8: {
              obj.operationVersion = reader.uint32()
              break
            }
            case 9: {
              obj.pinCount = reader.uint64Number()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.appliedIndex`,
                value: reader.uint64Number()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.appliedTerm`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.head`,
                value: reader.bytes()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.digest`,
                value: reader.bytes()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.membership`,
                value: reader.bytes()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.membershipIndex`,
                value: reader.uint64Number()
              }
              break
            }
            case 7: {
              yield {
                field: `${prefix}.committedTimeMs`,
                value: reader.uint64Number()
              }
              break
            }
            case 8: {
              yield {
                field: `${prefix}.operationVersion`,
                value: reader.uint32()
              }
              break
            }
            case 9: {
              yield {
                field: `${prefix}.pinCount`,
                value: reader.uint64Number()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface MetaRecordAppliedIndexFieldEvent {
    field: '$.appliedIndex'
    value: number
  }

  export interface MetaRecordAppliedTermFieldEvent {
    field: '$.appliedTerm'
    value: number
  }

  export interface MetaRecordHeadFieldEvent {
    field: '$.head'
    value: Uint8Array<ArrayBuffer>
  }

  export interface MetaRecordDigestFieldEvent {
    field: '$.digest'
    value: Uint8Array<ArrayBuffer>
  }

  export interface MetaRecordMembershipFieldEvent {
    field: '$.membership'
    value: Uint8Array<ArrayBuffer>
  }

  export interface MetaRecordMembershipIndexFieldEvent {
    field: '$.membershipIndex'
    value: number
  }

  export interface MetaRecordCommittedTimeMsFieldEvent {
    field: '$.committedTimeMs'
    value: number
  }

  export interface MetaRecordOperationVersionFieldEvent {
    field: '$.operationVersion'
    value: number
  }

  export interface MetaRecordPinCountFieldEvent {
    field: '$.pinCount'
    value: number
  }

  export function encode (obj: Partial<MetaRecord>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, MetaRecord.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<MetaRecord>): MetaRecord {
    return decodeMessage(buf, MetaRecord.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<MetaRecord>): Generator<MetaRecordAppliedIndexFieldEvent | MetaRecordAppliedTermFieldEvent | MetaRecordHeadFieldEvent | MetaRecordDigestFieldEvent | MetaRecordMembershipFieldEvent | MetaRecordMembershipIndexFieldEvent | MetaRecordCommittedTimeMsFieldEvent | MetaRecordOperationVersionFieldEvent | MetaRecordPinCountFieldEvent> {
    return streamMessage(buf, MetaRecord.codec(), opts)
  }
}
