// @ts-nocheck generated from wire.proto by scripts/generate-protobuf.ts; do not edit
/* eslint-disable require-yield */

import { decodeMessage, encodeMessage, MaxLengthError, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface Hello {
  protocolVersion: number
  clusterId?: string
  epoch: number
  storageId: string
  release: string
}

export namespace Hello {
  let _codec: Codec<Hello>

  export const codec = (): Codec<Hello> => {
    if (_codec == null) {
      _codec = message<Hello>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.protocolVersion != null && obj.protocolVersion !== 0)) {
          w.uint32(8)
          w.uint32(obj.protocolVersion)
        }

        if (obj.clusterId != null) {
          w.uint32(18)
          w.string(obj.clusterId)
        }

        if ((obj.epoch != null && obj.epoch !== 0)) {
          w.uint32(24)
          w.uint64Number(obj.epoch)
        }

        if ((obj.storageId != null && obj.storageId !== '')) {
          w.uint32(34)
          w.string(obj.storageId)
        }

        if ((obj.release != null && obj.release !== '')) {
          w.uint32(42)
          w.string(obj.release)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          protocolVersion: 0,
          epoch: 0,
          storageId: '',
          release: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.protocolVersion = reader.uint32()
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
            case 4: {
              obj.storageId = reader.string()
              break
            }
            case 5: {
              obj.release = reader.string()
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
                field: `${prefix}.protocolVersion`,
                value: reader.uint32()
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
                value: reader.uint64Number()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.storageId`,
                value: reader.string()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.release`,
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

  export interface HelloProtocolVersionFieldEvent {
    field: '$.protocolVersion'
    value: number
  }

  export interface HelloClusterIdFieldEvent {
    field: '$.clusterId'
    value: string
  }

  export interface HelloEpochFieldEvent {
    field: '$.epoch'
    value: number
  }

  export interface HelloStorageIdFieldEvent {
    field: '$.storageId'
    value: string
  }

  export interface HelloReleaseFieldEvent {
    field: '$.release'
    value: string
  }

  export function encode (obj: Partial<Hello>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Hello.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Hello>): Hello {
    return decodeMessage(buf, Hello.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Hello>): Generator<HelloProtocolVersionFieldEvent | HelloClusterIdFieldEvent | HelloEpochFieldEvent | HelloStorageIdFieldEvent | HelloReleaseFieldEvent> {
    return streamMessage(buf, Hello.codec(), opts)
  }
}

export interface HelloAnswer {
  hello?: Hello
  refusal: string
}

export namespace HelloAnswer {
  let _codec: Codec<HelloAnswer>

  export const codec = (): Codec<HelloAnswer> => {
    if (_codec == null) {
      _codec = message<HelloAnswer>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.hello != null) {
          w.uint32(10)
          Hello.codec().encode(obj.hello, w)
        }

        if ((obj.refusal != null && obj.refusal !== '')) {
          w.uint32(18)
          w.string(obj.refusal)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          refusal: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.hello = Hello.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.hello
              })
              break
            }
            case 2: {
              obj.refusal = reader.string()
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
              yield * Hello.codec().stream(reader, reader.uint32(), `${prefix}.hello`, {
                limits: opts.limits?.hello
              })

              break
            }
            case 2: {
              yield {
                field: `${prefix}.refusal`,
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

  export interface HelloAnswerHelloProtocolVersionFieldEvent {
    field: '$.hello.protocolVersion'
    value: number
  }

  export interface HelloAnswerHelloClusterIdFieldEvent {
    field: '$.hello.clusterId'
    value: string
  }

  export interface HelloAnswerHelloEpochFieldEvent {
    field: '$.hello.epoch'
    value: number
  }

  export interface HelloAnswerHelloStorageIdFieldEvent {
    field: '$.hello.storageId'
    value: string
  }

  export interface HelloAnswerHelloReleaseFieldEvent {
    field: '$.hello.release'
    value: string
  }

  export interface HelloAnswerRefusalFieldEvent {
    field: '$.refusal'
    value: string
  }

  export function encode (obj: Partial<HelloAnswer>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, HelloAnswer.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<HelloAnswer>): HelloAnswer {
    return decodeMessage(buf, HelloAnswer.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<HelloAnswer>): Generator<HelloAnswerHelloProtocolVersionFieldEvent | HelloAnswerHelloClusterIdFieldEvent | HelloAnswerHelloEpochFieldEvent | HelloAnswerHelloStorageIdFieldEvent | HelloAnswerHelloReleaseFieldEvent | HelloAnswerRefusalFieldEvent> {
    return streamMessage(buf, HelloAnswer.codec(), opts)
  }
}

export interface WireEntryId {
  term: number
  index: number
}

export namespace WireEntryId {
  let _codec: Codec<WireEntryId>

  export const codec = (): Codec<WireEntryId> => {
    if (_codec == null) {
      _codec = message<WireEntryId>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.term != null && obj.term !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.term)
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
          term: 0,
          index: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.term = reader.uint64Number()
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
                field: `${prefix}.term`,
                value: reader.uint64Number()
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

  export interface WireEntryIdTermFieldEvent {
    field: '$.term'
    value: number
  }

  export interface WireEntryIdIndexFieldEvent {
    field: '$.index'
    value: number
  }

  export function encode (obj: Partial<WireEntryId>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireEntryId.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireEntryId>): WireEntryId {
    return decodeMessage(buf, WireEntryId.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireEntryId>): Generator<WireEntryIdTermFieldEvent | WireEntryIdIndexFieldEvent> {
    return streamMessage(buf, WireEntryId.codec(), opts)
  }
}

export interface WireEntry {
  term: number
  index: number
  entryKind: number
  data: Uint8Array<ArrayBuffer>
}

export namespace WireEntry {
  let _codec: Codec<WireEntry>

  export const codec = (): Codec<WireEntry> => {
    if (_codec == null) {
      _codec = message<WireEntry>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.term != null && obj.term !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.term)
        }

        if ((obj.index != null && obj.index !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.index)
        }

        if ((obj.entryKind != null && obj.entryKind !== 0)) {
          w.uint32(24)
          w.uint32(obj.entryKind)
        }

        if ((obj.data != null && obj.data.byteLength > 0)) {
          w.uint32(34)
          w.bytes(obj.data)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          term: 0,
          index: 0,
          entryKind: 0,
          data: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.term = reader.uint64Number()
              break
            }
            case 2: {
              obj.index = reader.uint64Number()
              break
            }
            case 3: {
              obj.entryKind = reader.uint32()
              break
            }
            case 4: {
              obj.data = reader.bytes()
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
                field: `${prefix}.term`,
                value: reader.uint64Number()
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
            case 3: {
              yield {
                field: `${prefix}.entryKind`,
                value: reader.uint32()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.data`,
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

  export interface WireEntryTermFieldEvent {
    field: '$.term'
    value: number
  }

  export interface WireEntryIndexFieldEvent {
    field: '$.index'
    value: number
  }

  export interface WireEntryEntryKindFieldEvent {
    field: '$.entryKind'
    value: number
  }

  export interface WireEntryDataFieldEvent {
    field: '$.data'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<WireEntry>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireEntry.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireEntry>): WireEntry {
    return decodeMessage(buf, WireEntry.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireEntry>): Generator<WireEntryTermFieldEvent | WireEntryIndexFieldEvent | WireEntryEntryKindFieldEvent | WireEntryDataFieldEvent> {
    return streamMessage(buf, WireEntry.codec(), opts)
  }
}

export interface WireAppendEntries {
  term: number
  prev?: WireEntryId
  entries: WireEntry[]
  commitIndex: number
  readRound: number
}

export namespace WireAppendEntries {
  let _codec: Codec<WireAppendEntries>

  export const codec = (): Codec<WireAppendEntries> => {
    if (_codec == null) {
      _codec = message<WireAppendEntries>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.term != null && obj.term !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.term)
        }

        if (obj.prev != null) {
          w.uint32(18)
          WireEntryId.codec().encode(obj.prev, w)
        }

        if (obj.entries != null && obj.entries.length > 0) {
          for (const value of obj.entries) {
            w.uint32(26)
            WireEntry.codec().encode(value, w)
          }
        }

        if ((obj.commitIndex != null && obj.commitIndex !== 0)) {
          w.uint32(32)
          w.uint64Number(obj.commitIndex)
        }

        if ((obj.readRound != null && obj.readRound !== 0)) {
          w.uint32(40)
          w.uint64Number(obj.readRound)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          term: 0,
          entries: [],
          commitIndex: 0,
          readRound: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.term = reader.uint64Number()
              break
            }
            case 2: {
              obj.prev = WireEntryId.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.prev
              })
              break
            }
            case 3: {
              if (opts.limits?.entries != null && obj.entries.length === opts.limits.entries) {
                throw new MaxLengthError('Decode error - repeated field "entries" had too many elements')
              }

              obj.entries.push(WireEntry.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.entries$
              }))
              break
            }
            case 4: {
              obj.commitIndex = reader.uint64Number()
              break
            }
            case 5: {
              obj.readRound = reader.uint64Number()
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
          entries: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.term`,
                value: reader.uint64Number()
              }
              break
            }
            case 2: {
              yield * WireEntryId.codec().stream(reader, reader.uint32(), `${prefix}.prev`, {
                limits: opts.limits?.prev
              })

              break
            }
            case 3: {
              if (opts.limits?.entries != null && obj.entries === opts.limits.entries) {
                throw new MaxLengthError('Streaming decode error - repeated field "entries" had too many elements')
              }

              for (const evt of WireEntry.codec().stream(reader, reader.uint32(), `${prefix}.entries[]`, {
                limits: opts.limits?.entries$
              })) {
                yield {
                  ...evt,
                  index: obj.entries
                }
              }

              obj.entries++

              break
            }
            case 4: {
              yield {
                field: `${prefix}.commitIndex`,
                value: reader.uint64Number()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.readRound`,
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

  export interface WireAppendEntriesTermFieldEvent {
    field: '$.term'
    value: number
  }

  export interface WireAppendEntriesPrevTermFieldEvent {
    field: '$.prev.term'
    value: number
  }

  export interface WireAppendEntriesPrevIndexFieldEvent {
    field: '$.prev.index'
    value: number
  }

  export interface WireAppendEntriesEntriesTermFieldEvent {
    field: '$.entries[].term'
    value: number
    index: number
  }

  export interface WireAppendEntriesEntriesIndexFieldEvent {
    field: '$.entries[].index'
    value: number
    index: number
  }

  export interface WireAppendEntriesEntriesEntryKindFieldEvent {
    field: '$.entries[].entryKind'
    value: number
    index: number
  }

  export interface WireAppendEntriesEntriesDataFieldEvent {
    field: '$.entries[].data'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface WireAppendEntriesCommitIndexFieldEvent {
    field: '$.commitIndex'
    value: number
  }

  export interface WireAppendEntriesReadRoundFieldEvent {
    field: '$.readRound'
    value: number
  }

  export function encode (obj: Partial<WireAppendEntries>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireAppendEntries.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireAppendEntries>): WireAppendEntries {
    return decodeMessage(buf, WireAppendEntries.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireAppendEntries>): Generator<WireAppendEntriesTermFieldEvent | WireAppendEntriesPrevTermFieldEvent | WireAppendEntriesPrevIndexFieldEvent | WireAppendEntriesEntriesTermFieldEvent | WireAppendEntriesEntriesIndexFieldEvent | WireAppendEntriesEntriesEntryKindFieldEvent | WireAppendEntriesEntriesDataFieldEvent | WireAppendEntriesCommitIndexFieldEvent | WireAppendEntriesReadRoundFieldEvent> {
    return streamMessage(buf, WireAppendEntries.codec(), opts)
  }
}

export interface WireAppendEntriesResponse {
  term: number
  readRound: number
  matchIndex?: number
  rejected?: WireRejection
}

export namespace WireAppendEntriesResponse {
  let _codec: Codec<WireAppendEntriesResponse>

  export const codec = (): Codec<WireAppendEntriesResponse> => {
    if (_codec == null) {
      _codec = message<WireAppendEntriesResponse>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        obj = { ...obj }

        if (obj.rejected != null) {
          obj.matchIndex = undefined
        }

        if (obj.matchIndex != null) {
          obj.rejected = undefined
        }

        if ((obj.term != null && obj.term !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.term)
        }

        if ((obj.readRound != null && obj.readRound !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.readRound)
        }

        if (obj.matchIndex != null) {
          w.uint32(24)
          w.uint64Number(obj.matchIndex)
        }

        if (obj.rejected != null) {
          w.uint32(34)
          WireRejection.codec().encode(obj.rejected, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          term: 0,
          readRound: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.term = reader.uint64Number()
              break
            }
            case 2: {
              obj.readRound = reader.uint64Number()
              break
            }
            case 3: {
              obj.matchIndex = reader.uint64Number()
              break
            }
            case 4: {
              obj.rejected = WireRejection.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.rejected
              })
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        if (obj.rejected != null) {
          delete obj.matchIndex
        }

        if (obj.matchIndex != null) {
          delete obj.rejected
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.term`,
                value: reader.uint64Number()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.readRound`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.matchIndex`,
                value: reader.uint64Number()
              }
              break
            }
            case 4: {
              yield * WireRejection.codec().stream(reader, reader.uint32(), `${prefix}.rejected`, {
                limits: opts.limits?.rejected
              })

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

  export interface WireAppendEntriesResponseTermFieldEvent {
    field: '$.term'
    value: number
  }

  export interface WireAppendEntriesResponseReadRoundFieldEvent {
    field: '$.readRound'
    value: number
  }

  export interface WireAppendEntriesResponseMatchIndexFieldEvent {
    field: '$.matchIndex'
    value: number
  }

  export interface WireAppendEntriesResponseRejectedRejectedIndexFieldEvent {
    field: '$.rejected.rejectedIndex'
    value: number
  }

  export interface WireAppendEntriesResponseRejectedHintTermFieldEvent {
    field: '$.rejected.hint.term'
    value: number
  }

  export interface WireAppendEntriesResponseRejectedHintIndexFieldEvent {
    field: '$.rejected.hint.index'
    value: number
  }

  export function encode (obj: Partial<WireAppendEntriesResponse>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireAppendEntriesResponse.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireAppendEntriesResponse>): WireAppendEntriesResponse {
    return decodeMessage(buf, WireAppendEntriesResponse.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireAppendEntriesResponse>): Generator<WireAppendEntriesResponseTermFieldEvent | WireAppendEntriesResponseReadRoundFieldEvent | WireAppendEntriesResponseMatchIndexFieldEvent | WireAppendEntriesResponseRejectedRejectedIndexFieldEvent | WireAppendEntriesResponseRejectedHintTermFieldEvent | WireAppendEntriesResponseRejectedHintIndexFieldEvent> {
    return streamMessage(buf, WireAppendEntriesResponse.codec(), opts)
  }
}

export interface WireRejection {
  rejectedIndex: number
  hint?: WireEntryId
}

export namespace WireRejection {
  let _codec: Codec<WireRejection>

  export const codec = (): Codec<WireRejection> => {
    if (_codec == null) {
      _codec = message<WireRejection>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.rejectedIndex != null && obj.rejectedIndex !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.rejectedIndex)
        }

        if (obj.hint != null) {
          w.uint32(18)
          WireEntryId.codec().encode(obj.hint, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          rejectedIndex: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.rejectedIndex = reader.uint64Number()
              break
            }
            case 2: {
              obj.hint = WireEntryId.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.hint
              })
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
                field: `${prefix}.rejectedIndex`,
                value: reader.uint64Number()
              }
              break
            }
            case 2: {
              yield * WireEntryId.codec().stream(reader, reader.uint32(), `${prefix}.hint`, {
                limits: opts.limits?.hint
              })

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

  export interface WireRejectionRejectedIndexFieldEvent {
    field: '$.rejectedIndex'
    value: number
  }

  export interface WireRejectionHintTermFieldEvent {
    field: '$.hint.term'
    value: number
  }

  export interface WireRejectionHintIndexFieldEvent {
    field: '$.hint.index'
    value: number
  }

  export function encode (obj: Partial<WireRejection>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireRejection.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireRejection>): WireRejection {
    return decodeMessage(buf, WireRejection.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireRejection>): Generator<WireRejectionRejectedIndexFieldEvent | WireRejectionHintTermFieldEvent | WireRejectionHintIndexFieldEvent> {
    return streamMessage(buf, WireRejection.codec(), opts)
  }
}

export interface WireHeartbeat {
  term: number
  commitIndex: number
  readRound: number
}

export namespace WireHeartbeat {
  let _codec: Codec<WireHeartbeat>

  export const codec = (): Codec<WireHeartbeat> => {
    if (_codec == null) {
      _codec = message<WireHeartbeat>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.term != null && obj.term !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.term)
        }

        if ((obj.commitIndex != null && obj.commitIndex !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.commitIndex)
        }

        if ((obj.readRound != null && obj.readRound !== 0)) {
          w.uint32(24)
          w.uint64Number(obj.readRound)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          term: 0,
          commitIndex: 0,
          readRound: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.term = reader.uint64Number()
              break
            }
            case 2: {
              obj.commitIndex = reader.uint64Number()
              break
            }
            case 3: {
              obj.readRound = reader.uint64Number()
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
                field: `${prefix}.term`,
                value: reader.uint64Number()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.commitIndex`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.readRound`,
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

  export interface WireHeartbeatTermFieldEvent {
    field: '$.term'
    value: number
  }

  export interface WireHeartbeatCommitIndexFieldEvent {
    field: '$.commitIndex'
    value: number
  }

  export interface WireHeartbeatReadRoundFieldEvent {
    field: '$.readRound'
    value: number
  }

  export function encode (obj: Partial<WireHeartbeat>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireHeartbeat.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireHeartbeat>): WireHeartbeat {
    return decodeMessage(buf, WireHeartbeat.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireHeartbeat>): Generator<WireHeartbeatTermFieldEvent | WireHeartbeatCommitIndexFieldEvent | WireHeartbeatReadRoundFieldEvent> {
    return streamMessage(buf, WireHeartbeat.codec(), opts)
  }
}

export interface WireHeartbeatResponse {
  term: number
  readRound: number
}

export namespace WireHeartbeatResponse {
  let _codec: Codec<WireHeartbeatResponse>

  export const codec = (): Codec<WireHeartbeatResponse> => {
    if (_codec == null) {
      _codec = message<WireHeartbeatResponse>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.term != null && obj.term !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.term)
        }

        if ((obj.readRound != null && obj.readRound !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.readRound)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          term: 0,
          readRound: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.term = reader.uint64Number()
              break
            }
            case 2: {
              obj.readRound = reader.uint64Number()
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
                field: `${prefix}.term`,
                value: reader.uint64Number()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.readRound`,
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

  export interface WireHeartbeatResponseTermFieldEvent {
    field: '$.term'
    value: number
  }

  export interface WireHeartbeatResponseReadRoundFieldEvent {
    field: '$.readRound'
    value: number
  }

  export function encode (obj: Partial<WireHeartbeatResponse>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireHeartbeatResponse.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireHeartbeatResponse>): WireHeartbeatResponse {
    return decodeMessage(buf, WireHeartbeatResponse.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireHeartbeatResponse>): Generator<WireHeartbeatResponseTermFieldEvent | WireHeartbeatResponseReadRoundFieldEvent> {
    return streamMessage(buf, WireHeartbeatResponse.codec(), opts)
  }
}

export interface WireRequestVote {
  term: number
  last?: WireEntryId
  transfer: boolean
  pre: boolean
}

export namespace WireRequestVote {
  let _codec: Codec<WireRequestVote>

  export const codec = (): Codec<WireRequestVote> => {
    if (_codec == null) {
      _codec = message<WireRequestVote>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.term != null && obj.term !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.term)
        }

        if (obj.last != null) {
          w.uint32(18)
          WireEntryId.codec().encode(obj.last, w)
        }

        if ((obj.transfer != null && obj.transfer !== false)) {
          w.uint32(24)
          w.bool(obj.transfer)
        }

        if ((obj.pre != null && obj.pre !== false)) {
          w.uint32(32)
          w.bool(obj.pre)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          term: 0,
          transfer: false,
          pre: false
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.term = reader.uint64Number()
              break
            }
            case 2: {
              obj.last = WireEntryId.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.last
              })
              break
            }
            case 3: {
              obj.transfer = reader.bool()
              break
            }
            case 4: {
              obj.pre = reader.bool()
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
                field: `${prefix}.term`,
                value: reader.uint64Number()
              }
              break
            }
            case 2: {
              yield * WireEntryId.codec().stream(reader, reader.uint32(), `${prefix}.last`, {
                limits: opts.limits?.last
              })

              break
            }
            case 3: {
              yield {
                field: `${prefix}.transfer`,
                value: reader.bool()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.pre`,
                value: reader.bool()
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

  export interface WireRequestVoteTermFieldEvent {
    field: '$.term'
    value: number
  }

  export interface WireRequestVoteLastTermFieldEvent {
    field: '$.last.term'
    value: number
  }

  export interface WireRequestVoteLastIndexFieldEvent {
    field: '$.last.index'
    value: number
  }

  export interface WireRequestVoteTransferFieldEvent {
    field: '$.transfer'
    value: boolean
  }

  export interface WireRequestVotePreFieldEvent {
    field: '$.pre'
    value: boolean
  }

  export function encode (obj: Partial<WireRequestVote>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireRequestVote.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireRequestVote>): WireRequestVote {
    return decodeMessage(buf, WireRequestVote.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireRequestVote>): Generator<WireRequestVoteTermFieldEvent | WireRequestVoteLastTermFieldEvent | WireRequestVoteLastIndexFieldEvent | WireRequestVoteTransferFieldEvent | WireRequestVotePreFieldEvent> {
    return streamMessage(buf, WireRequestVote.codec(), opts)
  }
}

export interface WireRequestVoteResponse {
  term: number
  granted: boolean
  pre: boolean
}

export namespace WireRequestVoteResponse {
  let _codec: Codec<WireRequestVoteResponse>

  export const codec = (): Codec<WireRequestVoteResponse> => {
    if (_codec == null) {
      _codec = message<WireRequestVoteResponse>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.term != null && obj.term !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.term)
        }

        if ((obj.granted != null && obj.granted !== false)) {
          w.uint32(16)
          w.bool(obj.granted)
        }

        if ((obj.pre != null && obj.pre !== false)) {
          w.uint32(24)
          w.bool(obj.pre)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          term: 0,
          granted: false,
          pre: false
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.term = reader.uint64Number()
              break
            }
            case 2: {
              obj.granted = reader.bool()
              break
            }
            case 3: {
              obj.pre = reader.bool()
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
                field: `${prefix}.term`,
                value: reader.uint64Number()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.granted`,
                value: reader.bool()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.pre`,
                value: reader.bool()
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

  export interface WireRequestVoteResponseTermFieldEvent {
    field: '$.term'
    value: number
  }

  export interface WireRequestVoteResponseGrantedFieldEvent {
    field: '$.granted'
    value: boolean
  }

  export interface WireRequestVoteResponsePreFieldEvent {
    field: '$.pre'
    value: boolean
  }

  export function encode (obj: Partial<WireRequestVoteResponse>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireRequestVoteResponse.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireRequestVoteResponse>): WireRequestVoteResponse {
    return decodeMessage(buf, WireRequestVoteResponse.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireRequestVoteResponse>): Generator<WireRequestVoteResponseTermFieldEvent | WireRequestVoteResponseGrantedFieldEvent | WireRequestVoteResponsePreFieldEvent> {
    return streamMessage(buf, WireRequestVoteResponse.codec(), opts)
  }
}

export interface WireTimeoutNow {
  term: number
  last?: WireEntryId
}

export namespace WireTimeoutNow {
  let _codec: Codec<WireTimeoutNow>

  export const codec = (): Codec<WireTimeoutNow> => {
    if (_codec == null) {
      _codec = message<WireTimeoutNow>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.term != null && obj.term !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.term)
        }

        if (obj.last != null) {
          w.uint32(18)
          WireEntryId.codec().encode(obj.last, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          term: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.term = reader.uint64Number()
              break
            }
            case 2: {
              obj.last = WireEntryId.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.last
              })
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
                field: `${prefix}.term`,
                value: reader.uint64Number()
              }
              break
            }
            case 2: {
              yield * WireEntryId.codec().stream(reader, reader.uint32(), `${prefix}.last`, {
                limits: opts.limits?.last
              })

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

  export interface WireTimeoutNowTermFieldEvent {
    field: '$.term'
    value: number
  }

  export interface WireTimeoutNowLastTermFieldEvent {
    field: '$.last.term'
    value: number
  }

  export interface WireTimeoutNowLastIndexFieldEvent {
    field: '$.last.index'
    value: number
  }

  export function encode (obj: Partial<WireTimeoutNow>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireTimeoutNow.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireTimeoutNow>): WireTimeoutNow {
    return decodeMessage(buf, WireTimeoutNow.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireTimeoutNow>): Generator<WireTimeoutNowTermFieldEvent | WireTimeoutNowLastTermFieldEvent | WireTimeoutNowLastIndexFieldEvent> {
    return streamMessage(buf, WireTimeoutNow.codec(), opts)
  }
}

export interface WireKeepAlive {}

export namespace WireKeepAlive {
  let _codec: Codec<WireKeepAlive>

  export const codec = (): Codec<WireKeepAlive> => {
    if (_codec == null) {
      _codec = message<WireKeepAlive>((obj, w, opts = {}) => {
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

  export function encode (obj: Partial<WireKeepAlive>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireKeepAlive.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireKeepAlive>): WireKeepAlive {
    return decodeMessage(buf, WireKeepAlive.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireKeepAlive>): Generator<{}> {
    return streamMessage(buf, WireKeepAlive.codec(), opts)
  }
}

export interface RaftFrame {
  keepAlive?: WireKeepAlive
  appendEntries?: WireAppendEntries
  appendEntriesResponse?: WireAppendEntriesResponse
  heartbeat?: WireHeartbeat
  heartbeatResponse?: WireHeartbeatResponse
  requestVote?: WireRequestVote
  requestVoteResponse?: WireRequestVoteResponse
  timeoutNow?: WireTimeoutNow
}

export namespace RaftFrame {
  let _codec: Codec<RaftFrame>

  export const codec = (): Codec<RaftFrame> => {
    if (_codec == null) {
      _codec = message<RaftFrame>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        obj = { ...obj }

        if (obj.timeoutNow != null) {
          obj.requestVoteResponse = undefined
          obj.requestVote = undefined
          obj.heartbeatResponse = undefined
          obj.heartbeat = undefined
          obj.appendEntriesResponse = undefined
          obj.appendEntries = undefined
          obj.keepAlive = undefined
        }

        if (obj.requestVoteResponse != null) {
          obj.timeoutNow = undefined
          obj.requestVote = undefined
          obj.heartbeatResponse = undefined
          obj.heartbeat = undefined
          obj.appendEntriesResponse = undefined
          obj.appendEntries = undefined
          obj.keepAlive = undefined
        }

        if (obj.requestVote != null) {
          obj.timeoutNow = undefined
          obj.requestVoteResponse = undefined
          obj.heartbeatResponse = undefined
          obj.heartbeat = undefined
          obj.appendEntriesResponse = undefined
          obj.appendEntries = undefined
          obj.keepAlive = undefined
        }

        if (obj.heartbeatResponse != null) {
          obj.timeoutNow = undefined
          obj.requestVoteResponse = undefined
          obj.requestVote = undefined
          obj.heartbeat = undefined
          obj.appendEntriesResponse = undefined
          obj.appendEntries = undefined
          obj.keepAlive = undefined
        }

        if (obj.heartbeat != null) {
          obj.timeoutNow = undefined
          obj.requestVoteResponse = undefined
          obj.requestVote = undefined
          obj.heartbeatResponse = undefined
          obj.appendEntriesResponse = undefined
          obj.appendEntries = undefined
          obj.keepAlive = undefined
        }

        if (obj.appendEntriesResponse != null) {
          obj.timeoutNow = undefined
          obj.requestVoteResponse = undefined
          obj.requestVote = undefined
          obj.heartbeatResponse = undefined
          obj.heartbeat = undefined
          obj.appendEntries = undefined
          obj.keepAlive = undefined
        }

        if (obj.appendEntries != null) {
          obj.timeoutNow = undefined
          obj.requestVoteResponse = undefined
          obj.requestVote = undefined
          obj.heartbeatResponse = undefined
          obj.heartbeat = undefined
          obj.appendEntriesResponse = undefined
          obj.keepAlive = undefined
        }

        if (obj.keepAlive != null) {
          obj.timeoutNow = undefined
          obj.requestVoteResponse = undefined
          obj.requestVote = undefined
          obj.heartbeatResponse = undefined
          obj.heartbeat = undefined
          obj.appendEntriesResponse = undefined
          obj.appendEntries = undefined
        }

        if (obj.keepAlive != null) {
          w.uint32(10)
          WireKeepAlive.codec().encode(obj.keepAlive, w)
        }

        if (obj.appendEntries != null) {
          w.uint32(18)
          WireAppendEntries.codec().encode(obj.appendEntries, w)
        }

        if (obj.appendEntriesResponse != null) {
          w.uint32(26)
          WireAppendEntriesResponse.codec().encode(obj.appendEntriesResponse, w)
        }

        if (obj.heartbeat != null) {
          w.uint32(34)
          WireHeartbeat.codec().encode(obj.heartbeat, w)
        }

        if (obj.heartbeatResponse != null) {
          w.uint32(42)
          WireHeartbeatResponse.codec().encode(obj.heartbeatResponse, w)
        }

        if (obj.requestVote != null) {
          w.uint32(50)
          WireRequestVote.codec().encode(obj.requestVote, w)
        }

        if (obj.requestVoteResponse != null) {
          w.uint32(58)
          WireRequestVoteResponse.codec().encode(obj.requestVoteResponse, w)
        }

        if (obj.timeoutNow != null) {
          w.uint32(66)
          WireTimeoutNow.codec().encode(obj.timeoutNow, w)
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
            case 1: {
              obj.keepAlive = WireKeepAlive.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.keepAlive
              })
              break
            }
            case 2: {
              obj.appendEntries = WireAppendEntries.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.appendEntries
              })
              break
            }
            case 3: {
              obj.appendEntriesResponse = WireAppendEntriesResponse.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.appendEntriesResponse
              })
              break
            }
            case 4: {
              obj.heartbeat = WireHeartbeat.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.heartbeat
              })
              break
            }
            case 5: {
              obj.heartbeatResponse = WireHeartbeatResponse.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.heartbeatResponse
              })
              break
            }
            case 6: {
              obj.requestVote = WireRequestVote.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.requestVote
              })
              break
            }
            case 7: {
              obj.requestVoteResponse = WireRequestVoteResponse.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.requestVoteResponse
              })
              break
            }
            case 8: {
              obj.timeoutNow = WireTimeoutNow.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.timeoutNow
              })
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        if (obj.timeoutNow != null) {
          delete obj.requestVoteResponse
          delete obj.requestVote
          delete obj.heartbeatResponse
          delete obj.heartbeat
          delete obj.appendEntriesResponse
          delete obj.appendEntries
          delete obj.keepAlive
        }

        if (obj.requestVoteResponse != null) {
          delete obj.timeoutNow
          delete obj.requestVote
          delete obj.heartbeatResponse
          delete obj.heartbeat
          delete obj.appendEntriesResponse
          delete obj.appendEntries
          delete obj.keepAlive
        }

        if (obj.requestVote != null) {
          delete obj.timeoutNow
          delete obj.requestVoteResponse
          delete obj.heartbeatResponse
          delete obj.heartbeat
          delete obj.appendEntriesResponse
          delete obj.appendEntries
          delete obj.keepAlive
        }

        if (obj.heartbeatResponse != null) {
          delete obj.timeoutNow
          delete obj.requestVoteResponse
          delete obj.requestVote
          delete obj.heartbeat
          delete obj.appendEntriesResponse
          delete obj.appendEntries
          delete obj.keepAlive
        }

        if (obj.heartbeat != null) {
          delete obj.timeoutNow
          delete obj.requestVoteResponse
          delete obj.requestVote
          delete obj.heartbeatResponse
          delete obj.appendEntriesResponse
          delete obj.appendEntries
          delete obj.keepAlive
        }

        if (obj.appendEntriesResponse != null) {
          delete obj.timeoutNow
          delete obj.requestVoteResponse
          delete obj.requestVote
          delete obj.heartbeatResponse
          delete obj.heartbeat
          delete obj.appendEntries
          delete obj.keepAlive
        }

        if (obj.appendEntries != null) {
          delete obj.timeoutNow
          delete obj.requestVoteResponse
          delete obj.requestVote
          delete obj.heartbeatResponse
          delete obj.heartbeat
          delete obj.appendEntriesResponse
          delete obj.keepAlive
        }

        if (obj.keepAlive != null) {
          delete obj.timeoutNow
          delete obj.requestVoteResponse
          delete obj.requestVote
          delete obj.heartbeatResponse
          delete obj.heartbeat
          delete obj.appendEntriesResponse
          delete obj.appendEntries
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield * WireKeepAlive.codec().stream(reader, reader.uint32(), `${prefix}.keepAlive`, {
                limits: opts.limits?.keepAlive
              })

              break
            }
            case 2: {
              yield * WireAppendEntries.codec().stream(reader, reader.uint32(), `${prefix}.appendEntries`, {
                limits: opts.limits?.appendEntries
              })

              break
            }
            case 3: {
              yield * WireAppendEntriesResponse.codec().stream(reader, reader.uint32(), `${prefix}.appendEntriesResponse`, {
                limits: opts.limits?.appendEntriesResponse
              })

              break
            }
            case 4: {
              yield * WireHeartbeat.codec().stream(reader, reader.uint32(), `${prefix}.heartbeat`, {
                limits: opts.limits?.heartbeat
              })

              break
            }
            case 5: {
              yield * WireHeartbeatResponse.codec().stream(reader, reader.uint32(), `${prefix}.heartbeatResponse`, {
                limits: opts.limits?.heartbeatResponse
              })

              break
            }
            case 6: {
              yield * WireRequestVote.codec().stream(reader, reader.uint32(), `${prefix}.requestVote`, {
                limits: opts.limits?.requestVote
              })

              break
            }
            case 7: {
              yield * WireRequestVoteResponse.codec().stream(reader, reader.uint32(), `${prefix}.requestVoteResponse`, {
                limits: opts.limits?.requestVoteResponse
              })

              break
            }
            case 8: {
              yield * WireTimeoutNow.codec().stream(reader, reader.uint32(), `${prefix}.timeoutNow`, {
                limits: opts.limits?.timeoutNow
              })

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

  export interface RaftFrameAppendEntriesTermFieldEvent {
    field: '$.appendEntries.term'
    value: number
  }

  export interface RaftFrameAppendEntriesPrevTermFieldEvent {
    field: '$.appendEntries.prev.term'
    value: number
  }

  export interface RaftFrameAppendEntriesPrevIndexFieldEvent {
    field: '$.appendEntries.prev.index'
    value: number
  }

  export interface RaftFrameAppendEntriesEntriesTermFieldEvent {
    field: '$.appendEntries.entries[].term'
    value: number
    index: number
  }

  export interface RaftFrameAppendEntriesEntriesIndexFieldEvent {
    field: '$.appendEntries.entries[].index'
    value: number
    index: number
  }

  export interface RaftFrameAppendEntriesEntriesEntryKindFieldEvent {
    field: '$.appendEntries.entries[].entryKind'
    value: number
    index: number
  }

  export interface RaftFrameAppendEntriesEntriesDataFieldEvent {
    field: '$.appendEntries.entries[].data'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface RaftFrameAppendEntriesCommitIndexFieldEvent {
    field: '$.appendEntries.commitIndex'
    value: number
  }

  export interface RaftFrameAppendEntriesReadRoundFieldEvent {
    field: '$.appendEntries.readRound'
    value: number
  }

  export interface RaftFrameAppendEntriesResponseTermFieldEvent {
    field: '$.appendEntriesResponse.term'
    value: number
  }

  export interface RaftFrameAppendEntriesResponseReadRoundFieldEvent {
    field: '$.appendEntriesResponse.readRound'
    value: number
  }

  export interface RaftFrameAppendEntriesResponseMatchIndexFieldEvent {
    field: '$.appendEntriesResponse.matchIndex'
    value: number
  }

  export interface RaftFrameAppendEntriesResponseRejectedRejectedIndexFieldEvent {
    field: '$.appendEntriesResponse.rejected.rejectedIndex'
    value: number
  }

  export interface RaftFrameAppendEntriesResponseRejectedHintTermFieldEvent {
    field: '$.appendEntriesResponse.rejected.hint.term'
    value: number
  }

  export interface RaftFrameAppendEntriesResponseRejectedHintIndexFieldEvent {
    field: '$.appendEntriesResponse.rejected.hint.index'
    value: number
  }

  export interface RaftFrameHeartbeatTermFieldEvent {
    field: '$.heartbeat.term'
    value: number
  }

  export interface RaftFrameHeartbeatCommitIndexFieldEvent {
    field: '$.heartbeat.commitIndex'
    value: number
  }

  export interface RaftFrameHeartbeatReadRoundFieldEvent {
    field: '$.heartbeat.readRound'
    value: number
  }

  export interface RaftFrameHeartbeatResponseTermFieldEvent {
    field: '$.heartbeatResponse.term'
    value: number
  }

  export interface RaftFrameHeartbeatResponseReadRoundFieldEvent {
    field: '$.heartbeatResponse.readRound'
    value: number
  }

  export interface RaftFrameRequestVoteTermFieldEvent {
    field: '$.requestVote.term'
    value: number
  }

  export interface RaftFrameRequestVoteLastTermFieldEvent {
    field: '$.requestVote.last.term'
    value: number
  }

  export interface RaftFrameRequestVoteLastIndexFieldEvent {
    field: '$.requestVote.last.index'
    value: number
  }

  export interface RaftFrameRequestVoteTransferFieldEvent {
    field: '$.requestVote.transfer'
    value: boolean
  }

  export interface RaftFrameRequestVotePreFieldEvent {
    field: '$.requestVote.pre'
    value: boolean
  }

  export interface RaftFrameRequestVoteResponseTermFieldEvent {
    field: '$.requestVoteResponse.term'
    value: number
  }

  export interface RaftFrameRequestVoteResponseGrantedFieldEvent {
    field: '$.requestVoteResponse.granted'
    value: boolean
  }

  export interface RaftFrameRequestVoteResponsePreFieldEvent {
    field: '$.requestVoteResponse.pre'
    value: boolean
  }

  export interface RaftFrameTimeoutNowTermFieldEvent {
    field: '$.timeoutNow.term'
    value: number
  }

  export interface RaftFrameTimeoutNowLastTermFieldEvent {
    field: '$.timeoutNow.last.term'
    value: number
  }

  export interface RaftFrameTimeoutNowLastIndexFieldEvent {
    field: '$.timeoutNow.last.index'
    value: number
  }

  export function encode (obj: Partial<RaftFrame>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, RaftFrame.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RaftFrame>): RaftFrame {
    return decodeMessage(buf, RaftFrame.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RaftFrame>): Generator<RaftFrameAppendEntriesTermFieldEvent | RaftFrameAppendEntriesPrevTermFieldEvent | RaftFrameAppendEntriesPrevIndexFieldEvent | RaftFrameAppendEntriesEntriesTermFieldEvent | RaftFrameAppendEntriesEntriesIndexFieldEvent | RaftFrameAppendEntriesEntriesEntryKindFieldEvent | RaftFrameAppendEntriesEntriesDataFieldEvent | RaftFrameAppendEntriesCommitIndexFieldEvent | RaftFrameAppendEntriesReadRoundFieldEvent | RaftFrameAppendEntriesResponseTermFieldEvent | RaftFrameAppendEntriesResponseReadRoundFieldEvent | RaftFrameAppendEntriesResponseMatchIndexFieldEvent | RaftFrameAppendEntriesResponseRejectedRejectedIndexFieldEvent | RaftFrameAppendEntriesResponseRejectedHintTermFieldEvent | RaftFrameAppendEntriesResponseRejectedHintIndexFieldEvent | RaftFrameHeartbeatTermFieldEvent | RaftFrameHeartbeatCommitIndexFieldEvent | RaftFrameHeartbeatReadRoundFieldEvent | RaftFrameHeartbeatResponseTermFieldEvent | RaftFrameHeartbeatResponseReadRoundFieldEvent | RaftFrameRequestVoteTermFieldEvent | RaftFrameRequestVoteLastTermFieldEvent | RaftFrameRequestVoteLastIndexFieldEvent | RaftFrameRequestVoteTransferFieldEvent | RaftFrameRequestVotePreFieldEvent | RaftFrameRequestVoteResponseTermFieldEvent | RaftFrameRequestVoteResponseGrantedFieldEvent | RaftFrameRequestVoteResponsePreFieldEvent | RaftFrameTimeoutNowTermFieldEvent | RaftFrameTimeoutNowLastTermFieldEvent | RaftFrameTimeoutNowLastIndexFieldEvent> {
    return streamMessage(buf, RaftFrame.codec(), opts)
  }
}

export interface WireInstallSnapshot {
  term: number
  id: string
  at?: WireEntryId
  membership: Uint8Array<ArrayBuffer>
  membershipIndex: number
}

export namespace WireInstallSnapshot {
  let _codec: Codec<WireInstallSnapshot>

  export const codec = (): Codec<WireInstallSnapshot> => {
    if (_codec == null) {
      _codec = message<WireInstallSnapshot>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.term != null && obj.term !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.term)
        }

        if ((obj.id != null && obj.id !== '')) {
          w.uint32(18)
          w.string(obj.id)
        }

        if (obj.at != null) {
          w.uint32(26)
          WireEntryId.codec().encode(obj.at, w)
        }

        if ((obj.membership != null && obj.membership.byteLength > 0)) {
          w.uint32(34)
          w.bytes(obj.membership)
        }

        if ((obj.membershipIndex != null && obj.membershipIndex !== 0)) {
          w.uint32(40)
          w.uint64Number(obj.membershipIndex)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          term: 0,
          id: '',
          membership: uint8ArrayAlloc(0),
          membershipIndex: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.term = reader.uint64Number()
              break
            }
            case 2: {
              obj.id = reader.string()
              break
            }
            case 3: {
              obj.at = WireEntryId.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.at
              })
              break
            }
            case 4: {
              obj.membership = reader.bytes()
              break
            }
            case 5: {
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
                field: `${prefix}.term`,
                value: reader.uint64Number()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.id`,
                value: reader.string()
              }
              break
            }
            case 3: {
              yield * WireEntryId.codec().stream(reader, reader.uint32(), `${prefix}.at`, {
                limits: opts.limits?.at
              })

              break
            }
            case 4: {
              yield {
                field: `${prefix}.membership`,
                value: reader.bytes()
              }
              break
            }
            case 5: {
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

  export interface WireInstallSnapshotTermFieldEvent {
    field: '$.term'
    value: number
  }

  export interface WireInstallSnapshotIdFieldEvent {
    field: '$.id'
    value: string
  }

  export interface WireInstallSnapshotAtTermFieldEvent {
    field: '$.at.term'
    value: number
  }

  export interface WireInstallSnapshotAtIndexFieldEvent {
    field: '$.at.index'
    value: number
  }

  export interface WireInstallSnapshotMembershipFieldEvent {
    field: '$.membership'
    value: Uint8Array<ArrayBuffer>
  }

  export interface WireInstallSnapshotMembershipIndexFieldEvent {
    field: '$.membershipIndex'
    value: number
  }

  export function encode (obj: Partial<WireInstallSnapshot>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireInstallSnapshot.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireInstallSnapshot>): WireInstallSnapshot {
    return decodeMessage(buf, WireInstallSnapshot.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireInstallSnapshot>): Generator<WireInstallSnapshotTermFieldEvent | WireInstallSnapshotIdFieldEvent | WireInstallSnapshotAtTermFieldEvent | WireInstallSnapshotAtIndexFieldEvent | WireInstallSnapshotMembershipFieldEvent | WireInstallSnapshotMembershipIndexFieldEvent> {
    return streamMessage(buf, WireInstallSnapshot.codec(), opts)
  }
}

export interface WireAccept {
  resumeAfter: Uint8Array<ArrayBuffer>
}

export namespace WireAccept {
  let _codec: Codec<WireAccept>

  export const codec = (): Codec<WireAccept> => {
    if (_codec == null) {
      _codec = message<WireAccept>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.resumeAfter != null && obj.resumeAfter.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.resumeAfter)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          resumeAfter: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.resumeAfter = reader.bytes()
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
                field: `${prefix}.resumeAfter`,
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

  export interface WireAcceptResumeAfterFieldEvent {
    field: '$.resumeAfter'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<WireAccept>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireAccept.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireAccept>): WireAccept {
    return decodeMessage(buf, WireAccept.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireAccept>): Generator<WireAcceptResumeAfterFieldEvent> {
    return streamMessage(buf, WireAccept.codec(), opts)
  }
}

export interface WireChunk {
  data: Uint8Array<ArrayBuffer>
}

export namespace WireChunk {
  let _codec: Codec<WireChunk>

  export const codec = (): Codec<WireChunk> => {
    if (_codec == null) {
      _codec = message<WireChunk>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.data != null && obj.data.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.data)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          data: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.data = reader.bytes()
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
                field: `${prefix}.data`,
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

  export interface WireChunkDataFieldEvent {
    field: '$.data'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<WireChunk>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireChunk.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireChunk>): WireChunk {
    return decodeMessage(buf, WireChunk.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireChunk>): Generator<WireChunkDataFieldEvent> {
    return streamMessage(buf, WireChunk.codec(), opts)
  }
}

export interface WireEnd {}

export namespace WireEnd {
  let _codec: Codec<WireEnd>

  export const codec = (): Codec<WireEnd> => {
    if (_codec == null) {
      _codec = message<WireEnd>((obj, w, opts = {}) => {
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

  export function encode (obj: Partial<WireEnd>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireEnd.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireEnd>): WireEnd {
    return decodeMessage(buf, WireEnd.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireEnd>): Generator<{}> {
    return streamMessage(buf, WireEnd.codec(), opts)
  }
}

export interface WireReceived {}

export namespace WireReceived {
  let _codec: Codec<WireReceived>

  export const codec = (): Codec<WireReceived> => {
    if (_codec == null) {
      _codec = message<WireReceived>((obj, w, opts = {}) => {
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

  export function encode (obj: Partial<WireReceived>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireReceived.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireReceived>): WireReceived {
    return decodeMessage(buf, WireReceived.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireReceived>): Generator<{}> {
    return streamMessage(buf, WireReceived.codec(), opts)
  }
}

export interface SnapshotFrame {
  working?: WireKeepAlive
  install?: WireInstallSnapshot
  accept?: WireAccept
  refuse?: string
  chunk?: WireChunk
  credit?: number
  end?: WireEnd
  received?: WireReceived
  failed?: string
}

export namespace SnapshotFrame {
  let _codec: Codec<SnapshotFrame>

  export const codec = (): Codec<SnapshotFrame> => {
    if (_codec == null) {
      _codec = message<SnapshotFrame>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        obj = { ...obj }

        if (obj.failed != null) {
          obj.received = undefined
          obj.end = undefined
          obj.credit = undefined
          obj.chunk = undefined
          obj.refuse = undefined
          obj.accept = undefined
          obj.install = undefined
          obj.working = undefined
        }

        if (obj.received != null) {
          obj.failed = undefined
          obj.end = undefined
          obj.credit = undefined
          obj.chunk = undefined
          obj.refuse = undefined
          obj.accept = undefined
          obj.install = undefined
          obj.working = undefined
        }

        if (obj.end != null) {
          obj.failed = undefined
          obj.received = undefined
          obj.credit = undefined
          obj.chunk = undefined
          obj.refuse = undefined
          obj.accept = undefined
          obj.install = undefined
          obj.working = undefined
        }

        if (obj.credit != null) {
          obj.failed = undefined
          obj.received = undefined
          obj.end = undefined
          obj.chunk = undefined
          obj.refuse = undefined
          obj.accept = undefined
          obj.install = undefined
          obj.working = undefined
        }

        if (obj.chunk != null) {
          obj.failed = undefined
          obj.received = undefined
          obj.end = undefined
          obj.credit = undefined
          obj.refuse = undefined
          obj.accept = undefined
          obj.install = undefined
          obj.working = undefined
        }

        if (obj.refuse != null) {
          obj.failed = undefined
          obj.received = undefined
          obj.end = undefined
          obj.credit = undefined
          obj.chunk = undefined
          obj.accept = undefined
          obj.install = undefined
          obj.working = undefined
        }

        if (obj.accept != null) {
          obj.failed = undefined
          obj.received = undefined
          obj.end = undefined
          obj.credit = undefined
          obj.chunk = undefined
          obj.refuse = undefined
          obj.install = undefined
          obj.working = undefined
        }

        if (obj.install != null) {
          obj.failed = undefined
          obj.received = undefined
          obj.end = undefined
          obj.credit = undefined
          obj.chunk = undefined
          obj.refuse = undefined
          obj.accept = undefined
          obj.working = undefined
        }

        if (obj.working != null) {
          obj.failed = undefined
          obj.received = undefined
          obj.end = undefined
          obj.credit = undefined
          obj.chunk = undefined
          obj.refuse = undefined
          obj.accept = undefined
          obj.install = undefined
        }

        if (obj.working != null) {
          w.uint32(10)
          WireKeepAlive.codec().encode(obj.working, w)
        }

        if (obj.install != null) {
          w.uint32(18)
          WireInstallSnapshot.codec().encode(obj.install, w)
        }

        if (obj.accept != null) {
          w.uint32(26)
          WireAccept.codec().encode(obj.accept, w)
        }

        if (obj.refuse != null) {
          w.uint32(34)
          w.string(obj.refuse)
        }

        if (obj.chunk != null) {
          w.uint32(42)
          WireChunk.codec().encode(obj.chunk, w)
        }

        if (obj.credit != null) {
          w.uint32(48)
          w.uint32(obj.credit)
        }

        if (obj.end != null) {
          w.uint32(58)
          WireEnd.codec().encode(obj.end, w)
        }

        if (obj.received != null) {
          w.uint32(66)
          WireReceived.codec().encode(obj.received, w)
        }

        if (obj.failed != null) {
          w.uint32(74)
          w.string(obj.failed)
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
            case 1: {
              obj.working = WireKeepAlive.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.working
              })
              break
            }
            case 2: {
              obj.install = WireInstallSnapshot.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.install
              })
              break
            }
            case 3: {
              obj.accept = WireAccept.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.accept
              })
              break
            }
            case 4: {
              obj.refuse = reader.string()
              break
            }
            case 5: {
              obj.chunk = WireChunk.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.chunk
              })
              break
            }
            case 6: {
              obj.credit = reader.uint32()
              break
            }
            case 7: {
              obj.end = WireEnd.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.end
              })
              break
            }
            case 8: {
              obj.received = WireReceived.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.received
              })
              break
            }
            case 9: {
              obj.failed = reader.string()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        if (obj.failed != null) {
          delete obj.received
          delete obj.end
          delete obj.credit
          delete obj.chunk
          delete obj.refuse
          delete obj.accept
          delete obj.install
          delete obj.working
        }

        if (obj.received != null) {
          delete obj.failed
          delete obj.end
          delete obj.credit
          delete obj.chunk
          delete obj.refuse
          delete obj.accept
          delete obj.install
          delete obj.working
        }

        if (obj.end != null) {
          delete obj.failed
          delete obj.received
          delete obj.credit
          delete obj.chunk
          delete obj.refuse
          delete obj.accept
          delete obj.install
          delete obj.working
        }

        if (obj.credit != null) {
          delete obj.failed
          delete obj.received
          delete obj.end
          delete obj.chunk
          delete obj.refuse
          delete obj.accept
          delete obj.install
          delete obj.working
        }

        if (obj.chunk != null) {
          delete obj.failed
          delete obj.received
          delete obj.end
          delete obj.credit
          delete obj.refuse
          delete obj.accept
          delete obj.install
          delete obj.working
        }

        if (obj.refuse != null) {
          delete obj.failed
          delete obj.received
          delete obj.end
          delete obj.credit
          delete obj.chunk
          delete obj.accept
          delete obj.install
          delete obj.working
        }

        if (obj.accept != null) {
          delete obj.failed
          delete obj.received
          delete obj.end
          delete obj.credit
          delete obj.chunk
          delete obj.refuse
          delete obj.install
          delete obj.working
        }

        if (obj.install != null) {
          delete obj.failed
          delete obj.received
          delete obj.end
          delete obj.credit
          delete obj.chunk
          delete obj.refuse
          delete obj.accept
          delete obj.working
        }

        if (obj.working != null) {
          delete obj.failed
          delete obj.received
          delete obj.end
          delete obj.credit
          delete obj.chunk
          delete obj.refuse
          delete obj.accept
          delete obj.install
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield * WireKeepAlive.codec().stream(reader, reader.uint32(), `${prefix}.working`, {
                limits: opts.limits?.working
              })

              break
            }
            case 2: {
              yield * WireInstallSnapshot.codec().stream(reader, reader.uint32(), `${prefix}.install`, {
                limits: opts.limits?.install
              })

              break
            }
            case 3: {
              yield * WireAccept.codec().stream(reader, reader.uint32(), `${prefix}.accept`, {
                limits: opts.limits?.accept
              })

              break
            }
            case 4: {
              yield {
                field: `${prefix}.refuse`,
                value: reader.string()
              }
              break
            }
            case 5: {
              yield * WireChunk.codec().stream(reader, reader.uint32(), `${prefix}.chunk`, {
                limits: opts.limits?.chunk
              })

              break
            }
            case 6: {
              yield {
                field: `${prefix}.credit`,
                value: reader.uint32()
              }
              break
            }
            case 7: {
              yield * WireEnd.codec().stream(reader, reader.uint32(), `${prefix}.end`, {
                limits: opts.limits?.end
              })

              break
            }
            case 8: {
              yield * WireReceived.codec().stream(reader, reader.uint32(), `${prefix}.received`, {
                limits: opts.limits?.received
              })

              break
            }
            case 9: {
              yield {
                field: `${prefix}.failed`,
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

  export interface SnapshotFrameInstallTermFieldEvent {
    field: '$.install.term'
    value: number
  }

  export interface SnapshotFrameInstallIdFieldEvent {
    field: '$.install.id'
    value: string
  }

  export interface SnapshotFrameInstallAtTermFieldEvent {
    field: '$.install.at.term'
    value: number
  }

  export interface SnapshotFrameInstallAtIndexFieldEvent {
    field: '$.install.at.index'
    value: number
  }

  export interface SnapshotFrameInstallMembershipFieldEvent {
    field: '$.install.membership'
    value: Uint8Array<ArrayBuffer>
  }

  export interface SnapshotFrameInstallMembershipIndexFieldEvent {
    field: '$.install.membershipIndex'
    value: number
  }

  export interface SnapshotFrameAcceptResumeAfterFieldEvent {
    field: '$.accept.resumeAfter'
    value: Uint8Array<ArrayBuffer>
  }

  export interface SnapshotFrameRefuseFieldEvent {
    field: '$.refuse'
    value: string
  }

  export interface SnapshotFrameChunkDataFieldEvent {
    field: '$.chunk.data'
    value: Uint8Array<ArrayBuffer>
  }

  export interface SnapshotFrameCreditFieldEvent {
    field: '$.credit'
    value: number
  }

  export interface SnapshotFrameFailedFieldEvent {
    field: '$.failed'
    value: string
  }

  export function encode (obj: Partial<SnapshotFrame>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, SnapshotFrame.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SnapshotFrame>): SnapshotFrame {
    return decodeMessage(buf, SnapshotFrame.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SnapshotFrame>): Generator<SnapshotFrameInstallTermFieldEvent | SnapshotFrameInstallIdFieldEvent | SnapshotFrameInstallAtTermFieldEvent | SnapshotFrameInstallAtIndexFieldEvent | SnapshotFrameInstallMembershipFieldEvent | SnapshotFrameInstallMembershipIndexFieldEvent | SnapshotFrameAcceptResumeAfterFieldEvent | SnapshotFrameRefuseFieldEvent | SnapshotFrameChunkDataFieldEvent | SnapshotFrameCreditFieldEvent | SnapshotFrameFailedFieldEvent> {
    return streamMessage(buf, SnapshotFrame.codec(), opts)
  }
}

export interface RpcRequest {
  id: number
  method: string
  timeoutMs: number
  body: Uint8Array<ArrayBuffer>
}

export namespace RpcRequest {
  let _codec: Codec<RpcRequest>

  export const codec = (): Codec<RpcRequest> => {
    if (_codec == null) {
      _codec = message<RpcRequest>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.id != null && obj.id !== 0)) {
          w.uint32(8)
          w.uint32(obj.id)
        }

        if ((obj.method != null && obj.method !== '')) {
          w.uint32(18)
          w.string(obj.method)
        }

        if ((obj.timeoutMs != null && obj.timeoutMs !== 0)) {
          w.uint32(24)
          w.uint32(obj.timeoutMs)
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
          id: 0,
          method: '',
          timeoutMs: 0,
          body: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.id = reader.uint32()
              break
            }
            case 2: {
              obj.method = reader.string()
              break
            }
            case 3: {
              obj.timeoutMs = reader.uint32()
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
                field: `${prefix}.id`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.method`,
                value: reader.string()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.timeoutMs`,
                value: reader.uint32()
              }
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

  export interface RpcRequestIdFieldEvent {
    field: '$.id'
    value: number
  }

  export interface RpcRequestMethodFieldEvent {
    field: '$.method'
    value: string
  }

  export interface RpcRequestTimeoutMsFieldEvent {
    field: '$.timeoutMs'
    value: number
  }

  export interface RpcRequestBodyFieldEvent {
    field: '$.body'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<RpcRequest>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, RpcRequest.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RpcRequest>): RpcRequest {
    return decodeMessage(buf, RpcRequest.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RpcRequest>): Generator<RpcRequestIdFieldEvent | RpcRequestMethodFieldEvent | RpcRequestTimeoutMsFieldEvent | RpcRequestBodyFieldEvent> {
    return streamMessage(buf, RpcRequest.codec(), opts)
  }
}

export interface RpcResponse {
  id: number
  body: Uint8Array<ArrayBuffer>
}

export namespace RpcResponse {
  let _codec: Codec<RpcResponse>

  export const codec = (): Codec<RpcResponse> => {
    if (_codec == null) {
      _codec = message<RpcResponse>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.id != null && obj.id !== 0)) {
          w.uint32(8)
          w.uint32(obj.id)
        }

        if ((obj.body != null && obj.body.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.body)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          id: 0,
          body: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.id = reader.uint32()
              break
            }
            case 2: {
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
                field: `${prefix}.id`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
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

  export interface RpcResponseIdFieldEvent {
    field: '$.id'
    value: number
  }

  export interface RpcResponseBodyFieldEvent {
    field: '$.body'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<RpcResponse>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, RpcResponse.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RpcResponse>): RpcResponse {
    return decodeMessage(buf, RpcResponse.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RpcResponse>): Generator<RpcResponseIdFieldEvent | RpcResponseBodyFieldEvent> {
    return streamMessage(buf, RpcResponse.codec(), opts)
  }
}

export interface RpcErrorField {
  name: string
  value: string
}

export namespace RpcErrorField {
  let _codec: Codec<RpcErrorField>

  export const codec = (): Codec<RpcErrorField> => {
    if (_codec == null) {
      _codec = message<RpcErrorField>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.name != null && obj.name !== '')) {
          w.uint32(10)
          w.string(obj.name)
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
          name: '',
          value: ''
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
                field: `${prefix}.name`,
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

  export interface RpcErrorFieldNameFieldEvent {
    field: '$.name'
    value: string
  }

  export interface RpcErrorFieldValueFieldEvent {
    field: '$.value'
    value: string
  }

  export function encode (obj: Partial<RpcErrorField>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, RpcErrorField.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RpcErrorField>): RpcErrorField {
    return decodeMessage(buf, RpcErrorField.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RpcErrorField>): Generator<RpcErrorFieldNameFieldEvent | RpcErrorFieldValueFieldEvent> {
    return streamMessage(buf, RpcErrorField.codec(), opts)
  }
}

export interface RpcFailure {
  id: number
  code: string
  message: string
  fields: RpcErrorField[]
}

export namespace RpcFailure {
  let _codec: Codec<RpcFailure>

  export const codec = (): Codec<RpcFailure> => {
    if (_codec == null) {
      _codec = message<RpcFailure>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.id != null && obj.id !== 0)) {
          w.uint32(8)
          w.uint32(obj.id)
        }

        if ((obj.code != null && obj.code !== '')) {
          w.uint32(18)
          w.string(obj.code)
        }

        if ((obj.message != null && obj.message !== '')) {
          w.uint32(26)
          w.string(obj.message)
        }

        if (obj.fields != null && obj.fields.length > 0) {
          for (const value of obj.fields) {
            w.uint32(34)
            RpcErrorField.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          id: 0,
          code: '',
          message: '',
          fields: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.id = reader.uint32()
              break
            }
            case 2: {
              obj.code = reader.string()
              break
            }
            case 3: {
              obj.message = reader.string()
              break
            }
            case 4: {
              if (opts.limits?.fields != null && obj.fields.length === opts.limits.fields) {
                throw new MaxLengthError('Decode error - repeated field "fields" had too many elements')
              }

              obj.fields.push(RpcErrorField.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.fields$
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
          fields: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.id`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.code`,
                value: reader.string()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.message`,
                value: reader.string()
              }
              break
            }
            case 4: {
              if (opts.limits?.fields != null && obj.fields === opts.limits.fields) {
                throw new MaxLengthError('Streaming decode error - repeated field "fields" had too many elements')
              }

              for (const evt of RpcErrorField.codec().stream(reader, reader.uint32(), `${prefix}.fields[]`, {
                limits: opts.limits?.fields$
              })) {
                yield {
                  ...evt,
                  index: obj.fields
                }
              }

              obj.fields++

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

  export interface RpcFailureIdFieldEvent {
    field: '$.id'
    value: number
  }

  export interface RpcFailureCodeFieldEvent {
    field: '$.code'
    value: string
  }

  export interface RpcFailureMessageFieldEvent {
    field: '$.message'
    value: string
  }

  export interface RpcFailureFieldsNameFieldEvent {
    field: '$.fields[].name'
    value: string
    index: number
  }

  export interface RpcFailureFieldsValueFieldEvent {
    field: '$.fields[].value'
    value: string
    index: number
  }

  export function encode (obj: Partial<RpcFailure>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, RpcFailure.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RpcFailure>): RpcFailure {
    return decodeMessage(buf, RpcFailure.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RpcFailure>): Generator<RpcFailureIdFieldEvent | RpcFailureCodeFieldEvent | RpcFailureMessageFieldEvent | RpcFailureFieldsNameFieldEvent | RpcFailureFieldsValueFieldEvent> {
    return streamMessage(buf, RpcFailure.codec(), opts)
  }
}

export interface RpcCancel {
  id: number
}

export namespace RpcCancel {
  let _codec: Codec<RpcCancel>

  export const codec = (): Codec<RpcCancel> => {
    if (_codec == null) {
      _codec = message<RpcCancel>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.id != null && obj.id !== 0)) {
          w.uint32(8)
          w.uint32(obj.id)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          id: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.id = reader.uint32()
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
                field: `${prefix}.id`,
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

  export interface RpcCancelIdFieldEvent {
    field: '$.id'
    value: number
  }

  export function encode (obj: Partial<RpcCancel>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, RpcCancel.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RpcCancel>): RpcCancel {
    return decodeMessage(buf, RpcCancel.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RpcCancel>): Generator<RpcCancelIdFieldEvent> {
    return streamMessage(buf, RpcCancel.codec(), opts)
  }
}

export interface RpcFrame {
  request?: RpcRequest
  response?: RpcResponse
  failure?: RpcFailure
  cancel?: RpcCancel
}

export namespace RpcFrame {
  let _codec: Codec<RpcFrame>

  export const codec = (): Codec<RpcFrame> => {
    if (_codec == null) {
      _codec = message<RpcFrame>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        obj = { ...obj }

        if (obj.cancel != null) {
          obj.failure = undefined
          obj.response = undefined
          obj.request = undefined
        }

        if (obj.failure != null) {
          obj.cancel = undefined
          obj.response = undefined
          obj.request = undefined
        }

        if (obj.response != null) {
          obj.cancel = undefined
          obj.failure = undefined
          obj.request = undefined
        }

        if (obj.request != null) {
          obj.cancel = undefined
          obj.failure = undefined
          obj.response = undefined
        }

        if (obj.request != null) {
          w.uint32(10)
          RpcRequest.codec().encode(obj.request, w)
        }

        if (obj.response != null) {
          w.uint32(18)
          RpcResponse.codec().encode(obj.response, w)
        }

        if (obj.failure != null) {
          w.uint32(26)
          RpcFailure.codec().encode(obj.failure, w)
        }

        if (obj.cancel != null) {
          w.uint32(34)
          RpcCancel.codec().encode(obj.cancel, w)
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
            case 1: {
              obj.request = RpcRequest.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.request
              })
              break
            }
            case 2: {
              obj.response = RpcResponse.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.response
              })
              break
            }
            case 3: {
              obj.failure = RpcFailure.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.failure
              })
              break
            }
            case 4: {
              obj.cancel = RpcCancel.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.cancel
              })
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        if (obj.cancel != null) {
          delete obj.failure
          delete obj.response
          delete obj.request
        }

        if (obj.failure != null) {
          delete obj.cancel
          delete obj.response
          delete obj.request
        }

        if (obj.response != null) {
          delete obj.cancel
          delete obj.failure
          delete obj.request
        }

        if (obj.request != null) {
          delete obj.cancel
          delete obj.failure
          delete obj.response
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield * RpcRequest.codec().stream(reader, reader.uint32(), `${prefix}.request`, {
                limits: opts.limits?.request
              })

              break
            }
            case 2: {
              yield * RpcResponse.codec().stream(reader, reader.uint32(), `${prefix}.response`, {
                limits: opts.limits?.response
              })

              break
            }
            case 3: {
              yield * RpcFailure.codec().stream(reader, reader.uint32(), `${prefix}.failure`, {
                limits: opts.limits?.failure
              })

              break
            }
            case 4: {
              yield * RpcCancel.codec().stream(reader, reader.uint32(), `${prefix}.cancel`, {
                limits: opts.limits?.cancel
              })

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

  export interface RpcFrameRequestIdFieldEvent {
    field: '$.request.id'
    value: number
  }

  export interface RpcFrameRequestMethodFieldEvent {
    field: '$.request.method'
    value: string
  }

  export interface RpcFrameRequestTimeoutMsFieldEvent {
    field: '$.request.timeoutMs'
    value: number
  }

  export interface RpcFrameRequestBodyFieldEvent {
    field: '$.request.body'
    value: Uint8Array<ArrayBuffer>
  }

  export interface RpcFrameResponseIdFieldEvent {
    field: '$.response.id'
    value: number
  }

  export interface RpcFrameResponseBodyFieldEvent {
    field: '$.response.body'
    value: Uint8Array<ArrayBuffer>
  }

  export interface RpcFrameFailureIdFieldEvent {
    field: '$.failure.id'
    value: number
  }

  export interface RpcFrameFailureCodeFieldEvent {
    field: '$.failure.code'
    value: string
  }

  export interface RpcFrameFailureMessageFieldEvent {
    field: '$.failure.message'
    value: string
  }

  export interface RpcFrameFailureFieldsNameFieldEvent {
    field: '$.failure.fields[].name'
    value: string
    index: number
  }

  export interface RpcFrameFailureFieldsValueFieldEvent {
    field: '$.failure.fields[].value'
    value: string
    index: number
  }

  export interface RpcFrameCancelIdFieldEvent {
    field: '$.cancel.id'
    value: number
  }

  export function encode (obj: Partial<RpcFrame>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, RpcFrame.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RpcFrame>): RpcFrame {
    return decodeMessage(buf, RpcFrame.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RpcFrame>): Generator<RpcFrameRequestIdFieldEvent | RpcFrameRequestMethodFieldEvent | RpcFrameRequestTimeoutMsFieldEvent | RpcFrameRequestBodyFieldEvent | RpcFrameResponseIdFieldEvent | RpcFrameResponseBodyFieldEvent | RpcFrameFailureIdFieldEvent | RpcFrameFailureCodeFieldEvent | RpcFrameFailureMessageFieldEvent | RpcFrameFailureFieldsNameFieldEvent | RpcFrameFailureFieldsValueFieldEvent | RpcFrameCancelIdFieldEvent> {
    return streamMessage(buf, RpcFrame.codec(), opts)
  }
}
