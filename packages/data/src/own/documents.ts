// A user's own texts: a file, or the text files of a folder, each a document; divided into parts by document.
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { permutation, randomKey, type RandomKey } from '@ddlf/tensor/random'
import type { Dataset } from '../dataset.ts'
import { filesBelow } from '../files-below.ts'
import { isTextFile, readText } from '../tokenizers/tokenizer-file.ts'
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
}

/** The documents of each part. */
export interface DividedDocuments {
  readonly train: readonly Document[]
  readonly validation?: readonly Document[]
  readonly test: readonly Document[]
}

/** Whether a folder holds texts, and no pictures. */
export function holdsTexts(folder: string): boolean {
  const files = filesBelow(folder)
  return files.some(isTextFile) && !files.some(isPictureFile)
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
  const all = filesBelow(reference).filter(name => !name.split('/').some(isLitter))
  const texts = all.filter(name => isTextFile(name) && !path.basename(name).startsWith('.'))
  for (const name of all) if (!texts.includes(name)) counter.leaveOut('without the ending of a text', name)
  if (texts.length > 0) return texts.map(name => ({ name, file: path.join(reference, name) }))
  throw new UserError({
    rule: 'A folder of texts must hold files that end in .txt, .text, .md or .markdown.',
    received: `${reference}, with none among ${all.length} files`,
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
  const isDivided = files.some(({ name }) => name.includes('/') && partNamed(name.split('/')[0] ?? '') !== undefined)
  for (const [at, { name, file }] of files.entries()) {
    const text = await readText(file)
    onItems?.({ items: 'documents', done: at + 1, total: files.length })
    const part = isDivided ? partNamed(name.split('/')[0] ?? '') : 'all'
    if (part === undefined) counter.leaveOut('outside the folders train, validation and test', name)
    else if (text.trim() === '') counter.leaveOut('empty', name)
    else {
      counter.use()
      ;(parts[part] ??= []).push({ name: name.normalize('NFC'), text })
    }
  }
  const intake = counter.result()
  if (intake.used > 0) return { parts, intake }
  throw new UserError({
    rule: `${reference} must hold text.`,
    received: files.length === 1 ? 'an empty file' : `${files.length} empty files`,
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

/** A single document in parts: its beginning is trained on, its end is held out. */
function cutDocument({ name, text }: Document, { test, validation }: DocumentDivision): DividedDocuments {
  const end = cutPlace(text, 1 - test)
  const middle = validation > 0 ? cutPlace(text, (1 - test) * (1 - validation)) : end
  const piece = (from: number, to: number, of: string) => [{ name: `${name} (${of})`, text: text.slice(from, to) }]
  return {
    train: piece(0, middle, 'beginning'),
    ...(middle < end && { validation: piece(middle, end, 'middle') }),
    test: piece(end, text.length, 'end'),
  }
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
  const [only] = documents
  if (only && documents.length === 1) return cutDocument(only, division)
  const { test, validation, seed } = division
  const { held, rest } = holdOut(documents, test, randomKey(seed, 'test documents'))
  if (validation === 0) return { train: rest, test: held }
  const further = holdOut(rest, validation, randomKey(seed, 'validation documents'))
  return { train: further.rest, validation: further.held, test: held }
}

/** Shorter lines stand in many texts by chance: greetings, headings. */
const LONG_LINE = 40

const longLines = (documents: readonly Document[]): string[] =>
  documents.flatMap(({ text }) => text.split('\n').map(line => line.trim())).filter(line => line.length >= LONG_LINE)

/** What stands in a held-out part and in the training part too: whole documents are taken out, lines are counted. */
function withoutRepeats(divided: DividedDocuments, counter: IntakeCounter): DividedDocuments {
  const trained = new Set(divided.train.map(({ text }) => text.trim()))
  const fresh = (part: string, documents: readonly Document[]) =>
    documents.filter(({ name, text }) => {
      if (!trained.has(text.trim())) return true
      counter.leaveOut(`in the training part too, left out of ${part}`, name)
      return false
    })
  const test = fresh('test', divided.test)
  const validation = divided.validation && fresh('validation', divided.validation)
  const known = new Set(longLines(divided.train))
  const lines = longLines([...test, ...(validation ?? [])])
  const repeated = lines.filter(line => known.has(line)).length
  if (repeated > 0) {
    counter.note(
      `of ${lines.length} held-out lines of at least ${LONG_LINE} characters, ` +
        `${repeated} stand in the training part too`,
    )
  }
  return { train: divided.train, test, ...(validation && validation.length > 0 && { validation }) }
}

/**
 * Divides documents: as they lie in folders, else at random by the seed; a single one is cut near an empty line, and
 * its end is held out. Held-out documents that the training part holds too are left out, and lines that do are counted.
 * @returns the parts, and the intake with what was left out
 * @throws UserError where a part has no document
 */
export function divideDocuments(
  { parts, intake }: DocumentListing,
  division: DocumentDivision,
): { readonly parts: DividedDocuments; readonly intake: Intake } {
  const { all, train = [], validation, test } = parts
  const counter = new IntakeCounter('documents')
  const lying = all ? divideAll(all, division) : undefined
  const held = lying ?? (test ? { train, test } : divideAll(train, { ...division, validation: 0 }))
  const divided = withoutRepeats(validation ? { ...held, validation } : held, counter)
  const { leftOut, notes } = counter.result()
  const left = leftOut.reduce((sum, { count }) => sum + count, 0)
  const whole = { ...intake, used: intake.used - left, leftOut: [...intake.leftOut, ...leftOut], notes }
  for (const [part, documents] of Object.entries<readonly Document[]>({ ...divided })) {
    if (documents.some(({ text }) => text.trim() !== '')) continue
    throw new UserError({
      rule: `The ${part} part of the texts must hold a document.`,
      received:
        `${intake.used} ${intake.used === 1 ? 'document' : 'documents'}` +
        (left > 0 ? `, ${left} of them in two parts` : ''),
      next: 'Give more texts, or change testShare and validation.',
    })
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
