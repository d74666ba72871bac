// What is printed when a training ends: errors with their interval, what is taken for what, measured against published,
// what next.
import { relative } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { experiments } from '../experiments.ts'
import { columnOf } from '@ddlf/data'
import {
  formatConfusionMatrix,
  givenSettings,
  judgedPart,
  judgedTitle,
  type JudgedPart,
  judgeKeptClasses,
  makes,
  mostConfusedPairs,
  regressionMetrics,
  type Experiment,
  type JudgedClasses,
  type PublishedReference,
} from '@ddlf/lab'
import {
  flatMetrics,
  listRuns,
  loadSplit,
  openRun,
  openRunRecord,
  readRunOutputs,
  readRunSummary,
  runsWords,
  type RunSummary,
} from '@ddlf/lab/node'
import { pc } from './colour.ts'
import { asCalled, suggest, trainingWords } from './command-line.ts'
import {
  formatCount,
  formatMetric,
  formatNumber,
  formatPercent,
  formatTable,
  terminalWidth,
  workSaid,
  wrapText,
} from './format.ts'

const heading = (text: string) => `\n${pc.bold(text)}`

/** Prints a text within the width of the terminal. */
const paragraph = (text: string) => console.log(wrapText(text))

/** `LeCun 1998` of a full citation. */
const shortCitation = (citation: string): string =>
  `${citation.split(/,| and /)[0] ?? ''} ${/\d{4}/.exec(citation)?.[0] ?? ''}`.trim()

/** Published rows shown above and below the measured one. */
const NEIGHBOURS = 6

/** The published rows nearest to the measured one, from the best, with it in its place. */
function comparison(published: readonly PublishedReference[], measured: number): string {
  const rows = published
    .filter(({ metric }) => metric === 'error')
    .map(({ value, protocol, source }) => ({
      value,
      cells: [formatPercent(value), protocol, shortCitation(source.citation)],
    }))
  const own = {
    value: measured,
    cells: [formatPercent(measured), 'this run', 'measured now'].map(cell => pc.bold(cell)),
  }
  const all = [...rows, own].sort((a, b) => a.value - b.value)
  const place = all.indexOf(own)
  return formatTable(
    ['test error', 'model', 'source'],
    all.slice(Math.max(0, place - NEIGHBOURS), place + NEIGHBOURS + 1).map(({ cells }) => cells),
    [0],
  )
}

/** What a report is about. */
interface Reported {
  /** The part of the data that judged the run. */
  readonly part: JudgedPart
  /** The right answers of its examples: class numbers, or numbers to predict. */
  readonly answers: ArrayLike<number>
  readonly classes: readonly string[]
  readonly seed: number
  readonly best: RunSummary['best'] | undefined
  readonly chosenBy: string | undefined
  /** What to say of a run that learned nothing. */
  readonly advice?: string
}

/** Says which weights the figures are of, and which epoch was the best on the test set, where that chose one. */
function weightsLine(seed: number, best: number | undefined, figure = ''): string {
  const weights = `The weights of the last epoch, seed ${seed}.`
  const epoch = `${best}${figure && ` (${figure})`}`
  return best === undefined
    ? weights
    : `${weights} The best epoch on the test set was ${epoch}; choosing it would flatter the figure.`
}

/** Prints how far predicted numbers are from the right ones. */
function printRegression(
  predicted: ArrayLike<number>, { part, answers, seed, best, chosenBy, advice }: Reported,
): void {
  const { mse, rmse, mae, r2 } = regressionMetrics(predicted, answers)
  const rows = `${formatCount(answers.length)} ${part} rows`
  console.log(heading(`R2 ${Number.isFinite(r2) ? r2.toFixed(4) : '-'} on ${rows}`))
  paragraph(pc.dim(weightsLine(seed, chosenBy === 'test' ? best?.epoch : undefined)))
  if (advice !== undefined) paragraph(pc.yellow(asCalled(advice)))
  const errors = [['mean absolute error', mae], ['root mean squared error', rmse], ['mean squared error', mse]] as const
  console.log(formatTable(['metric', 'value'], errors.map(([name, value]) => [name, formatNumber(value)]), [1]))
}

/** Prints errors, what is taken for what and, where there are published figures, these beside the run's. */
function printClasses(
  { matrix, errors, error }: JudgedClasses,
  experiment: Experiment,
  { part, seed, best, chosenBy, advice }: Omit<Reported, 'answers' | 'classes'>,
): void {
  const bounds = `95 % interval ${formatPercent(error.low)} to ${formatPercent(error.high)}`
  const wrong = `${errors} of ${formatCount(matrix.total)} wrong; ${bounds}`
  paragraph(`${heading(`${judgedTitle(part)} ${formatPercent(error.estimate)}`)}  (${wrong})`)
  const onTest = formatPercent(flatMetrics(best?.metrics ?? {})['test/error'] ?? Number.NaN)
  paragraph(pc.dim(weightsLine(seed, chosenBy === 'test' ? best?.epoch : undefined, onTest)))
  if (advice !== undefined) paragraph(pc.yellow(asCalled(advice)))
  console.log(heading('Confusion matrix') + pc.dim('  rows: what it is; columns: what the model says'))
  console.log(formatConfusionMatrix(matrix, { width: Math.min(terminalWidth(), 100) }))
  const pairs = mostConfusedPairs(matrix, 3).map(
    pair => `${pair.truthName} taken for ${pair.predictionName} (${pair.count})`,
  )
  if (pairs.length > 0) paragraph(pc.dim(`Most often: ${pairs.join(', ')}.`))
  // A published error is one on the part that has the last word.
  const isLast = part === judgedPart(experiment.data)
  if (isLast && experiment.published && experiment.published.length > 0) {
    console.log(heading('Measured against published'))
    console.log(comparison(experiment.published, error.estimate))
  }
}

