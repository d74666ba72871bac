// A user's own texts: a file, or the text files of a folder, each a document; divided into parts by document.
import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { permutation, randomKey, type RandomKey } from '@ddlf/tensor/random'
import type { Dataset } from '../dataset.ts'
import { textsBelow } from '../texts-below.ts'
import { readText } from '../tokenizers/tokenizer-file.ts'
import { IntakeCounter, type Intake } from './intake.ts'
import type { OnItems } from './image-folder.ts'
import { isLitter, isPictureFile, partNamed, type PartName } from './pictures/list-pictures.ts'

/** One text. */
export interface Document {
  /** Path within the folder, with `/`; of a file its name. */
  readonly name: string
  readonly text: string
}

/** What a file or a folder of texts holds. */
export interface DocumentListing {
  /** The parts as they lie (`train/a.txt`, `test/b.txt`), or all as one. */
  readonly parts: { readonly [part in PartName | 'all']?: readonly Document[] }
  readonly intake: Intake
}

/** How documents are divided. */
export interface DocumentDivision {
  /** Share of the documents (of a single one: its end) held out as test, where they are not divided already. */
  readonly test: number
  /** Share held out to choose the best checkpoint; 0: none. */
  readonly validation: number
  readonly seed: number
  /** Where a single document was cut before: it is cut there again, whatever has been added behind it since. */
  readonly cut?: DocumentCut
}

/** Where a single document is cut, in UTF-16 code units: what lies before is trained on. */
export interface DocumentCut {
  readonly name: string
  readonly validation?: number
  readonly test?: number
}

/** The documents of each part. */
export interface DividedDocuments {
  readonly train: readonly Document[]
  readonly validation?: readonly Document[]
  readonly test: readonly Document[]
}

/** Whether a folder holds texts, and no pictures. */
export function holdsTexts(folder: string): boolean {
  const { texts, passed } = textsBelow(folder)
  return texts.length > 0 && !passed.some(({ name }) => isPictureFile(name))
}

async function filesOf(reference: string, counter: IntakeCounter): Promise<readonly { name: string; file: string }[]> {
  const kind = await stat(reference).catch(() => undefined)
  if (kind === undefined) {
    throw new UserError({
      rule: 'Texts come from a file or a folder of text files.',
      received: `${reference}, which does not exist`,
      next: 'Check the path.',
    })
  }
  if (!kind.isDirectory()) return [{ name: path.basename(reference), file: reference }]
  const isWanted = (name: string) => !name.split('/').some(isLitter)
  const found = textsBelow(reference)
  const [texts, passed] = [found.texts.filter(isWanted), found.passed.filter(({ name }) => isWanted(name))]
  for (const { name, reason } of passed) counter.leaveOut(reason, name)
  if (texts.length > 0) return texts.map(name => ({ name, file: path.join(reference, name) }))
  throw new UserError({
    rule: 'A folder of texts must hold files that end in .txt, .text, .md or .markdown.',
    received: `${reference}, with none among ${passed.length} files`,
    next: 'Name one file, or give the files such an ending.',
  })
}

/**
 * Reads a file as one document, or the text files of a folder (.txt, .text, .md, .markdown, folders within included),
 * each a document. Folders named train, validation (or val, dev, ...) and test are parts.
 * @throws UserError for what is not there, cannot be read or is no UTF-8, and where there is nothing but blanks
 */
