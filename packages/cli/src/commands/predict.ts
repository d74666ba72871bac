// ddlf predict <run> <input>: what a trained model says about a picture, a folder of pictures, a text, or every row of a table of yours.
import { existsSync, lstatSync, statSync } from 'node:fs'
import { experiments } from '@ddlf/course'
import { IntakeCounter, intakeLine, mergeIntakes } from '@ddlf/data'
import { listPicturesBelow, readPictureBytes } from '@ddlf/data/node'
import { inputOf, predictClasses, predictor, prepareText, type PreparedInput } from '@ddlf/lab'
import { openTrainedRun, predictTable, prepareImage, type PredictTableOptions, type TrainedRun } from '@ddlf/lab/node'
import { UserError } from '@ddlf/tensor'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { Command, Option } from 'commander'
import { printable } from '@ddlf/lab/printable'
import { padEndTo, textWidth } from '@ddlf/lab/text-width'
import { errorColours, pc } from '../terminal/colour.ts'
import { formatPercent } from '../terminal/format.ts'
import { itemsPrinter } from '../terminal/items-printer.ts'
import { predictionsCsv, predictionsTable, type Prediction } from '../terminal/predictions.ts'
import { checkpointOption, given, jsonOption, runsOption, wholeNumber } from './options.ts'

const EXAMPLES = `
Examples:
  $ ddlf predict mlp-on-mnist/20270131-120000-k3f9 three.png --invert
  $ ddlf predict image-folder/20270131-12 photo.jpg
  $ ddlf predict latest ./pictures --csv > predictions.csv       all pictures of a folder
  $ ddlf predict text-table/20270131-12 "the plot was lovely"
  $ ddlf predict tabular/20270131-12 more.csv --csv > predictions.csv    every row of a table
  $ ddlf predict text-table/20270131-12 more.csv --column review

A picture is turned to grey levels where the model reads grey, and resized to the model's size. MNIST shows light strokes on
black: give --invert for dark ink on light paper.
`

const IMAGE = /\.(png|jpe?g|jpe|jfif|webp|gif|bmp)$/i
const TABLE = /\.(csv|tsv|tab)$/i
const BAR = 30

interface Options {
  readonly runs: string
  readonly checkpoint: string
  readonly invert?: boolean
  readonly top: number
  readonly json?: boolean
  readonly csv?: boolean
  readonly column?: string
  readonly header?: 'true' | 'false' | 'auto'
  readonly delimiter?: string
}

async function prepare({ experiment, settings }: TrainedRun, input: string, invert: boolean): Promise<PreparedInput> {
  const readsImages = inputOf(experiment, settings).shape.length === 3
  if (!readsImages && !IMAGE.test(input)) return prepareText(experiment, settings, input)
  if (!lstatSync(input, { throwIfNoEntry: false })) {
    throw new UserError({ rule: `${experiment.name} reads a picture from a file (PNG, JPEG, WebP, GIF or BMP).`, received: `${input}, which does not exist`, next: 'Check the path.' })
  }
  return prepareImage(experiment, settings, await readPictureBytes(input), input, { invert })
}

/** A picture of grey levels as text, two rows of pixels in a line. */
function preview({ data }: PreparedInput, height: number, width: number): string {
  const at = (y: number, x: number) => (y < height ? (data[y * width + x] ?? 0) > 127 : false)
  const lines = Array.from({ length: Math.ceil(height / 2) }, (_, row) =>
    Array.from({ length: width }, (_unused, x) => [' ', '▀', '▄', '█'][Number(at(2 * row, x)) + 2 * Number(at(2 * row + 1, x))]).join(''))
  return lines.join('\n')
}

interface FolderOptions {
  readonly invert: boolean
  readonly top: number
  readonly json: boolean
  readonly csv: boolean
  readonly checkpoint: string
}

/** Damaged pictures whose fault is told. */
const MOST_FAULTS = 5

/** Asks about every picture below a folder; those that cannot be read are named and left out. */
async function predictFolder(trained: TrainedRun, folder: string, { invert, top, json, csv, checkpoint }: FolderOptions): Promise<void> {
  const { experiment, settings, model } = trained
  const { pictures, intake } = await listPicturesBelow(folder)
  const counter = new IntakeCounter('pictures')
  const predictions: Prediction[] = []
  const damaged: { name: string; fault: string }[] = []
  const asked = predictor(experiment, settings, model, onnxNodeRuntime())
  const onItems = itemsPrinter(process.stderr, Date.now, 'predicting')
  try {
    for (const [at, { path, name }] of pictures.entries()) {
      try {
        predictions.push({ input: name, classes: await asked.ask(await prepareImage(experiment, settings, await readPictureBytes(path), path, { invert })) })
        counter.use()
      } catch (error) {
        if (!(error instanceof UserError)) throw error
        damaged.push({ name, fault: error.parts.received ?? error.parts.rule })
        counter.leaveOut('damaged', name)
      }
      onItems({ items: 'pictures', done: at + 1, total: pictures.length })
    }
  } finally {
    await asked.release()
  }
  const line = intakeLine(mergeIntakes([intake, counter.result()]))
  if (json) console.log(JSON.stringify({ run: trained.name, checkpoint, folder, predictions, intake: line, damaged }, null, 2))
  else if (csv) process.stdout.write(predictionsCsv(predictions, trained.classes))
  else if (predictions.length > 0) console.log(predictionsTable(predictions, top))
  const faults = damaged.slice(0, MOST_FAULTS).map(({ name, fault }) => `\n  ${name}: ${fault}`)
  console.error(errorColours.yellow(line + faults.join('') + (damaged.length > MOST_FAULTS ? `\n  and ${damaged.length - MOST_FAULTS} more` : '')))
  if (predictions.length === 0) process.exitCode = 1
}

