/** Who this peer is, who else there is, invite, add, remove. */
import { peerInfoToJson } from '@pinset/interface'
import type { PeerId, PeerInfo } from '@pinset/interface'
import { Command } from 'commander'

import { example, peerAddress, peerId } from '../arguments.ts'
import type { Context } from '../context.ts'
import { peerText } from '../format.ts'

export function idCommand(context: Context): Command {
  const command = new Command('id').description('Show this peer: its id, addresses and IPFS node').action(async () => {
    const client = await context.client()
    await context.print(await client.id({ signal: context.signal }), peerInfoToJson, peerText)
  })
  return example(command, 'pinset id', 'pinset id --json --api http://127.0.0.1:9094')
}

export function inviteCommand(context: Context): Command {
  const command = new Command('invite')
    .description(
      'Print a token with which another peer joins. It holds the secret of the cluster: keep it to yourselves.',
    )
    .action(async () => {
      const client = await context.client()
      await context.print(
        await client.invite({ signal: context.signal }),
        (token) => ({ token }),
        (token) => token,
      )
    })
  return example(command, 'pinset init --data /srv/bob --join "$(pinset invite)"')
}

export function peersCommand(context: Context): Command {
  const list = new Command('ls').description('List the peers of the cluster').action(async () => {
    const client = await context.client()
    await context.printAll(client.peers({ signal: context.signal }), peerInfoToJson, peerText)
  })
  const add = new Command('add')
    .description('Add the peer that waits at this address (`pinset init --wait`)')
    .argument('<multiaddr>', 'its address, with /p2p/ and its id at the end', peerAddress)
    .action((address: string) => addPeer(context, address))
  const remove = new Command('rm')
    .description('Remove a peer from the cluster')
    .argument('<peer>', 'its id', peerId)
    .action(async (peer: PeerId) => {
      const client = await context.client()
      await client.rmPeer(peer, { signal: context.signal })
      await context.print(
        peer,
        (id) => ({ removed: id }),
        (id) => `removed ${id}`,
      )
    })
  return new Command('peers')
    .description('List, add and remove the peers of the cluster')
    .addCommand(example(list, 'pinset peers ls'))
    .addCommand(example(add, 'pinset peers add /ip4/10.0.0.4/tcp/9096/p2p/12D3KooW…'))
    .addCommand(example(remove, 'pinset peers rm 12D3KooW…'))
}

async function addPeer(context: Context, address: string): Promise<void> {
  const client = await context.client()
  const added = await client.addPeer(address, { signal: context.signal })
  // A peer that catches up fast has its vote by now. That it was added does not depend on knowing.
  const status = context.json ? null : await client.cluster({ signal: context.signal }).catch(() => null)
  const isVoter = status?.members.some(({ peerId: id, suffrage }) => id === added.id && suffrage === 'voter') ?? false
  const standing = isVoter
    ? 'added; it is a voter'
    : 'added as a learner; it becomes a voter once it has caught up, which `pinset cluster status` shows'
  await context.print(added, peerInfoToJson, (info: PeerInfo) => `${peerText(info)}\n${standing}`)
}