export async function readDocuments(
  reference: string,
  options: { readonly onItems?: OnItems } = {},
): Promise<DocumentListing> {
  const { onItems } = checkOptions('readDocuments', options, ['onItems'])
  const counter = new IntakeCounter('documents')
  const files = await filesOf(reference, counter)
  const parts: Partial<Record<PartName | 'all', Document[]>> = {}
  let blank = 0
  const isDivided = files.some(({ name }) => name.includes('/') && partNamed(name.split('/')[0] ?? '') !== undefined)
  for (const [at, { name, file }] of files.entries()) {
    const text = await readText(file)
    onItems?.({ items: 'documents', done: at + 1, total: files.length })
    const part = isDivided ? partNamed(name.split('/')[0] ?? '') : 'all'
    if (part === undefined) counter.leaveOut('outside the folders train, validation and test', name)
    else if (text.trim() === '') {
      counter.leaveOut(text === '' ? 'empty' : 'blank', name)
      if (text !== '') blank++
    } else {
      counter.use()
      ;(parts[part] ??= []).push({ name: name.normalize('NFC'), text })
    }
  }
  const intake = counter.result()
  if (intake.used > 0) return { parts, intake }
  throw new UserError({
    rule: `${reference} must hold text.`,
    received: files.length === 1
      ? (blank > 0 ? 'a file with nothing but blanks' : 'an empty file')
      : `${files.length} files with nothing${blank > 0 ? ' but blanks' : ''}`,
    next: 'Give a text with at least a few sentences.',
  })
}

/** Where a text is cut near a place: behind an empty line, else a line, else a blank, within a twentieth of it. */
export function cutPlace(text: string, share: number): number {
  const wanted = Math.round(text.length * share)
  const reach = Math.ceil(text.length / 20)
  for (const mark of ['\n\n', '\n', ' ']) {
    const before = text.lastIndexOf(mark, wanted)
    const after = text.indexOf(mark, wanted)
    const near = [before, after]
      .filter(place => place >= 0 && Math.abs(place - wanted) <= reach)
      .sort((a, b) => Math.abs(a - wanted) - Math.abs(b - wanted))[0]
    if (near !== undefined && near + mark.length < text.length) return near + mark.length
  }
  // Never between the halves of a character.
  return /[\uDC00-\uDFFF]/.test(text.charAt(wanted)) ? wanted - 1 : wanted
}

/** A piece of a document bears its name, and where it begins. */
const pieceName = (name: string, from: number) => `${name} (from ${from})`

/** The cut that made pieces of these names; undefined where no document was cut. */
export function cutOf(names: { readonly [part in PartName]?: readonly string[] | undefined }): DocumentCut | undefined {
  const [of, begin] = pieceOf(names.train)
  if (of === undefined || begin !== 0) return undefined
  const later = (['validation', 'test'] as const).flatMap(part => {
    const [name, from] = pieceOf(names[part])
    return name === of ? [[part, from] as const] : []
  })
  return { name: of, ...Object.fromEntries(later) }
}

/** What a part of one piece is a piece of, and where it begins. */
function pieceOf([name, ...others]: readonly string[] = []): readonly [name?: string, from?: number] {
  const [, of, from] = (others.length === 0 && /^([^]+) \(from (\d+)\)$/.exec(name ?? '')) || []
  return of === undefined ? [] : [of, Number(from)]
}

/** A single document in parts: its beginning is trained on, its end is held out. */
function cutDocument(
  { name, text }: Document,
  { validation = text.length, test = text.length }: Omit<DocumentCut, 'name'>,
): DividedDocuments {
  const piece = (from: number, to: number) => [{ name: pieceName(name, from), text: text.slice(from, to) }]
  const middle = Math.min(validation, test)
  return {
    train: piece(0, middle),
    ...(middle < test && { validation: piece(middle, test) }),
    test: test < text.length ? piece(test, text.length) : [],
  }
}

/** @throws UserError where nothing lies behind the place of an earlier cut */
function cutAgain(document: Document, cut: DocumentCut): DividedDocuments {
  const { length } = document.text
  const last = Math.max(cut.validation ?? 0, cut.test ?? 0)
  if (document.text.slice(last).trim() !== '') return cutDocument(document, cut)
  throw new UserError({
    rule: 'A text is judged on what lies behind the place where it was cut when its run began.',
    received: `${document.name} of ${length} characters, cut at ${last}`,
    next: 'Put the text back as it was, or say where it lies now with --data.',
  })
}

