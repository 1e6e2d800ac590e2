/**
 * Time and links of a scenario with whole peers. Both obey: time passes when a command lets it, a link carries what it is told to carry.
 *
 * 1. One thing happens at a time, in the order of its time; after each, everything that was promised goes on before the next.
 * 2. What is due at a paused peer waits until it goes on, in its order.
 */

interface Event {
  dueMs: number
  readonly order: number
  readonly owner: Owner | null
  readonly run: () => void
}

/** A peer, as far as time is concerned. */
export interface Owner {
  readonly pausedUntilMs: number
}

export interface Parcel {
  readonly text: string
  readonly arrive: () => void
  readonly lost: () => void
}

/** One direction between two peers. */
interface Link {
  state: 'up' | 'cut' | 'held'
  readonly held: Parcel[]
}

/** What a parcel takes on its way. */
const DELAY_MS = 1

export class World {
  nowMs = 0
  readonly #notes: string[] = []
  readonly #links = new Map<string, Link>()
  readonly #watched = new Set<string>()
  readonly #queue = new Set<Event>()
  #order = 0

  /** Something that happened, for the output of the command that is being carried out. */
  note(line: string): void {
    this.#notes.push(line)
  }

  /** What happened several times without anything else in between is one line. */
  takeNotes(): readonly string[] {
    const lines: { readonly text: string; times: number }[] = []
    for (const text of this.#notes.splice(0)) {
      const last = lines.at(-1)
      if (last?.text === text) last.times += 1
      else lines.push({ text, times: 1 })
    }
    return lines.map(({ text, times }) => (times === 1 ? text : `${text} (${times} times)`))
  }

  at(delayMs: number, owner: Owner | null, run: () => void): () => void {
    const event: Event = { dueMs: this.nowMs + Math.max(0, delayMs), order: this.#order++, owner, run }
    this.#queue.add(event)
    return () => this.#queue.delete(event)
  }

  /** Let time pass; true as soon as the condition holds. */
  async run(forMs: number, until: () => boolean = () => false): Promise<boolean> {
    const endMs = this.nowMs + forMs
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve))
      if (until()) return true
      const next = this.#next()
      if (next === null || next.dueMs > endMs) {
        this.nowMs = endMs
        return false
      }
      this.nowMs = Math.max(this.nowMs, next.dueMs)
      const resumeMs = next.owner?.pausedUntilMs ?? 0
      if (resumeMs > this.nowMs) {
        next.dueMs = resumeMs
      } else {
        this.#queue.delete(next)
        next.run()
      }
    }
  }

  /** Everything that needs no time. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  }

  send(from: string, to: string, owner: Owner, parcel: Parcel): void {
    if (this.#watched.has(`${from}>${to}`)) this.note(`${from}>${to} ${parcel.text}`)
    const link = this.#link(from, to)
    if (link.state === 'held') link.held.push(parcel)
    else if (link.state === 'cut') this.at(DELAY_MS, null, parcel.lost)
    else this.#carry(from, to, owner, parcel)
  }

  setLink(from: string, to: string, state: Link['state']): void {
    const link = this.#link(from, to)
    link.state = state
    if (state !== 'held') this.let(from, to, Infinity, state === 'up')
  }

  /** Let parcels that are held go on, or lose them. Returns how many. */
  let(from: string, to: string, count: number, arrive: boolean): number {
    const parcels = this.#link(from, to).held.splice(0, Math.min(count, this.#link(from, to).held.length))
    for (const parcel of parcels) this.at(0, null, arrive ? parcel.arrive : parcel.lost)
    return parcels.length
  }

  watch(from: string, to: string, isWatched: boolean): void {
    if (isWatched) this.#watched.add(`${from}>${to}`)
    else this.#watched.delete(`${from}>${to}`)
  }

  describeLinks(): string {
    const lines: string[] = []
    for (const [name, { state, held }] of [...this.#links].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (state !== 'up') lines.push(`${name} ${state}`, ...held.map(({ text }) => `  ${text}`))
    }
    return lines.length === 0 ? 'all links are up' : lines.join('\n')
  }

  #carry(from: string, to: string, owner: Owner, parcel: Parcel): void {
    this.at(DELAY_MS, owner, () => {
      if (this.#link(from, to).state === 'cut') parcel.lost()
      else parcel.arrive()
    })
  }

  #link(from: string, to: string): Link {
    const name = `${from}>${to}`
    let link = this.#links.get(name)
    if (link === undefined) {
      link = { state: 'up', held: [] }
      this.#links.set(name, link)
    }
    return link
  }

  #next(): Event | null {
    let first: Event | null = null
    for (const event of this.#queue) if (first === null || before(event, first)) first = event
    return first
  }
}

function before(a: Event, b: Event): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order)
}
