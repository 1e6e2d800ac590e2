import { NotAdmittedError, type Logger, type Member, type Rpc } from '@pinset/interface'
import { describe, expect, it } from 'vitest'

import { Joiner } from '../../src/proposals/joiner.ts'
import { CLUSTER_ID } from '../fakes/member-rpc.ts'
import { member } from '../fakes/samples.ts'
import { microtasks } from '../support/manual-scheduler.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

/** A peer that nobody lets in. */
function setUp() {
  const clock = new VirtualClock()
  const asked: string[] = []
  const errors: string[] = []
  const bound: number[] = []
  const logger: Logger = {
    debug: () => {},
    info: () => {},
    warn: () => {},
    error: (message: string) => errors.push(message),
  }
  const rpc = {
    callAddress: (address: string) => {
      asked.push(address)
      return Promise.reject(new Error('nobody there'))
    },
  } as unknown as Rpc
  const joiner = new Joiner(
    {
      storage: {
        identity: { storageId: 'storage-b', clusterId: null, epoch: 0, admission: new Uint8Array(0) },
        bind: async ({ epoch }) => void bound.push(epoch),
      },
      rpc,
      clock,
      logger,
      random: () => 0.5,
      self: () => member('b', { storageId: 'storage-b' }),
      onBound: () => {},
      onToldAgain: () => {},
    },
    { firstPauseMs: 100 },
  )
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms)
    await microtasks()
  }
  return { joiner, asked, bound, errors, pass }
}

const address = '/memory/a/p2p/a'

describe('Joiner', () => {
  it('JO3 asking goes on, with pauses that grow, until it is stopped', async () => {
    const { joiner, asked, errors, pass } = setUp()
    joiner.start({ addresses: [address] })
    await microtasks()
    expect(asked).toHaveLength(1)
    await pass(100)
    await pass(100)
    expect(asked).toHaveLength(2)
    await pass(100)
    expect(asked).toHaveLength(3)
    await joiner.stop()
    await pass(60_000)
    expect(asked).toHaveLength(3)
    expect(errors).toEqual([])
  })

  it('JO3 a halted peer asks nobody any more, and says so once', async () => {
    const { joiner, asked, errors, pass } = setUp()
    joiner.start({ addresses: [address] })
    await microtasks()
    joiner.halted(new Error('EIO'))
    joiner.halted(new Error('EIO'))
    await pass(60_000)
    expect(asked).toHaveLength(1)
    expect(errors).toEqual(['this peer has halted: it does not ask to be admitted any more'])
    joiner.start({ addresses: [address] })
    await pass(60_000)
    expect(asked).toHaveLength(1)
    await joiner.stop()
  })

  it('JO4 the word that an earlier database, or somebody else, is in binds nobody, and asking goes on', async () => {
    const { joiner, asked, bound, pass } = setUp()
    const admit = (...others: readonly Member[]): Promise<void> =>
      joiner.admitted({ index: 9, record: { clusterId: CLUSTER_ID, epoch: 1, members: [member('a'), ...others] } })
    joiner.start({ addresses: [address] })
    await microtasks()
    await expect(admit()).rejects.toBeInstanceOf(NotAdmittedError)
    await expect(admit(member('b', { storageId: 'storage-before' }))).rejects.toThrow('storage-b')
    expect(bound).toEqual([])
    await pass(100)
    await pass(100)
    expect(asked).toHaveLength(2)
    await admit(member('b', { storageId: 'storage-b' }))
    expect(bound).toEqual([1])
    await joiner.stop()
  })
})