function cutAnew(document: Document, { test, validation }: DocumentDivision): DividedDocuments {
  const { text } = document
  const end = test > 0 ? cutPlace(text, 1 - test) : text.length
  const middle = validation > 0 ? cutPlace(text, (1 - test) * (1 - validation)) : end
  return cutDocument(document, { validation: middle, test: end })
}

/** Takes a share of documents out at random: at least one. */
function holdOut(
  documents: readonly Document[],
  share: number,
  key: RandomKey,
): { readonly held: readonly Document[]; readonly rest: readonly Document[] } {
  const count = Math.max(1, Math.round(share * documents.length))
  const chosen = new Set(permutation(key, documents.length).subarray(0, count))
  return { held: documents.filter((_, i) => chosen.has(i)), rest: documents.filter((_, i) => !chosen.has(i)) }
}

function divideAll(documents: readonly Document[], division: DocumentDivision): DividedDocuments {
  const { test, validation, seed, cut } = division
  const [only] = documents
  if (cut) {
    const document = documents.find(({ name }) => name === cut.name) ?? (documents.length === 1 ? only : undefined)
    if (document) {
      const pieces = cutAgain(document, cut)
      return { ...pieces, train: [...pieces.train, ...documents.filter(other => other !== document)] }
    }
  }
  if (only && documents.length === 1) return cutAnew(only, division)
  const none = { held: [], rest: documents }
  const { held, rest } = test === 0 ? none : holdOut(documents, test, randomKey(seed, 'test documents'))
  if (validation === 0) return { train: rest, test: held }
  const further = holdOut(rest, validation, randomKey(seed, 'validation documents'))
  return { train: further.rest, validation: further.held, test: held }
}

/** Documents as they lie in the folders of parts; what has no folder of its own is held out of those trained on. */
function divideFolders({ train = [], validation, test }: DocumentListing['parts'], division: DocumentDivision) {
  const asked = { ...division, ...(test && { test: 0 }), ...(validation && { validation: 0 }) }
  const isWhole = asked.test === 0 && asked.validation === 0
  const divided: DividedDocuments = isWhole || train.length === 0 ? { train, test: [] } : divideAll(train, asked)
  return { ...divided, ...(validation && { validation }), ...(test && { test }) }
}

/** Shorter lines stand in many texts by chance: greetings, headings. */
const LONG_LINE = 40

/** The long lines of documents, one after the other: a folder may hold more of them than memory does. */
function* longLines(documents: readonly Document[]): Generator<string, void> {
  for (const { text } of documents) {
    for (let from = 0; from <= text.length;) {
      const found = text.indexOf('\n', from)
      const to = found < 0 ? text.length : found
      const line = to - from < LONG_LINE ? '' : text.slice(from, to).trim()
      if (line.length >= LONG_LINE) yield line
      from = to + 1
    }
  }
}

/**
 * The long lines of documents as numbers, 53 bits of the SHA-256 of each: of ten million lines and a million others,
 * one is mistaken by chance in 900 cases.
 */
function* lineNumbers(documents: readonly Document[]): Generator<number, void> {
  for (const line of longLines(documents)) {
    const digest = createHash('sha256').update(line).digest()
    yield digest.readUIntBE(0, 6) * 32 + (digest.readUInt8(6) & 31)
  }
}

/** How many long held-out lines there are, and how many of them the training part holds: 8 bytes a line are kept. */
function repeatedLines(trained: readonly Document[], held: readonly Document[]) {
  const known = Float64Array.from(lineNumbers(trained)).sort()
  let [lines, repeated] = [0, 0]
  for (const line of lineNumbers(held)) {
    lines++
    if (holds(known, line)) repeated++
  }
  return { lines, repeated }
}

/** Whether ascending numbers hold one. */
function holds(sorted: Float64Array, wanted: number): boolean {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] as number) < wanted) low = middle + 1
    else high = middle
  }
  return sorted[low] === wanted
}

