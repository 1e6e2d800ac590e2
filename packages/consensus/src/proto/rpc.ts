// @ts-nocheck generated from rpc.proto by scripts/generate-protobuf.ts; do not edit
/* eslint-disable require-yield */

import { decodeMessage, encodeMessage, MaxLengthError, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface Nothing {}

export namespace Nothing {
  let _codec: Codec<Nothing>

  export const codec = (): Codec<Nothing> => {
    if (_codec == null) {
      _codec = message<Nothing>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {}

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
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

  export function encode (obj: Partial<Nothing>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Nothing.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Nothing>): Nothing {
    return decodeMessage(buf, Nothing.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Nothing>): Generator<{}> {
    return streamMessage(buf, Nothing.codec(), opts)
  }
}

export interface RpcRequestId {
  peerId: string
  storageId: string
  serial: number
  lowWater: number
}

export namespace RpcRequestId {
  let _codec: Codec<RpcRequestId>

  export const codec = (): Codec<RpcRequestId> => {
    if (_codec == null) {
      _codec = message<RpcRequestId>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.peerId != null && obj.peerId !== '')) {
          w.uint32(10)
          w.string(obj.peerId)
        }

        if ((obj.storageId != null && obj.storageId !== '')) {
          w.uint32(18)
          w.string(obj.storageId)
        }

        if ((obj.serial != null && obj.serial !== 0)) {
          w.uint32(24)
          w.uint64Number(obj.serial)
        }

        if ((obj.lowWater != null && obj.lowWater !== 0)) {
          w.uint32(32)
          w.uint64Number(obj.lowWater)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          peerId: '',
          storageId: '',
          serial: 0,
          lowWater: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.peerId = reader.string()
              break
            }
            case 2: {
              obj.storageId = reader.string()
              break
            }
            case 3: {
              obj.serial = reader.uint64Number()
              break
            }
            case 4: {
              obj.lowWater = reader.uint64Number()
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
                field: `${prefix}.peerId`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.storageId`,
                value: reader.string()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.serial`,
                value: reader.uint64Number()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.lowWater`,
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

  export interface RpcRequestIdPeerIdFieldEvent {
    field: '$.peerId'
    value: string
  }

  export interface RpcRequestIdStorageIdFieldEvent {
    field: '$.storageId'
    value: string
  }

  export interface RpcRequestIdSerialFieldEvent {
    field: '$.serial'
    value: number
  }

  export interface RpcRequestIdLowWaterFieldEvent {
    field: '$.lowWater'
    value: number
  }

  export function encode (obj: Partial<RpcRequestId>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, RpcRequestId.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RpcRequestId>): RpcRequestId {
    return decodeMessage(buf, RpcRequestId.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RpcRequestId>): Generator<RpcRequestIdPeerIdFieldEvent | RpcRequestIdStorageIdFieldEvent | RpcRequestIdSerialFieldEvent | RpcRequestIdLowWaterFieldEvent> {
    return streamMessage(buf, RpcRequestId.codec(), opts)
  }
}

export interface Newcomer {
  peerId: string
  storageId: string
  name: string
  addresses: string[]
  supportedVersion: number
}

export namespace Newcomer {
  let _codec: Codec<Newcomer>

  export const codec = (): Codec<Newcomer> => {
    if (_codec == null) {
      _codec = message<Newcomer>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.peerId != null && obj.peerId !== '')) {
          w.uint32(10)
          w.string(obj.peerId)
        }

        if ((obj.storageId != null && obj.storageId !== '')) {
          w.uint32(18)
          w.string(obj.storageId)
        }

        if ((obj.name != null && obj.name !== '')) {
          w.uint32(26)
          w.string(obj.name)
        }

        if (obj.addresses != null && obj.addresses.length > 0) {
          for (const value of obj.addresses) {
            w.uint32(34)
            w.string(value)
          }
        }

        if ((obj.supportedVersion != null && obj.supportedVersion !== 0)) {
          w.uint32(40)
          w.uint32(obj.supportedVersion)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          peerId: '',
          storageId: '',
          name: '',
          addresses: [],
          supportedVersion: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.peerId = reader.string()
              break
            }
            case 2: {
              obj.storageId = reader.string()
              break
            }
            case 3: {
              obj.name = reader.string()
              break
            }
            case 4: {
              if (opts.limits?.addresses != null && obj.addresses.length === opts.limits.addresses) {
                throw new MaxLengthError('Decode error - repeated field "addresses" had too many elements')
              }

              obj.addresses.push(reader.string())
              break
            }
            case 5: {
              obj.supportedVersion = reader.uint32()
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
        const obj = {
          addresses: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.peerId`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.storageId`,
                value: reader.string()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.name`,
                value: reader.string()
              }
              break
            }
            case 4: {
              if (opts.limits?.addresses != null && obj.addresses === opts.limits.addresses) {
                throw new MaxLengthError('Streaming decode error - repeated field "addresses" had too many elements')
              }

              yield {
                field: `${prefix}.addresses[]`,
                index: obj.addresses,
                value: reader.string()
              }

              obj.addresses++

              break
            }
            case 5: {
              yield {
                field: `${prefix}.supportedVersion`,
                value: reader.uint32()
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

  export interface NewcomerPeerIdFieldEvent {
    field: '$.peerId'
    value: string
  }

  export interface NewcomerStorageIdFieldEvent {
    field: '$.storageId'
    value: string
  }

  export interface NewcomerNameFieldEvent {
    field: '$.name'
    value: string
  }

  export interface NewcomerAddressesFieldEvent {
    field: '$.addresses[]'
    index: number
    value: string
  }

  export interface NewcomerSupportedVersionFieldEvent {
    field: '$.supportedVersion'
    value: number
  }

  export function encode (obj: Partial<Newcomer>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Newcomer.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Newcomer>): Newcomer {
    return decodeMessage(buf, Newcomer.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Newcomer>): Generator<NewcomerPeerIdFieldEvent | NewcomerStorageIdFieldEvent | NewcomerNameFieldEvent | NewcomerAddressesFieldEvent | NewcomerSupportedVersionFieldEvent> {
    return streamMessage(buf, Newcomer.codec(), opts)
  }
}

export interface IdentifyResponse {
  self?: Newcomer
  clusterId: string
  epoch: number
}

export namespace IdentifyResponse {
  let _codec: Codec<IdentifyResponse>

  export const codec = (): Codec<IdentifyResponse> => {
    if (_codec == null) {
      _codec = message<IdentifyResponse>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.self != null) {
          w.uint32(10)
          Newcomer.codec().encode(obj.self, w)
        }

        if ((obj.clusterId != null && obj.clusterId !== '')) {
          w.uint32(18)
          w.string(obj.clusterId)
        }

        if ((obj.epoch != null && obj.epoch !== 0)) {
          w.uint32(24)
          w.uint64Number(obj.epoch)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          clusterId: '',
          epoch: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.self = Newcomer.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.self
              })
              break
            }
            case 2: {
              obj.clusterId = reader.string()
              break
            }
            case 3: {
              obj.epoch = reader.uint64Number()
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
              yield * Newcomer.codec().stream(reader, reader.uint32(), `${prefix}.self`, {
                limits: opts.limits?.self
              })

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

  export interface IdentifyResponseSelfPeerIdFieldEvent {
    field: '$.self.peerId'
    value: string
  }

  export interface IdentifyResponseSelfStorageIdFieldEvent {
    field: '$.self.storageId'
    value: string
  }

  export interface IdentifyResponseSelfNameFieldEvent {
    field: '$.self.name'
    value: string
  }

  export interface IdentifyResponseSelfAddressesFieldEvent {
    field: '$.self.addresses[]'
    index: number
    value: string
  }

  export interface IdentifyResponseSelfSupportedVersionFieldEvent {
    field: '$.self.supportedVersion'
    value: number
  }

  export interface IdentifyResponseClusterIdFieldEvent {
    field: '$.clusterId'
    value: string
  }

  export interface IdentifyResponseEpochFieldEvent {
    field: '$.epoch'
    value: number
  }

  export function encode (obj: Partial<IdentifyResponse>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, IdentifyResponse.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<IdentifyResponse>): IdentifyResponse {
    return decodeMessage(buf, IdentifyResponse.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<IdentifyResponse>): Generator<IdentifyResponseSelfPeerIdFieldEvent | IdentifyResponseSelfStorageIdFieldEvent | IdentifyResponseSelfNameFieldEvent | IdentifyResponseSelfAddressesFieldEvent | IdentifyResponseSelfSupportedVersionFieldEvent | IdentifyResponseClusterIdFieldEvent | IdentifyResponseEpochFieldEvent> {
    return streamMessage(buf, IdentifyResponse.codec(), opts)
  }
}

export interface JoinRequest {
  newcomer?: Newcomer
  clusterId: string
}

export namespace JoinRequest {
  let _codec: Codec<JoinRequest>

  export const codec = (): Codec<JoinRequest> => {
    if (_codec == null) {
      _codec = message<JoinRequest>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.newcomer != null) {
          w.uint32(10)
          Newcomer.codec().encode(obj.newcomer, w)
        }

        if ((obj.clusterId != null && obj.clusterId !== '')) {
          w.uint32(18)
          w.string(obj.clusterId)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          clusterId: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.newcomer = Newcomer.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.newcomer
              })
              break
            }
            case 2: {
              obj.clusterId = reader.string()
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
              yield * Newcomer.codec().stream(reader, reader.uint32(), `${prefix}.newcomer`, {
                limits: opts.limits?.newcomer
              })

              break
            }
            case 2: {
              yield {
                field: `${prefix}.clusterId`,
                value: reader.string()
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

  export interface JoinRequestNewcomerPeerIdFieldEvent {
    field: '$.newcomer.peerId'
    value: string
  }

  export interface JoinRequestNewcomerStorageIdFieldEvent {
    field: '$.newcomer.storageId'
    value: string
  }

  export interface JoinRequestNewcomerNameFieldEvent {
    field: '$.newcomer.name'
    value: string
  }

  export interface JoinRequestNewcomerAddressesFieldEvent {
    field: '$.newcomer.addresses[]'
    index: number
    value: string
  }

  export interface JoinRequestNewcomerSupportedVersionFieldEvent {
    field: '$.newcomer.supportedVersion'
    value: number
  }

  export interface JoinRequestClusterIdFieldEvent {
    field: '$.clusterId'
    value: string
  }

  export function encode (obj: Partial<JoinRequest>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, JoinRequest.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<JoinRequest>): JoinRequest {
    return decodeMessage(buf, JoinRequest.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<JoinRequest>): Generator<JoinRequestNewcomerPeerIdFieldEvent | JoinRequestNewcomerStorageIdFieldEvent | JoinRequestNewcomerNameFieldEvent | JoinRequestNewcomerAddressesFieldEvent | JoinRequestNewcomerSupportedVersionFieldEvent | JoinRequestClusterIdFieldEvent> {
    return streamMessage(buf, JoinRequest.codec(), opts)
  }
}

export interface Admission {
  record: Uint8Array<ArrayBuffer>
  index: number
}

export namespace Admission {
  let _codec: Codec<Admission>

  export const codec = (): Codec<Admission> => {
    if (_codec == null) {
      _codec = message<Admission>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.record != null && obj.record.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.record)
        }

        if ((obj.index != null && obj.index !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.index)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          record: uint8ArrayAlloc(0),
          index: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.record = reader.bytes()
              break
            }
            case 2: {
              obj.index = reader.uint64Number()
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
                field: `${prefix}.record`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.index`,
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

  export interface AdmissionRecordFieldEvent {
    field: '$.record'
    value: Uint8Array<ArrayBuffer>
  }

  export interface AdmissionIndexFieldEvent {
    field: '$.index'
    value: number
  }

  export function encode (obj: Partial<Admission>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Admission.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Admission>): Admission {
    return decodeMessage(buf, Admission.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Admission>): Generator<AdmissionRecordFieldEvent | AdmissionIndexFieldEvent> {
    return streamMessage(buf, Admission.codec(), opts)
  }
}

export interface MembershipResponse {
  clusterId: string
  epoch: number
  index: number
  entry: Uint8Array<ArrayBuffer>
  appliedIndex: number
}

export namespace MembershipResponse {
  let _codec: Codec<MembershipResponse>

  export const codec = (): Codec<MembershipResponse> => {
    if (_codec == null) {
      _codec = message<MembershipResponse>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.clusterId != null && obj.clusterId !== '')) {
          w.uint32(10)
          w.string(obj.clusterId)
        }

        if ((obj.epoch != null && obj.epoch !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.epoch)
        }

        if ((obj.index != null && obj.index !== 0)) {
          w.uint32(24)
          w.uint64Number(obj.index)
        }

        if ((obj.entry != null && obj.entry.byteLength > 0)) {
          w.uint32(34)
          w.bytes(obj.entry)
        }

        if ((obj.appliedIndex != null && obj.appliedIndex !== 0)) {
          w.uint32(40)
          w.uint64Number(obj.appliedIndex)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          clusterId: '',
          epoch: 0,
          index: 0,
          entry: uint8ArrayAlloc(0),
          appliedIndex: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.clusterId = reader.string()
              break
            }
            case 2: {
              obj.epoch = reader.uint64Number()
              break
            }
            case 3: {
              obj.index = reader.uint64Number()
              break
            }
            case 4: {
              obj.entry = reader.bytes()
              break
            }
            case 5: {
              obj.appliedIndex = reader.uint64Number()
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
                field: `${prefix}.clusterId`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.epoch`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.index`,
                value: reader.uint64Number()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.entry`,
                value: reader.bytes()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.appliedIndex`,
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

  export interface MembershipResponseClusterIdFieldEvent {
    field: '$.clusterId'
    value: string
  }

  export interface MembershipResponseEpochFieldEvent {
    field: '$.epoch'
    value: number
  }

  export interface MembershipResponseIndexFieldEvent {
    field: '$.index'
    value: number
  }

  export interface MembershipResponseEntryFieldEvent {
    field: '$.entry'
    value: Uint8Array<ArrayBuffer>
  }

  export interface MembershipResponseAppliedIndexFieldEvent {
    field: '$.appliedIndex'
    value: number
  }

  export function encode (obj: Partial<MembershipResponse>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, MembershipResponse.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<MembershipResponse>): MembershipResponse {
    return decodeMessage(buf, MembershipResponse.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<MembershipResponse>): Generator<MembershipResponseClusterIdFieldEvent | MembershipResponseEpochFieldEvent | MembershipResponseIndexFieldEvent | MembershipResponseEntryFieldEvent | MembershipResponseAppliedIndexFieldEvent> {
    return streamMessage(buf, MembershipResponse.codec(), opts)
  }
}

export interface ProposedOperation {
  requestId?: RpcRequestId
  actor: string
  idempotencyKey?: Uint8Array<ArrayBuffer>
  ifModifiedIndex?: number
  pin?: Uint8Array<ArrayBuffer>
  unpin?: Uint8Array<ArrayBuffer>
}

export namespace ProposedOperation {
  let _codec: Codec<ProposedOperation>

  export const codec = (): Codec<ProposedOperation> => {
    if (_codec == null) {
      _codec = message<ProposedOperation>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.requestId != null) {
          w.uint32(10)
          RpcRequestId.codec().encode(obj.requestId, w)
        }

        if ((obj.actor != null && obj.actor !== '')) {
          w.uint32(18)
          w.string(obj.actor)
        }

        if (obj.idempotencyKey != null) {
          w.uint32(26)
          w.bytes(obj.idempotencyKey)
        }

        if (obj.ifModifiedIndex != null) {
          w.uint32(32)
          w.uint64Number(obj.ifModifiedIndex)
        }

        if (obj.pin != null) {
          w.uint32(42)
          w.bytes(obj.pin)
        }

        if (obj.unpin != null) {
          w.uint32(50)
          w.bytes(obj.unpin)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          actor: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.requestId = RpcRequestId.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.requestId
              })
              break
            }
            case 2: {
              obj.actor = reader.string()
              break
            }
            case 3: {
              obj.idempotencyKey = reader.bytes()
              break
            }
            case 4: {
              obj.ifModifiedIndex = reader.uint64Number()
              break
            }
            case 5: {
              obj.pin = reader.bytes()
              break
            }
            case 6: {
              obj.unpin = reader.bytes()
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
              yield * RpcRequestId.codec().stream(reader, reader.uint32(), `${prefix}.requestId`, {
                limits: opts.limits?.requestId
              })

              break
            }
            case 2: {
              yield {
                field: `${prefix}.actor`,
                value: reader.string()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.idempotencyKey`,
                value: reader.bytes()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.ifModifiedIndex`,
                value: reader.uint64Number()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.pin`,
                value: reader.bytes()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.unpin`,
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

  export interface ProposedOperationRequestIdPeerIdFieldEvent {
    field: '$.requestId.peerId'
    value: string
  }

  export interface ProposedOperationRequestIdStorageIdFieldEvent {
    field: '$.requestId.storageId'
    value: string
  }

  export interface ProposedOperationRequestIdSerialFieldEvent {
    field: '$.requestId.serial'
    value: number
  }

  export interface ProposedOperationRequestIdLowWaterFieldEvent {
    field: '$.requestId.lowWater'
    value: number
  }

  export interface ProposedOperationActorFieldEvent {
    field: '$.actor'
    value: string
  }

  export interface ProposedOperationIdempotencyKeyFieldEvent {
    field: '$.idempotencyKey'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ProposedOperationIfModifiedIndexFieldEvent {
    field: '$.ifModifiedIndex'
    value: number
  }

  export interface ProposedOperationPinFieldEvent {
    field: '$.pin'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ProposedOperationUnpinFieldEvent {
    field: '$.unpin'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<ProposedOperation>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, ProposedOperation.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ProposedOperation>): ProposedOperation {
    return decodeMessage(buf, ProposedOperation.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ProposedOperation>): Generator<ProposedOperationRequestIdPeerIdFieldEvent | ProposedOperationRequestIdStorageIdFieldEvent | ProposedOperationRequestIdSerialFieldEvent | ProposedOperationRequestIdLowWaterFieldEvent | ProposedOperationActorFieldEvent | ProposedOperationIdempotencyKeyFieldEvent | ProposedOperationIfModifiedIndexFieldEvent | ProposedOperationPinFieldEvent | ProposedOperationUnpinFieldEvent> {
    return streamMessage(buf, ProposedOperation.codec(), opts)
  }
}

export interface ProposeRequest {
  operations: Uint8Array<ArrayBuffer>[]
}

export namespace ProposeRequest {
  let _codec: Codec<ProposeRequest>

  export const codec = (): Codec<ProposeRequest> => {
    if (_codec == null) {
      _codec = message<ProposeRequest>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.operations != null && obj.operations.length > 0) {
          for (const value of obj.operations) {
            w.uint32(10)
            w.bytes(value)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          operations: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.operations != null && obj.operations.length === opts.limits.operations) {
                throw new MaxLengthError('Decode error - repeated field "operations" had too many elements')
              }

              obj.operations.push(reader.bytes())
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
        const obj = {
          operations: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.operations != null && obj.operations === opts.limits.operations) {
                throw new MaxLengthError('Streaming decode error - repeated field "operations" had too many elements')
              }

              yield {
                field: `${prefix}.operations[]`,
                index: obj.operations,
                value: reader.bytes()
              }

              obj.operations++

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

  export interface ProposeRequestOperationsFieldEvent {
    field: '$.operations[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<ProposeRequest>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, ProposeRequest.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ProposeRequest>): ProposeRequest {
    return decodeMessage(buf, ProposeRequest.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ProposeRequest>): Generator<ProposeRequestOperationsFieldEvent> {
    return streamMessage(buf, ProposeRequest.codec(), opts)
  }
}

export interface ProposeOutcome {
  kind: number
  content: Uint8Array<ArrayBuffer>
  timestampMs: number
  modifiedIndex: number
  changed: boolean
  reason: string
}

export namespace ProposeOutcome {
  let _codec: Codec<ProposeOutcome>

  export const codec = (): Codec<ProposeOutcome> => {
    if (_codec == null) {
      _codec = message<ProposeOutcome>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.kind != null && obj.kind !== 0)) {
          w.uint32(8)
          w.uint32(obj.kind)
        }

        if ((obj.content != null && obj.content.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.content)
        }

        if ((obj.timestampMs != null && obj.timestampMs !== 0)) {
          w.uint32(24)
          w.uint64Number(obj.timestampMs)
        }

        if ((obj.modifiedIndex != null && obj.modifiedIndex !== 0)) {
          w.uint32(32)
          w.uint64Number(obj.modifiedIndex)
        }

        if ((obj.changed != null && obj.changed !== false)) {
          w.uint32(40)
          w.bool(obj.changed)
        }

        if ((obj.reason != null && obj.reason !== '')) {
          w.uint32(50)
          w.string(obj.reason)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          kind: 0,
          content: uint8ArrayAlloc(0),
          timestampMs: 0,
          modifiedIndex: 0,
          changed: false,
          reason: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.kind = reader.uint32()
              break
            }
            case 2: {
              obj.content = reader.bytes()
              break
            }
            case 3: {
              obj.timestampMs = reader.uint64Number()
              break
            }
            case 4: {
              obj.modifiedIndex = reader.uint64Number()
              break
            }
            case 5: {
              obj.changed = reader.bool()
              break
            }
            case 6: {
              obj.reason = reader.string()
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
                field: `${prefix}.kind`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.content`,
                value: reader.bytes()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.timestampMs`,
                value: reader.uint64Number()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.modifiedIndex`,
                value: reader.uint64Number()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.changed`,
                value: reader.bool()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.reason`,
                value: reader.string()
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

  export interface ProposeOutcomeKindFieldEvent {
    field: '$.kind'
    value: number
  }

  export interface ProposeOutcomeContentFieldEvent {
    field: '$.content'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ProposeOutcomeTimestampMsFieldEvent {
    field: '$.timestampMs'
    value: number
  }

  export interface ProposeOutcomeModifiedIndexFieldEvent {
    field: '$.modifiedIndex'
    value: number
  }

  export interface ProposeOutcomeChangedFieldEvent {
    field: '$.changed'
    value: boolean
  }

  export interface ProposeOutcomeReasonFieldEvent {
    field: '$.reason'
    value: string
  }

  export function encode (obj: Partial<ProposeOutcome>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, ProposeOutcome.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ProposeOutcome>): ProposeOutcome {
    return decodeMessage(buf, ProposeOutcome.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ProposeOutcome>): Generator<ProposeOutcomeKindFieldEvent | ProposeOutcomeContentFieldEvent | ProposeOutcomeTimestampMsFieldEvent | ProposeOutcomeModifiedIndexFieldEvent | ProposeOutcomeChangedFieldEvent | ProposeOutcomeReasonFieldEvent> {
    return streamMessage(buf, ProposeOutcome.codec(), opts)
  }
}

export interface ProposeAnswer {
  kind: number
  revision: number
  outcome?: ProposeOutcome
  code: string
  message: string
}

export namespace ProposeAnswer {
  let _codec: Codec<ProposeAnswer>

  export const codec = (): Codec<ProposeAnswer> => {
    if (_codec == null) {
      _codec = message<ProposeAnswer>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.kind != null && obj.kind !== 0)) {
          w.uint32(8)
          w.uint32(obj.kind)
        }

        if ((obj.revision != null && obj.revision !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.revision)
        }

        if (obj.outcome != null) {
          w.uint32(26)
          ProposeOutcome.codec().encode(obj.outcome, w)
        }

        if ((obj.code != null && obj.code !== '')) {
          w.uint32(34)
          w.string(obj.code)
        }

        if ((obj.message != null && obj.message !== '')) {
          w.uint32(42)
          w.string(obj.message)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          kind: 0,
          revision: 0,
          code: '',
          message: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.kind = reader.uint32()
              break
            }
            case 2: {
              obj.revision = reader.uint64Number()
              break
            }
            case 3: {
              obj.outcome = ProposeOutcome.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.outcome
              })
              break
            }
            case 4: {
              obj.code = reader.string()
              break
            }
            case 5: {
              obj.message = reader.string()
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
                field: `${prefix}.kind`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.revision`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              yield * ProposeOutcome.codec().stream(reader, reader.uint32(), `${prefix}.outcome`, {
                limits: opts.limits?.outcome
              })

              break
            }
            case 4: {
              yield {
                field: `${prefix}.code`,
                value: reader.string()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.message`,
                value: reader.string()
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

  export interface ProposeAnswerKindFieldEvent {
    field: '$.kind'
    value: number
  }

  export interface ProposeAnswerRevisionFieldEvent {
    field: '$.revision'
    value: number
  }

  export interface ProposeAnswerOutcomeKindFieldEvent {
    field: '$.outcome.kind'
    value: number
  }

  export interface ProposeAnswerOutcomeContentFieldEvent {
    field: '$.outcome.content'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ProposeAnswerOutcomeTimestampMsFieldEvent {
    field: '$.outcome.timestampMs'
    value: number
  }

  export interface ProposeAnswerOutcomeModifiedIndexFieldEvent {
    field: '$.outcome.modifiedIndex'
    value: number
  }

  export interface ProposeAnswerOutcomeChangedFieldEvent {
    field: '$.outcome.changed'
    value: boolean
  }

  export interface ProposeAnswerOutcomeReasonFieldEvent {
    field: '$.outcome.reason'
    value: string
  }

  export interface ProposeAnswerCodeFieldEvent {
    field: '$.code'
    value: string
  }

  export interface ProposeAnswerMessageFieldEvent {
    field: '$.message'
    value: string
  }

  export function encode (obj: Partial<ProposeAnswer>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, ProposeAnswer.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ProposeAnswer>): ProposeAnswer {
    return decodeMessage(buf, ProposeAnswer.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ProposeAnswer>): Generator<ProposeAnswerKindFieldEvent | ProposeAnswerRevisionFieldEvent | ProposeAnswerOutcomeKindFieldEvent | ProposeAnswerOutcomeContentFieldEvent | ProposeAnswerOutcomeTimestampMsFieldEvent | ProposeAnswerOutcomeModifiedIndexFieldEvent | ProposeAnswerOutcomeChangedFieldEvent | ProposeAnswerOutcomeReasonFieldEvent | ProposeAnswerCodeFieldEvent | ProposeAnswerMessageFieldEvent> {
    return streamMessage(buf, ProposeAnswer.codec(), opts)
  }
}

export interface ProposeResponse {
  answers: ProposeAnswer[]
}

export namespace ProposeResponse {
  let _codec: Codec<ProposeResponse>

  export const codec = (): Codec<ProposeResponse> => {
    if (_codec == null) {
      _codec = message<ProposeResponse>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.answers != null && obj.answers.length > 0) {
          for (const value of obj.answers) {
            w.uint32(10)
            ProposeAnswer.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          answers: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.answers != null && obj.answers.length === opts.limits.answers) {
                throw new MaxLengthError('Decode error - repeated field "answers" had too many elements')
              }

              obj.answers.push(ProposeAnswer.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.answers$
              }))
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
        const obj = {
          answers: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.answers != null && obj.answers === opts.limits.answers) {
                throw new MaxLengthError('Streaming decode error - repeated field "answers" had too many elements')
              }

              for (const evt of ProposeAnswer.codec().stream(reader, reader.uint32(), `${prefix}.answers[]`, {
                limits: opts.limits?.answers$
              })) {
                yield {
                  ...evt,
                  index: obj.answers
                }
              }

              obj.answers++

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

  export interface ProposeResponseAnswersKindFieldEvent {
    field: '$.answers[].kind'
    value: number
    index: number
  }

  export interface ProposeResponseAnswersRevisionFieldEvent {
    field: '$.answers[].revision'
    value: number
    index: number
  }

  export interface ProposeResponseAnswersOutcomeKindFieldEvent {
    field: '$.answers[].outcome.kind'
    value: number
    index: number
  }

  export interface ProposeResponseAnswersOutcomeContentFieldEvent {
    field: '$.answers[].outcome.content'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface ProposeResponseAnswersOutcomeTimestampMsFieldEvent {
    field: '$.answers[].outcome.timestampMs'
    value: number
    index: number
  }

  export interface ProposeResponseAnswersOutcomeModifiedIndexFieldEvent {
    field: '$.answers[].outcome.modifiedIndex'
    value: number
    index: number
  }

  export interface ProposeResponseAnswersOutcomeChangedFieldEvent {
    field: '$.answers[].outcome.changed'
    value: boolean
    index: number
  }

  export interface ProposeResponseAnswersOutcomeReasonFieldEvent {
    field: '$.answers[].outcome.reason'
    value: string
    index: number
  }

  export interface ProposeResponseAnswersCodeFieldEvent {
    field: '$.answers[].code'
    value: string
    index: number
  }

  export interface ProposeResponseAnswersMessageFieldEvent {
    field: '$.answers[].message'
    value: string
    index: number
  }

  export function encode (obj: Partial<ProposeResponse>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, ProposeResponse.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ProposeResponse>): ProposeResponse {
    return decodeMessage(buf, ProposeResponse.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ProposeResponse>): Generator<ProposeResponseAnswersKindFieldEvent | ProposeResponseAnswersRevisionFieldEvent | ProposeResponseAnswersOutcomeKindFieldEvent | ProposeResponseAnswersOutcomeContentFieldEvent | ProposeResponseAnswersOutcomeTimestampMsFieldEvent | ProposeResponseAnswersOutcomeModifiedIndexFieldEvent | ProposeResponseAnswersOutcomeChangedFieldEvent | ProposeResponseAnswersOutcomeReasonFieldEvent | ProposeResponseAnswersCodeFieldEvent | ProposeResponseAnswersMessageFieldEvent> {
    return streamMessage(buf, ProposeResponse.codec(), opts)
  }
}

export interface ReadIndexResponse {
  index: number
}

export namespace ReadIndexResponse {
  let _codec: Codec<ReadIndexResponse>

  export const codec = (): Codec<ReadIndexResponse> => {
    if (_codec == null) {
      _codec = message<ReadIndexResponse>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.index != null && obj.index !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.index)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          index: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.index = reader.uint64Number()
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

  export interface ReadIndexResponseIndexFieldEvent {
    field: '$.index'
    value: number
  }

  export function encode (obj: Partial<ReadIndexResponse>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, ReadIndexResponse.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ReadIndexResponse>): ReadIndexResponse {
    return decodeMessage(buf, ReadIndexResponse.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ReadIndexResponse>): Generator<ReadIndexResponseIndexFieldEvent> {
    return streamMessage(buf, ReadIndexResponse.codec(), opts)
  }
}

export interface Checkpoint {
  index: number
  head: Uint8Array<ArrayBuffer>
  digest: Uint8Array<ArrayBuffer>
}

export namespace Checkpoint {
  let _codec: Codec<Checkpoint>

  export const codec = (): Codec<Checkpoint> => {
    if (_codec == null) {
      _codec = message<Checkpoint>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.index != null && obj.index !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.index)
        }

        if ((obj.head != null && obj.head.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.head)
        }

        if ((obj.digest != null && obj.digest.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.digest)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          index: 0,
          head: uint8ArrayAlloc(0),
          digest: uint8ArrayAlloc(0)
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
              obj.head = reader.bytes()
              break
            }
            case 3: {
              obj.digest = reader.bytes()
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
                field: `${prefix}.head`,
                value: reader.bytes()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.digest`,
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

  export interface CheckpointIndexFieldEvent {
    field: '$.index'
    value: number
  }

  export interface CheckpointHeadFieldEvent {
    field: '$.head'
    value: Uint8Array<ArrayBuffer>
  }

  export interface CheckpointDigestFieldEvent {
    field: '$.digest'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<Checkpoint>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Checkpoint.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Checkpoint>): Checkpoint {
    return decodeMessage(buf, Checkpoint.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Checkpoint>): Generator<CheckpointIndexFieldEvent | CheckpointHeadFieldEvent | CheckpointDigestFieldEvent> {
    return streamMessage(buf, Checkpoint.codec(), opts)
  }
}

export interface CheckpointsResponse {
  checkpoints: Checkpoint[]
}

export namespace CheckpointsResponse {
  let _codec: Codec<CheckpointsResponse>

  export const codec = (): Codec<CheckpointsResponse> => {
    if (_codec == null) {
      _codec = message<CheckpointsResponse>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.checkpoints != null && obj.checkpoints.length > 0) {
          for (const value of obj.checkpoints) {
            w.uint32(10)
            Checkpoint.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          checkpoints: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.checkpoints != null && obj.checkpoints.length === opts.limits.checkpoints) {
                throw new MaxLengthError('Decode error - repeated field "checkpoints" had too many elements')
              }

              obj.checkpoints.push(Checkpoint.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.checkpoints$
              }))
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
        const obj = {
          checkpoints: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.checkpoints != null && obj.checkpoints === opts.limits.checkpoints) {
                throw new MaxLengthError('Streaming decode error - repeated field "checkpoints" had too many elements')
              }

              for (const evt of Checkpoint.codec().stream(reader, reader.uint32(), `${prefix}.checkpoints[]`, {
                limits: opts.limits?.checkpoints$
              })) {
                yield {
                  ...evt,
                  index: obj.checkpoints
                }
              }

              obj.checkpoints++

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

  export interface CheckpointsResponseCheckpointsIndexFieldEvent {
    field: '$.checkpoints[].index'
    value: number
    index: number
  }

  export interface CheckpointsResponseCheckpointsHeadFieldEvent {
    field: '$.checkpoints[].head'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface CheckpointsResponseCheckpointsDigestFieldEvent {
    field: '$.checkpoints[].digest'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export function encode (obj: Partial<CheckpointsResponse>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, CheckpointsResponse.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<CheckpointsResponse>): CheckpointsResponse {
    return decodeMessage(buf, CheckpointsResponse.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<CheckpointsResponse>): Generator<CheckpointsResponseCheckpointsIndexFieldEvent | CheckpointsResponseCheckpointsHeadFieldEvent | CheckpointsResponseCheckpointsDigestFieldEvent> {
    return streamMessage(buf, CheckpointsResponse.codec(), opts)
  }
}

export interface ChangeMembershipRequest {
  op: number
  requestId?: RpcRequestId
  actor: string
  newcomer?: Newcomer
  subject: string
  wanted: number
}

export namespace ChangeMembershipRequest {
  let _codec: Codec<ChangeMembershipRequest>

  export const codec = (): Codec<ChangeMembershipRequest> => {
    if (_codec == null) {
      _codec = message<ChangeMembershipRequest>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.op != null && obj.op !== 0)) {
          w.uint32(8)
          w.uint32(obj.op)
        }

        if (obj.requestId != null) {
          w.uint32(18)
          RpcRequestId.codec().encode(obj.requestId, w)
        }

        if ((obj.actor != null && obj.actor !== '')) {
          w.uint32(26)
          w.string(obj.actor)
        }

        if (obj.newcomer != null) {
          w.uint32(34)
          Newcomer.codec().encode(obj.newcomer, w)
        }

        if ((obj.subject != null && obj.subject !== '')) {
          w.uint32(42)
          w.string(obj.subject)
        }

        if ((obj.wanted != null && obj.wanted !== 0)) {
          w.uint32(48)
          w.uint32(obj.wanted)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          op: 0,
          actor: '',
          subject: '',
          wanted: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.op = reader.uint32()
              break
            }
            case 2: {
              obj.requestId = RpcRequestId.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.requestId
              })
              break
            }
            case 3: {
              obj.actor = reader.string()
              break
            }
            case 4: {
              obj.newcomer = Newcomer.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.newcomer
              })
              break
            }
            case 5: {
              obj.subject = reader.string()
              break
            }
            case 6: {
              obj.wanted = reader.uint32()
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
                field: `${prefix}.op`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
              yield * RpcRequestId.codec().stream(reader, reader.uint32(), `${prefix}.requestId`, {
                limits: opts.limits?.requestId
              })

              break
            }
            case 3: {
              yield {
                field: `${prefix}.actor`,
                value: reader.string()
              }
              break
            }
            case 4: {
              yield * Newcomer.codec().stream(reader, reader.uint32(), `${prefix}.newcomer`, {
                limits: opts.limits?.newcomer
              })

              break
            }
            case 5: {
              yield {
                field: `${prefix}.subject`,
                value: reader.string()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.wanted`,
                value: reader.uint32()
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

  export interface ChangeMembershipRequestOpFieldEvent {
    field: '$.op'
    value: number
  }

  export interface ChangeMembershipRequestRequestIdPeerIdFieldEvent {
    field: '$.requestId.peerId'
    value: string
  }

  export interface ChangeMembershipRequestRequestIdStorageIdFieldEvent {
    field: '$.requestId.storageId'
    value: string
  }

  export interface ChangeMembershipRequestRequestIdSerialFieldEvent {
    field: '$.requestId.serial'
    value: number
  }

  export interface ChangeMembershipRequestRequestIdLowWaterFieldEvent {
    field: '$.requestId.lowWater'
    value: number
  }

  export interface ChangeMembershipRequestActorFieldEvent {
    field: '$.actor'
    value: string
  }

  export interface ChangeMembershipRequestNewcomerPeerIdFieldEvent {
    field: '$.newcomer.peerId'
    value: string
  }

  export interface ChangeMembershipRequestNewcomerStorageIdFieldEvent {
    field: '$.newcomer.storageId'
    value: string
  }

  export interface ChangeMembershipRequestNewcomerNameFieldEvent {
    field: '$.newcomer.name'
    value: string
  }

  export interface ChangeMembershipRequestNewcomerAddressesFieldEvent {
    field: '$.newcomer.addresses[]'
    index: number
    value: string
  }

  export interface ChangeMembershipRequestNewcomerSupportedVersionFieldEvent {
    field: '$.newcomer.supportedVersion'
    value: number
  }

  export interface ChangeMembershipRequestSubjectFieldEvent {
    field: '$.subject'
    value: string
  }

  export interface ChangeMembershipRequestWantedFieldEvent {
    field: '$.wanted'
    value: number
  }

  export function encode (obj: Partial<ChangeMembershipRequest>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, ChangeMembershipRequest.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ChangeMembershipRequest>): ChangeMembershipRequest {
    return decodeMessage(buf, ChangeMembershipRequest.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ChangeMembershipRequest>): Generator<ChangeMembershipRequestOpFieldEvent | ChangeMembershipRequestRequestIdPeerIdFieldEvent | ChangeMembershipRequestRequestIdStorageIdFieldEvent | ChangeMembershipRequestRequestIdSerialFieldEvent | ChangeMembershipRequestRequestIdLowWaterFieldEvent | ChangeMembershipRequestActorFieldEvent | ChangeMembershipRequestNewcomerPeerIdFieldEvent | ChangeMembershipRequestNewcomerStorageIdFieldEvent | ChangeMembershipRequestNewcomerNameFieldEvent | ChangeMembershipRequestNewcomerAddressesFieldEvent | ChangeMembershipRequestNewcomerSupportedVersionFieldEvent | ChangeMembershipRequestSubjectFieldEvent | ChangeMembershipRequestWantedFieldEvent> {
    return streamMessage(buf, ChangeMembershipRequest.codec(), opts)
  }
}

export interface ChangeMembershipResponse {
  index: number
  entry: Uint8Array<ArrayBuffer>
}

export namespace ChangeMembershipResponse {
  let _codec: Codec<ChangeMembershipResponse>

  export const codec = (): Codec<ChangeMembershipResponse> => {
    if (_codec == null) {
      _codec = message<ChangeMembershipResponse>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.index != null && obj.index !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.index)
        }

        if ((obj.entry != null && obj.entry.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.entry)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          index: 0,
          entry: uint8ArrayAlloc(0)
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
              obj.entry = reader.bytes()
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
                field: `${prefix}.entry`,
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

  export interface ChangeMembershipResponseIndexFieldEvent {
    field: '$.index'
    value: number
  }

  export interface ChangeMembershipResponseEntryFieldEvent {
    field: '$.entry'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<ChangeMembershipResponse>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, ChangeMembershipResponse.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ChangeMembershipResponse>): ChangeMembershipResponse {
    return decodeMessage(buf, ChangeMembershipResponse.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ChangeMembershipResponse>): Generator<ChangeMembershipResponseIndexFieldEvent | ChangeMembershipResponseEntryFieldEvent> {
    return streamMessage(buf, ChangeMembershipResponse.codec(), opts)
  }
}

export interface TransferRequest {
  to: string
}

export namespace TransferRequest {
  let _codec: Codec<TransferRequest>

  export const codec = (): Codec<TransferRequest> => {
    if (_codec == null) {
      _codec = message<TransferRequest>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.to != null && obj.to !== '')) {
          w.uint32(10)
          w.string(obj.to)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          to: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.to = reader.string()
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
                field: `${prefix}.to`,
                value: reader.string()
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

  export interface TransferRequestToFieldEvent {
    field: '$.to'
    value: string
  }

  export function encode (obj: Partial<TransferRequest>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, TransferRequest.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<TransferRequest>): TransferRequest {
    return decodeMessage(buf, TransferRequest.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<TransferRequest>): Generator<TransferRequestToFieldEvent> {
    return streamMessage(buf, TransferRequest.codec(), opts)
  }
}

export interface TransferResponse {
  leader: string
}

export namespace TransferResponse {
  let _codec: Codec<TransferResponse>

  export const codec = (): Codec<TransferResponse> => {
    if (_codec == null) {
      _codec = message<TransferResponse>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.leader != null && obj.leader !== '')) {
          w.uint32(10)
          w.string(obj.leader)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          leader: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.leader = reader.string()
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
                field: `${prefix}.leader`,
                value: reader.string()
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

  export interface TransferResponseLeaderFieldEvent {
    field: '$.leader'
    value: string
  }

  export function encode (obj: Partial<TransferResponse>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, TransferResponse.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<TransferResponse>): TransferResponse {
    return decodeMessage(buf, TransferResponse.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<TransferResponse>): Generator<TransferResponseLeaderFieldEvent> {
    return streamMessage(buf, TransferResponse.codec(), opts)
  }
}
