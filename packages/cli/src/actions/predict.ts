// ddlf predict <run> <input...>: what a trained model says about pictures, a folder of them, texts, or every row of a
// table of yours.
import { existsSync, statSync } from 'node:fs'
import { IntakeCounter, intakeLine, mergeIntakes, type Intake } from '@ddlf/data'
import { isTable, listPicturesBelow, readPictureBytes } from '@ddlf/data/node'
import {
  answersOfTask, inputOf, predict, predictor, type Answer, type PreparedInput,
} from '@ddlf/lab'
import {
  openTrainedRun,
  predictTable,
  prepareImage,
  runsWords,
  type PredictTableOptions,
  type TrainedRun,
} from '@ddlf/lab/node'
import { UserError } from '@ddlf/tensor'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { printable } from '@ddlf/lab/printable'
import { AnswerSheet } from '../terminal/answer-sheet.ts'
import { printBars } from '../terminal/class-bars.ts'
import { errorColours, pc } from '../terminal/colour.ts'
import { formatNumber } from '../terminal/format.ts'
import { suggest } from '../terminal/command-line.ts'
import { itemsPrinter } from '../terminal/items-printer.ts'
import { predictionsCsv, predictionsTable, type Prediction } from '../terminal/predictions.ts'
import { experiments } from '../experiments.ts'
import { predictWords } from './predict-words.ts'
import { inputReader, isFileOfLines, linesOf, refuseNames, type InputReader } from './predict-readers.ts'

/** The options of the command. */
export interface PredictOptions {
  readonly runs: string
  readonly checkpoint: string
  readonly invert?: boolean
  readonly words?: boolean
  readonly top: number
  readonly json?: boolean
  readonly csv?: boolean
  readonly out?: string
  readonly force?: boolean
  readonly column?: string
  readonly header?: 'true' | 'false' | 'auto'
  readonly delimiter?: string
  readonly beams?: number
  readonly lengthPenalty?: number
}

/** A picture of grey levels as text, two rows of pixels in a line. */
function preview({ data }: PreparedInput, height: number, width: number): string {
  const at = (y: number, x: number) => (y < height ? (data[y * width + x] ?? 0) > 127 : false)
  const lines = Array.from({ length: Math.ceil(height / 2) }, (_, row) =>
    Array.from(
      { length: width },
      (_unused, x) => [' ', '▀', '▄', '█'][Number(at(2 * row, x)) + 2 * Number(at(2 * row + 1, x))],
    ).join(''),
  )
  return lines.join('\n')
}

/** How predictions are printed. */
interface PrintOptions {
  readonly runs: string
  /** Takes what the model answers with pictures; undefined where it answers with none. */
  readonly sheet: AnswerSheet | undefined
  readonly top: number
  readonly json: boolean
  readonly csv: boolean
  readonly checkpoint: string
  /** Where the model writes tokens: how they become a text. */
  readonly writing?: InputReader['writing']
}

/** Inputs whose fault is told. */
const MOST_FAULTS = 5

/** A picture or a text of the user's. */
interface Asked {
  /** How a person names it. */
  readonly name: string
  readonly prepare: () => Promise<PreparedInput>
}

/** An answer as a row of what is printed. */
function predictionOf(
  name: string, answer: Answer, asked: PreparedInput, sheet: AnswerSheet | undefined,
): Prediction {
  if (answer.kind === 'number') return { input: name, classes: [], value: answer.value }
  if (answer.kind === 'text') return { input: name, classes: [], text: answer.text }
  if (answer.kind === 'classes') return { input: name, classes: answer.classes }
  return { input: name, classes: [], row: sheet?.add(asked, answer.picture) ?? 0 }
}

/** What is wrong with an input, without the sentence around it. */
const faultOf = ({ parts }: UserError) => parts.received ?? parts.rule

/** Texts that a model is asked about at once; pictures go one by one, for they may be large. */
const TEXTS_AT_ONCE = 32

/**
 * Asks about many inputs; those that cannot be read are named and left out.
 * @param begun what was left out before
 */
