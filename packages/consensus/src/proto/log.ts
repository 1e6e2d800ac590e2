// @ts-nocheck generated from log.proto by scripts/generate-protobuf.ts; do not edit
import { decodeMessage, encodeMessage, MaxLengthError, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface OperationBatch {
  operations: Uint8Array<ArrayBuffer>[]
}

export namespace OperationBatch {
  let _codec: Codec<OperationBatch>

  export const codec = (): Codec<OperationBatch> => {
    if (_codec == null) {
      _codec = message<OperationBatch>((obj, w, opts = {}) => {
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

  export interface OperationBatchOperationsFieldEvent {
    field: '$.operations[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<OperationBatch>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, OperationBatch.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<OperationBatch>): OperationBatch {
    return decodeMessage(buf, OperationBatch.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<OperationBatch>): Generator<OperationBatchOperationsFieldEvent> {
    return streamMessage(buf, OperationBatch.codec(), opts)
  }
}

export interface Operation {
  number: number
  version: number
  envelope?: Envelope
  body: Uint8Array<ArrayBuffer>
}

export namespace Operation {
  let _codec: Codec<Operation>

  export const codec = (): Codec<Operation> => {
    if (_codec == null) {
      _codec = message<Operation>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.number != null && obj.number !== 0)) {
          w.uint32(8)
          w.uint32(obj.number)
        }

        if ((obj.version != null && obj.version !== 0)) {
          w.uint32(16)
          w.uint32(obj.version)
        }

        if (obj.envelope != null) {
          w.uint32(26)
          Envelope.codec().encode(obj.envelope, w)
        }

        if ((obj.body != null && obj.body.byteLength > 0)) {
          w.uint32(34)
          w.bytes(obj.body)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          number: 0,
          version: 0,
          body: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.number = reader.uint32()
              break
            }
            case 2: {
              obj.version = reader.uint32()
              break
            }
            case 3: {
              obj.envelope = Envelope.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.envelope
              })
              break
            }
            case 4: {
              obj.body = reader.bytes()
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
                field: `${prefix}.number`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.version`,
                value: reader.uint32()
              }
              break
            }
            case 3: {
              yield * Envelope.codec().stream(reader, reader.uint32(), `${prefix}.envelope`, {
                limits: opts.limits?.envelope
              })

              break
            }
            case 4: {
              yield {
                field: `${prefix}.body`,
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

  export interface OperationNumberFieldEvent {
    field: '$.number'
    value: number
  }

  export interface OperationVersionFieldEvent {
    field: '$.version'
    value: number
  }

  export interface OperationEnvelopeActorFieldEvent {
    field: '$.envelope.actor'
    value: string
  }

  export interface OperationEnvelopeRequestIdPeerIdFieldEvent {
    field: '$.envelope.requestId.peerId'
    value: string
  }

  export interface OperationEnvelopeRequestIdStorageIdFieldEvent {
    field: '$.envelope.requestId.storageId'
    value: string
  }

  export interface OperationEnvelopeRequestIdSerialFieldEvent {
    field: '$.envelope.requestId.serial'
    value: number
  }

  export interface OperationEnvelopeRequestIdLowWaterFieldEvent {
    field: '$.envelope.requestId.lowWater'
    value: number
  }

  export interface OperationEnvelopeIdempotencyKeyFieldEvent {
    field: '$.envelope.idempotency.key'
    value: Uint8Array<ArrayBuffer>
  }

  export interface OperationEnvelopeTimeMsFieldEvent {
    field: '$.envelope.timeMs'
    value: number
  }

  export interface OperationEnvelopeIfModifiedIndexFieldEvent {
    field: '$.envelope.ifModifiedIndex'
    value: number
  }

  export interface OperationEnvelopeFingerprintFieldEvent {
    field: '$.envelope.fingerprint'
    value: Uint8Array<ArrayBuffer>
  }

  export interface OperationBodyFieldEvent {
    field: '$.body'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<Operation>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Operation.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Operation>): Operation {
    return decodeMessage(buf, Operation.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Operation>): Generator<OperationNumberFieldEvent | OperationVersionFieldEvent | OperationEnvelopeActorFieldEvent | OperationEnvelopeRequestIdPeerIdFieldEvent | OperationEnvelopeRequestIdStorageIdFieldEvent | OperationEnvelopeRequestIdSerialFieldEvent | OperationEnvelopeRequestIdLowWaterFieldEvent | OperationEnvelopeIdempotencyKeyFieldEvent | OperationEnvelopeTimeMsFieldEvent | OperationEnvelopeIfModifiedIndexFieldEvent | OperationEnvelopeFingerprintFieldEvent | OperationBodyFieldEvent> {
    return streamMessage(buf, Operation.codec(), opts)
  }
}

export interface RequestId {
  peerId: string
  storageId: string
  serial: number
  lowWater: number
}

export namespace RequestId {
  let _codec: Codec<RequestId>

  export const codec = (): Codec<RequestId> => {
    if (_codec == null) {
      _codec = message<RequestId>((obj, w, opts = {}) => {
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

  export interface RequestIdPeerIdFieldEvent {
    field: '$.peerId'
    value: string
  }

  export interface RequestIdStorageIdFieldEvent {
    field: '$.storageId'
    value: string
  }

  export interface RequestIdSerialFieldEvent {
    field: '$.serial'
    value: number
  }

  export interface RequestIdLowWaterFieldEvent {
    field: '$.lowWater'
    value: number
  }

  export function encode (obj: Partial<RequestId>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, RequestId.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RequestId>): RequestId {
    return decodeMessage(buf, RequestId.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RequestId>): Generator<RequestIdPeerIdFieldEvent | RequestIdStorageIdFieldEvent | RequestIdSerialFieldEvent | RequestIdLowWaterFieldEvent> {
    return streamMessage(buf, RequestId.codec(), opts)
  }
}

export interface Idempotency {
  key: Uint8Array<ArrayBuffer>
}

export namespace Idempotency {
  let _codec: Codec<Idempotency>

  export const codec = (): Codec<Idempotency> => {
    if (_codec == null) {
      _codec = message<Idempotency>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.key != null && obj.key.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.key)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          key: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.key = reader.bytes()
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
                field: `${prefix}.key`,
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

  export interface IdempotencyKeyFieldEvent {
    field: '$.key'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<Idempotency>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Idempotency.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Idempotency>): Idempotency {
    return decodeMessage(buf, Idempotency.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Idempotency>): Generator<IdempotencyKeyFieldEvent> {
    return streamMessage(buf, Idempotency.codec(), opts)
  }
}

export interface Envelope {
  actor: string
  requestId?: RequestId
  idempotency?: Idempotency
  timeMs: number
  ifModifiedIndex?: number
  fingerprint: Uint8Array<ArrayBuffer>
}

export namespace Envelope {
  let _codec: Codec<Envelope>

  export const codec = (): Codec<Envelope> => {
    if (_codec == null) {
      _codec = message<Envelope>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.actor != null && obj.actor !== '')) {
          w.uint32(10)
          w.string(obj.actor)
        }

        if (obj.requestId != null) {
          w.uint32(18)
          RequestId.codec().encode(obj.requestId, w)
        }

        if (obj.idempotency != null) {
          w.uint32(26)
          Idempotency.codec().encode(obj.idempotency, w)
        }

        if ((obj.timeMs != null && obj.timeMs !== 0)) {
          w.uint32(32)
          w.uint64Number(obj.timeMs)
        }

        if (obj.ifModifiedIndex != null) {
          w.uint32(40)
          w.uint64Number(obj.ifModifiedIndex)
        }

        if ((obj.fingerprint != null && obj.fingerprint.byteLength > 0)) {
          w.uint32(50)
          w.bytes(obj.fingerprint)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          actor: '',
          timeMs: 0,
          fingerprint: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.actor = reader.string()
              break
            }
            case 2: {
              obj.requestId = RequestId.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.requestId
              })
              break
            }
            case 3: {
              obj.idempotency = Idempotency.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.idempotency
              })
              break
            }
            case 4: {
              obj.timeMs = reader.uint64Number()
              break
            }
            case 5: {
              obj.ifModifiedIndex = reader.uint64Number()
              break
            }
            case 6: {
              obj.fingerprint = reader.bytes()
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
                field: `${prefix}.actor`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield * RequestId.codec().stream(reader, reader.uint32(), `${prefix}.requestId`, {
                limits: opts.limits?.requestId
              })

              break
            }
            case 3: {
              yield * Idempotency.codec().stream(reader, reader.uint32(), `${prefix}.idempotency`, {
                limits: opts.limits?.idempotency
              })

              break
            }
            case 4: {
              yield {
                field: `${prefix}.timeMs`,
                value: reader.uint64Number()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.ifModifiedIndex`,
                value: reader.uint64Number()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.fingerprint`,
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

  export interface EnvelopeActorFieldEvent {
    field: '$.actor'
    value: string
  }

  export interface EnvelopeRequestIdPeerIdFieldEvent {
    field: '$.requestId.peerId'
    value: string
  }

  export interface EnvelopeRequestIdStorageIdFieldEvent {
    field: '$.requestId.storageId'
    value: string
  }

  export interface EnvelopeRequestIdSerialFieldEvent {
    field: '$.requestId.serial'
    value: number
  }

  export interface EnvelopeRequestIdLowWaterFieldEvent {
    field: '$.requestId.lowWater'
    value: number
  }

  export interface EnvelopeIdempotencyKeyFieldEvent {
    field: '$.idempotency.key'
    value: Uint8Array<ArrayBuffer>
  }

  export interface EnvelopeTimeMsFieldEvent {
    field: '$.timeMs'
    value: number
  }

  export interface EnvelopeIfModifiedIndexFieldEvent {
    field: '$.ifModifiedIndex'
    value: number
  }

  export interface EnvelopeFingerprintFieldEvent {
    field: '$.fingerprint'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<Envelope>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Envelope.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Envelope>): Envelope {
    return decodeMessage(buf, Envelope.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Envelope>): Generator<EnvelopeActorFieldEvent | EnvelopeRequestIdPeerIdFieldEvent | EnvelopeRequestIdStorageIdFieldEvent | EnvelopeRequestIdSerialFieldEvent | EnvelopeRequestIdLowWaterFieldEvent | EnvelopeIdempotencyKeyFieldEvent | EnvelopeTimeMsFieldEvent | EnvelopeIfModifiedIndexFieldEvent | EnvelopeFingerprintFieldEvent> {
    return streamMessage(buf, Envelope.codec(), opts)
  }
}

export interface PinBody {
  content: Uint8Array<ArrayBuffer>
  timestampMs: number
}

export namespace PinBody {
  let _codec: Codec<PinBody>

  export const codec = (): Codec<PinBody> => {
    if (_codec == null) {
      _codec = message<PinBody>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.content != null && obj.content.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.content)
        }

        if ((obj.timestampMs != null && obj.timestampMs !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.timestampMs)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          content: uint8ArrayAlloc(0),
          timestampMs: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.content = reader.bytes()
              break
            }
            case 2: {
              obj.timestampMs = reader.uint64Number()
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
                field: `${prefix}.content`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.timestampMs`,
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

  export interface PinBodyContentFieldEvent {
    field: '$.content'
    value: Uint8Array<ArrayBuffer>
  }

  export interface PinBodyTimestampMsFieldEvent {
    field: '$.timestampMs'
    value: number
  }

  export function encode (obj: Partial<PinBody>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, PinBody.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<PinBody>): PinBody {
    return decodeMessage(buf, PinBody.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<PinBody>): Generator<PinBodyContentFieldEvent | PinBodyTimestampMsFieldEvent> {
    return streamMessage(buf, PinBody.codec(), opts)
  }
}

export interface UnpinBody {
  cid: Uint8Array<ArrayBuffer>
}

export namespace UnpinBody {
  let _codec: Codec<UnpinBody>

  export const codec = (): Codec<UnpinBody> => {
    if (_codec == null) {
      _codec = message<UnpinBody>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.cid != null && obj.cid.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.cid)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          cid: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.cid = reader.bytes()
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
                field: `${prefix}.cid`,
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

  export interface UnpinBodyCidFieldEvent {
    field: '$.cid'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<UnpinBody>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, UnpinBody.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<UnpinBody>): UnpinBody {
    return decodeMessage(buf, UnpinBody.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<UnpinBody>): Generator<UnpinBodyCidFieldEvent> {
    return streamMessage(buf, UnpinBody.codec(), opts)
  }
}

export interface Metadata {
  key: string
  value: string
}

export namespace Metadata {
  let _codec: Codec<Metadata>

  export const codec = (): Codec<Metadata> => {
    if (_codec == null) {
      _codec = message<Metadata>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.key != null && obj.key !== '')) {
          w.uint32(10)
          w.string(obj.key)
        }

        if ((obj.value != null && obj.value !== '')) {
          w.uint32(18)
          w.string(obj.value)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          key: '',
          value: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.key = reader.string()
              break
            }
            case 2: {
              obj.value = reader.string()
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
                field: `${prefix}.key`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.value`,
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

  export interface MetadataKeyFieldEvent {
    field: '$.key'
    value: string
  }

  export interface MetadataValueFieldEvent {
    field: '$.value'
    value: string
  }

  export function encode (obj: Partial<Metadata>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Metadata.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Metadata>): Metadata {
    return decodeMessage(buf, Metadata.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Metadata>): Generator<MetadataKeyFieldEvent | MetadataValueFieldEvent> {
    return streamMessage(buf, Metadata.codec(), opts)
  }
}

export interface PinContent {
  cid: Uint8Array<ArrayBuffer>
  replicationFactorMin: number
  replicationFactorMax: number
  name: string
  mode: number
  userAllocations: string[]
  expireAtMs?: number
  metadata: Metadata[]
  pinUpdate?: Uint8Array<ArrayBuffer>
  origins: string[]
  allocations: string[]
}

export namespace PinContent {
  let _codec: Codec<PinContent>

  export const codec = (): Codec<PinContent> => {
    if (_codec == null) {
      _codec = message<PinContent>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.cid != null && obj.cid.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.cid)
        }

        if ((obj.replicationFactorMin != null && obj.replicationFactorMin !== 0)) {
          w.uint32(16)
          w.sint32(obj.replicationFactorMin)
        }

        if ((obj.replicationFactorMax != null && obj.replicationFactorMax !== 0)) {
          w.uint32(24)
          w.sint32(obj.replicationFactorMax)
        }

        if ((obj.name != null && obj.name !== '')) {
          w.uint32(34)
          w.string(obj.name)
        }

        if ((obj.mode != null && obj.mode !== 0)) {
          w.uint32(40)
          w.uint32(obj.mode)
        }

        if (obj.userAllocations != null && obj.userAllocations.length > 0) {
          for (const value of obj.userAllocations) {
            w.uint32(50)
            w.string(value)
          }
        }

        if (obj.expireAtMs != null) {
          w.uint32(56)
          w.uint64Number(obj.expireAtMs)
        }

        if (obj.metadata != null && obj.metadata.length > 0) {
          for (const value of obj.metadata) {
            w.uint32(66)
            Metadata.codec().encode(value, w)
          }
        }

        if (obj.pinUpdate != null) {
          w.uint32(74)
          w.bytes(obj.pinUpdate)
        }

        if (obj.origins != null && obj.origins.length > 0) {
          for (const value of obj.origins) {
            w.uint32(82)
            w.string(value)
          }
        }

        if (obj.allocations != null && obj.allocations.length > 0) {
          for (const value of obj.allocations) {
            w.uint32(90)
            w.string(value)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          cid: uint8ArrayAlloc(0),
          replicationFactorMin: 0,
          replicationFactorMax: 0,
          name: '',
          mode: 0,
          userAllocations: [],
          metadata: [],
          origins: [],
          allocations: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.cid = reader.bytes()
              break
            }
            case 2: {
              obj.replicationFactorMin = reader.sint32()
              break
            }
            case 3: {
              obj.replicationFactorMax = reader.sint32()
              break
            }
            case 4: {
              obj.name = reader.string()
              break
            }
            case 5: {
              obj.mode = reader.uint32()
              break
            }
            case 6: {
              if (opts.limits?.userAllocations != null && obj.userAllocations.length === opts.limits.userAllocations) {
                throw new MaxLengthError('Decode error - repeated field "userAllocations" had too many elements')
              }

              obj.userAllocations.push(reader.string())
              break
            }
            case 7: {
              obj.expireAtMs = reader.uint64Number()
              break
            }
            case 8: {
              if (opts.limits?.metadata != null && obj.metadata.length === opts.limits.metadata) {
                throw new MaxLengthError('Decode error - repeated field "metadata" had too many elements')
              }

              obj.metadata.push(Metadata.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.metadata$
              }))
              break
            }
            case 9: {
              obj.pinUpdate = reader.bytes()
              break
            }
            case 10: {
              if (opts.limits?.origins != null && obj.origins.length === opts.limits.origins) {
                throw new MaxLengthError('Decode error - repeated field "origins" had too many elements')
              }

              obj.origins.push(reader.string())
              break
            }
            case 11: {
              if (opts.limits?.allocations != null && obj.allocations.length === opts.limits.allocations) {
                throw new MaxLengthError('Decode error - repeated field "allocations" had too many elements')
              }

              obj.allocations.push(reader.string())
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
          userAllocations: 0,
          metadata: 0,
          origins: 0,
          allocations: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.cid`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.replicationFactorMin`,
                value: reader.sint32()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.replicationFactorMax`,
                value: reader.sint32()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.name`,
                value: reader.string()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.mode`,
                value: reader.uint32()
              }
              break
            }
            case 6: {
              if (opts.limits?.userAllocations != null && obj.userAllocations === opts.limits.userAllocations) {
                throw new MaxLengthError('Streaming decode error - repeated field "userAllocations" had too many elements')
              }

              yield {
                field: `${prefix}.userAllocations[]`,
                index: obj.userAllocations,
                value: reader.string()
              }

              obj.userAllocations++

              break
            }
            case 7: {
              yield {
                field: `${prefix}.expireAtMs`,
                value: reader.uint64Number()
              }
              break
            }
            case 8: {
              if (opts.limits?.metadata != null && obj.metadata === opts.limits.metadata) {
                throw new MaxLengthError('Streaming decode error - repeated field "metadata" had too many elements')
              }

              for (const evt of Metadata.codec().stream(reader, reader.uint32(), `${prefix}.metadata[]`, {
                limits: opts.limits?.metadata$
              })) {
                yield {
                  ...evt,
                  index: obj.metadata
                }
              }

              obj.metadata++

              break
            }
            case 9: {
              yield {
                field: `${prefix}.pinUpdate`,
                value: reader.bytes()
              }
              break
            }
            case 10: {
              if (opts.limits?.origins != null && obj.origins === opts.limits.origins) {
                throw new MaxLengthError('Streaming decode error - repeated field "origins" had too many elements')
              }

              yield {
                field: `${prefix}.origins[]`,
                index: obj.origins,
                value: reader.string()
              }

              obj.origins++

              break
            }
            case 11: {
              if (opts.limits?.allocations != null && obj.allocations === opts.limits.allocations) {
                throw new MaxLengthError('Streaming decode error - repeated field "allocations" had too many elements')
              }

              yield {
                field: `${prefix}.allocations[]`,
                index: obj.allocations,
                value: reader.string()
              }

              obj.allocations++

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

  export interface PinContentCidFieldEvent {
    field: '$.cid'
    value: Uint8Array<ArrayBuffer>
  }

  export interface PinContentReplicationFactorMinFieldEvent {
    field: '$.replicationFactorMin'
    value: number
  }

  export interface PinContentReplicationFactorMaxFieldEvent {
    field: '$.replicationFactorMax'
    value: number
  }

  export interface PinContentNameFieldEvent {
    field: '$.name'
    value: string
  }

  export interface PinContentModeFieldEvent {
    field: '$.mode'
    value: number
  }

  export interface PinContentUserAllocationsFieldEvent {
    field: '$.userAllocations[]'
    index: number
    value: string
  }

  export interface PinContentExpireAtMsFieldEvent {
    field: '$.expireAtMs'
    value: number
  }

  export interface PinContentMetadataKeyFieldEvent {
    field: '$.metadata[].key'
    value: string
    index: number
  }

  export interface PinContentMetadataValueFieldEvent {
    field: '$.metadata[].value'
    value: string
    index: number
  }

  export interface PinContentPinUpdateFieldEvent {
    field: '$.pinUpdate'
    value: Uint8Array<ArrayBuffer>
  }

  export interface PinContentOriginsFieldEvent {
    field: '$.origins[]'
    index: number
    value: string
  }

  export interface PinContentAllocationsFieldEvent {
    field: '$.allocations[]'
    index: number
    value: string
  }

  export function encode (obj: Partial<PinContent>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, PinContent.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<PinContent>): PinContent {
    return decodeMessage(buf, PinContent.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<PinContent>): Generator<PinContentCidFieldEvent | PinContentReplicationFactorMinFieldEvent | PinContentReplicationFactorMaxFieldEvent | PinContentNameFieldEvent | PinContentModeFieldEvent | PinContentUserAllocationsFieldEvent | PinContentExpireAtMsFieldEvent | PinContentMetadataKeyFieldEvent | PinContentMetadataValueFieldEvent | PinContentPinUpdateFieldEvent | PinContentOriginsFieldEvent | PinContentAllocationsFieldEvent> {
    return streamMessage(buf, PinContent.codec(), opts)
  }
}

export interface Member {
  peerId: string
  storageId: string
  name: string
  addresses: string[]
  suffrage: number
  wanted: number
  supportedVersion: number
}

export namespace Member {
  let _codec: Codec<Member>

  export const codec = (): Codec<Member> => {
    if (_codec == null) {
      _codec = message<Member>((obj, w, opts = {}) => {
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

        if ((obj.suffrage != null && obj.suffrage !== 0)) {
          w.uint32(40)
          w.uint32(obj.suffrage)
        }

        if ((obj.wanted != null && obj.wanted !== 0)) {
          w.uint32(48)
          w.uint32(obj.wanted)
        }

        if ((obj.supportedVersion != null && obj.supportedVersion !== 0)) {
          w.uint32(56)
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
          suffrage: 0,
          wanted: 0,
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
              obj.suffrage = reader.uint32()
              break
            }
            case 6: {
              obj.wanted = reader.uint32()
              break
            }
            case 7: {
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
                field: `${prefix}.suffrage`,
                value: reader.uint32()
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
            case 7: {
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

  export interface MemberPeerIdFieldEvent {
    field: '$.peerId'
    value: string
  }

  export interface MemberStorageIdFieldEvent {
    field: '$.storageId'
    value: string
  }

  export interface MemberNameFieldEvent {
    field: '$.name'
    value: string
  }

  export interface MemberAddressesFieldEvent {
    field: '$.addresses[]'
    index: number
    value: string
  }

  export interface MemberSuffrageFieldEvent {
    field: '$.suffrage'
    value: number
  }

  export interface MemberWantedFieldEvent {
    field: '$.wanted'
    value: number
  }

  export interface MemberSupportedVersionFieldEvent {
    field: '$.supportedVersion'
    value: number
  }

  export function encode (obj: Partial<Member>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Member.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Member>): Member {
    return decodeMessage(buf, Member.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Member>): Generator<MemberPeerIdFieldEvent | MemberStorageIdFieldEvent | MemberNameFieldEvent | MemberAddressesFieldEvent | MemberSuffrageFieldEvent | MemberWantedFieldEvent | MemberSupportedVersionFieldEvent> {
    return streamMessage(buf, Member.codec(), opts)
  }
}

export interface MembershipCause {
  op: number
  subject: string
  requestId?: RequestId
  actor: string
  timeMs: number
}

export namespace MembershipCause {
  let _codec: Codec<MembershipCause>

  export const codec = (): Codec<MembershipCause> => {
    if (_codec == null) {
      _codec = message<MembershipCause>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.op != null && obj.op !== 0)) {
          w.uint32(8)
          w.uint32(obj.op)
        }

        if ((obj.subject != null && obj.subject !== '')) {
          w.uint32(18)
          w.string(obj.subject)
        }

        if (obj.requestId != null) {
          w.uint32(26)
          RequestId.codec().encode(obj.requestId, w)
        }

        if ((obj.actor != null && obj.actor !== '')) {
          w.uint32(34)
          w.string(obj.actor)
        }

        if ((obj.timeMs != null && obj.timeMs !== 0)) {
          w.uint32(40)
          w.uint64Number(obj.timeMs)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          op: 0,
          subject: '',
          actor: '',
          timeMs: 0
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
              obj.subject = reader.string()
              break
            }
            case 3: {
              obj.requestId = RequestId.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.requestId
              })
              break
            }
            case 4: {
              obj.actor = reader.string()
              break
            }
            case 5: {
              obj.timeMs = reader.uint64Number()
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
              yield {
                field: `${prefix}.subject`,
                value: reader.string()
              }
              break
            }
            case 3: {
              yield * RequestId.codec().stream(reader, reader.uint32(), `${prefix}.requestId`, {
                limits: opts.limits?.requestId
              })

              break
            }
            case 4: {
              yield {
                field: `${prefix}.actor`,
                value: reader.string()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.timeMs`,
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

  export interface MembershipCauseOpFieldEvent {
    field: '$.op'
    value: number
  }

  export interface MembershipCauseSubjectFieldEvent {
    field: '$.subject'
    value: string
  }

  export interface MembershipCauseRequestIdPeerIdFieldEvent {
    field: '$.requestId.peerId'
    value: string
  }

  export interface MembershipCauseRequestIdStorageIdFieldEvent {
    field: '$.requestId.storageId'
    value: string
  }

  export interface MembershipCauseRequestIdSerialFieldEvent {
    field: '$.requestId.serial'
    value: number
  }

  export interface MembershipCauseRequestIdLowWaterFieldEvent {
    field: '$.requestId.lowWater'
    value: number
  }

  export interface MembershipCauseActorFieldEvent {
    field: '$.actor'
    value: string
  }

  export interface MembershipCauseTimeMsFieldEvent {
    field: '$.timeMs'
    value: number
  }

  export function encode (obj: Partial<MembershipCause>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, MembershipCause.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<MembershipCause>): MembershipCause {
    return decodeMessage(buf, MembershipCause.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<MembershipCause>): Generator<MembershipCauseOpFieldEvent | MembershipCauseSubjectFieldEvent | MembershipCauseRequestIdPeerIdFieldEvent | MembershipCauseRequestIdStorageIdFieldEvent | MembershipCauseRequestIdSerialFieldEvent | MembershipCauseRequestIdLowWaterFieldEvent | MembershipCauseActorFieldEvent | MembershipCauseTimeMsFieldEvent> {
    return streamMessage(buf, MembershipCause.codec(), opts)
  }
}

export interface MembershipEntry {
  version: number
  next: Member[]
  cause?: MembershipCause
  nonce: Uint8Array<ArrayBuffer>
}

export namespace MembershipEntry {
  let _codec: Codec<MembershipEntry>

  export const codec = (): Codec<MembershipEntry> => {
    if (_codec == null) {
      _codec = message<MembershipEntry>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.version != null && obj.version !== 0)) {
          w.uint32(8)
          w.uint32(obj.version)
        }

        if (obj.next != null && obj.next.length > 0) {
          for (const value of obj.next) {
            w.uint32(18)
            Member.codec().encode(value, w)
          }
        }

        if (obj.cause != null) {
          w.uint32(26)
          MembershipCause.codec().encode(obj.cause, w)
        }

        if ((obj.nonce != null && obj.nonce.byteLength > 0)) {
          w.uint32(34)
          w.bytes(obj.nonce)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          version: 0,
          next: [],
          nonce: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.version = reader.uint32()
              break
            }
            case 2: {
              if (opts.limits?.next != null && obj.next.length === opts.limits.next) {
                throw new MaxLengthError('Decode error - repeated field "next" had too many elements')
              }

              obj.next.push(Member.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.next$
              }))
              break
            }
            case 3: {
              obj.cause = MembershipCause.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.cause
              })
              break
            }
            case 4: {
              obj.nonce = reader.bytes()
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
          next: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.version`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
              if (opts.limits?.next != null && obj.next === opts.limits.next) {
                throw new MaxLengthError('Streaming decode error - repeated field "next" had too many elements')
              }

              for (const evt of Member.codec().stream(reader, reader.uint32(), `${prefix}.next[]`, {
                limits: opts.limits?.next$
              })) {
                yield {
                  ...evt,
                  index: obj.next
                }
              }

              obj.next++

              break
            }
            case 3: {
              yield * MembershipCause.codec().stream(reader, reader.uint32(), `${prefix}.cause`, {
                limits: opts.limits?.cause
              })

              break
            }
            case 4: {
              yield {
                field: `${prefix}.nonce`,
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

  export interface MembershipEntryVersionFieldEvent {
    field: '$.version'
    value: number
  }

  export interface MembershipEntryNextPeerIdFieldEvent {
    field: '$.next[].peerId'
    value: string
    index: number
  }

  export interface MembershipEntryNextStorageIdFieldEvent {
    field: '$.next[].storageId'
    value: string
    index: number
  }

  export interface MembershipEntryNextNameFieldEvent {
    field: '$.next[].name'
    value: string
    index: number
  }

  export interface MembershipEntryNextAddressesFieldEvent {
    field: '$.next[].addresses[]'
    index: number
    value: string
  }

  export interface MembershipEntryNextSuffrageFieldEvent {
    field: '$.next[].suffrage'
    value: number
    index: number
  }

  export interface MembershipEntryNextWantedFieldEvent {
    field: '$.next[].wanted'
    value: number
    index: number
  }

  export interface MembershipEntryNextSupportedVersionFieldEvent {
    field: '$.next[].supportedVersion'
    value: number
    index: number
  }

  export interface MembershipEntryCauseOpFieldEvent {
    field: '$.cause.op'
    value: number
  }

  export interface MembershipEntryCauseSubjectFieldEvent {
    field: '$.cause.subject'
    value: string
  }

  export interface MembershipEntryCauseRequestIdPeerIdFieldEvent {
    field: '$.cause.requestId.peerId'
    value: string
  }

  export interface MembershipEntryCauseRequestIdStorageIdFieldEvent {
    field: '$.cause.requestId.storageId'
    value: string
  }

  export interface MembershipEntryCauseRequestIdSerialFieldEvent {
    field: '$.cause.requestId.serial'
    value: number
  }

  export interface MembershipEntryCauseRequestIdLowWaterFieldEvent {
    field: '$.cause.requestId.lowWater'
    value: number
  }

  export interface MembershipEntryCauseActorFieldEvent {
    field: '$.cause.actor'
    value: string
  }

  export interface MembershipEntryCauseTimeMsFieldEvent {
    field: '$.cause.timeMs'
    value: number
  }

  export interface MembershipEntryNonceFieldEvent {
    field: '$.nonce'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<MembershipEntry>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, MembershipEntry.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<MembershipEntry>): MembershipEntry {
    return decodeMessage(buf, MembershipEntry.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<MembershipEntry>): Generator<MembershipEntryVersionFieldEvent | MembershipEntryNextPeerIdFieldEvent | MembershipEntryNextStorageIdFieldEvent | MembershipEntryNextNameFieldEvent | MembershipEntryNextAddressesFieldEvent | MembershipEntryNextSuffrageFieldEvent | MembershipEntryNextWantedFieldEvent | MembershipEntryNextSupportedVersionFieldEvent | MembershipEntryCauseOpFieldEvent | MembershipEntryCauseSubjectFieldEvent | MembershipEntryCauseRequestIdPeerIdFieldEvent | MembershipEntryCauseRequestIdStorageIdFieldEvent | MembershipEntryCauseRequestIdSerialFieldEvent | MembershipEntryCauseRequestIdLowWaterFieldEvent | MembershipEntryCauseActorFieldEvent | MembershipEntryCauseTimeMsFieldEvent | MembershipEntryNonceFieldEvent> {
    return streamMessage(buf, MembershipEntry.codec(), opts)
  }
}

export interface AdmissionRecord {
  clusterId: string
  epoch: number
  members: Member[]
}

export namespace AdmissionRecord {
  let _codec: Codec<AdmissionRecord>

  export const codec = (): Codec<AdmissionRecord> => {
    if (_codec == null) {
      _codec = message<AdmissionRecord>((obj, w, opts = {}) => {
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

        if (obj.members != null && obj.members.length > 0) {
          for (const value of obj.members) {
            w.uint32(26)
            Member.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          clusterId: '',
          epoch: 0,
          members: []
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
              if (opts.limits?.members != null && obj.members.length === opts.limits.members) {
                throw new MaxLengthError('Decode error - repeated field "members" had too many elements')
              }

              obj.members.push(Member.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.members$
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
          members: 0
        }

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
              if (opts.limits?.members != null && obj.members === opts.limits.members) {
                throw new MaxLengthError('Streaming decode error - repeated field "members" had too many elements')
              }

              for (const evt of Member.codec().stream(reader, reader.uint32(), `${prefix}.members[]`, {
                limits: opts.limits?.members$
              })) {
                yield {
                  ...evt,
                  index: obj.members
                }
              }

              obj.members++

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

  export interface AdmissionRecordClusterIdFieldEvent {
    field: '$.clusterId'
    value: string
  }

  export interface AdmissionRecordEpochFieldEvent {
    field: '$.epoch'
    value: number
  }

  export interface AdmissionRecordMembersPeerIdFieldEvent {
    field: '$.members[].peerId'
    value: string
    index: number
  }

  export interface AdmissionRecordMembersStorageIdFieldEvent {
    field: '$.members[].storageId'
    value: string
    index: number
  }

  export interface AdmissionRecordMembersNameFieldEvent {
    field: '$.members[].name'
    value: string
    index: number
  }

  export interface AdmissionRecordMembersAddressesFieldEvent {
    field: '$.members[].addresses[]'
    index: number
    value: string
  }

  export interface AdmissionRecordMembersSuffrageFieldEvent {
    field: '$.members[].suffrage'
    value: number
    index: number
  }

  export interface AdmissionRecordMembersWantedFieldEvent {
    field: '$.members[].wanted'
    value: number
    index: number
  }

  export interface AdmissionRecordMembersSupportedVersionFieldEvent {
    field: '$.members[].supportedVersion'
    value: number
    index: number
  }

  export function encode (obj: Partial<AdmissionRecord>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, AdmissionRecord.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<AdmissionRecord>): AdmissionRecord {
    return decodeMessage(buf, AdmissionRecord.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<AdmissionRecord>): Generator<AdmissionRecordClusterIdFieldEvent | AdmissionRecordEpochFieldEvent | AdmissionRecordMembersPeerIdFieldEvent | AdmissionRecordMembersStorageIdFieldEvent | AdmissionRecordMembersNameFieldEvent | AdmissionRecordMembersAddressesFieldEvent | AdmissionRecordMembersSuffrageFieldEvent | AdmissionRecordMembersWantedFieldEvent | AdmissionRecordMembersSupportedVersionFieldEvent> {
    return streamMessage(buf, AdmissionRecord.codec(), opts)
  }
}
