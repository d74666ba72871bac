// A user's own tables as training and test data: of texts, or of numbers and categories; from one file or from two.
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { UserError } from '@ddlf/tensor'
import {
  columnPlace,
  columnTexts,
  datasetOfRows,
  mergeIntakes,
  numberFormOf,
  readNumbers,
  requireOneRole,
  requireRows,
  splitDataset,
  tableDataset,
  type Dataset,
  type NumberForm,
  type Table,
  type TableFormat,
} from '@ddlf/data'
import { readTableFile } from '@ddlf/data/node'
import type { Experiment, TrainingSettings } from '../../experiment/experiment.ts'
import { encodeColumns, fitColumns, isMissing, type ColumnEncoding } from '../../own-data/column-encoding.ts'
import { lookAtNumbers } from '../../own-data/number-targets.ts'

/** Settings of what learns from tables. */
export interface TableSettings extends TrainingSettings {
  readonly data: string
  readonly testData: string
  readonly classes: readonly string[]
  readonly testShare: number
  readonly splitSeed: number
  readonly delimiter: string
  readonly header: boolean | 'auto'
  readonly text: string
  readonly label: string
}

/** Settings of the experiment `tabular`. */
export interface TabularTableSettings extends TableSettings {
  readonly target: string
  readonly kind: 'auto' | 'classification' | 'regression'
  readonly features: readonly string[]
  readonly categorical: readonly string[]
  readonly maxCategories: number
  readonly encoding: readonly ColumnEncoding[]
  readonly targetMean: number
  readonly targetScale: number
}

/** Reads a table of a run as its settings say it is written. @param only keep the text of these columns alone */
export const readOwnTable = (
  file: string,
  { header, delimiter, areNames }: Pick<TableSettings, 'header' | 'delimiter'> & Pick<TableFormat, 'areNames'>,
  wanted: readonly string[],
  only?: readonly string[],
): Promise<Table> =>
  readTableFile(file, {
    wanted,
    ...(areNames && { areNames }),
    ...(only && { only }),
    ...(header !== 'auto' && { header }),
    ...(delimiter !== '' && { delimiter }),
  })

/** Fields that are no numbers and are named in a note. */
const NAMED = 3

/** How a target was taken, and what is left out of it. */
function goalNote(target: string, isNumber: boolean, odd: readonly string[]): string {
  if (!isNumber) return `'${target}' is predicted as a class`
  if (odd.length === 0) return `'${target}' is predicted as a number`
  const different = [...new Set(odd.map(field => `'${field.trim().slice(0, 30)}'`))]
  const named = different.slice(0, NAMED).join(', ') + (different.length > NAMED ? ', ...' : '')
  return `'${target}' is predicted as a number (kind=regression): ${odd.length} of its fields ` +
    `${odd.length === 1 ? 'is none' : 'are none'} (${named}); with kind=classification every word and number is a class`
}

/** The columns that a table is predicted from. */
function featuresOf(table: Table, { target, features, categorical }: TabularTableSettings): string[] {
  const chosen = features.length > 0 ? features : table.names.filter(name => name !== target)
  for (const name of [...chosen, ...categorical]) columnPlace(table, name)
  return [...chosen]
}

/** What is predicted: classes, or numbers in some form. */
type Goal = { readonly kind: 'classification' } | { readonly kind: 'regression'; readonly form: NumberForm }

/** What a table's target is, as the settings say or by looking at it; the intake says it. */
function goalOf(table: Table, { target, kind: stated }: TabularTableSettings): Goal {
  if (stated === 'classification') return { kind: stated }
  const place = columnPlace(table, target)
  if (stated === 'auto') {
    const fields = table.records.map(record => record[place] as string)
    const { isNumber, odd } = lookAtNumbers(fields, readNumbers(target, fields, table.format.delimiter).form)
    table.intake.note(goalNote(target, isNumber, odd))
    if (!isNumber) return { kind: 'classification' }
  }
  return { kind: 'regression', form: numberFormOf(table, target) }
}

/**
 * A table as a set whose text columns are those that predict, with `labels` or `targets`. Rows without a target, or of
 * a class that `classes` does not name, are left out and counted.
 */
function tabularDataset(table: Table, given: TabularTableSettings, to: Goal, classes: readonly string[]): Dataset {
  const { target } = given
  const goal =
    to.kind === 'regression' ? { target, form: to.form } : { label: target, ...(classes.length > 0 && { classes }) }
  return datasetOfRows(table, { ...goal, isMissing }, rows => ({ text: columnTexts(rows, featuresOf(rows, given)) }))
}

/** Divides a set, unless a second table is to be tested on. */
export async function withTest(
  train: Dataset,
  given: TableSettings,
  readTest: (file: string) => Promise<Dataset>,
): Promise<{ train: Dataset; test: Dataset }> {
  const { testData, testShare, splitSeed } = given
  if (testData === '') {
    const stratify = train.columns['labels'] ? { stratifyBy: 'labels' } : {}
    return splitDataset(train, { fractions: { train: 1 - testShare, test: testShare }, seed: splitSeed, ...stratify })
  }
  const test = await readTest(await existingTable(testData, 'testData'))
  const intake = mergeIntakes([train, test].flatMap(set => set.intake ?? []))
  return { train: { ...train, intake }, test: { ...test, intake } }
}

