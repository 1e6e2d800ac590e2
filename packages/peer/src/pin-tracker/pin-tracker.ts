/**
 * Makes the IPFS node follow the pinset.
 *
 * Owns the queue of CIDs whose pin on the IPFS node may differ from the pinset, and the status of each. Not persistent itself:
 * the pinset and the IPFS node's own pin table are, and a pass over both finds every difference again.
 *
 * T1 What a job does is decided from the pinset when it runs, never from the event that queued it.
 * T2 At most one job per CID runs at a time.
 * T3 The queue is bounded; what finds no room is found by the next pass.
 * T4 A slow or dead IPFS node never holds up consensus: listeners only queue.
 */
import type { AbortOptions, Consensus, IpfsConnector, Logger, Pin, PinRecord, Startable } from '@pinset/interface'
import type { CID } from 'multiformats/cid'

import { Pause } from '../pause.ts'
import type { PinInfoAnswer } from '../peer-rpc.ts'
import { isHeld, jobStatus, type PinJob, type Wanted } from './pin-job.ts'
import { readPin, reconcile } from './reconcile.ts'

export interface PinTrackerComponents {
  readonly consensus: Consensus
  readonly ipfs: IpfsConnector
  readonly logger: Logger
}

export interface PinTrackerInit {
  /** Jobs that run at the same time. */
  readonly concurrency: number
  /** CIDs that may wait, run or be in error. @default 10000 */
  readonly maxJobs?: number
  /** Delay before the first retry; doubles up to `maxRetryDelayMs`. @default 1000 */
  readonly retryDelayMs?: number
  /** @default 300000 */
  readonly maxRetryDelayMs?: number
  /** Time between two passes over the whole pinset. @default 720000 */
  readonly passIntervalMs?: number
  /** Must this peer hold the content? */
  readonly isAllocatedHere: (pin: Pin) => boolean
}

export class PinTracker implements Startable {
  readonly #consensus: Consensus
  readonly #ipfs: IpfsConnector
  readonly #logger: Logger
  readonly #init: Required<PinTrackerInit>
  readonly #jobs = new Map<string, PinJob>()
  readonly #ready = new Set<PinJob>()
  readonly #stopped = new AbortController()
  readonly #unsubscribe: (() => void)[] = []
  #running = 0
  #passes: Promise<void> = Promise.resolve()
  readonly #betweenPasses = new Pause()
  #awaitingRoom: (() => void)[] = []
  /** A change found no room or a snapshot replaced the state: another pass is due (T3). */
  #behind = true
  #started = false

  constructor(components: PinTrackerComponents, init: PinTrackerInit) {
    this.#consensus = components.consensus
    this.#ipfs = components.ipfs
    this.#logger = components.logger
    this.#init = { maxJobs: 10_000, retryDelayMs: 1_000, maxRetryDelayMs: 300_000, passIntervalMs: 720_000, ...init }
  }

