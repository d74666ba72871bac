// ddlf evaluate <run>: judges a checkpoint on a split of its data.
import { intakeLine, type Dataset } from '@ddlf/data'
import {
  evaluateModel,
  formatConfusionMatrix,
  formatScore,
  judgeClasses,
  judgedPart,
  plainJudgement,
  type ClassScores,
  type Evaluation,
  type JudgedClasses,
} from '@ddlf/lab'
import { loadSplit, mendOutputs, movedSettings, openTrainedRun, type TrainedRun } from '@ddlf/lab/node'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { pc } from '../terminal/colour.ts'
import {
  formatCount,
  formatMetric,
  formatPercent,
  formatTable,
  metricOf,
  terminalWidth,
  wrapText,
} from '../terminal/format.ts'
import { warnOfChanges } from '../terminal/data-changes.ts'
import { experiments } from '../experiments.ts'

/** The options of the command. */
export interface EvaluateOptions {
  readonly runs: string
  readonly checkpoint: string
  readonly split?: string
  readonly data?: string
  readonly testData?: string
  readonly json?: boolean
}

/** An evaluation with what it was of. */
interface Evaluated {
  readonly trained: TrainedRun
  readonly dataset: Dataset
  readonly evaluation: Evaluation
  readonly judged: JudgedClasses | undefined
  readonly at: Readonly<Record<'run' | 'checkpoint' | 'split', string>> & Readonly<Record<'step' | 'examples', number>>
}

/** Does what `ddlf evaluate` is asked for. */
export async function evaluateAction(
  reference: string,
  { runs, checkpoint, split: asked, data, testData, json = false }: EvaluateOptions,
): Promise<void> {
  const trained = openTrainedRun(experiments, runs, reference, checkpoint)
  const { experiment, model, name, classes } = trained
  const part = judgedPart(experiment.data, trained.settings)
  const split = asked ?? part
  const settings = movedSettings(trained.experiment, trained.settings, { data, testData })
  const { dataset, changes } = await loadSplit({ ...trained, settings }, split)
  warnOfChanges(changes)
  if (!json && dataset.intake) console.log(pc.dim(intakeLine(dataset.intake)))
  const evaluation = await evaluateModel(experiment, settings, model, dataset, onnxNodeRuntime())
  const at = {
    run: name,
    checkpoint,
    step: trained.checkpoint.loop.globalStep,
    split,
    examples: dataset.length,
    ...(changes.length > 0 && { dataChanges: changes }),
  }
  const judged = judgeClasses({ outputs: evaluation.outputs }, dataset, classes)
  const evaluated = { trained, dataset, evaluation, judged, at }
  const plain = { ...at, metrics: evaluation.metrics, ...(judged && plainJudgement(judged)) }
  if (json) console.log(JSON.stringify(plain, null, 2))
  else printEvaluated(evaluated)
  // What `ddlf verify` names as the remedy.
  const isAsJudged = checkpoint === 'last' && split === part && changes.length === 0
  if (isAsJudged && mendOutputs(trained, part, evaluated))
    console.error(`The outputs of ${name} on the ${part} part were gone or damaged, and are there again.`)
}

/** Prints how the model did. */
function printEvaluated({ trained: { experiment, name }, evaluation: { metrics }, judged, at }: Evaluated): void {
  if (!judged) {
    const step = `${at.checkpoint}, step ${formatCount(at.step)}, ${formatCount(at.examples)} examples of ${at.split}`
    const rows = Object.entries(metrics).map(([key, value]) => [
      key, formatMetric(metricOf(experiment.task.metrics, key), value),
    ])
    console.log(`${pc.bold(name)}  ${step}\n\n${formatTable(['metric', 'value'], rows, [1])}`)
    return
  }
  const loss = formatMetric({ format: 'fixed' }, metrics['loss'] ?? Number.NaN)
  printJudged(judged, loss)
  console.log(pc.dim(`${name}, checkpoint ${at.checkpoint} of step ${formatCount(at.step)}, split ${at.split}`))
  printScores(judged)
}

/** Prints the error with its interval. @param loss as it is written */
function printJudged({ error, errors, macro, matrix }: JudgedClasses, loss: string): void {
  const interval = `95 % interval ${formatPercent(error.low)} to ${formatPercent(error.high)}`
  const wrong = `${errors} of ${formatCount(matrix.total)} wrong; ${interval}`
  const besides = `macro F1 ${macro.f1.toFixed(4)}, loss ${loss}`
  console.log(wrapText(`${pc.bold(`Error ${formatPercent(error.estimate)}`)}  (${wrong}), ${besides}`))
}

/** Prints the scores of each class, and what is taken for what. */
function printScores({ classes, macro, weighted, matrix }: JudgedClasses): void {
  const scores = ({ precision, recall, f1, support }: Omit<ClassScores, 'name'>) => [
    ...[precision, recall, f1].map(score => formatScore(score)),
    formatCount(support),
  ]
  const rows = [
    ...classes.map(one => [one.name, ...scores(one)]),
    ['macro average', ...scores(macro)],
    ['weighted average', ...scores(weighted)],
  ]
  console.log(`\n${formatTable(['class', 'precision', 'recall', 'f1', 'support'], rows, [1, 2, 3, 4])}\n`)
  console.log(formatConfusionMatrix(matrix, { width: Math.min(terminalWidth(), 100) }))
}
