// A trained model's word on every row of a table: texts, or numbers and categories, encoded as the run's training data
// were.
import { checkOptions, UserError, type Runtime } from '@ddlf/tensor'
import { columnOf, columnPlace, columnTexts, intakeLine, leaveOutRows, requireRows, type Dataset } from '@ddlf/data'
import type { Experiment, TrainingSettings } from '../../experiment/experiment.ts'
import { oddValues } from '../../own-data/column-encoding.ts'
import { withTokens } from '../../own-data/hashed-tokens.ts'
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

/** Rows in one run of the model. */
const BATCH = 1000

/** The rows of a table as the model reads them; the column to predict need not be there. */
async function rowsOf(
  experiment: Experiment,
  settings: TrainingSettings,
  file: string,
  {
    column,
    header = (settings as unknown as TabularTableSettings).header,
    delimiter = (settings as unknown as TabularTableSettings).delimiter,
  }: PredictTableOptions,
): Promise<{ dataset: Dataset; rows: readonly number[]; intake: string }> {
  const given = settings as unknown as TabularTableSettings
  const form = { header, delimiter }
  const finished = (
    dataset: Dataset,
    table: {
      readonly rows: readonly number[]
      readonly intake: { use(count: number): void; result(): Parameters<typeof intakeLine>[0] }
    },
  ) => {
    table.intake.use(dataset.length)
    return { dataset, rows: table.rows, intake: intakeLine(table.intake.result()) }
  }
  if (experiment.data.own === 'text-table') {
    const name = column ?? given.text
    const whole = await readOwnTable(file, form, [name], [name])
    const place = columnPlace(whole, name)
    const table = leaveOutRows(whole, record =>
      (record[place] as string).trim() === '' ? `with a blank '${name}'` : undefined,
    )
    requireRows(table)
    const texts = table.records.map(record => record[place] as string)
    return finished(
      withTokens(
        { name: table.name, length: texts.length, columns: {}, text: { text: texts } },
        settings as unknown as Parameters<typeof withTokens>[1],
      ),
      table,
    )
  }
  const names = given.encoding.map(({ name }) => name)
  const table = await readOwnTable(file, form, names, names)
  requireRows(table)
  const text = columnTexts(table, names)
  for (const note of oddValues(text, given.encoding)) table.intake.note(note)
  return finished(encodeTabular({ name: table.name, length: table.records.length, columns: {}, text }, given), table)
}

/**
 * Asks a trained model about every row of a CSV or TSV file.
 * @throws UserError where the model reads no table, or a column that it learned from is missing
 */
export async function predictTable(
  trained: Pick<TrainedRun, 'experiment' | 'settings' | 'model'>,
  file: string,
  runtime: Runtime,
  options: PredictTableOptions = {},
): Promise<TablePredictions> {
  checkOptions('predictTable', options, ['column', 'header', 'delimiter'])
  const { experiment, settings, model } = trained
  if (experiment.data.own !== 'text-table' && experiment.data.own !== 'tabular')
    throw new UserError({
      rule: `${experiment.name} reads ${inputOf(experiment, settings).name}, not a table.`,
      received: file,
    })
  const { dataset, rows, intake } = await rowsOf(experiment, settings, file, options)
  const { name, shape } = inputOf(experiment, settings)
  const { data } = columnOf(dataset, name)
  const size = shape.reduce((a, b) => a * b, 1)
  const answers = answersOfTask(experiment)
  const names = classesOf(experiment, settings)
  const asked = askModel(experiment, settings, model, runtime)
  const predictions: RowPrediction[] = []
  try {
    for (let from = 0; from < dataset.length; from += BATCH) {
      const to = Math.min(from + BATCH, dataset.length)
      const outputs = await asked.ask({ [name]: data.slice(from * size, to * size) })
      assertFiniteOutputs(outputs)
      for (const [k, answer] of answers(outputs, names).entries()) {
        const input = `row ${rows[from + k] ?? 0}`
        if (answer.kind === 'classes') predictions.push({ input, classes: answer.classes })
        if (answer.kind === 'number') predictions.push({ input, classes: [], value: answer.value })
      }
    }
  } finally {
    await asked.release()
  }
  return { predictions, intake }
}