  /** Begin to follow; differences that arose while this peer was away are found by a first pass in the background. */
  async start(): Promise<void> {
    if (this.#started) return
    this.#started = true
    this.#unsubscribe.push(
      this.#consensus.events.on('pin:apply', ({ pinned, unpinned }) => {
        for (const pin of pinned) this.#note(pin.cid, 'pin') // T4
        for (const cid of unpinned) this.#note(cid, 'unpin')
      }),
      this.#consensus.events.on('snapshot:install', () => this.#passIsDue()),
    )
    this.#passes = this.#runPasses()
  }

  async stop(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe()
    this.#stopped.abort(new Error('the pin tracker is stopping'))
    this.#betweenPasses.end()
    this.#giveRoom()
    const running: Promise<void>[] = []
    for (const job of this.#jobs.values()) {
      if (job.state.kind === 'waiting') job.state.cancelTimer()
      if (job.state.kind === 'running') {
        job.state.abort.abort(this.#stopped.signal.reason)
        running.push(job.state.done)
      }
    }
    await Promise.all([this.#passes, ...running])
    this.#jobs.clear()
    this.#ready.clear()
  }

  /** How a pin stands here. `record` is what the pinset says of it, undefined when it is not in there. */
  async status(cid: CID, record: PinRecord | undefined, options?: AbortOptions): Promise<PinInfoAnswer> {
    const job = this.#jobs.get(keyOf(cid))
    const settled = { error: '', attemptCount: 0, ipfsPeerId: '', ipfsAddresses: [] }
    if (job !== undefined) {
      const progress = job.state.kind === 'running' ? job.state.progress : undefined
      return {
        ...settled,
        status: jobStatus(job),
        timestampMs: job.sinceMs,
        error: job.state.kind === 'waiting' ? job.state.error : '',
        attemptCount: job.attemptCount,
        ...(progress === undefined ? {} : { progress }),
      }
    }
    if (record === undefined) return { ...settled, status: 'unpinned', timestampMs: Date.now() }
    const timestampMs = record.pin.timestampMs
    if (!this.#init.isAllocatedHere(record.pin)) return { ...settled, status: 'remote', timestampMs }
    try {
      const state = await this.#ipfs.status(cid, options)
      if (isHeld(state, record.pin)) return { ...settled, status: 'pinned', timestampMs }
      return { ...settled, status: this.#behind ? 'pin_queued' : 'unexpectedly_unpinned', timestampMs }
    } catch (error) {
      return { ...settled, status: 'cluster_error', timestampMs, error: errorText(error) }
    }
  }

  /** Look at this CID again now, whatever came before. */
  recover(cid: CID): void {
    const job = this.#jobs.get(keyOf(cid))
    if (job !== undefined) job.attemptCount = 0
    this.#note(cid, job?.wanted ?? 'pin')
  }

  /** CIDs that are to be unpinned here and are not yet. */
  unpinning(limit: number): readonly CID[] {
    const cids: CID[] = []
    for (const job of this.#jobs.values()) {
      if (cids.length >= limit) break
      if (job.wanted === 'unpin') cids.push(job.cid)
    }
    return cids
  }

  // ---- the queue ----

  #note(cid: CID, wanted: Wanted): void {
    const key = keyOf(cid)
    const job = this.#jobs.get(key)
    if (job !== undefined) {
      if (job.wanted !== wanted) job.attemptCount = 0
      switch (job.state.kind) {
        case 'queued':
          break
        case 'running':
          job.dirty = true
          // A pin that is no longer wanted need not be fetched to its end.
          if (job.wanted !== wanted) job.state.abort.abort(new Error('the pinset has changed'))
          break
        case 'waiting':
          job.state.cancelTimer()
          this.#enqueue(job)
      }
      job.wanted = wanted
    } else if (this.#jobs.size < this.#init.maxJobs) {
      const fresh: PinJob = {
        key,
        cid,
        wanted,
        state: { kind: 'queued' },
        sinceMs: Date.now(),
        attemptCount: 0,
        dirty: false,
      }
      this.#jobs.set(key, fresh)
      this.#enqueue(fresh)
    } else {
      this.#passIsDue()
    }
    this.#pump()
  }

  #enqueue(job: PinJob): void {
    job.state = { kind: 'queued' }
    job.sinceMs = Date.now()
    this.#ready.add(job)
  }

  #pump(): void {
    while (this.#running < this.#init.concurrency && !this.#stopped.signal.aborted) {
      const job = this.#ready.values().next().value
      if (job === undefined) return
      this.#ready.delete(job)
      this.#running += 1
      const abort = new AbortController()
      // The job's state is set before its first step runs: a change that comes meanwhile marks it dirty (T2).
      const done = Promise.resolve().then(() => this.#run(job, abort.signal))
      job.state = { kind: 'running', abort, done, progress: undefined }
      job.sinceMs = Date.now()
      job.dirty = false
    }
  }

  async #run(job: PinJob, signal: AbortSignal): Promise<void> {
    let error: unknown
    try {
      await this.#follow(job, signal)
    } catch (caught) {
      error = caught
    }
    this.#running -= 1
    if (this.#stopped.signal.aborted) return
    if (job.dirty) this.#enqueue(job)
    else if (error === undefined) this.#settle(job)
    else this.#retryLater(job, error)
    this.#pump()
  }

  /** Bring the IPFS node to what the pinset says of this CID now (T1). */
  async #follow(job: PinJob, signal: AbortSignal): Promise<void> {
    const record = await readPin(this.#consensus, job.cid, signal)
    if (record !== undefined && this.#init.isAllocatedHere(record.pin)) {
      job.wanted = 'pin'
      const { cid, mode, name, origins } = record.pin
      await this.#ipfs.pin(cid, {
        mode,
        name,
        origins,
        signal,
        onProgress: (progress) => {
          if (job.state.kind === 'running') job.state.progress = progress
        },
      })
    } else {
      job.wanted = 'unpin'
      await this.#ipfs.unpin(job.cid, { signal })
    }
  }

  #settle(job: PinJob): void {
    this.#jobs.delete(job.key)
    this.#giveRoom()
  }

  #retryLater(job: PinJob, error: unknown): void {
    job.attemptCount += 1
    const doubled = this.#init.retryDelayMs * 2 ** Math.min(job.attemptCount - 1, 30)
    const delayMs = Math.min(doubled, this.#init.maxRetryDelayMs) * (0.5 + Math.random() / 2)
    const text = errorText(error)
    if (job.attemptCount === 1) this.#logger.warn(`cannot ${job.wanted} ${job.key}; trying again`, { err: error })
    else
      this.#logger.debug(`cannot ${job.wanted} ${job.key}`, {
        attempts: job.attemptCount,
        retryInMs: Math.round(delayMs),
        error: text,
      })
    const timer = setTimeout(() => {
      this.#enqueue(job)
      this.#pump()
    }, delayMs)
    timer.unref()
    job.state = { kind: 'waiting', error: text, cancelTimer: () => clearTimeout(timer) }
    job.sinceMs = Date.now()
  }

  // ---- passes over pinset and IPFS node ----

  #passIsDue(): void {
    this.#behind = true
    this.#betweenPasses.end()
  }

  async #runPasses(): Promise<void> {
    const signal = this.#stopped.signal
    while (!signal.aborted) {
      try {
        this.#behind = false
        const found = await reconcile({
          consensus: this.#consensus,
          ipfs: this.#ipfs,
          isAllocatedHere: this.#init.isAllocatedHere,
          enqueue: (cid, wanted) => this.#enqueueWhenRoom(cid, wanted),
          signal,
        })
        if (found > 0) this.#logger.info(`${found} pins of the IPFS node differ from the pinset`)
      } catch (error) {
        if (signal.aborted) return
        this.#behind = true
        this.#logger.warn('cannot compare the pinset with the IPFS node; trying again', { err: error })
        await this.#pause(this.#init.retryDelayMs * 5)
        continue
      }
      if (!this.#behind) await this.#pause(this.#init.passIntervalMs)
    }
  }

  /** Wait until the time is up, a pass becomes due, or the tracker stops. */
  async #pause(delayMs: number): Promise<void> {
    if (!this.#stopped.signal.aborted) await this.#betweenPasses.wait(delayMs)
  }

  async #enqueueWhenRoom(cid: CID, wanted: Wanted): Promise<void> {
    const signal = this.#stopped.signal
    while (this.#jobs.size >= this.#init.maxJobs && !this.#jobs.has(keyOf(cid)) && !signal.aborted) {
      await new Promise<void>((resolve) => this.#awaitingRoom.push(resolve))
    }
    signal.throwIfAborted()
    // One that is already queued, running or waiting for its retry is being looked after.
    if (!this.#jobs.has(keyOf(cid))) this.#note(cid, wanted)
  }

  #giveRoom(): void {
    for (const resolve of this.#awaitingRoom.splice(0)) resolve()
  }
}

/** Flat: a CID's text is built from many pieces, which would all stay in memory as long as the key. */
function keyOf(cid: CID): string {
  return Buffer.from(cid.toString(), 'latin1').toString('latin1')
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
