/** What the peers observe about pins, and recovery. */
import { globalPinInfoToJson, statusesFromFilter } from '@pinset/interface'
import { Command, InvalidArgumentError } from 'commander'
import type { CID } from 'multiformats/cid'

import { cid, example } from '../arguments.ts'
import type { Context } from '../context.ts'
import { statusText } from '../format.ts'

interface StatusFlags {
  readonly local?: boolean
  readonly filter?: string
}

export function statusCommand(context: Context): Command {
  const command = new Command('status')
    .description('Show the status of pins on every peer')
    .argument('[cid...]', 'only these', cids)
    .option('--local', 'ask only the peer that answers')
    .option('--filter <statuses>', 'only pins with one of these statuses, such as pin_error,queued', filter)
    .action((wanted: readonly CID[], flags: StatusFlags) => status(context, wanted, flags))
  return example(command, 'pinset status', 'pinset status --filter error,queued', 'pinset status bafybei…')
}

async function status(context: Context, wanted: readonly CID[], flags: StatusFlags): Promise<void> {
  const client = await context.client()
  const { signal } = context
  const local = flags.local === undefined ? {} : { local: flags.local }
  if (wanted.length > 0 && flags.filter === undefined) {
    for (const one of wanted) {
      await context.print(await client.status(one, { signal, ...local }), globalPinInfoToJson, statusText)
    }
    return
  }
  const statuses = statusesFromFilter(flags.filter ?? '')
  const all = client.statusAll({
    signal,
    ...local,
    ...(statuses === undefined ? {} : { filter: statuses }),
    ...(wanted.length === 0 ? {} : { cids: wanted }),
  })
  await context.printAll(all, globalPinInfoToJson, statusText)
}

export function recoverCommand(context: Context): Command {
  const command = new Command('recover')
    .description('Try failed pins again: one, or all')
    .argument('[cid]', 'only this one', cid)
    .option('--local', 'only on the peer that answers')
    .action(async (what: CID | undefined, flags: StatusFlags) => {
      const client = await context.client()
      const options = { signal: context.signal, ...(flags.local === undefined ? {} : { local: flags.local }) }
      if (what === undefined) await context.printAll(client.recoverAll(options), globalPinInfoToJson, statusText)
      else await context.print(await client.recover(what, options), globalPinInfoToJson, statusText)
    })
  return example(command, 'pinset recover', 'pinset recover bafybei…')
}

function cids(text: string, before: readonly CID[] | undefined): CID[] {
  return [...(before ?? []), cid(text)]
}

function filter(text: string): string {
  try {
    statusesFromFilter(text)
    return text
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message)
  }
}
