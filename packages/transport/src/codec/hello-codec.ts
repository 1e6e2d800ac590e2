/** The first frame of every stream, in both directions. */
import type { StreamIdentity } from '@pinset/interface'

import { Hello as WireHello, HelloAnswer as WireHelloAnswer } from '../proto/wire.ts'
import { check, decoded, integer, required, text } from './checks.ts'

export interface Hello extends StreamIdentity {
  readonly protocolVersion: number
  /** Release of the program, for messages to people. */
  readonly release: string
}

export interface HelloAnswer {
  readonly hello: Hello
  /** Why the stream is refused; empty when it is accepted. */
  readonly refusal: string
}

const MAX_REFUSAL_LENGTH = 2048

export function encodeHello(hello: Hello): Uint8Array {
  return WireHello.encode(helloToWire(hello))
}

export function decodeHello(bytes: Uint8Array): Hello {
  return decoded('the first frame', () => helloFromWire(WireHello.decode(bytes)))
}

export function encodeHelloAnswer(answer: HelloAnswer): Uint8Array {
  return WireHelloAnswer.encode({
    hello: helloToWire(answer.hello),
    refusal: answer.refusal.slice(0, MAX_REFUSAL_LENGTH),
  })
}

export function decodeHelloAnswer(bytes: Uint8Array): HelloAnswer {
  return decoded('the answer to the first frame', () => {
    const wire = WireHelloAnswer.decode(bytes)
    return {
      hello: helloFromWire(required(wire.hello, 'hello')),
      refusal: text(wire.refusal, MAX_REFUSAL_LENGTH, 'refusal'),
    }
  })
}

function helloToWire(hello: Hello): WireHello {
  const { protocolVersion, clusterId, epoch, storageId, release } = hello
  return { protocolVersion, epoch, storageId, release, ...(clusterId === null ? {} : { clusterId }) }
}

function helloFromWire(wire: WireHello): Hello {
  check(wire.protocolVersion > 0, 'protocolVersion is missing')
  return {
    protocolVersion: wire.protocolVersion,
    clusterId: wire.clusterId === undefined ? null : text(wire.clusterId, 128, 'clusterId'),
    epoch: integer(wire.epoch, 'epoch'),
    storageId: text(wire.storageId, 128, 'storageId'),
    release: text(wire.release, 64, 'release'),
  }
}
