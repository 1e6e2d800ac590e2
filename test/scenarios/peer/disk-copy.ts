/** A copy of everything that lies on a disk, as an operator makes one of a data directory. */
import { MemoryDisk, type KeyValue } from '@pinset/storage'

export class DiskCopy {
  readonly location: string
  readonly #databases: ReadonlyMap<string, readonly KeyValue[]>

  private constructor(location: string, databases: ReadonlyMap<string, readonly KeyValue[]>) {
    this.location = location
    this.#databases = databases
  }

  /** What reads see now. */
  static of(disk: MemoryDisk): DiskCopy {
    return new DiskCopy(disk.location, new Map(disk.databases().map((name) => [name, disk.records(name)])))
  }

  /** The same, but for the databases with these names, which are taken from another copy. */
  with(other: DiskCopy, names: readonly string[]): DiskCopy {
    const databases = new Map(this.#databases)
    for (const name of names) databases.set(name, other.#databases.get(name) ?? [])
    return new DiskCopy(this.location, databases)
  }

  /** What lay under a key. */
  record(name: string, key: Uint8Array): Uint8Array | undefined {
    return this.#databases.get(name)?.find((each) => Buffer.compare(each.key, key) === 0)?.value
  }

  /** A disk with this content, all of it durable. */
  restore(): MemoryDisk {
    const disk = new MemoryDisk({ location: this.location })
    const environment = disk.mount()
    for (const [name, records] of this.#databases) {
      // Opening makes the database; it is free again after the crash.
      void environment.open(name, { create: true })
      for (const { key, value } of records) disk.putRecord(name, key, value)
    }
    disk.crash()
    return disk
  }
}
