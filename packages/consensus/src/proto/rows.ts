// @ts-nocheck generated from rows.proto by scripts/generate-protobuf.ts; do not edit
import { decodeMessage, encodeMessage, MaxLengthError, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface PinRow {
  content: Uint8Array<ArrayBuffer>
  timestampMs: number
  modifiedIndex: number
}

export namespace PinRow {
  let _codec: Codec<PinRow>

  export const codec = (): Codec<PinRow> => {
    if (_codec == null) {
      _codec = message<PinRow>((obj, w, opts = {}) => {
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

        if ((obj.modifiedIndex != null && obj.modifiedIndex !== 0)) {
          w.uint32(24)
          w.uint64Number(obj.modifiedIndex)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          content: uint8ArrayAlloc(0),
          timestampMs: 0,
          modifiedIndex: 0
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
            case 3: {
              obj.modifiedIndex = reader.uint64Number()
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
            case 3: {
              yield {
                field: `${prefix}.modifiedIndex`,
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

  export interface PinRowContentFieldEvent {
    field: '$.content'
    value: Uint8Array<ArrayBuffer>
  }

  export interface PinRowTimestampMsFieldEvent {
    field: '$.timestampMs'
    value: number
  }

  export interface PinRowModifiedIndexFieldEvent {
    field: '$.modifiedIndex'
    value: number
  }

  export function encode (obj: Partial<PinRow>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, PinRow.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<PinRow>): PinRow {
    return decodeMessage(buf, PinRow.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<PinRow>): Generator<PinRowContentFieldEvent | PinRowTimestampMsFieldEvent | PinRowModifiedIndexFieldEvent> {
    return streamMessage(buf, PinRow.codec(), opts)
  }
}

export interface OpenSerial {
  offset: number
  revisionOffset: number
  kind: number
  modifiedIndex: number
  reason: number
  fingerprint: Uint8Array<ArrayBuffer>
}

export namespace OpenSerial {
  let _codec: Codec<OpenSerial>

  export const codec = (): Codec<OpenSerial> => {
    if (_codec == null) {
      _codec = message<OpenSerial>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.offset != null && obj.offset !== 0)) {
          w.uint32(8)
          w.uint32(obj.offset)
        }

        if ((obj.revisionOffset != null && obj.revisionOffset !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.revisionOffset)
        }

        if ((obj.kind != null && obj.kind !== 0)) {
          w.uint32(24)
          w.uint32(obj.kind)
        }

        if ((obj.modifiedIndex != null && obj.modifiedIndex !== 0)) {
          w.uint32(32)
          w.uint64Number(obj.modifiedIndex)
        }

        if ((obj.reason != null && obj.reason !== 0)) {
          w.uint32(40)
          w.uint32(obj.reason)
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
          offset: 0,
          revisionOffset: 0,
          kind: 0,
          modifiedIndex: 0,
          reason: 0,
          fingerprint: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.offset = reader.uint32()
              break
            }
            case 2: {
              obj.revisionOffset = reader.uint64Number()
              break
            }
            case 3: {
              obj.kind = reader.uint32()
              break
            }
            case 4: {
              obj.modifiedIndex = reader.uint64Number()
              break
            }
            case 5: {
              obj.reason = reader.uint32()
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
                field: `${prefix}.offset`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.revisionOffset`,
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
                field: `${prefix}.modifiedIndex`,
                value: reader.uint64Number()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.reason`,
                value: reader.uint32()
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

  export interface OpenSerialOffsetFieldEvent {
    field: '$.offset'
    value: number
  }

  export interface OpenSerialRevisionOffsetFieldEvent {
    field: '$.revisionOffset'
    value: number
  }

  export interface OpenSerialKindFieldEvent {
    field: '$.kind'
    value: number
  }

  export interface OpenSerialModifiedIndexFieldEvent {
    field: '$.modifiedIndex'
    value: number
  }

  export interface OpenSerialReasonFieldEvent {
    field: '$.reason'
    value: number
  }

  export interface OpenSerialFingerprintFieldEvent {
    field: '$.fingerprint'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<OpenSerial>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, OpenSerial.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<OpenSerial>): OpenSerial {
    return decodeMessage(buf, OpenSerial.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<OpenSerial>): Generator<OpenSerialOffsetFieldEvent | OpenSerialRevisionOffsetFieldEvent | OpenSerialKindFieldEvent | OpenSerialModifiedIndexFieldEvent | OpenSerialReasonFieldEvent | OpenSerialFingerprintFieldEvent> {
    return streamMessage(buf, OpenSerial.codec(), opts)
  }
}

export interface OriginRow {
  lowWater: number
  baseRevision: number
  open: OpenSerial[]
}

export namespace OriginRow {
  let _codec: Codec<OriginRow>

  export const codec = (): Codec<OriginRow> => {
    if (_codec == null) {
      _codec = message<OriginRow>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.lowWater != null && obj.lowWater !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.lowWater)
        }

        if ((obj.baseRevision != null && obj.baseRevision !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.baseRevision)
        }

        if (obj.open != null && obj.open.length > 0) {
          for (const value of obj.open) {
            w.uint32(26)
            OpenSerial.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          lowWater: 0,
          baseRevision: 0,
          open: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.lowWater = reader.uint64Number()
              break
            }
            case 2: {
              obj.baseRevision = reader.uint64Number()
              break
            }
            case 3: {
              if (opts.limits?.open != null && obj.open.length === opts.limits.open) {
                throw new MaxLengthError('Decode error - repeated field "open" had too many elements')
              }

              obj.open.push(OpenSerial.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.open$
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
          open: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.lowWater`,
                value: reader.uint64Number()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.baseRevision`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              if (opts.limits?.open != null && obj.open === opts.limits.open) {
                throw new MaxLengthError('Streaming decode error - repeated field "open" had too many elements')
              }

              for (const evt of OpenSerial.codec().stream(reader, reader.uint32(), `${prefix}.open[]`, {
                limits: opts.limits?.open$
              })) {
                yield {
                  ...evt,
                  index: obj.open
                }
              }

              obj.open++

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

  export interface OriginRowLowWaterFieldEvent {
    field: '$.lowWater'
    value: number
  }

  export interface OriginRowBaseRevisionFieldEvent {
    field: '$.baseRevision'
    value: number
  }

  export interface OriginRowOpenOffsetFieldEvent {
    field: '$.open[].offset'
    value: number
    index: number
  }

  export interface OriginRowOpenRevisionOffsetFieldEvent {
    field: '$.open[].revisionOffset'
    value: number
    index: number
  }

  export interface OriginRowOpenKindFieldEvent {
    field: '$.open[].kind'
    value: number
    index: number
  }

  export interface OriginRowOpenModifiedIndexFieldEvent {
    field: '$.open[].modifiedIndex'
    value: number
    index: number
  }

  export interface OriginRowOpenReasonFieldEvent {
    field: '$.open[].reason'
    value: number
    index: number
  }

  export interface OriginRowOpenFingerprintFieldEvent {
    field: '$.open[].fingerprint'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export function encode (obj: Partial<OriginRow>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, OriginRow.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<OriginRow>): OriginRow {
    return decodeMessage(buf, OriginRow.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<OriginRow>): Generator<OriginRowLowWaterFieldEvent | OriginRowBaseRevisionFieldEvent | OriginRowOpenOffsetFieldEvent | OriginRowOpenRevisionOffsetFieldEvent | OriginRowOpenKindFieldEvent | OriginRowOpenModifiedIndexFieldEvent | OriginRowOpenReasonFieldEvent | OriginRowOpenFingerprintFieldEvent> {
    return streamMessage(buf, OriginRow.codec(), opts)
  }
}

export interface Outcome {
  kind: number
  content: Uint8Array<ArrayBuffer>
  timestampMs: number
  modifiedIndex: number
  changed: boolean
  reason: string
}

export namespace Outcome {
  let _codec: Codec<Outcome>

  export const codec = (): Codec<Outcome> => {
    if (_codec == null) {
      _codec = message<Outcome>((obj, w, opts = {}) => {
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

  export interface OutcomeKindFieldEvent {
    field: '$.kind'
    value: number
  }

  export interface OutcomeContentFieldEvent {
    field: '$.content'
    value: Uint8Array<ArrayBuffer>
  }

  export interface OutcomeTimestampMsFieldEvent {
    field: '$.timestampMs'
    value: number
  }

  export interface OutcomeModifiedIndexFieldEvent {
    field: '$.modifiedIndex'
    value: number
  }

  export interface OutcomeChangedFieldEvent {
    field: '$.changed'
    value: boolean
  }

  export interface OutcomeReasonFieldEvent {
    field: '$.reason'
    value: string
  }

  export function encode (obj: Partial<Outcome>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Outcome.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Outcome>): Outcome {
    return decodeMessage(buf, Outcome.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Outcome>): Generator<OutcomeKindFieldEvent | OutcomeContentFieldEvent | OutcomeTimestampMsFieldEvent | OutcomeModifiedIndexFieldEvent | OutcomeChangedFieldEvent | OutcomeReasonFieldEvent> {
    return streamMessage(buf, Outcome.codec(), opts)
  }
}

export interface IdempotencyRow {
  fingerprint: Uint8Array<ArrayBuffer>
  revision: number
  outcome?: Outcome
  dueMs: number
}

export namespace IdempotencyRow {
  let _codec: Codec<IdempotencyRow>

  export const codec = (): Codec<IdempotencyRow> => {
    if (_codec == null) {
      _codec = message<IdempotencyRow>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.fingerprint != null && obj.fingerprint.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.fingerprint)
        }

        if ((obj.revision != null && obj.revision !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.revision)
        }

        if (obj.outcome != null) {
          w.uint32(26)
          Outcome.codec().encode(obj.outcome, w)
        }

        if ((obj.dueMs != null && obj.dueMs !== 0)) {
          w.uint32(32)
          w.uint64Number(obj.dueMs)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          fingerprint: uint8ArrayAlloc(0),
          revision: 0,
          dueMs: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.fingerprint = reader.bytes()
              break
            }
            case 2: {
              obj.revision = reader.uint64Number()
              break
            }
            case 3: {
              obj.outcome = Outcome.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.outcome
              })
              break
            }
            case 4: {
              obj.dueMs = reader.uint64Number()
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
                field: `${prefix}.fingerprint`,
                value: reader.bytes()
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
              yield * Outcome.codec().stream(reader, reader.uint32(), `${prefix}.outcome`, {
                limits: opts.limits?.outcome
              })

              break
            }
            case 4: {
              yield {
                field: `${prefix}.dueMs`,
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

  export interface IdempotencyRowFingerprintFieldEvent {
    field: '$.fingerprint'
    value: Uint8Array<ArrayBuffer>
  }

  export interface IdempotencyRowRevisionFieldEvent {
    field: '$.revision'
    value: number
  }

  export interface IdempotencyRowOutcomeKindFieldEvent {
    field: '$.outcome.kind'
    value: number
  }

  export interface IdempotencyRowOutcomeContentFieldEvent {
    field: '$.outcome.content'
    value: Uint8Array<ArrayBuffer>
  }

  export interface IdempotencyRowOutcomeTimestampMsFieldEvent {
    field: '$.outcome.timestampMs'
    value: number
  }

  export interface IdempotencyRowOutcomeModifiedIndexFieldEvent {
    field: '$.outcome.modifiedIndex'
    value: number
  }

  export interface IdempotencyRowOutcomeChangedFieldEvent {
    field: '$.outcome.changed'
    value: boolean
  }

  export interface IdempotencyRowOutcomeReasonFieldEvent {
    field: '$.outcome.reason'
    value: string
  }

  export interface IdempotencyRowDueMsFieldEvent {
    field: '$.dueMs'
    value: number
  }

  export function encode (obj: Partial<IdempotencyRow>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, IdempotencyRow.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<IdempotencyRow>): IdempotencyRow {
    return decodeMessage(buf, IdempotencyRow.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<IdempotencyRow>): Generator<IdempotencyRowFingerprintFieldEvent | IdempotencyRowRevisionFieldEvent | IdempotencyRowOutcomeKindFieldEvent | IdempotencyRowOutcomeContentFieldEvent | IdempotencyRowOutcomeTimestampMsFieldEvent | IdempotencyRowOutcomeModifiedIndexFieldEvent | IdempotencyRowOutcomeChangedFieldEvent | IdempotencyRowOutcomeReasonFieldEvent | IdempotencyRowDueMsFieldEvent> {
    return streamMessage(buf, IdempotencyRow.codec(), opts)
  }
}

export interface ExpiryQueue {
  head: number
  tail: number
  headDueMs: number
}

export namespace ExpiryQueue {
  let _codec: Codec<ExpiryQueue>

  export const codec = (): Codec<ExpiryQueue> => {
    if (_codec == null) {
      _codec = message<ExpiryQueue>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.head != null && obj.head !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.head)
        }

        if ((obj.tail != null && obj.tail !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.tail)
        }

        if ((obj.headDueMs != null && obj.headDueMs !== 0)) {
          w.uint32(24)
          w.uint64Number(obj.headDueMs)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          head: 0,
          tail: 0,
          headDueMs: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.head = reader.uint64Number()
              break
            }
            case 2: {
              obj.tail = reader.uint64Number()
              break
            }
            case 3: {
              obj.headDueMs = reader.uint64Number()
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
                field: `${prefix}.head`,
                value: reader.uint64Number()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.tail`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.headDueMs`,
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

  export interface ExpiryQueueHeadFieldEvent {
    field: '$.head'
    value: number
  }

  export interface ExpiryQueueTailFieldEvent {
    field: '$.tail'
    value: number
  }

  export interface ExpiryQueueHeadDueMsFieldEvent {
    field: '$.headDueMs'
    value: number
  }

  export function encode (obj: Partial<ExpiryQueue>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, ExpiryQueue.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ExpiryQueue>): ExpiryQueue {
    return decodeMessage(buf, ExpiryQueue.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ExpiryQueue>): Generator<ExpiryQueueHeadFieldEvent | ExpiryQueueTailFieldEvent | ExpiryQueueHeadDueMsFieldEvent> {
    return streamMessage(buf, ExpiryQueue.codec(), opts)
  }
}

export interface ExpiryRow {
  dueMs: number
  key: Uint8Array<ArrayBuffer>
}

export namespace ExpiryRow {
  let _codec: Codec<ExpiryRow>

  export const codec = (): Codec<ExpiryRow> => {
    if (_codec == null) {
      _codec = message<ExpiryRow>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.dueMs != null && obj.dueMs !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.dueMs)
        }

        if ((obj.key != null && obj.key.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.key)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          dueMs: 0,
          key: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.dueMs = reader.uint64Number()
              break
            }
            case 2: {
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
                field: `${prefix}.dueMs`,
                value: reader.uint64Number()
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

  export interface ExpiryRowDueMsFieldEvent {
    field: '$.dueMs'
    value: number
  }

  export interface ExpiryRowKeyFieldEvent {
    field: '$.key'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<ExpiryRow>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, ExpiryRow.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ExpiryRow>): ExpiryRow {
    return decodeMessage(buf, ExpiryRow.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ExpiryRow>): Generator<ExpiryRowDueMsFieldEvent | ExpiryRowKeyFieldEvent> {
    return streamMessage(buf, ExpiryRow.codec(), opts)
  }
}