/** What stands in two parts: whole documents are taken out of the later one, lines are counted. */
function withoutRepeats(divided: DividedDocuments, counter: IntakeCounter): DividedDocuments {
  const textsOf = (documents: readonly Document[] = []) => new Set(documents.map(({ text }) => text.trim()))
  const [trained, validated] = [textsOf(divided.train), textsOf(divided.validation)]
  const fresh = (part: string, documents: readonly Document[], judged = new Set<string>()) =>
    documents.filter(({ name, text }) => {
      const earlier = trained.has(text.trim()) ? 'training' : judged.has(text.trim()) ? 'validation' : undefined
      if (earlier === undefined) return true
      counter.leaveOut(`in the ${earlier} part too, left out of ${part}`, name)
      return false
    })
  const test = fresh('test', divided.test, validated)
  const validation = divided.validation && fresh('validation', divided.validation)
  const { lines, repeated } = repeatedLines(divided.train, [...test, ...(validation ?? [])])
  if (repeated > 0) {
    counter.note(
      `of ${lines} held-out lines of at least ${LONG_LINE} characters, ${repeated} stand in the training part too`,
    )
  }
  return { train: divided.train, test, ...(validation && { validation }) }
}

/** The error for a part that holds nothing: a single text was too short to be cut, or there are too few. */
function emptyPart(part: string, documents: readonly Document[], left: number): UserError {
  const [only, another] = documents
  const again = left > 0 ? `, ${left} of them in two parts` : ''
  if (!only || another || left > 0) {
    return new UserError({
      rule: `The ${part} part of the texts must hold a document.`,
      received: `${documents.length} ${documents.length === 1 ? 'document' : 'documents'}${again}`,
      next: 'Give more texts, or change testShare and validation.',
    })
  }
  return new UserError({
    rule: `A single text is cut, and its ${part} part must hold more than blanks.`,
    received: `${only.name} of ${only.text.length} characters`,
    next: 'Give a longer text, or hold out a larger share (testShare, validation).',
  })
}

/**
 * Divides documents: as they lie in folders, else at random by the seed (also what is held out of a training folder for
 * a part that has none); a single one is cut near an empty line, and its end is held out. Documents that the training
 * part holds too are left out of the held-out parts, those of the validation part out of the test part, and lines are
 * counted.
 * @returns the parts, and the intake with what was left out
 * @throws UserError where a part has no document
 */
export function divideDocuments(
  listing: DocumentListing,
  division: DocumentDivision,
): { readonly parts: DividedDocuments; readonly intake: Intake } {
  checkOptions('divideDocuments', division, ['test', 'validation', 'seed', 'cut'])
  const { parts, intake } = listing
  const counter = new IntakeCounter('documents')
  const divided = withoutRepeats(parts.all ? divideAll(parts.all, division) : divideFolders(parts, division), counter)
  const { leftOut, notes } = counter.result()
  const left = leftOut.reduce((sum, { count }) => sum + count, 0)
  const whole = { ...intake, used: intake.used - left, leftOut: [...intake.leftOut, ...leftOut], notes }
  for (const [part, documents] of Object.entries<readonly Document[]>({ ...divided })) {
    const isWanted = part !== 'test' || division.test > 0 || parts.test !== undefined
    if (!isWanted || documents.some(({ text }) => text.trim() !== '')) continue
    throw emptyPart(part, Object.values<readonly Document[]>({ ...parts }).flat(), left)
  }
  return { parts: divided, intake: whole }
}

/** Documents as a data set of the text columns `file` and `text`. */
export const documentSet = (name: string, documents: readonly Document[], intake?: Intake): Dataset => ({
  name,
  length: documents.length,
  columns: {},
  text: { file: documents.map(document => document.name), text: documents.map(({ text }) => text) },
  ...(intake && { intake }),
})
