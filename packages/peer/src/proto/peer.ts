// @ts-nocheck generated from peer.proto by scripts/generate-protobuf.ts; do not edit
/* eslint-disable require-yield */

import { decodeMessage, encodeMessage, MaxLengthError, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface InfoRequest {}

export namespace InfoRequest {
  let _codec: Codec<InfoRequest>

  export const codec = (): Codec<InfoRequest> => {
    if (_codec == null) {
      _codec = message<InfoRequest>((obj, w, opts = {}) => {
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

  export function encode (obj: Partial<InfoRequest>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, InfoRequest.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<InfoRequest>): InfoRequest {
    return decodeMessage(buf, InfoRequest.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<InfoRequest>): Generator<{}> {
    return streamMessage(buf, InfoRequest.codec(), opts)
  }
}

export interface InfoResponse {
  name: string
  addresses: string[]
  version: string
  ipfsId: string
  ipfsAddresses: string[]
  ipfsError: string
}

export namespace InfoResponse {
  let _codec: Codec<InfoResponse>

  export const codec = (): Codec<InfoResponse> => {
    if (_codec == null) {
      _codec = message<InfoResponse>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.name != null && obj.name !== '')) {
          w.uint32(10)
          w.string(obj.name)
        }

        if (obj.addresses != null && obj.addresses.length > 0) {
          for (const value of obj.addresses) {
            w.uint32(18)
            w.string(value)
          }
        }

        if ((obj.version != null && obj.version !== '')) {
          w.uint32(26)
          w.string(obj.version)
        }

        if ((obj.ipfsId != null && obj.ipfsId !== '')) {
          w.uint32(34)
          w.string(obj.ipfsId)
        }

        if (obj.ipfsAddresses != null && obj.ipfsAddresses.length > 0) {
          for (const value of obj.ipfsAddresses) {
            w.uint32(42)
            w.string(value)
          }
        }

        if ((obj.ipfsError != null && obj.ipfsError !== '')) {
          w.uint32(50)
          w.string(obj.ipfsError)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          name: '',
          addresses: [],
          version: '',
          ipfsId: '',
          ipfsAddresses: [],
          ipfsError: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.name = reader.string()
              break
            }
            case 2: {
              if (opts.limits?.addresses != null && obj.addresses.length === opts.limits.addresses) {
                throw new MaxLengthError('Decode error - repeated field "addresses" had too many elements')
              }

              obj.addresses.push(reader.string())
              break
            }
            case 3: {
              obj.version = reader.string()
              break
            }
            case 4: {
              obj.ipfsId = reader.string()
              break
            }
            case 5: {
              if (opts.limits?.ipfsAddresses != null && obj.ipfsAddresses.length === opts.limits.ipfsAddresses) {
                throw new MaxLengthError('Decode error - repeated field "ipfsAddresses" had too many elements')
              }

              obj.ipfsAddresses.push(reader.string())
              break
            }
            case 6: {
              obj.ipfsError = reader.string()
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
          addresses: 0,
          ipfsAddresses: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.name`,
                value: reader.string()
              }
              break
            }
            case 2: {
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
            case 3: {
              yield {
                field: `${prefix}.version`,
                value: reader.string()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.ipfsId`,
                value: reader.string()
              }
              break
            }
            case 5: {
              if (opts.limits?.ipfsAddresses != null && obj.ipfsAddresses === opts.limits.ipfsAddresses) {
                throw new MaxLengthError('Streaming decode error - repeated field "ipfsAddresses" had too many elements')
              }

              yield {
                field: `${prefix}.ipfsAddresses[]`,
                index: obj.ipfsAddresses,
                value: reader.string()
              }

              obj.ipfsAddresses++

              break
            }
            case 6: {
              yield {
                field: `${prefix}.ipfsError`,
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

  export interface InfoResponseNameFieldEvent {
    field: '$.name'
    value: string
  }

  export interface InfoResponseAddressesFieldEvent {
    field: '$.addresses[]'
    index: number
    value: string
  }

  export interface InfoResponseVersionFieldEvent {
    field: '$.version'
    value: string
  }

  export interface InfoResponseIpfsIdFieldEvent {
    field: '$.ipfsId'
    value: string
  }

  export interface InfoResponseIpfsAddressesFieldEvent {
    field: '$.ipfsAddresses[]'
    index: number
    value: string
  }

  export interface InfoResponseIpfsErrorFieldEvent {
    field: '$.ipfsError'
    value: string
  }

  export function encode (obj: Partial<InfoResponse>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, InfoResponse.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<InfoResponse>): InfoResponse {
    return decodeMessage(buf, InfoResponse.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<InfoResponse>): Generator<InfoResponseNameFieldEvent | InfoResponseAddressesFieldEvent | InfoResponseVersionFieldEvent | InfoResponseIpfsIdFieldEvent | InfoResponseIpfsAddressesFieldEvent | InfoResponseIpfsErrorFieldEvent> {
    return streamMessage(buf, InfoResponse.codec(), opts)
  }
}

export interface StatusRequest {
  cids: Uint8Array<ArrayBuffer>[]
}

export namespace StatusRequest {
  let _codec: Codec<StatusRequest>

  export const codec = (): Codec<StatusRequest> => {
    if (_codec == null) {
      _codec = message<StatusRequest>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.cids != null && obj.cids.length > 0) {
          for (const value of obj.cids) {
            w.uint32(10)
            w.bytes(value)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          cids: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.cids != null && obj.cids.length === opts.limits.cids) {
                throw new MaxLengthError('Decode error - repeated field "cids" had too many elements')
              }

              obj.cids.push(reader.bytes())
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
          cids: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.cids != null && obj.cids === opts.limits.cids) {
                throw new MaxLengthError('Streaming decode error - repeated field "cids" had too many elements')
              }

              yield {
                field: `${prefix}.cids[]`,
                index: obj.cids,
                value: reader.bytes()
              }

              obj.cids++

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

  export interface StatusRequestCidsFieldEvent {
    field: '$.cids[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<StatusRequest>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, StatusRequest.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<StatusRequest>): StatusRequest {
    return decodeMessage(buf, StatusRequest.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<StatusRequest>): Generator<StatusRequestCidsFieldEvent> {
    return streamMessage(buf, StatusRequest.codec(), opts)
  }
}

export interface StatusResponse {
  infos: PinInfoMessage[]
}

export namespace StatusResponse {
  let _codec: Codec<StatusResponse>

  export const codec = (): Codec<StatusResponse> => {
    if (_codec == null) {
      _codec = message<StatusResponse>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.infos != null && obj.infos.length > 0) {
          for (const value of obj.infos) {
            w.uint32(10)
            PinInfoMessage.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          infos: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.infos != null && obj.infos.length === opts.limits.infos) {
                throw new MaxLengthError('Decode error - repeated field "infos" had too many elements')
              }

              obj.infos.push(PinInfoMessage.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.infos$
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
          infos: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.infos != null && obj.infos === opts.limits.infos) {
                throw new MaxLengthError('Streaming decode error - repeated field "infos" had too many elements')
              }

              for (const evt of PinInfoMessage.codec().stream(reader, reader.uint32(), `${prefix}.infos[]`, {
                limits: opts.limits?.infos$
              })) {
                yield {
                  ...evt,
                  index: obj.infos
                }
              }

              obj.infos++

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

  export interface StatusResponseInfosStatusFieldEvent {
    field: '$.infos[].status'
    value: string
    index: number
  }

  export interface StatusResponseInfosTimestampMsFieldEvent {
    field: '$.infos[].timestampMs'
    value: number
    index: number
  }

  export interface StatusResponseInfosErrorFieldEvent {
    field: '$.infos[].error'
    value: string
    index: number
  }

  export interface StatusResponseInfosAttemptCountFieldEvent {
    field: '$.infos[].attemptCount'
    value: number
    index: number
  }

  export interface StatusResponseInfosBlocksFieldEvent {
    field: '$.infos[].blocks'
    value: number
    index: number
  }

  export interface StatusResponseInfosBytesFieldEvent {
    field: '$.infos[].bytes'
    value: number
    index: number
  }

  export interface StatusResponseInfosIpfsIdFieldEvent {
    field: '$.infos[].ipfsId'
    value: string
    index: number
  }

  export interface StatusResponseInfosIpfsAddressesFieldEvent {
    field: '$.infos[].ipfsAddresses[]'
    index: number
    value: string
  }

  export function encode (obj: Partial<StatusResponse>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, StatusResponse.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<StatusResponse>): StatusResponse {
    return decodeMessage(buf, StatusResponse.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<StatusResponse>): Generator<StatusResponseInfosStatusFieldEvent | StatusResponseInfosTimestampMsFieldEvent | StatusResponseInfosErrorFieldEvent | StatusResponseInfosAttemptCountFieldEvent | StatusResponseInfosBlocksFieldEvent | StatusResponseInfosBytesFieldEvent | StatusResponseInfosIpfsIdFieldEvent | StatusResponseInfosIpfsAddressesFieldEvent> {
    return streamMessage(buf, StatusResponse.codec(), opts)
  }
}

export interface PinInfoMessage {
  status: string
  timestampMs: number
  error: string
  attemptCount: number
  blocks?: number
  bytes?: number
  ipfsId: string
  ipfsAddresses: string[]
}

export namespace PinInfoMessage {
  let _codec: Codec<PinInfoMessage>

  export const codec = (): Codec<PinInfoMessage> => {
    if (_codec == null) {
      _codec = message<PinInfoMessage>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.status != null && obj.status !== '')) {
          w.uint32(10)
          w.string(obj.status)
        }

        if ((obj.timestampMs != null && obj.timestampMs !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.timestampMs)
        }

        if ((obj.error != null && obj.error !== '')) {
          w.uint32(26)
          w.string(obj.error)
        }

        if ((obj.attemptCount != null && obj.attemptCount !== 0)) {
          w.uint32(32)
          w.uint32(obj.attemptCount)
        }

        if (obj.blocks != null) {
          w.uint32(40)
          w.uint64Number(obj.blocks)
        }

        if (obj.bytes != null) {
          w.uint32(48)
          w.uint64Number(obj.bytes)
        }

        if ((obj.ipfsId != null && obj.ipfsId !== '')) {
          w.uint32(58)
          w.string(obj.ipfsId)
        }

        if (obj.ipfsAddresses != null && obj.ipfsAddresses.length > 0) {
          for (const value of obj.ipfsAddresses) {
            w.uint32(66)
            w.string(value)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          status: '',
          timestampMs: 0,
          error: '',
          attemptCount: 0,
          ipfsId: '',
          ipfsAddresses: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.status = reader.string()
              break
            }
            case 2: {
              obj.timestampMs = reader.uint64Number()
              break
            }
            case 3: {
              obj.error = reader.string()
              break
            }
            case 4: {
              obj.attemptCount = reader.uint32()
              break
            }
            case 5: {
              obj.blocks = reader.uint64Number()
              break
            }
            case 6: {
              obj.bytes = reader.uint64Number()
              break
            }
            case 7: {
              obj.ipfsId = reader.string()
              break
            }
            case 8: {
              if (opts.limits?.ipfsAddresses != null && obj.ipfsAddresses.length === opts.limits.ipfsAddresses) {
                throw new MaxLengthError('Decode error - repeated field "ipfsAddresses" had too many elements')
              }

              obj.ipfsAddresses.push(reader.string())
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
          ipfsAddresses: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.status`,
                value: reader.string()
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
            case 3: {
              yield {
                field: `${prefix}.error`,
                value: reader.string()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.attemptCount`,
                value: reader.uint32()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.blocks`,
                value: reader.uint64Number()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.bytes`,
                value: reader.uint64Number()
              }
              break
            }
            case 7: {
              yield {
                field: `${prefix}.ipfsId`,
                value: reader.string()
              }
              break
            }
            case 8: {
              if (opts.limits?.ipfsAddresses != null && obj.ipfsAddresses === opts.limits.ipfsAddresses) {
                throw new MaxLengthError('Streaming decode error - repeated field "ipfsAddresses" had too many elements')
              }

              yield {
                field: `${prefix}.ipfsAddresses[]`,
                index: obj.ipfsAddresses,
                value: reader.string()
              }

              obj.ipfsAddresses++

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

  export interface PinInfoMessageStatusFieldEvent {
    field: '$.status'
    value: string
  }

  export interface PinInfoMessageTimestampMsFieldEvent {
    field: '$.timestampMs'
    value: number
  }

  export interface PinInfoMessageErrorFieldEvent {
    field: '$.error'
    value: string
  }

  export interface PinInfoMessageAttemptCountFieldEvent {
    field: '$.attemptCount'
    value: number
  }

  export interface PinInfoMessageBlocksFieldEvent {
    field: '$.blocks'
    value: number
  }

  export interface PinInfoMessageBytesFieldEvent {
    field: '$.bytes'
    value: number
  }

  export interface PinInfoMessageIpfsIdFieldEvent {
    field: '$.ipfsId'
    value: string
  }

  export interface PinInfoMessageIpfsAddressesFieldEvent {
    field: '$.ipfsAddresses[]'
    index: number
    value: string
  }

  export function encode (obj: Partial<PinInfoMessage>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, PinInfoMessage.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<PinInfoMessage>): PinInfoMessage {
    return decodeMessage(buf, PinInfoMessage.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<PinInfoMessage>): Generator<PinInfoMessageStatusFieldEvent | PinInfoMessageTimestampMsFieldEvent | PinInfoMessageErrorFieldEvent | PinInfoMessageAttemptCountFieldEvent | PinInfoMessageBlocksFieldEvent | PinInfoMessageBytesFieldEvent | PinInfoMessageIpfsIdFieldEvent | PinInfoMessageIpfsAddressesFieldEvent> {
    return streamMessage(buf, PinInfoMessage.codec(), opts)
  }
}

export interface RecoverRequest {
  cid: Uint8Array<ArrayBuffer>
}

export namespace RecoverRequest {
  let _codec: Codec<RecoverRequest>

  export const codec = (): Codec<RecoverRequest> => {
    if (_codec == null) {
      _codec = message<RecoverRequest>((obj, w, opts = {}) => {
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

  export interface RecoverRequestCidFieldEvent {
    field: '$.cid'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<RecoverRequest>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, RecoverRequest.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RecoverRequest>): RecoverRequest {
    return decodeMessage(buf, RecoverRequest.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RecoverRequest>): Generator<RecoverRequestCidFieldEvent> {
    return streamMessage(buf, RecoverRequest.codec(), opts)
  }
}

export interface RecoverResponse {}

export namespace RecoverResponse {
  let _codec: Codec<RecoverResponse>

  export const codec = (): Codec<RecoverResponse> => {
    if (_codec == null) {
      _codec = message<RecoverResponse>((obj, w, opts = {}) => {
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

  export function encode (obj: Partial<RecoverResponse>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, RecoverResponse.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RecoverResponse>): RecoverResponse {
    return decodeMessage(buf, RecoverResponse.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RecoverResponse>): Generator<{}> {
    return streamMessage(buf, RecoverResponse.codec(), opts)
  }
}

export interface UnpinningRequest {}

export namespace UnpinningRequest {
  let _codec: Codec<UnpinningRequest>

  export const codec = (): Codec<UnpinningRequest> => {
    if (_codec == null) {
      _codec = message<UnpinningRequest>((obj, w, opts = {}) => {
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

  export function encode (obj: Partial<UnpinningRequest>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, UnpinningRequest.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<UnpinningRequest>): UnpinningRequest {
    return decodeMessage(buf, UnpinningRequest.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<UnpinningRequest>): Generator<{}> {
    return streamMessage(buf, UnpinningRequest.codec(), opts)
  }
}

export interface UnpinningResponse {
  cids: Uint8Array<ArrayBuffer>[]
}

export namespace UnpinningResponse {
  let _codec: Codec<UnpinningResponse>

  export const codec = (): Codec<UnpinningResponse> => {
    if (_codec == null) {
      _codec = message<UnpinningResponse>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.cids != null && obj.cids.length > 0) {
          for (const value of obj.cids) {
            w.uint32(10)
            w.bytes(value)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          cids: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.cids != null && obj.cids.length === opts.limits.cids) {
                throw new MaxLengthError('Decode error - repeated field "cids" had too many elements')
              }

              obj.cids.push(reader.bytes())
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
          cids: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.cids != null && obj.cids === opts.limits.cids) {
                throw new MaxLengthError('Streaming decode error - repeated field "cids" had too many elements')
              }

              yield {
                field: `${prefix}.cids[]`,
                index: obj.cids,
                value: reader.bytes()
              }

              obj.cids++

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

  export interface UnpinningResponseCidsFieldEvent {
    field: '$.cids[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<UnpinningResponse>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, UnpinningResponse.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<UnpinningResponse>): UnpinningResponse {
    return decodeMessage(buf, UnpinningResponse.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<UnpinningResponse>): Generator<UnpinningResponseCidsFieldEvent> {
    return streamMessage(buf, UnpinningResponse.codec(), opts)
  }
}

export interface InvitationMessage {
  secret: Uint8Array<ArrayBuffer>
  clusterId: Uint8Array<ArrayBuffer>
  addresses: string[]
}

export namespace InvitationMessage {
  let _codec: Codec<InvitationMessage>

  export const codec = (): Codec<InvitationMessage> => {
    if (_codec == null) {
      _codec = message<InvitationMessage>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.secret != null && obj.secret.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.secret)
        }

        if ((obj.clusterId != null && obj.clusterId.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.clusterId)
        }

        if (obj.addresses != null && obj.addresses.length > 0) {
          for (const value of obj.addresses) {
            w.uint32(26)
            w.string(value)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          secret: uint8ArrayAlloc(0),
          clusterId: uint8ArrayAlloc(0),
          addresses: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.secret = reader.bytes()
              break
            }
            case 2: {
              obj.clusterId = reader.bytes()
              break
            }
            case 3: {
              if (opts.limits?.addresses != null && obj.addresses.length === opts.limits.addresses) {
                throw new MaxLengthError('Decode error - repeated field "addresses" had too many elements')
              }

              obj.addresses.push(reader.string())
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
                field: `${prefix}.secret`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.clusterId`,
                value: reader.bytes()
              }
              break
            }
            case 3: {
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

  export interface InvitationMessageSecretFieldEvent {
    field: '$.secret'
    value: Uint8Array<ArrayBuffer>
  }

  export interface InvitationMessageClusterIdFieldEvent {
    field: '$.clusterId'
    value: Uint8Array<ArrayBuffer>
  }

  export interface InvitationMessageAddressesFieldEvent {
    field: '$.addresses[]'
    index: number
    value: string
  }

  export function encode (obj: Partial<InvitationMessage>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, InvitationMessage.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<InvitationMessage>): InvitationMessage {
    return decodeMessage(buf, InvitationMessage.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<InvitationMessage>): Generator<InvitationMessageSecretFieldEvent | InvitationMessageClusterIdFieldEvent | InvitationMessageAddressesFieldEvent> {
    return streamMessage(buf, InvitationMessage.codec(), opts)
  }
}
