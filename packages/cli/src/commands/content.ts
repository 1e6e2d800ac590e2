/** Add files, read them back. */
import type { AddedRoot } from '@pinset/client'
import { addedToJson } from '@pinset/interface'
import { Command, InvalidArgumentError, Option } from 'commander'

import type { PinFlags } from '../arguments.ts'
import { cidAndPath, duration, example, pinOptionsOf, withPinFlags } from '../arguments.ts'
import type { Context } from '../context.ts'
import { entriesOf, findFiles } from '../files.ts'
import { addedText } from '../format.ts'
import { createUploadReporter } from '../progress.ts'
import { waitForStatus } from '../wait.ts'
import { limitOf } from './pin.ts'

interface AddFlags extends PinFlags {
  readonly wrapWithDirectory?: boolean
  readonly hidden?: boolean
  readonly chunker?: number
  readonly rawLeaves?: boolean
  readonly cidVersion?: '0' | '1'
  readonly pin: boolean
  readonly quiet?: boolean
  readonly quieter?: boolean
  readonly wait?: boolean
  readonly waitTimeout?: number
}

export function addCommand(context: Context): Command {
  const command = withPinFlags(
    new Command('add').description('Add files and directories, and pin them').argument('<path...>', 'what to add'),
    null,
  )
    .option('-r, --recursive', 'accepted for scripts of ipfs-cluster-ctl; directories are always added whole')
    .option('-w, --wrap-with-directory', 'put everything into one more directory')
    .option('-H, --hidden', 'also files whose names begin with a dot')
    .option('-s, --chunker <size-n>', 'bytes per leaf, such as size-262144', chunkSize)
    .option('--raw-leaves', 'leaves without a wrapper; always with --cid-version 1')
    .addOption(new Option('--cid-version <version>', 'version of the CIDs').choices(['0', '1']))
    .option('--no-pin', 'import only')
    .option('-q, --quiet', 'print only CIDs')
    .option('-Q, --quieter', 'print only the CID of each root')
    .option('--wait', 'wait until the peers have it, and show how far they are')
    .option('--wt, --wait-timeout <duration>', 'with --wait: give up waiting after this time, such as 1m', duration)
    .action((paths: readonly string[], flags: AddFlags) => add(context, paths, flags))
  return example(command, 'pinset add --wait --name holiday photos/', 'pinset add -Q cat.jpg')
}

async function add(context: Context, paths: readonly string[], flags: AddFlags): Promise<void> {
  const client = await context.client()
  const options = { hidden: flags.hidden === true, onSkip() {} }
  let totalBytes = 0
  // The first walk finds what cannot be added before anything is sent.
  for await (const file of findFiles(paths, {
    ...options,
    onSkip: (path, reason) => context.note(`left out ${path}: it is ${reason}`),
  })) {
    totalBytes += file.bytes
  }
  const reporter = createUploadReporter(context, totalBytes)
  let sent = 0
  const entries = entriesOf(findFiles(paths, options), (bytes) => {
    sent += bytes
    reporter.update(sent)
  })
  const roots: AddedRoot[] = []
  try {
    for await (const entry of client.add(entries, { ...importOptions(flags), signal: context.signal })) {
      const isRoot = flags.wrapWithDirectory === true ? entry.path === '' : !entry.path.includes('/')
      if (isRoot) roots.push(entry)
      await printAdded(context, entry, isRoot, flags)
    }
  } finally {
    reporter.stop()
  }
  if (flags.wait !== true || !flags.pin) return
  for (const root of roots) {
    const { pin, revision } = await client.get(root.cid, { signal: context.signal })
    const wait = { target: 'pinned', limit: limitOf(pin), timeoutMs: flags.waitTimeout, minRevision: revision } as const
    await waitForStatus(context, client, root.cid, wait)
  }
}

async function printAdded(context: Context, entry: AddedRoot, isRoot: boolean, flags: AddFlags): Promise<void> {
  if (flags.quieter === true && !isRoot) return
  const short = flags.quiet === true || flags.quieter === true
  await context.print(
    entry,
    (value) => addedToJson(value, value.allocations),
    (value) => (short ? value.cid.toString() : addedText(value)),
  )
}

function importOptions(flags: AddFlags): Parameters<Awaited<ReturnType<Context['client']>>['add']>[1] {
  return {
    pin: pinOptionsOf(flags),
    noPin: !flags.pin,
    ...(flags.wrapWithDirectory === undefined ? {} : { wrapWithDirectory: flags.wrapWithDirectory }),
    ...(flags.chunker === undefined ? {} : { chunkSize: flags.chunker }),
    ...(flags.rawLeaves === undefined ? {} : { rawLeaves: flags.rawLeaves }),
    ...(flags.cidVersion === undefined ? {} : { cidVersion: flags.cidVersion === '1' ? 1 : 0 }),
  }
}

function chunkSize(text: string): number {
  const size = /^(?:size-)?(\d{1,7})$/u.exec(text)?.[1]
  if (size === undefined || Number(size) === 0) throw new InvalidArgumentError('it takes size-N, such as size-262144')
  return Number(size)
}

export function catCommand(context: Context): Command {
  const command = new Command('cat')
    .description('Write the content of a file to standard output')
    .argument('<cid[/path]>', 'the file', cidAndPath)
    .action(async ({ cid, path }: ReturnType<typeof cidAndPath>) => {
      const client = await context.client()
      const chunks = client.cat(cid, { signal: context.signal, ...(path === '' ? {} : { path }) })
      for await (const chunk of chunks) await context.write(chunk)
    })
  return example(command, 'pinset cat bafybei…/photos/cat.jpg > cat.jpg')
}
