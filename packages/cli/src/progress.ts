/** Progress on standard error: a bar on a terminal, a line at each change elsewhere. */
import { SingleBar } from 'cli-progress'
import type { CID } from 'multiformats/cid'

import type { Context } from './context.ts'
import { bytesText, visible } from './format.ts'

export interface Reporter<Value> {
  update(value: Value): void
  /** Idempotent. */
  stop(): void
}

/** How far the peers are with one pin. */
export interface WaitProgress {
  /** Peers that have reached what is waited for, and how many are to. */
  readonly done: number
  readonly wanted: number
  /** Fetched so far, all peers together. */
  readonly blocks: number
  readonly bytes: number
  /** Sentences, one for each peer whose last attempt failed. */
  readonly errors: readonly string[]
}

export function createPinReporter(context: Context, cid: CID, target: 'pinned' | 'unpinned'): Reporter<WaitProgress> {
  return context.io.stderr.isTTY === true ? pinBar(context, target) : pinLines(context, cid, target)
}

function pinBar(context: Context, target: string): Reporter<WaitProgress> {
  const bar = newBar(context, `${target} [{bar}] {value}/{total} peers | {blocks} blocks | {size}{errors}`)
  let started = false
  return {
    update(progress) {
      const fields = {
        blocks: progress.blocks,
        size: bytesText(progress.bytes),
        errors: progress.errors.length === 0 ? '' : visible(` | ${progress.errors.join('; ')}`),
      }
      if (!started) bar.start(progress.wanted, Math.min(progress.done, progress.wanted), fields)
      else bar.setTotal(progress.wanted)
      started = true
      bar.update(Math.min(progress.done, progress.wanted), fields)
    },
    stop() {
      if (started) bar.stop()
      started = false
    },
  }
}

function pinLines(context: Context, cid: CID, target: string): Reporter<WaitProgress> {
  let last = ''
  return {
    update(progress) {
      const fetched = progress.blocks === 0 ? '' : `, ${progress.blocks} blocks, ${bytesText(progress.bytes)}`
      const errors = progress.errors.length === 0 ? '' : ` (${progress.errors.join('; ')})`
      const line = `${cid.toString()}: ${target} on ${progress.done} of ${progress.wanted} peers${fetched}${errors}`
      if (line !== last) context.note(line)
      last = line
    },
    stop() {},
  }
}

/** Bytes sent of an upload; says nothing when nobody watches. */
export function createUploadReporter(context: Context, totalBytes: number): Reporter<number> {
  if (context.io.stderr.isTTY !== true || totalBytes === 0) return { update() {}, stop() {} }
  const bar = newBar(context, 'adding [{bar}] {percentage}% | {size}')
  bar.start(totalBytes, 0, { size: bytesText(0) })
  let running = true
  return {
    update(bytes) {
      bar.update(bytes, { size: `${bytesText(bytes)} of ${bytesText(totalBytes)}` })
    },
    stop() {
      if (running) bar.stop()
      running = false
    },
  }
}

function newBar(context: Context, format: string): SingleBar {
  return new SingleBar({
    stream: context.io.stderr,
    format,
    barsize: 30,
    hideCursor: true,
    clearOnComplete: true,
    forceRedraw: false,
    gracefulExit: false,
  })
}
