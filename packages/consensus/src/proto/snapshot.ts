// @ts-nocheck generated from snapshot.proto by scripts/generate-protobuf.ts; do not edit
import { decodeMessage, encodeMessage, MaxLengthError, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface SnapshotRow {
  table: number
  key: Uint8Array<ArrayBuffer>
  value: Uint8Array<ArrayBuffer>
}

export namespace SnapshotRow {
  let _codec: Codec<SnapshotRow>

  export const codec = (): Codec<SnapshotRow> => {
    if (_codec == null) {
      _codec = message<SnapshotRow>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.table != null && obj.table !== 0)) {
          w.uint32(8)
          w.uint32(obj.table)
        }

        if ((obj.key != null && obj.key.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.key)
        }

        if ((obj.value != null && obj.value.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.value)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          table: 0,
          key: uint8ArrayAlloc(0),
          value: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.table = reader.uint32()
              break
            }
            case 2: {
              obj.key = reader.bytes()
              break
            }
            case 3: {
              obj.value = reader.bytes()
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
                field: `${prefix}.table`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.key`,
                value: reader.bytes()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.value`,
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

  export interface SnapshotRowTableFieldEvent {
    field: '$.table'
    value: number
  }

  export interface SnapshotRowKeyFieldEvent {
    field: '$.key'
    value: Uint8Array<ArrayBuffer>
  }

  export interface SnapshotRowValueFieldEvent {
    field: '$.value'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<SnapshotRow>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, SnapshotRow.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SnapshotRow>): SnapshotRow {
    return decodeMessage(buf, SnapshotRow.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SnapshotRow>): Generator<SnapshotRowTableFieldEvent | SnapshotRowKeyFieldEvent | SnapshotRowValueFieldEvent> {
    return streamMessage(buf, SnapshotRow.codec(), opts)
  }
}

export interface SnapshotRows {
  rows: SnapshotRow[]
}

export namespace SnapshotRows {
  let _codec: Codec<SnapshotRows>

  export const codec = (): Codec<SnapshotRows> => {
    if (_codec == null) {
      _codec = message<SnapshotRows>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.rows != null && obj.rows.length > 0) {
          for (const value of obj.rows) {
            w.uint32(10)
            SnapshotRow.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          rows: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.rows != null && obj.rows.length === opts.limits.rows) {
                throw new MaxLengthError('Decode error - repeated field "rows" had too many elements')
              }

              obj.rows.push(SnapshotRow.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.rows$
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
          rows: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.rows != null && obj.rows === opts.limits.rows) {
                throw new MaxLengthError('Streaming decode error - repeated field "rows" had too many elements')
              }

              for (const evt of SnapshotRow.codec().stream(reader, reader.uint32(), `${prefix}.rows[]`, {
                limits: opts.limits?.rows$
              })) {
                yield {
                  ...evt,
                  index: obj.rows
                }
              }

              obj.rows++

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

  export interface SnapshotRowsRowsTableFieldEvent {
    field: '$.rows[].table'
    value: number
    index: number
  }

  export interface SnapshotRowsRowsKeyFieldEvent {
    field: '$.rows[].key'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface SnapshotRowsRowsValueFieldEvent {
    field: '$.rows[].value'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export function encode (obj: Partial<SnapshotRows>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, SnapshotRows.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SnapshotRows>): SnapshotRows {
    return decodeMessage(buf, SnapshotRows.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SnapshotRows>): Generator<SnapshotRowsRowsTableFieldEvent | SnapshotRowsRowsKeyFieldEvent | SnapshotRowsRowsValueFieldEvent> {
    return streamMessage(buf, SnapshotRows.codec(), opts)
  }
}

export interface SnapshotStateMeta {
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

export namespace SnapshotStateMeta {
  let _codec: Codec<SnapshotStateMeta>

  export const codec = (): Codec<SnapshotStateMeta> => {
    if (_codec == null) {
      _codec = message<SnapshotStateMeta>((obj, w, opts = {}) => {
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

  export interface SnapshotStateMetaAppliedIndexFieldEvent {
    field: '$.appliedIndex'
    value: number
  }

  export interface SnapshotStateMetaAppliedTermFieldEvent {
    field: '$.appliedTerm'
    value: number
  }

  export interface SnapshotStateMetaHeadFieldEvent {
    field: '$.head'
    value: Uint8Array<ArrayBuffer>
  }

  export interface SnapshotStateMetaDigestFieldEvent {
    field: '$.digest'
    value: Uint8Array<ArrayBuffer>
  }

  export interface SnapshotStateMetaMembershipFieldEvent {
    field: '$.membership'
    value: Uint8Array<ArrayBuffer>
  }

  export interface SnapshotStateMetaMembershipIndexFieldEvent {
    field: '$.membershipIndex'
    value: number
  }

  export interface SnapshotStateMetaCommittedTimeMsFieldEvent {
    field: '$.committedTimeMs'
    value: number
  }

  export interface SnapshotStateMetaOperationVersionFieldEvent {
    field: '$.operationVersion'
    value: number
  }

  export interface SnapshotStateMetaPinCountFieldEvent {
    field: '$.pinCount'
    value: number
  }

  export function encode (obj: Partial<SnapshotStateMeta>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, SnapshotStateMeta.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SnapshotStateMeta>): SnapshotStateMeta {
    return decodeMessage(buf, SnapshotStateMeta.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SnapshotStateMeta>): Generator<SnapshotStateMetaAppliedIndexFieldEvent | SnapshotStateMetaAppliedTermFieldEvent | SnapshotStateMetaHeadFieldEvent | SnapshotStateMetaDigestFieldEvent | SnapshotStateMetaMembershipFieldEvent | SnapshotStateMetaMembershipIndexFieldEvent | SnapshotStateMetaCommittedTimeMsFieldEvent | SnapshotStateMetaOperationVersionFieldEvent | SnapshotStateMetaPinCountFieldEvent> {
    return streamMessage(buf, SnapshotStateMeta.codec(), opts)
  }
}

export interface SnapshotChunk {
  version: number
  sequence: number
  kind: number
  payload: Uint8Array<ArrayBuffer>
  checksum: number
}

export namespace SnapshotChunk {
  let _codec: Codec<SnapshotChunk>

  export const codec = (): Codec<SnapshotChunk> => {
    if (_codec == null) {
      _codec = message<SnapshotChunk>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.version != null && obj.version !== 0)) {
          w.uint32(8)
          w.uint32(obj.version)
        }

        if ((obj.sequence != null && obj.sequence !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.sequence)
        }

        if ((obj.kind != null && obj.kind !== 0)) {
          w.uint32(24)
          w.uint32(obj.kind)
        }

        if ((obj.payload != null && obj.payload.byteLength > 0)) {
          w.uint32(34)
          w.bytes(obj.payload)
        }

        if ((obj.checksum != null && obj.checksum !== 0)) {
          w.uint32(45)
          w.fixed32(obj.checksum)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          version: 0,
          sequence: 0,
          kind: 0,
          payload: uint8ArrayAlloc(0),
          checksum: 0
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
              obj.sequence = reader.uint64Number()
              break
            }
            case 3: {
              obj.kind = reader.uint32()
              break
            }
            case 4: {
              obj.payload = reader.bytes()
              break
            }
            case 5: {
              obj.checksum = reader.fixed32()
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
                field: `${prefix}.version`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.sequence`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.kind`,
                value: reader.uint32()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.payload`,
                value: reader.bytes()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.checksum`,
                value: reader.fixed32()
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

  export interface SnapshotChunkVersionFieldEvent {
    field: '$.version'
    value: number
  }

  export interface SnapshotChunkSequenceFieldEvent {
    field: '$.sequence'
    value: number
  }

  export interface SnapshotChunkKindFieldEvent {
    field: '$.kind'
    value: number
  }

  export interface SnapshotChunkPayloadFieldEvent {
    field: '$.payload'
    value: Uint8Array<ArrayBuffer>
  }

  export interface SnapshotChunkChecksumFieldEvent {
    field: '$.checksum'
    value: number
  }

  export function encode (obj: Partial<SnapshotChunk>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, SnapshotChunk.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SnapshotChunk>): SnapshotChunk {
    return decodeMessage(buf, SnapshotChunk.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SnapshotChunk>): Generator<SnapshotChunkVersionFieldEvent | SnapshotChunkSequenceFieldEvent | SnapshotChunkKindFieldEvent | SnapshotChunkPayloadFieldEvent | SnapshotChunkChecksumFieldEvent> {
    return streamMessage(buf, SnapshotChunk.codec(), opts)
  }
}

export interface SnapshotCursor {
  snapshotId: string
  sequence: number
  table: number
  key: Uint8Array<ArrayBuffer>
}

export namespace SnapshotCursor {
  let _codec: Codec<SnapshotCursor>

  export const codec = (): Codec<SnapshotCursor> => {
    if (_codec == null) {
      _codec = message<SnapshotCursor>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.snapshotId != null && obj.snapshotId !== '')) {
          w.uint32(10)
          w.string(obj.snapshotId)
        }

        if ((obj.sequence != null && obj.sequence !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.sequence)
        }

        if ((obj.table != null && obj.table !== 0)) {
          w.uint32(24)
          w.uint32(obj.table)
        }

        if ((obj.key != null && obj.key.byteLength > 0)) {
          w.uint32(34)
          w.bytes(obj.key)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          snapshotId: '',
          sequence: 0,
          table: 0,
          key: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.snapshotId = reader.string()
              break
            }
            case 2: {
              obj.sequence = reader.uint64Number()
              break
            }
            case 3: {
              obj.table = reader.uint32()
              break
            }
            case 4: {
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
                field: `${prefix}.snapshotId`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.sequence`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.table`,
                value: reader.uint32()
              }
              break
            }
            case 4: {
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

  export interface SnapshotCursorSnapshotIdFieldEvent {
    field: '$.snapshotId'
    value: string
  }

  export interface SnapshotCursorSequenceFieldEvent {
    field: '$.sequence'
    value: number
  }

  export interface SnapshotCursorTableFieldEvent {
    field: '$.table'
    value: number
  }

  export interface SnapshotCursorKeyFieldEvent {
    field: '$.key'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<SnapshotCursor>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, SnapshotCursor.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SnapshotCursor>): SnapshotCursor {
    return decodeMessage(buf, SnapshotCursor.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SnapshotCursor>): Generator<SnapshotCursorSnapshotIdFieldEvent | SnapshotCursorSequenceFieldEvent | SnapshotCursorTableFieldEvent | SnapshotCursorKeyFieldEvent> {
    return streamMessage(buf, SnapshotCursor.codec(), opts)
  }
}
