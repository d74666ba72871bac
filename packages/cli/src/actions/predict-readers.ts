// What ddlf predict is given, as a model reads it: pictures from files, texts, and the lines of a file of texts.
import { existsSync, lstatSync, statSync } from 'node:fs'
import { isTable, isTextFile, readPictureBytes, readText } from '@ddlf/data/node'
import { IntakeCounter, type Intake, type TokenWriting } from '@ddlf/data'
import { inputOf, textReader, type PreparedInput } from '@ddlf/lab'
import { keptArtifact, prepareImage, type TrainedRun } from '@ddlf/lab/node'
import { UserError } from '@ddlf/tensor'

const IMAGE = /\.(png|jpe?g|jpe|jfif|webp|gif|bmp)$/i

/** How inputs reach a model. */
export interface InputReader {
  readonly prepare: (input: string) => Promise<PreparedInput>
  /** Where the model writes tokens: how they become a text. */
  readonly writing?: TokenWriting
}

async function preparePicture({ experiment, settings }: TrainedRun, input: string, invert: boolean) {
  if (!lstatSync(input, { throwIfNoEntry: false })) {
    throw new UserError({
      rule: `${experiment.name} reads a picture from a file (PNG, JPEG, WebP, GIF or BMP).`,
      received: `${input}, which does not exist`,
      next: 'Check the path.',
    })
  }
  return prepareImage(experiment, settings, await readPictureBytes(input), input, { invert })
}

/** Opens what a model needs to read inputs, once for all of them. */
export async function inputReader(trained: TrainedRun, invert: boolean): Promise<InputReader> {
  const { experiment, settings } = trained
  if (inputOf(experiment, settings).shape.length === 3)
    return { prepare: input => preparePicture(trained, input, invert) }
  const { prepare, writing } = await textReader(experiment, settings, name => keptArtifact(trained, name))
  return { prepare: input => Promise.resolve(prepare(input)), ...(writing && { writing }) }
}

/** Whether an input is a file of texts, one a line; a text that is too long for a path is none. */
export const isFileOfLines = (input: string): boolean =>
  isTextFile(input) && existsSync(input) && statSync(input).isFile()

/** What a file is that a model of texts does not read, by its name; undefined where it reads such files. */
const otherFile = (input: string, tables: boolean): string | undefined =>
  (IMAGE.test(input) ? 'a picture' : isTable(input) && !tables ? 'a table' : undefined)

/**
 * Refuses the name of a file where a model of texts would read nothing but the name itself.
 * @param tables whether a table is asked about row by row
 * @throws UserError where it does not exist, for a picture, and for a table that is not asked about
 */
export function refuseNames(inputs: readonly string[], { name }: TrainedRun['experiment'], tables: boolean): void {
  for (const input of inputs) {
    // What has blanks within is a sentence that ends so.
    if (/\s/.test(input) && !existsSync(input)) continue
    const other = otherFile(input, tables)
    if (other === undefined && !isTable(input) && !isTextFile(input)) continue
    if (other === undefined && existsSync(input)) continue
    throw new UserError({
      rule: `${name} reads texts in quotes, or from the lines of a .txt file` +
        `${tables ? ' or the rows of a table (CSV, TSV or JSON Lines)' : ''}.`,
      received: existsSync(input) ? `${input}, ${other ?? 'a file'}` : `${input}, which does not exist`,
      next: existsSync(input)
        ? 'Write the texts into a .txt file, one a line.'
        : 'Check the path. Where this is the text itself, put it on a line of a .txt file.',
    })
  }
}

/** The lines of a file that are not blank. @throws UserError where it is no UTF-8, or holds nothing */
export async function linesOf(file: string): Promise<{ readonly lines: readonly string[]; readonly intake: Intake }> {
  const counter = new IntakeCounter('texts')
  const text = (await readText(file)).replace(/\r?\n$|\r$/, '')
  const lines = text.split(/\r\n|\n|\r/).filter((line, i) => {
    if (line.trim() === '') counter.leaveOut('blank', `line ${i + 1}`)
    return line.trim() !== ''
  })
  if (lines.length > 0) return { lines, intake: counter.result() }
  throw new UserError({
    rule: `${file} must hold a text in each line.`,
    received: text === '' ? 'an empty file' : 'blank lines alone',
    next: 'Write a text on a line, or give it in quotes.',
  })
}
