// ddlf data show <text or folder of texts>: what texts hold, how a training divides them, and what can be done next.
import { intakeLine } from '@ddlf/data'
import { divideDocuments, readDocuments, type DividedDocuments, type Document } from '@ddlf/data/node'
import { parseSettings, summariseTexts } from '@ddlf/lab'
import { printable } from '@ddlf/lab/printable'
import { UserError } from '@ddlf/tensor/errors'
import { visibleText } from '@ddlf/lab/plots'
import { pc } from '../terminal/colour.ts'
import { suggest } from '../terminal/command-line.ts'
import { formatBytes, formatCount, formatTable, wrapText } from '../terminal/format.ts'
import { itemsPrinter } from '../terminal/items-printer.ts'
import { experimentNamed } from '../experiments.ts'

/** The experiment on own texts. */
const EXPERIMENT = 'gpt-on-text'
const SHOWN = 240

const charactersOf = (documents: readonly Document[]) => documents.reduce((sum, { text }) => sum + text.length, 0)

/** How a training with its defaults would divide the texts. */
async function division(listing: Awaited<ReturnType<typeof readDocuments>>) {
  const { experiment } = await experimentNamed(EXPERIMENT)
  const { testShare, validation, splitSeed } = parseSettings(experiment) as unknown as {
    readonly testShare: number
    readonly validation: number
    readonly splitSeed: number
  }
  return divideDocuments(listing, { test: testShare, validation, seed: splitSeed })
}

function partsTable(parts: DividedDocuments): string {
  const rows = Object.entries<readonly Document[]>({ ...parts }).map(([part, held]) =>
    [part, formatCount(held.length), formatCount(charactersOf(held))])
  return formatTable(['part', 'documents', 'characters'], rows, [1, 2])
}

/** Prints what a text, or the texts of a folder, hold, and commands that go on with them. */
export async function showTexts(reference: string): Promise<void> {
  const listing = await readDocuments(reference, { onItems: itemsPrinter() })
  // What is too short to be divided can be looked at all the same.
  const divided = await division(listing).catch((error: unknown) => {
    if (error instanceof UserError) return error
    throw error
  })
  const documents = Object.values(listing.parts).flat()
  const summary = summariseTexts(documents.map(({ text }) => text))
  console.log(
    `${pc.bold(reference)}: ${formatCount(documents.length)} ${documents.length === 1 ? 'document' : 'documents'}, ` +
      `${formatCount(summary.characters)} characters, ${formatBytes(summary.bytes)}`,
  )
  console.log(pc.dim(intakeLine(divided instanceof UserError ? listing.intake : divided.intake)))
  if (divided instanceof UserError) console.log(`\n${wrapText(`Not enough to train on. ${divided.message}`)}`)
  else console.log(`\n${partsTable(divided.parts)}`)
  const { lines, words, differentWords, differentCharacters, frequent } = summary
  const often = frequent.map(({ character }) => printable(visibleText(character)).replaceAll(' ', '␣')).join(' ')
  console.log(`\n${formatCount(lines)} lines, ${formatCount(words)} words (${formatCount(differentWords)} different)`)
  console.log(`${formatCount(differentCharacters)} different characters, the most frequent: ${often}`)
  const [first] = documents
  const begins = printable((first?.text ?? '').slice(0, SHOWN).replaceAll(/\s+/g, ' ').trim())
  console.log(`\n${pc.bold('begins')}  ${begins}`)
  if (divided instanceof UserError) return
  console.log('\nNext:')
  console.log(`  ${suggest('train', EXPERIMENT, '--data', reference)}`)
  console.log(`  ${suggest('train', EXPERIMENT, '--data', reference, '--set', 'tokenizer=bpe')}`)
}
