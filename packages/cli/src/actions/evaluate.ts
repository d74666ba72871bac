// ddlf evaluate <run>: judges a checkpoint on a split of its data.
import { columnOf, intakeLine } from '@ddlf/data'
import {
  answersOf,
  classificationReport,
  evaluateModel,
  formatConfusionMatrix,
  formatScore,
  judgedPart,
  wilsonInterval,
  type ClassScores,
} from '@ddlf/lab'
import { loadSplit, movedSettings, openTrainedRun } from '@ddlf/lab/node'
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

/** Does what `ddlf evaluate` is asked for. */
export async function evaluateAction(
  reference: string,
  { runs, checkpoint, split: asked, data, testData, json = false }: EvaluateOptions,
): Promise<void> {
  const trained = openTrainedRun(experiments, runs, reference, checkpoint)
  const { experiment, model, name, classes } = trained
  const split = asked ?? judgedPart(experiment.data)
  const settings = movedSettings(trained.experiment, trained.settings, { data, testData })
  const { dataset, changes } = await loadSplit({ ...trained, settings }, split)
  warnOfChanges(changes)
  if (!json && dataset.intake) console.log(pc.dim(intakeLine(dataset.intake)))
  const { metrics, outputs } = await evaluateModel(experiment, settings, model, dataset, onnxNodeRuntime())
  const at = {
    run: name,
    checkpoint,
    step: trained.checkpoint.loop.globalStep,
    split,
    examples: dataset.length,
    ...(changes.length > 0 && { dataChanges: changes }),
  }
  const logits = outputs['logits']
  if (logits?.shape.length !== 1 || !dataset.columns['labels']) {
    if (json) console.log(JSON.stringify({ ...at, metrics }, null, 2))
    else
      console.log(
        `${pc.bold(name)}  ${checkpoint}, step ${formatCount(at.step)}, ${formatCount(dataset.length)} examples of ${split}\n\n${formatTable(
          ['metric', 'value'],
          Object.entries(metrics).map(([key, value]) => [
            key,
            formatMetric(metricOf(experiment.task.metrics, key), value),
          ]),
          [1],
        )}`,
      )
    return
  }
  const labels = columnOf(dataset, 'labels').data
  const { confusion: matrix } = answersOf(logits.data, labels, classes)
  const report = classificationReport(matrix)
  const error = wilsonInterval(report.errors, dataset.length)
  if (json) {
    console.log(
      JSON.stringify(
        {
          ...at,
          metrics,
          errors: report.errors,
          interval: { low: error.low, high: error.high, level: error.level },
          macro: report.macro,
          classes: report.classes,
          confusion: Array.from(matrix.counts),
        },
        null,
        2,
      ),
    )
    return
  }
  console.log(
    wrapText(
      `${pc.bold(`Error ${formatPercent(error.estimate)}`)}  (${report.errors} of ${formatCount(dataset.length)} ` +
      `wrong; 95 % interval ${formatPercent(error.low)} to ${formatPercent(error.high)}), macro ` +
      `F1 ${report.macro.f1.toFixed(4)}, loss ${formatMetric({ format: 'fixed' }, metrics['loss'] ?? Number.NaN)}`,
    ),
  )
  console.log(pc.dim(`${name}, checkpoint ${checkpoint} of step ${formatCount(at.step)}, split ${split}`))
  const scores = ({ precision, recall, f1, support }: Omit<ClassScores, 'name'>) => [
    ...[precision, recall, f1].map(score => formatScore(score)),
    formatCount(support),
  ]
  console.log(
    `\n${formatTable(
      ['class', 'precision', 'recall', 'f1', 'support'],
      [
        ...report.classes.map(one => [one.name, ...scores(one)]),
        ['macro average', ...scores(report.macro)],
        ['weighted average', ...scores(report.weighted)],
      ],
      [1, 2, 3, 4],
    )}\n`,
  )
  console.log(formatConfusionMatrix(matrix, { width: Math.min(terminalWidth(), 100) }))
}
