// Which of a user's own examples a run learned from and which it is judged on: listed in the run, found again when data
// change.
import { createHash } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'
import { UserError } from '@ddlf/tensor'
import { allocate, IntakeCounter, leftOutText, sizeOf, type Column, type Dataset, type LeftOut } from '@ddlf/data'
import type { RunFolder } from '../../runs/run-place.ts'
import type { RunRecord } from '../../runs/run-record.ts'
import type { StoredRun } from '../../runs/stored-run.ts'
import { artifactFile, readArtifact } from './run-artifacts.ts'

/** One example as a run remembers it. */
export interface ListedExample {
  /** Path of its file within the data; empty where it is a row of a table. */
  readonly name: string
  /** The first 32 hexadecimal digits of the SHA-256 of what the model is given of it, without its label. */
  readonly content: string
}

/**
 * The examples of each part, in the order in which the run has them: `train` (learned from), `validation` (they choose
 * the best checkpoint), `test`, and `unused` (left by the setting `trainExamples`).
 */
export type SplitList = Readonly<Record<string, readonly ListedExample[]>>

/** How data differ from what a run recorded, by kind, with the first names. */
export type DataChanges = readonly LeftOut[]

/** The artifact that holds the list. */
export const splitArtifact = 'data-split.gz'
const HEAD = 'ddlf-split-1'

/** Columns that say what is to be learned of an example, not what it is. */
const LABELS = ['labels', 'targets']

/**
 * Lists the examples of a set. What counts is what was read of each (pixels, numbers, text), so that neither the place
 * of the data nor the form of the file matters.
 * @param columns.named the text column that says where each example lies; default none: examples are rows of a table
 * @param columns.answered the text column that is to be learned of it
 */
export function listExamples(
  set: Dataset,
  { named, answered }: { readonly named?: string | undefined; readonly answered?: string | undefined } = {},
): ListedExample[] {
  const names = named === undefined ? undefined : set.text?.[named]
  const texts = Object.fromEntries(Object.entries(set.text ?? {}).filter(([name]) => ![named, answered].includes(name)))
  const columns = Object.entries(set.columns)
    .filter(([name]) => !LABELS.includes(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
  const text = Object.entries(texts).sort(([a], [b]) => (a < b ? -1 : 1))
  return Array.from({ length: set.length }, (_, i) => {
    const hash = createHash('sha256')
    for (const [name, { data, shape }] of columns) {
      const part = data.subarray(i * sizeOf(shape), (i + 1) * sizeOf(shape))
      hash.update(`${name}\0`).update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength))
    }
    for (const [name, values] of text) hash.update(`${name}\0${values[i] ?? ''}\0`)
    return { name: names?.[i] ?? '', content: hash.digest('hex').slice(0, 32) }
  })
}

/** Names that a note gives. */
const NAMED = 5

/** Says which examples of what judges a run are among those that it learns from; nothing where none is. */
export function standInBoth(list: SplitList): string[] {
  const learned = new Set((list['train'] ?? []).map(({ content }) => content))
  return ['validation', 'test'].flatMap(part => {
    const examples = list[part] ?? []
    const both = examples.filter(({ content }) => learned.has(content))
    if (both.length === 0) return []
    const names = both.flatMap(({ name }) => (name === '' ? [] : [name])).slice(0, NAMED)
    const named = names.length === 0 ? '' : ` (${names.join(', ')}${both.length > names.length ? ', ...' : ''})`
    const count = both.length === 1 ? '1 example stands' : `${both.length} examples stand`
    const share = both.length === examples.length ? 'all that it has' : `of the ${examples.length} that it has`
    return [`${count} in both the training and the ${part} part${named}, ${share}: they measure memory, not learning`]
  })
}

/**
 * SHA-256 over what all parts hold, labels included: the same wherever the data lie and however they are divided.
 * @param answered the text column that is to be learned of each example
 */
export function dataChecksum(parts: Readonly<Record<string, Dataset>>, list: SplitList, answered?: string): string {
  const lines = Object.entries(parts).flatMap(([part, { columns, classes, text }]) =>
    (list[part] ?? []).map(({ name, content }, i) => {
      const label = columns['labels']?.data[i]
      return [
        name,
        content,
        label === undefined ? '' : (classes?.[label] ?? label),
        columns['targets']?.data[i] ?? '',
        ...(answered === undefined ? [] : [text?.[answered]?.[i] ?? '']),
      ].join('\0')
    }),
  )
  const hash = createHash('sha256')
  for (const line of lines.sort()) hash.update(`${line}\n`)
  return hash.digest('hex')
}

/**
 * The list as the artifact holds it: a line an example (part, content, name), compressed; 100,000 pictures take about 3
 * MB.
 */
export function encodeSplit(list: SplitList): Uint8Array {
  const lines = Object.entries(list).flatMap(([part, examples]) =>
    examples.map(({ name, content }) => `${part}\t${content}\t${JSON.stringify(name)}\n`),
  )
  return gzipSync(`${HEAD}\n${lines.join('')}`)
}

