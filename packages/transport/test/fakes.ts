/** Fakes that implement the ports round a transport, and a few waits. */
import type {
  Admission,
  AdmissionAnswer,
  LogFields,
  Logger,
  PeerId,
  RpcMethod,
  StreamIdentity,
} from '@pinset/interface'
import type { InstallSnapshot, Message, NodeId, RaftTransportHandler, SnapshotAnswer, SnapshotSink } from '@pinset/raft'

import type { StreamedMessage } from '../src/index.ts'

export class FakeAdmission implements Admission {
  current: StreamIdentity = { clusterId: 'cluster-1', epoch: 1, storageId: 'storage' }
  /** Who is let in; null lets everybody in. */
  members: Set<PeerId> | null = null
  readonly asked: { readonly peer: PeerId; readonly storageId: string }[] = []
  answer: (peer: PeerId) => Promise<AdmissionAnswer> = async (peer) =>
    this.isMember(peer) ? { kind: 'admitted' } : { kind: 'refused', reason: `${peer} is not a member` }

  identity(): StreamIdentity {
    return this.current
  }

  async admit(peer: PeerId, storageId: string): Promise<AdmissionAnswer> {
    this.asked.push({ peer, storageId })
    return await this.answer(peer)
  }

  isMember(peer: PeerId): boolean {
    return this.members === null || this.members.has(peer)
  }
}

export class FakeSink implements SnapshotSink {
  readonly chunks: Uint8Array[] = []
  bytes = 0
  ended = false
  aborted: Error | null = null
  onWrite: (chunk: Uint8Array) => Promise<void> = async () => undefined
  onEnd: () => Promise<void> = async () => undefined

  async write(chunk: Uint8Array): Promise<void> {
    await this.onWrite(chunk)
    this.chunks.push(chunk)
    this.bytes += chunk.byteLength
  }

  async end(): Promise<void> {
    await this.onEnd()
    this.ended = true
  }

  abort(reason: Error): void {
    this.aborted = reason
  }
}

/** Keeps what arrives. */
export class FakeHandler implements RaftTransportHandler {
  readonly messages: Message[] = []
  readonly unreachable: NodeId[] = []
  readonly snapshots: InstallSnapshot[] = []
  answer: (message: InstallSnapshot) => Promise<SnapshotAnswer> = async () => ({ kind: 'refused', reason: 'not now' })
  onEach: (message: Message) => void = () => undefined

  onMessage(message: Message): void {
    this.messages.push(message)
    this.onEach(message)
  }

  async onSnapshot(message: InstallSnapshot): Promise<SnapshotAnswer> {
    this.snapshots.push(message)
    return await this.answer(message)
  }

  onUnreachable(node: NodeId): void {
    this.unreachable.push(node)
  }
}

export class FakeLogger implements Logger {
  readonly lines: { readonly level: string; readonly message: string; readonly fields: LogFields | undefined }[] = []
  debug(message: string, fields?: LogFields): void {
    this.#add('debug', message, fields)
  }
  info(message: string, fields?: LogFields): void {
    this.#add('info', message, fields)
  }
  warn(message: string, fields?: LogFields): void {
    this.#add('warn', message, fields)
  }
  error(message: string, fields?: LogFields): void {
    this.#add('error', message, fields)
  }
  matching(pattern: RegExp): readonly string[] {
    return this.lines
      .filter(({ level }) => level !== 'debug')
      .map(({ message }) => message)
      .filter((message) => pattern.test(message))
  }
  #add(level: string, message: string, fields: LogFields | undefined): void {
    this.lines.push({ level, message, fields })
  }
}

/** Resolves once the condition holds; looks every few milliseconds. */
export async function until(what: string, condition: () => boolean, timeoutMs = 8_000): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

export async function failureOf(promise: Promise<unknown>): Promise<Error & { code?: string }> {
  try {
    await promise
  } catch (err) {
    return err as Error
  }
  throw new Error('it did not fail')
}

export function heartbeat(from: PeerId, to: PeerId, readRound: number): StreamedMessage {
  return { kind: 'heartbeat', from, to, term: 1, commitIndex: 0, readRound }
}

export function installSnapshot(from: PeerId, to: PeerId): InstallSnapshot {
  const snapshot = { id: 'snapshot-1', term: 2, index: 10, membership: Uint8Array.of(1, 2, 3), membershipIndex: 4 }
  return { kind: 'installSnapshot', from, to, term: 3, snapshot }
}

const jsonCodec = {
  encode: (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value)),
  decode: (bytes: Uint8Array): never => JSON.parse(new TextDecoder().decode(bytes)) as never,
}

export function method<Request, Response>(
  name: string,
  init: Partial<RpcMethod<Request, Response>> = {},
): RpcMethod<Request, Response> {
  return { name, policy: 'member', request: jsonCodec, response: jsonCodec, timeoutMs: 5_000, ...init }
}

export const bytesCodec = {
  encode: (value: Uint8Array): Uint8Array => value,
  decode: (bytes: Uint8Array): Uint8Array => bytes,
}