/** Prints the figures of a run that keeps no outputs, the one that judges it first. */
function printMetrics(
  { task }: Experiment, { part, seed }: Pick<Reported, 'part' | 'seed'>, summary: RunSummary | null,
): void {
  const found = summary?.metrics[part] ?? {}
  const shown = task.metrics.filter(({ name }) => found[name] !== undefined)
  const [first] = shown
  if (!first) return
  const value = formatMetric(first, found[first.name] ?? Number.NaN)
  const unit = first.unit === '' || first.format === 'percent' ? '' : ` ${first.unit}`
  const title = `${first.title.charAt(0).toUpperCase()}${first.title.slice(1)}`
  console.log(heading(`${title} ${value}${unit} on the ${part} part`))
  paragraph(pc.dim(`The weights of the last epoch, seed ${seed}.`))
  if (summary?.advice !== undefined) paragraph(pc.yellow(asCalled(summary.advice)))
  const rows = shown.map(metric => [
    metric.title,
    formatMetric(metric, found[metric.name] ?? Number.NaN),
    // A share is written with its sign.
    metric.format === 'percent' ? '' : metric.unit,
  ])
  console.log(formatTable(['metric', 'value', 'unit'], rows, [1]))
}

/** The newest runs among which one to compare with is looked for. */
const MOST_LOOKED_AT = 20

/** The name of the run of an experiment that finished last before another; trials have their study's page. */
function earlierRun(root: string, experiment: string, id: string): string | undefined {
  const { runs } = listRuns({ root, experiment, status: 'completed', limit: MOST_LOOKED_AT })
  const found = runs.find(run => run.id < id && run.record.study === undefined)
  return found && `${found.experiment}/${found.id}`
}

/**
 * Prints what a finished run found, or where a stopped one can go on.
 * @param root the folder of the runs, as it was given
 * @param trained what was trained, as it was given: a name or a file
 */
export async function printReport(
  root: string, folder: string, status: 'completed' | 'stopped', trained?: string,
): Promise<void> {
  const run = openRun(root, folder)
  const name = `${run.experiment}/${run.id}`
  const place = relative('', folder) || folder
  if (status === 'stopped') {
    console.log(
      `\nStopped; a checkpoint is saved in ${place}.\nGo on with: ${suggest('resume', name, ...runsWords(root))}`,
    )
    return
  }
  const { record, experiment, settings, classes } = openRunRecord(experiments, root, folder)
  const { best: chosen, chosenBy, metrics, seconds, flop, advice } = readRunSummary(run) ?? {}
  // Of a single evaluation there is nothing to choose.
  const best = chosen?.epoch === 1 && isDeepStrictEqual(chosen.metrics, metrics) ? undefined : chosen
  const tensors = readRunOutputs(run) ?? {}
  const part = judgedPart(experiment.data, settings)
  const said = { part, classes, seed: record.seed, best, chosenBy, ...(advice !== undefined && { advice }) }
  // Runs of older versions did not keep the right answers with their outputs.
  const load = async (column: string): Promise<ArrayLike<number>> =>
    columnOf((await loadSplit({ run, record, experiment, settings }, part)).dataset, column).data
  const { prediction, targets } = tensors
  const judged = await judgeKeptClasses(tensors, classes, experiment.task.classColumn ?? '', load)
  if (prediction) printRegression(prediction.data, { ...said, answers: targets?.data ?? (await load('targets')) })
  else if (judged) printClasses(judged, experiment, said)
  else printMetrics(experiment, said, readRunSummary(run))
  console.log(heading('Run') + `  ${place}`)
  if (seconds !== undefined && flop !== undefined) paragraph(pc.dim(workSaid(seconds, flop)))
  const given = givenSettings(experiment, settings)
  const other =
    run.experiment === 'mlp-on-mnist' && !('hidden' in given)
      ? { hidden: 800, dropout: 0.2 }
      : { seed: settings.seed + 1 }
  const words = runsWords(root)
  const earlier = earlierRun(root, run.experiment, run.id)
  const canWrite = makes(experiment) !== undefined
  // What learns in loops of its own has no step to look at.
  const looked = experiment.task.fit ? ['--part', 'forward'] : []
  console.log(`
Next:${earlier === undefined ? '' : `\n  ${suggest('compare', earlier, name, ...words)}`}
  ${suggest('show', name, ...words)}
  ${suggest('analyze', name, ...words)}${canWrite ? `\n  ${suggest('sample', name, ...words)}` : ''}
  ${suggest('train', trained ?? run.experiment, ...trainingWords({ ...given, ...other }), ...words)}
  ${suggest('graph', name, ...looked, ...words)}
  ${suggest('days')}`)
}
