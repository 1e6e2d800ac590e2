/** How the cluster is, and which version runs. */
import { clusterStatusToJson } from '@pinset/interface'
import { Command } from 'commander'

import { example } from '../arguments.ts'
import type { Context } from '../context.ts'
import { clusterText, visible } from '../format.ts'

export function clusterCommand(context: Context): Command {
  const status = new Command('status')
    .description('Show leader, members, quorum and log as this peer sees them')
    .action(async () => {
      const client = await context.client()
      await context.print(await client.cluster({ signal: context.signal }), clusterStatusToJson, clusterText)
    })
  return new Command('cluster')
    .description('Look at the cluster as a whole')
    .addCommand(example(status, 'pinset cluster status', 'pinset cluster status --json'))
}

export function versionCommand(context: Context): Command {
  const command = new Command('version').description('Show the version of the peer').action(async () => {
    const client = await context.client()
    await context.print(await client.version({ signal: context.signal }), (version) => ({ version }), visible)
  })
  return example(command, 'pinset version')
}