async function predictAll(
  trained: TrainedRun,
  items: string,
  asked: readonly Asked[],
  begun: readonly Intake[],
  said: object,
  options: PrintOptions,
): Promise<void> {
  const { top, json, csv, checkpoint, sheet } = options
  const { experiment, settings, model } = trained
  const counter = new IntakeCounter(items)
  const predictions: Prediction[] = []
  const damaged: { name: string; fault: string }[] = []
  const leaveOut = (name: string, error: unknown) => {
    if (!(error instanceof UserError)) throw error
    damaged.push({ name, fault: faultOf(error) })
    counter.leaveOut(items === 'texts' ? 'that cannot be read' : 'damaged', name)
  }
  const asking = predictor(experiment, settings, model, onnxNodeRuntime(), options.writing)
  const onItems = itemsPrinter(process.stderr, Date.now, 'predicting')
  let waiting: { readonly name: string; readonly input: PreparedInput }[] = []
  const askWaiting = async () => {
    const now = waiting
    waiting = []
    try {
      const answers = await asking.askAll(now.map(({ input }) => input))
      for (const [i, { name, input }] of now.entries())
        predictions.push(predictionOf(name, answers[i] as Answer, input, options.sheet))
      counter.use(now.length)
    } catch (error) {
      for (const { name } of now) leaveOut(name, error)
    }
  }
  try {
    for (const [at, { name, prepare }] of asked.entries()) {
      try {
        waiting.push({ name, input: await prepare() })
      } catch (error) {
        leaveOut(name, error)
      }
      const isFull = waiting.length >= (items === 'texts' ? TEXTS_AT_ONCE : 1)
      if (isFull || (at === asked.length - 1 && waiting.length > 0)) await askWaiting()
      onItems({ items, done: at + 1, total: asked.length })
    }
  } finally {
    await asking.release()
  }
  const line = intakeLine(mergeIntakes([...begun, counter.result()]))
  const file = predictions.length > 0 ? sheet?.write() : undefined
  if (json) {
    const told = { run: trained.name, checkpoint, ...said, ...(file !== undefined && { file }), predictions }
    console.log(JSON.stringify({ ...told, intake: line, damaged }, null, 2))
  } else if (sheet) printSheet(sheet)
  else if (csv) process.stdout.write(predictionsCsv(predictions, trained.classes))
  else if (predictions.length > 0) console.log(predictionsTable(predictions, top))
  const faults = damaged.slice(0, MOST_FAULTS).map(({ name, fault }) => `\n  ${name}: ${fault}`)
  const more = damaged.length > MOST_FAULTS ? `\n  and ${damaged.length - MOST_FAULTS} more` : ''
  console.error(errorColours.yellow(line + faults.join('') + more))
  if (predictions.length === 0) process.exitCode = 1
}

const isFolder = (input: string) => statSync(input, { throwIfNoEntry: false })?.isDirectory() === true

/** Asks about every picture below a folder. */
async function predictFolder(
  trained: TrainedRun,
  folder: string,
  invert: boolean,
  options: PrintOptions,
): Promise<void> {
  const { experiment, settings } = trained
  const { pictures, intake } = await listPicturesBelow(folder)
  const asked = pictures.map(({ path, name }): Asked => ({
    name,
    prepare: async () => prepareImage(experiment, settings, await readPictureBytes(path), path, { invert }),
  }))
  await predictAll(trained, 'pictures', asked, [intake], { folder }, options)
}

/** @throws UserError where one of several inputs is a folder, a table or a file of texts */
function refuseLone({ experiment, settings, name }: TrainedRun, inputs: readonly string[], runs: string): void {
  if (inputs.length < 2) return
  const readsImages = inputOf(experiment, settings).shape.length === 3
  const lone = inputs.find(input =>
    readsImages ? isFolder(input) : isFileOfLines(input) || (isTable(input) && existsSync(input)))
  if (experiment.data.own === 'tabular' || lone !== undefined) {
    const what = readsImages ? 'A folder' : lone !== undefined && isFileOfLines(lone) ? 'A file of texts' : 'A table'
    throw new UserError({
      rule: `${what} is predicted by itself.`,
      received: inputs.join(' '),
      next: suggest('predict', name, lone ?? inputs[0] ?? '', ...runsWords(runs)),
    })
  }
}

/** Asks about several pictures, or several texts. */
async function predictSeveral(
  trained: TrainedRun, inputs: readonly string[], reader: InputReader, options: PrintOptions,
): Promise<void> {
  const readsImages = inputOf(trained.experiment, trained.settings).shape.length === 3
  const asked = inputs.map((input): Asked => ({ name: input, prepare: () => reader.prepare(input) }))
  await predictAll(trained, readsImages ? 'pictures' : 'texts', asked, [], {}, options)
}

/** Asks about every line of a file of texts. */
async function predictLines(
  trained: TrainedRun, file: string, reader: InputReader, options: PrintOptions,
): Promise<void> {
  const { lines, intake } = await linesOf(file)
  const asked = lines.map((line): Asked => ({ name: line, prepare: () => reader.prepare(line) }))
  await predictAll(trained, 'texts', asked, [intake], { file }, options)
}