/** Reads what {@link encodeSplit} wrote. @throws UserError where it is damaged */
export function decodeSplit(bytes: Uint8Array, file: string): SplitList {
  try {
    const [head, ...lines] = gunzipSync(bytes, { maxOutputLength: 2 ** 30 }).toString().split('\n')
    if (head !== HEAD || lines.pop() !== '') throw new Error(`it is no ${HEAD}`)
    const list: Record<string, ListedExample[]> = {}
    for (const line of lines) {
      const [part, content, name] = line.split('\t')
      if (part === undefined || content === undefined || !/^[0-9a-f]{32}$/.test(content) || name === undefined)
        throw new Error(`a line is ${line.slice(0, 60)}`)
      ;(list[part] ??= []).push({ name: JSON.parse(name) as string, content })
    }
    return list
  } catch (error) {
    throw new UserError(
      {
        rule: 'The list of the data that a run was divided into is damaged.',
        received: `${file}: ${error instanceof Error ? error.message : String(error)}`,
        next: 'Restore the file from a copy: without it nobody knows which examples were trained on.',
      },
      { cause: error },
    )
  }
}

/** Writes the list into a run that has none yet. */
export function keepSplit(store: Pick<StoredRun, 'record' | 'writeArtifact'>, list: SplitList | undefined): void {
  if (list && store.record.files?.[`artifacts/${splitArtifact}`] === undefined)
    store.writeArtifact(splitArtifact, encodeSplit(list))
}

/**
 * The split that a run recorded; undefined where it recorded none (published data, and runs of older versions).
 * @throws UserError where the list is damaged, or missing though the record names it
 */
export function readRecordedSplit(run: RunFolder, record: RunRecord): SplitList | undefined {
  const bytes = readArtifact({ run, record }, splitArtifact, {
    what: 'The list of the data that a run was divided into',
    without: 'nobody knows which examples were trained on',
  })
  return bytes && decodeSplit(bytes, artifactFile(run, splitArtifact))
}

/** Where an example lies among the sets that were read. */
interface Place {
  readonly set: Dataset
  readonly index: number
}

/** One set of examples out of several of the same form. @param shared in shared memory */
function gather(places: readonly Place[], like: Dataset, shared = false): Dataset {
  const columns = Object.fromEntries(Object.entries(like.columns).map(([name, { dtype, shape }]): [string, Column] => {
    const size = sizeOf(shape)
    const data = allocate(dtype, places.length * size, shared)
    for (const [k, { set, index }] of places.entries()) {
      const from = set.columns[name]?.data.subarray(index * size, (index + 1) * size)
      if (from) data.set(from, k * size)
    }
    return [name, { dtype, shape, data }]
  }))
  const text =
    like.text &&
    Object.fromEntries(
      Object.keys(like.text).map(name => [name, places.map(({ set, index }) => set.text?.[name]?.[index] ?? '')]),
    )
  return { ...like, length: places.length, columns, ...(text && { text }) }
}

/** Examples that wait to be found, by a key. */
class Waiting<Item> {
  readonly #byKey = new Map<string, Item[]>()

  constructor(items: readonly Item[], key: (item: Item) => string) {
    for (const item of items) {
      const list = this.#byKey.get(key(item))
      if (list) list.push(item)
      else this.#byKey.set(key(item), [item])
    }
  }

  /** The first that waits under a key and is not taken yet. */
  next(key: string, isTaken: (item: Item) => boolean): Item | undefined {
    const list = this.#byKey.get(key)
    while (list?.[0] !== undefined && isTaken(list[0])) list.shift()
    return list?.shift()
  }
}

/** The parts in the order in which they choose among examples of the same content. */
const ORDER: readonly string[] = ['train', 'validation', 'test', 'unused']

const sameList = (a: readonly ListedExample[] = [], b: readonly ListedExample[] = []) =>
  a.length === b.length && a.every((example, i) => example.name === b[i]?.name && example.content === b[i].content)

/** An example as it is now, and one that the run recorded. */
type Here = ListedExample & Place
type Wanted = ListedExample & { readonly part: string }

/** Which of the examples that are there are those that a run recorded. */
class Matches {
  readonly changes = new IntakeCounter('examples')
  readonly #found = new Map<Wanted, Here>()
  readonly #taken = new Set<Here>()
  readonly #here: readonly Here[]
  readonly #wanted: readonly Wanted[]

  /** @param wanted those that were trained on first: of two of the same content, they are found first */
  constructor(here: readonly Here[], wanted: readonly Wanted[]) {
    this.#here = here
    this.#wanted = wanted
  }

