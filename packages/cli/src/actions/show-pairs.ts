// ddlf data show <table of pairs>: lengths, vocabulary and examples of pairs of texts, and how a training divides them.
import { intakeLine, rightTexts, splitDataset } from '@ddlf/data'
import { readPairs } from '@ddlf/data/node'
import { parseSettings, summarisePairs, type SideSummary } from '@ddlf/lab'
import { printable } from '@ddlf/lab/printable'
import { pc } from '../terminal/colour.ts'
import { suggest } from '../terminal/command-line.ts'
import { formatCount, formatTable } from '../terminal/format.ts'
import { experimentNamed } from '../experiments.ts'

/** The experiment on own pairs. */
const EXPERIMENT = 'text-pairs'
const SHOWN = 5
const LONGEST = 60

/** How the table is written, and which columns are meant, where it is stated. */
export interface PairForm {
  readonly delimiter?: string
  readonly header?: boolean
  readonly source?: string
  readonly target?: string
}

const shortened = (text: string) => {
  const characters = Array.from(text)
  return printable(characters.length > LONGEST ? `${characters.slice(0, LONGEST - 3).join('')}...` : text)
}

const rowOf = (name: string, { characters, words, differentCharacters, differentWords }: SideSummary) =>
  [
    name, formatCount(characters.median), formatCount(characters.most), formatCount(words.median),
    formatCount(words.most), formatCount(differentCharacters), formatCount(differentWords),
  ]

/** Prints what the pairs of a table are, and commands that go on with them. */
export async function showPairs(file: string, form: PairForm): Promise<void> {
  const { dataset, columns } = await readPairs(file, form)
  const { source, target, units, longest } = summarisePairs(dataset)
  const { experiment } = await experimentNamed(EXPERIMENT)
  const usual = parseSettings(experiment) as unknown as {
    readonly testShare: number
    readonly splitSeed: number
    readonly longest: number
    readonly units: string
  }
  const { testShare, splitSeed: seed } = usual
  const parts = splitDataset(dataset, { fractions: { train: 1 - testShare, test: testShare }, seed })
  const targets = (dataset.text?.['target'] ?? []).map(rightTexts)
  const pairs = targets.reduce((sum, { length }) => sum + length, 0)
  console.log(
    `${pc.bold(dataset.name)}: ${formatCount(pairs)} pairs of ${formatCount(dataset.length)} sources; a training ` +
      `learns from ${formatCount(parts.train.length)} and is tested on ${formatCount(parts.test.length)}`,
  )
  if (dataset.intake) console.log(pc.dim(intakeLine(dataset.intake)))
  const heads = [
    'column', 'characters', 'longest', 'words', 'most words', 'different characters', 'different words',
  ]
  const rows = [rowOf(`${columns.source} (read)`, source), rowOf(`${columns.target} (written)`, target)]
  console.log(`\n${formatTable(heads, rows, [1, 2, 3, 4, 5, 6])}`)
  console.log(pc.dim('characters and words: those of a text in the middle'))
  console.log(pc.bold('\nfirst pairs'))
  for (const [i, text] of (dataset.text?.['source'] ?? []).slice(0, SHOWN).entries())
    console.log(`  ${shortened(text)} → ${(targets[i] ?? []).map(shortened).join(' or ')}`)
  const words = [
    ...(form.source === undefined ? [] : ['--set', `source=${form.source}`]),
    ...(form.target === undefined ? [] : ['--set', `target=${form.target}`]),
    ...(form.delimiter === undefined ? [] : ['--set', `delimiter=${form.delimiter}`]),
    ...(form.header === undefined ? [] : ['--set', `header=${form.header}`]),
    ...(units === usual.units ? [] : ['--set', `units=${units}`]),
    ...(units === 'characters' && longest > usual.longest ? ['--set', `longest=${longest}`] : []),
  ]
  console.log(`\nNext:\n  ${suggest('train', EXPERIMENT, '--data', file, ...words)}`)
}