/** Rows of a table that are shown; all of them are in --csv and --json. */
const SHOWN = 50

/** Asks about every row of a table. */
async function predictRows(
  trained: TrainedRun,
  file: string,
  { top, json, csv, form, checkpoint }: PrintOptions & { readonly form: PredictTableOptions },
): Promise<void> {
  const { predictions, intake } = await predictTable(trained, file, onnxNodeRuntime(), form)
  if (json) console.log(JSON.stringify({ run: trained.name, checkpoint, table: file, predictions, intake }, null, 2))
  else if (csv) process.stdout.write(predictionsCsv(predictions, trained.classes))
  else {
    console.log(predictionsTable(predictions.slice(0, SHOWN), top))
    if (predictions.length > SHOWN) console.log(pc.dim(`and ${predictions.length - SHOWN} more; all of them: --csv`))
  }
  console.error(intake)
}

/** Asks about one picture or one text. */
async function predictOne(
  trained: TrainedRun,
  input: string,
  reader: InputReader,
  { top, json, csv, checkpoint, sheet, invert }: PrintOptions & { readonly invert: boolean },
): Promise<void> {
  const { experiment, settings, model } = trained
  const prepared = await reader.prepare(input)
  const answer = await predict(experiment, settings, model, prepared, onnxNodeRuntime(), reader.writing)
  const prediction = predictionOf(input, answer, prepared, sheet)
  const { classes, value, text } = prediction
  const file = sheet?.write()
  if (json) {
    const said = { classes: { classes }, number: { value }, text: { text }, picture: { file } }[answer.kind]
    console.log(JSON.stringify({ run: trained.name, checkpoint, input, steps: prepared.steps, ...said }, null, 2))
    return
  }
  if (csv) {
    process.stdout.write(predictionsCsv([prediction], trained.classes))
    return
  }
  const [channels, height = 0, width = 0] = inputOf(experiment, settings).shape
  if (channels === 1 && process.stdout.isTTY && width < process.stdout.columns)
    console.log(`${preview(prepared, height, width)}\n`)
  console.log(pc.dim(`${input.slice(0, 80)}: ${prepared.steps.join(', ') || 'taken as it is'}`))
  if (sheet) printSheet(sheet)
  else if (value !== undefined) console.log(pc.bold(formatNumber(value)))
  else if (text !== undefined) console.log(pc.bold(printable(text)))
  else printBars(classes.slice(0, top))
  const light = Float64Array.from(prepared.data).reduce((sum, value) => sum + value, 0) / prepared.data.length
  if (channels === 1 && !invert && light > 127 && !experiment.data.own)
    console.log(
      pc.yellow('The picture is mostly light; the data set is mostly dark. Is it ink on paper? Then add --invert.'),
    )
}

/** Says where the pictures lie that a model answered with. */
function printSheet(sheet: AnswerSheet): void {
  console.log(`${sheet.shownFile}: what was read on the left, what the model makes of it on the right.`)
}

/** A run that writes as it is asked to. @throws UserError where it writes no texts of texts */
function writingAs(trained: TrainedRun, { beams, lengthPenalty }: PredictOptions): TrainedRun {
  if (beams === undefined && lengthPenalty === undefined) return trained
  const { settings, experiment } = trained
  if ('beams' in settings && 'lengthPenalty' in settings) {
    const asked = { ...settings, ...(beams !== undefined && { beams: [beams] }) }
    return { ...trained, settings: { ...asked, ...(lengthPenalty !== undefined && { lengthPenalty }) } }
  }
  throw new UserError({
    rule: '--beams and --length-penalty are for a model that turns a text into another.',
    received: `${experiment.name}, whose task is ${experiment.task.name}`,
    next: 'Leave them out.',
  })
}

/** Whether a model of texts learned from a table, so that it is asked about tables. */
const isOwnTable = ({ data: { own } }: TrainedRun['experiment']) => own === 'text-table' || own === 'text-pairs'

/** Whether the rows of a table are asked about. */
const asksRows = (experiment: TrainedRun['experiment'], input: string): boolean =>
  experiment.data.own === 'tabular' || (isOwnTable(experiment) && isTable(input) && existsSync(input))

/** Refuses options that say how a table is written where none is given. */
function checkTableOptions({ column, header, delimiter }: PredictOptions, inputs: readonly string[]): void {
  if (inputs.every(input => isTable(input))) return
  if (header !== undefined || delimiter !== undefined) {
    throw new UserError({
      rule: '--header and --delimiter say how a table is written.',
      received: inputs.join(' '),
      next: 'Give a CSV, TSV or JSON Lines file, or leave them out.',
    })
  }
  if (column !== undefined) {
    throw new UserError({
      rule: '--column names a column of a table.',
      received: inputs.join(' '),
      next: 'Give a CSV, TSV or JSON Lines file, or leave --column out.',
    })
  }
}

