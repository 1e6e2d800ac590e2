/**
 * Writers of names of pins through whatever peer comes next, and readers after them, who write down what they see.
 *
 * RG1 What an HTTP status says about the fate of a write is taken at its word: 4xx, 502, 503 and 507 are nothing, a connection that was
 * refused too; whatever else is no answer leaves it unknown. RG2 A CID is left for a fresh one before its history is too large to be searched.
 */
import type { OpenOperation, Recorder } from '../linearizability/history.ts'
import { cidOf, type TestCluster, type TestPeer } from './harness.ts'

const MOST_OPERATIONS = 1500
const MOST_UNKNOWN = 10
/** Writes to one read. */
const READ_EVERY = 4

/** What one writer knows of its CID: the last value that was acknowledged, and those after it whose fate it does not know. */
export class Register {
  readonly #number: number
  readonly #recorder: Recorder
  readonly cids: string[] = []
  acknowledged = ''
  open = new Set<string>()
  #operations = 0
  #unknown = 0

  constructor(number: number, recorder: Recorder) {
    this.#number = number
    this.#recorder = recorder
    this.#takeFresh()
  }

  get cid(): string {
    return this.cids.at(-1) ?? ''
  }

  /** Give the CID name after name, through peer after peer, until told to stop. */
  async write(cluster: TestCluster, signal: AbortSignal): Promise<void> {
    for (let n = 1; !signal.aborted; n += 1) {
      if (this.#operations >= MOST_OPERATIONS || this.#unknown >= MOST_UNKNOWN) this.#takeFresh() // RG2
      await this.#writeOne(cluster.peer(1 + (n % cluster.peers.length)), `value-${n}`)
      if (n % READ_EVERY === 0) await this.read(cluster.peer(1 + ((n + 1) % cluster.peers.length)), this.cid)
    }
  }

  async #writeOne(peer: TestPeer, name: string): Promise<void> {
    const call = { kind: 'pin', content: name, mode: 'recursive', ifModifiedIndex: null } as const
    const operation = this.#recorder.begin(`writer ${this.#number}`, this.cid, call, peer.name)
    this.#operations += 1
    this.open.add(name)
    try {
      const response = await peer.fetch(`/pins/${this.cid}?name=${name}`, { method: 'POST' })
      await response.arrayBuffer()
      if (response.ok) {
        this.acknowledged = name
        this.open.clear()
        const [revision, modifiedIndex] = [index(response, 'revision'), index(response, 'modified-index')]
        operation.answered({ kind: 'pinned', changed: null, modifiedIndex, revision })
      } else if (isWithoutEffect(response.status)) {
        this.#isNothing(name, operation)
      } else {
        this.#isUnknown(operation, `status ${response.status}`)
      }
    } catch (error) {
      if (isUnasked(error)) this.#isNothing(name, operation)
      else this.#isUnknown(operation, String(error))
    }
  }

  /** Linearizable. @returns whether there was an answer. */
  async read(peer: TestPeer, cid: string): Promise<boolean> {
    const operation = this.#recorder.begin(`reader ${this.#number}`, cid, { kind: 'read' }, peer.name)
    this.#operations += 1
    try {
      const response = await peer.fetch(`/allocations/${cid}?consistency=linearizable`)
      const value = (await response.json()) as { readonly name?: string }
      const [revision, modifiedIndex] = [index(response, 'revision'), index(response, 'modified-index')]
      if (response.ok) {
        operation.answered({ kind: 'present', content: value.name ?? '', modifiedIndex, revision })
        return true
      }
      if (response.status === 404) {
        operation.answered({ kind: 'absent', revision })
        return true
      }
    } catch {
      // The peer is gone.
    }
    operation.notHappened()
    return false
  }

  #isNothing(name: string, operation: OpenOperation): void {
    this.open.delete(name)
    operation.notHappened()
  }

  #isUnknown(operation: OpenOperation, why: string): void {
    this.#unknown += 1
    operation.unknown(why)
  }

  #takeFresh(): void {
    this.cids.push(cidOf(`register ${this.#number}, ${this.cids.length}`))
    this.acknowledged = ''
    this.open = new Set()
    this.#operations = 0
    this.#unknown = 0
  }
}

function index({ headers }: Response, name: string): number | null {
  const text = headers.get(`x-pinset-${name}`)
  return text === null ? null : Number(text)
}

/** RG1 */
function isWithoutEffect(status: number): boolean {
  return (status >= 400 && status < 500) || status === 502 || status === 503 || status === 507
}

/** RG1: nobody listened, or the peer's run file is gone. */
function isUnasked(error: unknown): boolean {
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: { readonly code?: unknown } }
  return code === 'ENOENT' || cause?.code === 'ECONNREFUSED'
}
