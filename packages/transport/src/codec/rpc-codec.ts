/** Frames of an RPC stream, after the first of each direction. Bodies are opaque here. */
import { RpcFrame } from '../proto/wire.ts'
import { check, decoded, required, text } from './checks.ts'

export type RpcFrameValue =
  | {
      readonly kind: 'request'
      readonly id: number
      readonly method: string
      readonly timeoutMs: number
      readonly body: Uint8Array
    }
  | { readonly kind: 'response'; readonly id: number; readonly body: Uint8Array }
  | { readonly kind: 'failure'; readonly id: number; readonly failure: RpcFailureValue }
  | { readonly kind: 'cancel'; readonly id: number }

/** An error on the wire. */
export interface RpcFailureValue {
  readonly code: string
  readonly message: string
  readonly fields: Readonly<Record<string, string>>
}

const MAX_METHOD_LENGTH = 128
const MAX_CODE_LENGTH = 128
const MAX_MESSAGE_LENGTH = 8192
const MAX_FIELDS = 16

export function encodeRpcFrame(frame: RpcFrameValue): Uint8Array {
  let wire: Partial<RpcFrame>
  switch (frame.kind) {
    case 'request': {
      const { id, method, timeoutMs, body } = frame
      wire = { request: { id, method, timeoutMs, body: body as Uint8Array<ArrayBuffer> } }
      break
    }
    case 'response':
      wire = { response: { id: frame.id, body: frame.body as Uint8Array<ArrayBuffer> } }
      break
    case 'failure': {
      const { code, message } = frame.failure
      const fields = Object.entries(frame.failure.fields).map(([name, value]) => ({ name, value }))
      wire = { failure: { id: frame.id, code, message: message.slice(0, MAX_MESSAGE_LENGTH), fields } }
      break
    }
    case 'cancel':
      wire = { cancel: { id: frame.id } }
  }
  return RpcFrame.encode(wire)
}

export function decodeRpcFrame(bytes: Uint8Array): RpcFrameValue {
  return decoded('an RPC frame', () => {
    const frame = RpcFrame.decode(bytes)
    if (frame.request !== undefined) {
      const { id, method, timeoutMs, body } = frame.request
      check(method !== '', 'the method is missing')
      return { kind: 'request', id, method: text(method, MAX_METHOD_LENGTH, 'method'), timeoutMs, body }
    }
    if (frame.response !== undefined) return { kind: 'response', id: frame.response.id, body: frame.response.body }
    if (frame.failure !== undefined) {
      const { id, code, message, fields } = frame.failure
      check(code !== '', 'the code is missing')
      check(fields.length <= MAX_FIELDS, 'too many fields in an error')
      const checked = Object.fromEntries(
        fields.map(({ name, value }) => [text(name, 64, 'field'), text(value, 1024, 'value')]),
      )
      const failure = {
        code: text(code, MAX_CODE_LENGTH, 'code'),
        message: text(message, MAX_MESSAGE_LENGTH, 'message'),
        fields: checked,
      }
      return { kind: 'failure', id, failure }
    }
    return { kind: 'cancel', id: required(frame.cancel, 'a known kind of frame').id }
  })
}
