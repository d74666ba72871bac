// A trained model's word on every row of a table: texts, or numbers and categories, encoded as the run's training data
// were.
import { checkOptions, UserError, type Runtime, type TypedArray } from '@ddlf/tensor'
import {
  areColumnNames, columnOf, columnPlace, columnTexts, intakeLine, leaveOutRows, requireRows, type Table,
  type TokenWriting,
} from '@ddlf/data'
import { oddValues } from '../../own-data/column-encoding.ts'
import type { TextForm } from '../../data-source/data-source.ts'
import { keptArtifact } from '../../data-source/node/run-artifacts.ts'
import type { PairTableSettings } from '../../data-source/node/own-pairs.ts'
import type { ClassProbability } from '../../tasks/task.ts'
import { askModel } from '../ask-model.ts'
import { answersOfTask } from '../predict.ts'
import { classesOf, inputOf } from '../../experiment/experiment-data.ts'
import { assertFiniteOutputs } from '../../train/finite.ts'
import { encodeTabular, readOwnTable, type TabularTableSettings } from '../../data-source/node/own-tables.ts'
import type { TrainedRun } from './trained-run.ts'

/** What a model says of one row: the probabilities of its classes, the most likely first, or a number. */
export interface RowPrediction {
  /** `row 17`: the row's number below the header. */
  readonly input: string
  readonly classes: readonly ClassProbability[]
  readonly value?: number
  /** What a model of pairs writes. */
  readonly text?: string
}

/** What a model says of the rows of a table. */
export interface TablePredictions {
  readonly predictions: readonly RowPrediction[]
  /** How many rows are used, and which are left out and why, in one line. */
  readonly intake: string
}

/** How a table differs from that of the training. */
export interface PredictTableOptions {
  /** Column of the text, where it is called otherwise than in training. */
  readonly column?: string
  /** Whether the first row names the columns; default as the run's settings state. */
  readonly header?: boolean | 'auto'
  /** Character between fields, empty to look for it; default as the run's settings state. */
  readonly delimiter?: string
}

/** Numbers of several rows in one run of the model, and at most so many rows. */
const [AT_ONCE, BATCH] = [2 ** 20, 1000]

/** The rows of a table as the model reads them; the column to predict need not be there. */
interface RowsToAsk {
  readonly data: TypedArray
  readonly table: Table
  readonly writing?: TokenWriting
}

/** The texts of a column; a row whose text the model cannot read is left out, and counted. */
function textRows(whole: Table, column: string, { read, writing }: TextForm): RowsToAsk {
  const place = columnPlace(whole, column)
  const inputs: Int32Array[] = []
  const table = leaveOutRows(whole, record => {
    const text = record[place] ?? ''
    if (text.trim() === '') return `with a blank '${column}'`
    try {
      inputs.push(read(text))
      return undefined
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      return 'that the model cannot read'
    }
  })
  requireRows(table)
  const size = inputs[0]?.length ?? 0
  const data = new Int32Array(inputs.length * size)
  for (const [i, input] of inputs.entries()) data.set(input, i * size)
  return { data, table, ...(writing && { writing }) }
}

async function rowsOf(trained: AskedRun, file: string, options: PredictTableOptions): Promise<RowsToAsk> {
  const { experiment: { data: { own, textForm } }, settings } = trained
  const given = settings as unknown as TabularTableSettings & PairTableSettings
  const { header = given.header, delimiter = given.delimiter } = options
  const form = { header, delimiter, ...(own === 'text-pairs' && { areNames: areColumnNames }) }
  if (textForm) {
    const { column = own === 'text-pairs' ? given.source : given.text } = options
    const table = await readOwnTable(file, form, [column], [column])
    const { run, record } = trained
    const artifact = (name: string) => (run && record ? keptArtifact({ run, record }, name) : undefined)
    return textRows(table, column, await textForm(settings, artifact))
  }
  const names = given.encoding.map(({ name }) => name)
  const table = await readOwnTable(file, form, names, names)
  requireRows(table)
  const text = columnTexts(table, names)
  for (const note of oddValues(text, given.encoding)) table.intake.note(note)
  const dataset = encodeTabular({ name: table.name, length: table.records.length, columns: {}, text }, given)
  return { data: columnOf(dataset, 'features').data, table }
}

/** A trained run that is asked. */
type AskedRun = Pick<TrainedRun, 'experiment' | 'settings' | 'model'> & Partial<Pick<TrainedRun, 'run' | 'record'>>

/**
 * Asks a trained model about every row of a CSV, TSV or JSON Lines file.
 * @throws UserError where the model reads no table, or a column that it learned from is missing
 */
export async function predictTable(
  trained: AskedRun,
  file: string,
  runtime: Runtime,
  options: PredictTableOptions = {},
): Promise<TablePredictions> {
  checkOptions('predictTable', options, ['column', 'header', 'delimiter'])
  const { experiment, settings, model } = trained
  if (!['text-table', 'text-pairs', 'tabular'].includes(experiment.data.own ?? ''))
    throw new UserError({
      rule: `${experiment.name} reads ${inputOf(experiment, settings).name}, not a table.`,
      received: file,
      next: 'Ask it about what it reads, or ask a model that learned from a table.',
    })
  const { data, table, writing } = await rowsOf(trained, file, options)
  const { name, shape } = inputOf(experiment, settings)
  const size = shape.reduce((a, b) => a * b, 1)
  const step = Math.max(1, Math.min(BATCH, Math.floor(AT_ONCE / size)))
  const answers = answersOfTask(experiment)
  const names = classesOf(experiment, settings)
  const asked = askModel(experiment, settings, model, runtime)
  const predictions: RowPrediction[] = []
  try {
    for (let from = 0; from < table.rows.length; from += step) {
      const outputs = await asked.ask({ [name]: data.slice(from * size, (from + step) * size) })
      assertFiniteOutputs(outputs)
      for (const [k, answer] of answers(outputs, names, writing).entries()) {
        const input = `row ${table.rows[from + k] ?? 0}`
        if (answer.kind === 'classes') predictions.push({ input, classes: answer.classes })
        if (answer.kind === 'number') predictions.push({ input, classes: [], value: answer.value })
        if (answer.kind === 'text') predictions.push({ input, classes: [], text: answer.text })
      }
    }
  } finally {
    await asked.release()
  }
  table.intake.use(table.rows.length)
  return { predictions, intake: intakeLine(table.intake.result()) }
}