/** Rows of a table that are shown; all of them are in --csv and --json. */
const SHOWN = 50

/** Asks about every row of a table. */
async function predictRows(trained: TrainedRun, file: string, { top, json, csv, form, checkpoint }: Omit<FolderOptions, 'invert'> & { readonly form: PredictTableOptions }): Promise<void> {
  const { predictions, intake } = await predictTable(trained, file, onnxNodeRuntime(), form)
  if (json) console.log(JSON.stringify({ run: trained.name, checkpoint, table: file, predictions, intake }, null, 2))
  else if (csv) process.stdout.write(predictionsCsv(predictions, trained.classes))
  else {
    console.log(predictionsTable(predictions.slice(0, SHOWN), top))
    if (predictions.length > SHOWN) console.log(pc.dim(`and ${predictions.length - SHOWN} more; all of them: --csv`))
  }
  console.error(intake)
}

export function predictCommand(): Command {
  return new Command('predict')
    .description('ask a trained model about a picture or a text')
    .argument('<run>', '<experiment>/<id>, a piece of an id, or latest')
    .argument('<input>', 'a picture (PNG, JPEG, WebP, GIF or BMP), a folder of them, a text in quotes, or a table (CSV or TSV)')
    .option('--column <name>', 'a table of texts: column of the text (default: as in training)', given('--column'))
    .addOption(new Option('--header <whether>', 'whether the first row of a table names its columns (default: as stated in training)').choices(['true', 'false', 'auto']))
    .option('--delimiter <character>', 'character between the fields of a table (default: as stated in training)', given('--delimiter'))
    .option('--invert', 'turn dark to light (ink on paper for a model of light strokes on black)')
    .option('--top <number>', 'show at most this many classes', wholeNumber('--top', 1), 10)
    .addOption(new Option('--csv', 'print CSV: input, prediction, probability, and the probability of each class').conflicts('json'))
    .addOption(checkpointOption())
    .addOption(runsOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(async (reference: string, given: string, { runs, checkpoint, invert = false, top, json = false, csv = false, column, header, delimiter }: Options) => {
      if ((header !== undefined || delimiter !== undefined) && !TABLE.test(given)) {
        throw new UserError({ rule: '--header and --delimiter say how a table is written.', received: given, next: 'Give a CSV or TSV file, or leave them out.' })
      }
      if (column !== undefined && !TABLE.test(given)) {
        throw new UserError({ rule: '--column names a column of a table.', received: given, next: 'Give a CSV or TSV file, or leave --column out.' })
      }
      const trained = openTrainedRun(experiments, runs, reference, checkpoint)
      const { experiment, settings, model } = trained
      if (experiment.own === 'tabular' || (experiment.own === 'text-table' && TABLE.test(given) && existsSync(given))) {
        const form = {
          ...(column !== undefined && { column }),
          ...(header !== undefined && { header: header === 'auto' ? header : header === 'true' }),
          ...(delimiter !== undefined && { delimiter }),
        }
        await predictRows(trained, given, { top, json, csv, checkpoint, form })
        return
      }
      if (inputOf(experiment, settings).shape.length === 3 && statSync(given, { throwIfNoEntry: false })?.isDirectory()) {
        await predictFolder(trained, given, { invert, top, json, csv, checkpoint })
        return
      }
      const prepared = await prepare(trained, given, invert)
      const classes = await predictClasses(experiment, settings, model, prepared, onnxNodeRuntime())
      if (json) {
        console.log(JSON.stringify({ run: trained.name, checkpoint, input: given, steps: prepared.steps, classes }, null, 2))
        return
      }
      if (csv) {
        process.stdout.write(predictionsCsv([{ input: given, classes }], trained.classes))
        return
      }
      const [channels, height = 0, width = 0] = inputOf(experiment, settings).shape
      if (channels === 1 && process.stdout.isTTY && width < process.stdout.columns) console.log(`${preview(prepared, height, width)}\n`)
      console.log(pc.dim(`${given.slice(0, 80)}: ${prepared.steps.join(', ') || 'taken as it is'}`))
      const shown = classes.slice(0, top)
      const longest = Math.max(...shown.map(({ name }) => textWidth(printable(name))))
      shown.forEach(({ name, probability }, i) => {
        const filled = Math.round(BAR * probability)
        const line = `${padEndTo(printable(name), longest)}  ${'█'.repeat(filled)}${pc.dim('░'.repeat(BAR - filled))}  ${formatPercent(probability).padStart(8)}`
        console.log(i === 0 ? pc.bold(line) : line)
      })
      const light = Float64Array.from(prepared.data).reduce((sum, value) => sum + value, 0) / prepared.data.length
      if (channels === 1 && !invert && light > 127 && !experiment.own) console.log(pc.yellow('The picture is mostly light; the data set is mostly dark. Is it ink on paper? Then add --invert.'))
    })
}
