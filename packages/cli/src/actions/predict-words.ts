// ddlf predict <run> <text> --words: what each word of a text does to a model's answer.
import { leftOutWords, predictor, textReader, type WordEffect } from '@ddlf/lab'
import { keptArtifact, type TrainedRun } from '@ddlf/lab/node'
import { printable } from '@ddlf/lab/printable'
import { padEndTo, textWidth } from '@ddlf/lab/text-width'
import { UserError } from '@ddlf/tensor'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { printBars } from '../terminal/class-bars.ts'
import { pc } from '../terminal/colour.ts'
import type { PredictOptions } from './predict.ts'

/** Words that are shown; of a longer text the strongest. */
const SHOWN = 40
const HALF = 12

/** Why there is no bar. */
const UNTOLD: Readonly<Record<NonNullable<WordEffect['untold']>, string>> = {
  'nothing left': 'nothing that the model knows is left without it',
  'too sure': 'the model is too sure to tell: a probability is 0',
}

/** A bar to the left of the middle or to the right of it. */
function bar(effect: number, strongest: number): string {
  const filled = strongest > 0 ? Math.round((HALF * Math.abs(effect)) / strongest) : 0
  const drawn = '█'.repeat(filled)
  return effect < 0 ? `${drawn.padStart(HALF)}|${' '.repeat(HALF)}` : `${' '.repeat(HALF)}|${drawn.padEnd(HALF)}`
}

function printEffects(words: readonly WordEffect[], of: string): void {
  const size = ({ effect = 0 }: WordEffect) => Math.abs(effect)
  const strong = new Set(words.toSorted((a, b) => size(b) - size(a)).slice(0, SHOWN))
  const shown = words.filter(word => strong.has(word))
  const strongest = Math.max(...shown.map(size))
  const longest = Math.max(...shown.map(({ word }) => textWidth(printable(word))))
  console.log(`\nWhat each word adds to the log-odds of ${pc.bold(printable(of))}: the text, asked about without it`)
  for (const { word, effect, untold = 'nothing left' } of shown) {
    const told = effect === undefined
      ? pc.dim(UNTOLD[untold])
      : `${bar(effect, strongest)}  ${`${effect < 0 ? '-' : '+'}${Math.abs(effect).toFixed(2)}`.padStart(7)}`
    console.log(`${padEndTo(printable(word), longest)}  ${told}`)
  }
  if (words.length > SHOWN)
    console.log(pc.dim(`the ${SHOWN} strongest of ${words.length} words, in their order; all of them: --json`))
}

/** Asks about one text, and about it without each of its words. */
export async function predictWords(
  trained: TrainedRun, text: string, { top, json = false, csv = false, checkpoint }: PredictOptions,
): Promise<void> {
  const { experiment, settings, model, name } = trained
  if (csv) {
    throw new UserError({
      rule: '--csv has a row for each input, not for each word.', received: '--words --csv', next: 'Give --json.',
    })
  }
  const reader = await textReader(experiment, settings, artifact => keptArtifact(trained, artifact))
  const asking = predictor(experiment, settings, model, onnxNodeRuntime(), reader.writing)
  try {
    const { classes, of, words } = await leftOutWords(asking, reader, text)
    if (json) {
      console.log(JSON.stringify({ run: name, checkpoint, input: text, classes, of, words }, null, 2))
      return
    }
    printBars(classes.slice(0, top))
    printEffects(words, of)
  } finally {
    await asking.release()
  }
}