/** The absolute path of a table. @throws UserError where there is no such file */
export async function existingTable(file: string, setting: string): Promise<string> {
  const place = path.resolve(file)
  const kind = await stat(place).catch(() => undefined)
  if (kind?.isFile() === true) return place
  throw new UserError({
    rule: `The setting ${setting} must name a table (CSV, TSV or JSON Lines).`,
    received: kind ? `${place}, which is a folder` : `${place}, which does not exist`,
    next: 'Check the path; the table of a run that was moved is given with --test-data.',
  })
}

/** The parts of own data, and the settings with what was found by looking. */
export interface OwnParts<Settings> {
  readonly train: Dataset
  readonly test: Dataset
  readonly settings: Settings
  /** Character between the fields of the table, where numbers are read. */
  readonly delimiter?: string
}

async function textParts(data: string, given: TableSettings): Promise<OwnParts<TableSettings>> {
  const { text, label, classes } = given
  const read = async (file: string, known: readonly string[]) => {
    const table = await readOwnTable(file, given, [text, label], [text, label])
    return tableDataset(table, { text, label, ...(known.length > 0 && { classes: known }) })
  }
  const train = await read(data, classes)
  return { ...(await withTest(train, given, file => read(file, train.classes ?? []))), settings: given }
}

async function tabularParts(data: string, given: TabularTableSettings): Promise<OwnParts<TabularTableSettings>> {
  const table = await readOwnTable(data, given, given.target === '' ? [] : [given.target])
  if (given.target === '') {
    throw new UserError({
      rule: 'tabular predicts one column of your table.',
      received: 'none named',
      next: '--set target=<column>, one of: ' +
        table.names.slice(0, 20).join(', ') + (table.names.length > 20 ? ', ...' : ''),
    })
  }
  requireRows(table)
  const isNew = given.encoding.length === 0
  if (isNew) requireOneRole(table.name, { target: given.target, features: given.features })
  const goal = goalOf(table, given)
  const train = tabularDataset(table, given, goal, given.classes)
  const wanted = isNew ? featuresOf(table, given) : given.encoding.map(({ name }) => name)
  const parts = await withTest(train, given, async file => {
    const second = await readOwnTable(file, given, [given.target])
    for (const name of wanted) columnPlace(second, name)
    return tabularDataset(second, given, goal, train.classes ?? [])
  })
  return { ...parts, settings: { ...given, kind: goal.kind }, delimiter: table.format.delimiter }
}

/** Reads own tables, divided into training and test data, not encoded yet. */
export const tableParts = (
  experiment: Pick<Experiment, 'data'>,
  data: string,
  given: TableSettings,
): Promise<OwnParts<TableSettings>> =>
  experiment.data.own === 'tabular' ? tabularParts(data, given as TabularTableSettings) : textParts(data, given)

/**
 * The settings of a table of numbers and categories with what the training part decides: how columns become numbers,
 * mean and standard deviation of the target. A run that has them keeps them.
 * @param delimiter the character between the fields of the table
 * @param indices the examples of the training part that are not held out for validation; default all
 * @throws UserError where no column can be learned from, or all numbers to predict are equal
 */
export function fitTabular(
  given: TabularTableSettings,
  train: Dataset,
  delimiter: string | undefined,
  indices?: ArrayLike<number>,
): { readonly settings: TabularTableSettings; readonly notes: readonly string[] } {
  if (given.encoding.length > 0) return { settings: given, notes: [] }
  const { categorical, maxCategories } = given
  const fit = { categorical, maxCategories, ...(delimiter !== undefined && { delimiter }) }
  const { encoding, notes } = fitColumns(train, fit, indices)
  if (encoding.length === 0)
    throw new UserError({
      rule: 'A table must have a column to predict from.',
      received: notes.join('; ') || 'none',
      next: 'Name columns with --set features=<column>,<column>',
    })
  const targets = train.columns['targets']?.data
  if (!targets) return { settings: { ...given, encoding }, notes }
  const used = indices ? Array.from(indices, i => targets[i] as number) : Array.from(targets)
  const targetMean = used.reduce((a, b) => a + b, 0) / used.length
  const targetScale = Math.sqrt(used.reduce((a, b) => a + (b - targetMean) ** 2, 0) / used.length)
  if (!(targetScale > 0))
    throw new UserError({
      rule: `The numbers of '${given.target}' must differ.`,
      received: `${targetMean} in every row`,
      next: 'Choose another target.',
    })
  return { settings: { ...given, encoding, targetMean, targetScale }, notes }
}

/**
 * A set with its columns as the numbers that the model reads, and what it predicts as `target`.
 * @param shared put the numbers into shared memory; default false
 */
export function encodeTabular(
  set: Dataset,
  { encoding }: Pick<TabularTableSettings, 'encoding'>,
  shared = false,
): Dataset {
  const data = encodeColumns(set.text ?? {}, set.length, encoding, shared)
  const target = set.columns['targets'] ?? set.columns['labels']
  const features = { dtype: 'float32' as const, shape: [data.length / Math.max(1, set.length)], data }
  return { ...set, columns: { ...set.columns, features, ...(target && { target }) } }
}
