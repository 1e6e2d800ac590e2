import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { bytesOf, TestCluster, until } from './harness.ts'

const MEGABYTE = 1 << 20

describe('content: add, pin, read back (N=3)', () => {
  it('a file and a directory added on one peer are pinned on all, and come back equal from another when that peer is gone', async () => {
    await using cluster = await TestCluster.of(3)
    const [first, second, third] = [cluster.peer(1), cluster.peer(2), cluster.peer(3)]
    const file = join(cluster.directory, 'film.bin')
    const fileBytes = bytesOf('film', 5 * MEGABYTE + 17)
    writeFileSync(file, fileBytes)
    const directory = join(cluster.directory, 'album')
    mkdirSync(join(directory, 'disc two'), { recursive: true })
    const songs = {
      'one.bin': bytesOf('one', 2 * MEGABYTE),
      'disc two/two.bin': bytesOf('two', MEGABYTE + 1),
      'disc two/empty': new Uint8Array(0),
    }
    for (const [path, bytes] of Object.entries(songs)) writeFileSync(join(directory, path), bytes)

    const fileCid = (await first.must('add', file, '--quieter')).trim()
    const directoryCid = (await first.must('add', '--recursive', directory, '--quieter')).trim()

    for (const cid of [fileCid, directoryCid]) {
      await until(`${cid} is pinned on all three`, async () => {
        const words = Object.values(await second.statuses(cid))
        return words.length === 3 && words.every((word) => word === 'pinned')
      })
    }
    const status = await second.must('status', fileCid)
    expect(status.match(/PINNED/g)).toHaveLength(3)

    await first.stop()
    for (const peer of [second, third]) {
      const back = new Uint8Array(await (await peer.fetch(`/ipfs/${fileCid}`)).arrayBuffer())
      expect(Buffer.compare(back, fileBytes), `the file from ${peer.name}`).toBe(0)
      for (const [path, bytes] of Object.entries(songs)) {
        const song = new Uint8Array(await (await peer.fetch(`/ipfs/${directoryCid}/${encodeURI(path)}`)).arrayBuffer())
        expect(Buffer.compare(song, bytes), `${path} from ${peer.name}`).toBe(0)
      }
    }
  })

  it('unpin goes to all peers, and a pin whose content nobody has is shown as being fetched', async () => {
    await using cluster = await TestCluster.of(3)
    const [first, second] = [cluster.peer(1), cluster.peer(2)]
    const file = join(cluster.directory, 'note.txt')
    writeFileSync(file, 'a note\n')
    const cid = (await first.must('add', file, '--quieter')).trim()
    await second.must('pin', 'rm', cid, '--wait')
    expect(Object.values(await first.statuses(cid))).toEqual(['unpinned', 'unpinned', 'unpinned'])
    expect(await first.pins()).not.toContain(cid)
  })
})