  /** Finds more of the recorded examples by a key; those without one are passed over. */
  find(
    key: (example: ListedExample) => string | undefined,
    reason?: string,
    isAllowed: (example: Here, part: string) => boolean = () => true,
  ): void {
    const free = this.#here.filter(example => !this.#taken.has(example) && key(example) !== undefined)
    const waiting = new Waiting(free, example => key(example) ?? '')
    for (const example of this.#wanted) {
      const by = key(example)
      if (this.#found.has(example) || by === undefined) continue
      const match = waiting.next(by, candidate => this.#taken.has(candidate))
      if (!match || !isAllowed(match, example.part)) continue
      this.#found.set(example, match)
      this.#taken.add(match)
      if (reason !== undefined) this.changes.leaveOut(reason, match.name)
    }
  }

  /** Says what was not found and what nobody recorded. */
  end(): void {
    for (const example of this.#wanted) if (!this.#found.has(example)) this.changes.leaveOut('gone', example.name)
    for (const example of this.#here)
      if (!this.#taken.has(example)) this.changes.leaveOut('new, left out', example.name)
  }

  /** Where the examples of a part lie, in the order in which the run has them. */
  placesOf(part: string): Place[] {
    return this.#wanted.filter(example => example.part === part).flatMap(example => this.#found.get(example) ?? [])
  }
}

/**
 * Divides data as a run recorded it, whatever has been added, taken away, renamed or moved since. An example is found
 * by name and content, else by content alone (it was renamed, or is a row), else by name alone (it was changed).
 * What was never recorded is left out of every part, and so is, from every part but `train`, what has the content of an
 * example that was trained on; from `test` also what has that of one that chose the checkpoint.
 * @param fresh the data as they are now, however divided, with their lists
 * @param shared put the part `train` into shared memory; default false
 * @throws UserError where nothing is left of a part
 */
export function divideAsRecorded(
  fresh: Readonly<Record<string, Dataset>>,
  now: SplitList,
  recorded: SplitList,
  shared = false,
): { readonly parts: Record<string, Dataset>; readonly changes: DataChanges } {
  const names = Object.keys(recorded)
  const isSame = Object.keys(fresh).length === names.length && names.every(name => sameList(now[name], recorded[name]))
  if (isSame) return { parts: { ...fresh }, changes: [] }
  const here = Object.entries(fresh).flatMap(([part, set]) =>
    (now[part] ?? []).map((example, index) => ({ ...example, set, index })),
  )
  const wanted = names
    .toSorted((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b))
    .flatMap(part => (recorded[part] ?? []).map(example => ({ ...example, part })))
  const contents = (part: string) => new Set(recorded[part]?.map(({ content }) => content))
  const [trained, validated] = [contents('train'), contents('validation')]
  const wasSeen = (content: string, part: string) =>
    part !== 'train' && (trained.has(content) || (part === 'test' && validated.has(content)))
  const matches = new Matches(here, wanted)
  matches.find(({ name, content }) => `${content} ${name}`)
  matches.find(({ content }) => content, 'renamed')
  matches.find(
    ({ name }) => (name === '' ? undefined : name),
    'with other contents',
    ({ content }, part) => !wasSeen(content, part),
  )
  matches.end()
  const changes = matches.changes.result().leftOut
  const like = Object.values(fresh)[0]
  if (!like) throw new Error('data have at least one part')
  const parts = Object.fromEntries(
    names.map(part => [part, gather(matches.placesOf(part), like, shared && part === 'train')]),
  )
  const empty = names.find(part => part !== 'unused' && (parts[part]?.length ?? 0) === 0)
  if (empty === undefined) return { parts, changes }
  throw new UserError({
    rule: `Of the examples of the part '${empty}' that the run recorded, none is there any more.`,
    received: changeLine(changes) ?? 'none',
    next: 'Put the data back, or say where they lie now with --data.',
  })
}

/**
 * What has changed in one line: `1 new, left out (disc/9.png), 2 gone (disc/1.png, disc/2.png)`; undefined for nothing.
 */
export const changeLine = (changes: DataChanges): string | undefined =>
  changes.length === 0 ? undefined : leftOutText(changes)

/** Gives the labels the numbers of a run's classes; examples of classes that the run does not know are set aside. */
export function withClasses(
  set: Dataset,
  classes: readonly string[],
): { readonly known: Dataset; readonly unknown: readonly number[] } {
  const {
    classes: own,
    columns: { labels },
  } = set
  if (!labels || own === undefined || own.join('\0') === classes.join('\0'))
    return { known: { ...set, classes }, unknown: [] }
  const numbers = own.map(name => classes.indexOf(name))
  const places = Array.from({ length: set.length }, (_, index) => ({ set, index }))
  const isKnown = ({ index }: Place) => (numbers[labels.data[index] as number] ?? -1) >= 0
  const known = gather(places.filter(isKnown), set)
  const data = (known.columns['labels'] as Column).data.map(label => numbers[label] as number)
  return {
    known: { ...known, classes, columns: { ...known.columns, labels: { ...labels, data } } },
    unknown: places.filter(place => !isKnown(place)).map(({ index }) => index),
  }
}
