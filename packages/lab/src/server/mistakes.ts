// What a finished run gets wrong, from the outputs it keeps. Reads the user's data: runs in a process of its own.
import { UserError } from '@ddlf/tensor/errors'
import type { Dataset } from '@ddlf/data'
import {
  classMistakes, type ClassMistake, type FoundClassMistakes,
} from '../analysis/classification/class-mistakes.ts'
import { judgedPart, type JudgedPart } from '../data-source/data-source.ts'
import { findExperiment, recordedSettings } from '../experiment/experiment.ts'
import type { ExperimentModules } from '../experiment/experiment-modules.ts'
import { experimentsFrom } from '../experiment/node/experiments-from.ts'
import { nameOfRun, readRunOutputs, readRunRecord, type RunFolder } from '../runs/node.ts'
import { assertFiniteOutputs } from '../train/finite.ts'
import { changeLine } from '../data-source/node/recorded-split.ts'
import { loadSplit } from '../data-source/node/training-data.ts'
import { residualsOf, type ResidualSummary } from './residuals.ts'

/** Whose mistakes. */
export interface MistakesQuestion {
  readonly experimentsModule: ExperimentModules
  readonly run: RunFolder
  /** How many of the worst; default 24. */
  readonly count?: number
}

/** One wrong answer, the surest first, with the picture or the text it was about. */
export interface RunMistake extends ClassMistake {
  /** Base64 of the picture's bytes. */
  readonly pixels?: string
  readonly text?: string
}

/** What every run has, whatever it predicts. */
interface AboutData {
  /** The part of the data that judged the run: it is what the mistakes are made on. */
  readonly part: JudgedPart
  /** How own data differ from those of the run, in a line; null where they do not. */
  readonly changes: string | null
}

/** What a classifier takes for what, and its worst mistakes. */
export interface ClassMistakes extends AboutData, FoundClassMistakes {
  readonly kind: 'classes'
  readonly mistakes: readonly RunMistake[]
  /** Shape of a picture: channels, height, width; null where the examples are none. */
  readonly shape: readonly number[] | null
}

/** How far the predictions of a number lie from the truth. */
export interface NumberMistakes extends AboutData, ResidualSummary {
  readonly kind: 'numbers'
}

export type RunMistakes = ClassMistakes | NumberMistakes

/** A page shows no more of a text. */
const LONGEST_TEXT = 400

function assertFit(run: RunFolder, part: JudgedPart, found: number, expected: number): void {
  if (found === expected) return
  throw new UserError({
    rule: `The outputs that the run keeps are about another ${part} part.`,
    received: `${found} outputs, ${expected} examples`,
    next: `Put back the data that the run was judged on; what it says of those that are there: ` +
      `npm run ddlf -- evaluate ${nameOfRun(run)}`,
  })
}

/**
 * Undefined where the run keeps no outputs that can be compared with its data.
 * @throws UserError where the data cannot be read, or are no longer those of the run
 */
export async function mistakesOf(question: MistakesQuestion): Promise<RunMistakes | undefined> {
  const { experimentsModule, run, count = 24 } = question
  const experiments = await experimentsFrom(experimentsModule)
  const experiment = findExperiment(experiments, run.experiment)
  const outputs = readRunOutputs(run) ?? {}
  if (Object.keys(outputs).length === 0) return undefined
  const record = readRunRecord(run)
  const settings = recordedSettings(experiment, record.config)
  const part = judgedPart(experiment.data, settings)
  const { dataset: test, changes } = await loadSplit({ experiment, settings, run, record }, part)
  const about = { part, changes: changeLine(changes) ?? null }
  const fit = (examples: number) => { assertFit(run, part, examples, test.length) }
  const found = classMistakes(outputs, test, count, fit)
  if (found) return { kind: 'classes', ...about, ...found, ...shownMistakes(test, found.mistakes) }
  const { prediction } = outputs
  if (!prediction || !test.columns['target']) return undefined
  fit(prediction.data.length)
  assertFiniteOutputs({ prediction })
  const { target: name } = settings as { readonly target?: string }
  return { kind: 'numbers', ...about, ...residualsOf(test, prediction.data, { target: name ?? 'the target', count }) }
}

/** Mistakes with what they were about. */
function shownMistakes(
  test: Dataset, mistakes: readonly ClassMistake[],
): Pick<ClassMistakes, 'mistakes' | 'shape'> {
  const images = test.columns['images']
  const texts = test.text?.['text']
  const size = images?.shape.reduce((product, extent) => product * extent, 1) ?? 0
  const pixelsOf = (index: number) =>
    images && { pixels: Buffer.from(images.data.subarray(index * size, (index + 1) * size)).toString('base64') }
  return {
    shape: images?.shape ?? null,
    mistakes: mistakes.map(one => ({
      ...one,
      ...pixelsOf(one.index),
      ...(texts && { text: (texts[one.index] ?? '').slice(0, LONGEST_TEXT) }),
    })),
  }
}
