/** Change and list the pinset. */
import type { PinsetClient } from '@pinset/client'
import type { Pin } from '@pinset/interface'
import { globalPinInfoToJson, pinToJson } from '@pinset/interface'
import { Command, Option } from 'commander'
import type { CID } from 'multiformats/cid'

import type { PinFlags } from '../arguments.ts'
import { cid, duration, example, integer, pinOptionsOf, pinTypes, withPinFlags } from '../arguments.ts'
import type { Context } from '../context.ts'
import { pinText, statusText } from '../format.ts'
import { waitForStatus } from '../wait.ts'

interface WaitFlags {
  readonly status: boolean
  readonly wait?: boolean
  readonly waitLimit?: number
  readonly waitTimeout?: number
  readonly ifModifiedIndex?: number
}

export function pinCommand(context: Context): Command {
  const add = withPinFlags(
    new Command('add').description('Pin a CID in the cluster').argument('<cid>', 'what to pin', cid),
    'r',
  )
    .addOption(new Option('--mode <mode>', 'all of the content, or only its root').choices(['recursive', 'direct']))
    .action((what: CID, flags: PinFlags & WaitFlags & { readonly mode?: Pin['mode'] }) => addPin(context, what, flags))
  const remove = new Command('rm')
    .description('Unpin a CID from the cluster')
    .argument('<cid>', 'what to unpin', cid)
    .action((what: CID, flags: WaitFlags) => removePin(context, what, flags))
  const list = new Command('ls')
    .description('List the pinset, or one pin of it')
    .argument('[cid]', 'only this one', cid)
    .option('--filter <types>', 'types of pins; for scripts of ipfs-cluster-ctl, as all pins are of type pin', pinTypes)
    .action((what: CID | undefined, flags: { readonly filter?: readonly string[] }) =>
      listPins(context, what, flags.filter),
    )
  return new Command('pin')
    .description('Change and list the pinset')
    .addCommand(example(withWaitFlags(add), 'pinset pin add --name site --wait bafybei…'))
    .addCommand(example(withWaitFlags(remove), 'pinset pin rm --wait bafybei…'))
    .addCommand(example(list, 'pinset pin ls', 'pinset pin ls --json bafybei…'))
}

function withWaitFlags(command: Command): Command {
  return command
    .option('--ns, --no-status', 'print the pin in place of its status')
    .option('-w, --wait', 'wait until the peers have done it, and show how far they are')
    .option('--wl, --wait-limit <peers>', 'with --wait: how many peers are enough', integer)
    .option('--wt, --wait-timeout <duration>', 'with --wait: give up waiting after this time, such as 1m', duration)
    .option(
      '--if-modified-index <n>',
      'only when the pin is as it was at this index; 0 when it must be absent',
      integer,
    )
}

async function addPin(
  context: Context,
  what: CID,
  flags: PinFlags & WaitFlags & { readonly mode?: Pin['mode'] },
): Promise<void> {
  const client = await context.client()
  const options = { ...pinOptionsOf(flags), ...(flags.mode === undefined ? {} : { mode: flags.mode }) }
  const { pin, revision } = await client.pin(what, options, writeOptions(context, flags))
  await waitAndPrint(context, client, flags, {
    pin,
    revision,
    target: 'pinned',
    limit: flags.waitLimit ?? limitOf(pin),
  })
}

async function removePin(context: Context, what: CID, flags: WaitFlags): Promise<void> {
  const client = await context.client()
  const { pin, revision } = await client.unpin(what, writeOptions(context, flags))
  await waitAndPrint(context, client, flags, { pin, revision, target: 'unpinned', limit: flags.waitLimit ?? null })
}

async function waitAndPrint(
  context: Context,
  client: PinsetClient,
  flags: WaitFlags,
  change: { pin: Pin; revision: number; target: 'pinned' | 'unpinned'; limit: number | null },
): Promise<void> {
  const { pin, revision, target, limit } = change
  if (flags.wait === true) {
    const info = await waitForStatus(context, client, pin.cid, {
      target,
      limit: limit === null || limit <= 0 ? null : limit,
      timeoutMs: flags.waitTimeout,
      minRevision: revision,
    })
    if (flags.status) return await context.print(info, globalPinInfoToJson, statusText)
  }
  if (!flags.status) return await context.print(pin, pinToJson, pinText)
  const info = await client.status(pin.cid, { signal: context.signal, minRevision: revision })
  return await context.print(info, globalPinInfoToJson, statusText)
}

/** A pin counts as done at its lower replication factor; one for every peer, at every peer. */
export function limitOf(pin: Pin): number | null {
  return pin.replicationFactorMin > 0 ? pin.replicationFactorMin : null
}

function writeOptions(context: Context, flags: WaitFlags): { signal: AbortSignal; ifModifiedIndex?: number } {
  const { ifModifiedIndex } = flags
  return { signal: context.signal, ...(ifModifiedIndex === undefined ? {} : { ifModifiedIndex }) }
}

async function listPins(context: Context, what: CID | undefined, types: readonly string[] = []): Promise<void> {
  if (types.length > 0 && !types.includes('all') && !types.includes('pin')) return
  const client = await context.client()
  if (what === undefined) return await context.printAll(client.pins({ signal: context.signal }), pinToJson, pinText)
  const { pin } = await client.get(what, { signal: context.signal })
  return await context.print(pin, pinToJson, pinText)
}