/** Refuses options that the model of a run has no use for, and an input that is none. */
function checkForModel(
  { experiment, settings }: TrainedRun,
  { column, invert = false, words = false }: PredictOptions,
  inputs: readonly string[],
): void {
  const readsPictures = inputOf(experiment, settings).shape.length === 3
  const readsTexts = !readsPictures && experiment.data.own !== 'tabular'
  if (column !== undefined && !['text-table', 'text-pairs'].includes(experiment.data.own ?? '')) {
    throw new UserError({
      rule: '--column names the column of the text, for a model that learned from a table of texts.',
      received: `--column ${column}, for ${experiment.name}`,
      next: experiment.data.own === 'tabular'
        ? 'Leave it out: columns are found by the names that they had in training.'
        : 'Leave it out.',
    })
  }
  if (invert && !readsPictures) {
    throw new UserError({
      rule: '--invert turns dark to light in pictures.',
      received: `--invert, for ${experiment.name}, which reads none`,
      next: 'Leave it out.',
    })
  }
  const [first = ''] = inputs
  if (experiment.data.textForm && !words) refuseNames(inputs, experiment, isOwnTable(experiment))
  if (words && (!readsTexts || inputs.length > 1 || isFileOfLines(first) || isTable(first))) {
    throw new UserError({
      rule: '--words tells what the words of one text do.',
      received: readsTexts ? inputs.join(' ') : `--words, for ${experiment.name}, which reads no texts`,
      next: readsTexts ? 'Give one text in quotes.' : 'Leave it out.',
    })
  }
  if (!readsTexts && inputs.includes('')) {
    throw new UserError({
      rule: `${experiment.name} reads ` +
        `${readsPictures ? 'pictures from files' : 'the rows of a table (CSV, TSV or JSON Lines)'}.`,
      received: "an empty name ('')",
      next: `Name ${readsPictures ? 'a picture, or a folder of them' : 'a table'}. Is a variable of your shell empty?`,
    })
  }
  if (experiment.data.own === 'tabular' && !existsSync(first)) {
    throw new UserError({
      rule: `${experiment.name} reads the rows of a table (CSV, TSV or JSON Lines).`,
      received: `${first}, which does not exist`,
      next: 'Check the path; the table has a column for each that the model learned from: ' +
        `${(settings as unknown as { encoding: readonly { name: string }[] }).encoding
          .map(({ name }) => name).slice(0, 10).join(', ')}.`,
    })
  }
}

/** Does what `ddlf predict` is asked for. */
export async function predictAction(
  reference: string,
  inputs: readonly string[],
  options: PredictOptions,
): Promise<void> {
  checkTableOptions(options, inputs)
  const { runs, checkpoint, invert = false, top, json = false, csv = false, column, header, delimiter } = options
  const trained = writingAs(openTrainedRun(experiments, runs, reference, checkpoint), options)
  const { experiment, settings } = trained
  const run = [trained.name, ...runsWords(runs)]
  // What cannot be asked is told which command its run is for, before any input is read.
  answersOfTask(experiment, run)
  const { shape } = inputOf(experiment, settings, run)
  checkForModel(trained, options, inputs)
  const sheet = AnswerSheet.of(trained, options)
  const printing: PrintOptions = { runs, top, json, csv, checkpoint, sheet }
  const [input = '', ...others] = inputs
  if (others.length === 0 && asksRows(experiment, input)) {
    const form = {
      ...(column !== undefined && { column }),
      ...(header !== undefined && { header: header === 'auto' ? header : header === 'true' }),
      ...(delimiter !== undefined && { delimiter }),
    }
    await predictRows(trained, input, { ...printing, form })
    return
  }
  if (others.length === 0 && shape.length === 3 && isFolder(input)) {
    await predictFolder(trained, input, invert, printing)
    return
  }
  refuseLone(trained, inputs, runs)
  const reader = await inputReader(trained, invert)
  const reading = { ...printing, ...(reader.writing && { writing: reader.writing }) }
  if (options.words) {
    await predictWords(trained, input, options)
    return
  }
  if (others.length > 0) await predictSeveral(trained, inputs, reader, reading)
  else if (shape.length !== 3 && isFileOfLines(input)) await predictLines(trained, input, reader, reading)
  else await predictOne(trained, input, reader, { ...reading, invert })
}
