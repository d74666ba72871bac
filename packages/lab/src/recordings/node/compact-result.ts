// Makes the compact record of an experiment's runs that the memo reads.
import { UserError } from '@ddlf/tensor'
import { columnOf } from '@ddlf/data'
import { loadDataset } from '@ddlf/data/node'
import { calibration } from '../../analysis/classification/calibration.ts'
import { confusionMatrix } from '../../analysis/classification/confusion-matrix.ts'
import { argmax, softmaxRows } from '../../analysis/classification/predictions.ts'
import { topLosses } from '../../analysis/classification/top-losses.ts'
import type { Experiment } from '../../experiment/experiment.ts'
import { metricNames, metricSeries } from '../../runs/compare-runs.ts'
import { readRunMetrics, readRunOutputs, type RunListing } from '../../runs/run-folder.ts'
import { readSummary } from '../../runs/run-summary.ts'
import type { Recording, WantedRun } from '../recording.ts'
import { resultSchema, type RecordedResult, type RecordedRun } from '../result.ts'
import { activationMetrics } from './activations.ts'
import { minimaOf } from './minima.ts'

/** Four significant digits say more than the spread over seeds does. */
const rounded = (value: number) => Number(value.toPrecision(5))

function compactRun(run: RunListing, further: Readonly<Record<string, number>> = {}): RecordedRun {
  const summary = readSummary(run.summary)
  const measured = readRunMetrics(run, ({ name }) => /^(epoch|validation|test)\//.test(name))
  const names = metricNames(measured)
  const epochs = [...new Set(measured.map(({ epoch }) => epoch))].sort((a, b) => a - b)
  const values = Object.fromEntries(names.map(name => {
    const byEpoch = new Map(measured.filter(metric => metric.name === name).map(metric => [metric.epoch, metric.value]))
    return [name, epochs.map(epoch => {
      const value = byEpoch.get(epoch)
      return value === undefined || !Number.isFinite(value) ? null : rounded(value)
    })]
  }))
  const kept = Object.entries({ ...summary.metrics, ...further })
  const broken = kept.find(([, value]) => !Number.isFinite(value))
  if (broken) {
    throw new UserError({
      rule: 'Recorded results are made of finite numbers.', received: `${broken[0]} of ${broken[1]} in the run ${run.experiment}/${run.id}`,
      next: `The run diverged: remove it (ddlf rm ${run.experiment}/${run.id}) and train it again with --train.`,
    })
  }
  const { steps, parameters } = run.summary as { steps: number; parameters: number }
  return {
    id: run.id,
    seed: run.record.seed,
    commit: run.record.git?.commit ?? null,
    dirty: run.record.git?.dirty != null,
    epochs: Math.round(epochs.at(-1) ?? 0),
    steps,
    parameters,
    seconds: Number((summary.seconds ?? 0).toFixed(1)),
    flop: summary.flop ?? 0,
    metrics: Object.fromEntries(kept.map(([name, value]) => [name, rounded(value)])),
    curve: { epoch: epochs, values },
  }
}

/** What a run gets wrong on the test set, and how its training began. */
async function detailsOf(run: RunListing, experiment: Experiment): Promise<NonNullable<RecordedResult['details']>> {
  const test = await loadDataset(experiment.dataset, { split: 'test' })
  const labels = columnOf(test, 'labels').data
  const logits = readRunOutputs(run)?.['logits']
  if (!logits) throw new UserError({ rule: 'The run keeps its logits on the test set.', received: run.folder })
  const classes = test.classes ?? []
  const predicted = Int32Array.from(labels, (_, i) => argmax(logits.data, i * classes.length, (i + 1) * classes.length))
  const { counts } = confusionMatrix(labels, predicted, classes)
  const confusion = classes.map((_, truth) => [...counts.subarray(truth * classes.length, (truth + 1) * classes.length)])
  const { expectedCalibrationError, brierScore } = calibration(softmaxRows(logits.data, classes.length), labels)
  const start = metricSeries(readRunMetrics(run, ({ name, epoch }) => name === 'train/loss' && epoch <= 2), 'train/loss')
  return {
    run: run.id,
    confusion,
    mistakes: topLosses(softmaxRows(logits.data, classes.length), labels, 24)
      .filter(({ label, prediction }) => label !== prediction)
      .map(({ index, label, prediction, probability }) => ({ index, truth: label, prediction, probability: rounded(probability) })),
    calibration: { expectedCalibrationError: rounded(expectedCalibrationError), brier: rounded(brierScore) },
    start: { step: [...start.step], loss: [...start.value].map(rounded) },
  }
}

/** A machine as recorded results name it. */
export const machineText = (machine: RunListing['record']['machine']): string => (machine ? `${machine.cpu}, ${machine.cores} ${machine.cores === 1 ? 'core' : 'cores'}` : 'unknown')

/** The compact record; arms without a run are left out. */
export async function compactResult(recording: Recording, experiment: Experiment, found: readonly { readonly wanted: WantedRun; readonly run: RunListing }[]): Promise<RecordedResult> {
  const further = new Map<RunListing, Record<string, number>>()
  if (recording.activations) for (const { run } of found) further.set(run, await activationMetrics(run, experiment))
  const arms = recording.arms
    .map(arm => ({
      id: arm.id, label: arm.label, settings: { ...arm.settings },
      runs: found.filter(({ wanted }) => wanted.arm.id === arm.id).map(({ run }) => compactRun(run, further.get(run))),
    }))
    .filter(({ runs }) => runs.length > 0)
  const newest = found.map(({ run }) => run).sort((a, b) => (a.record.createdAt < b.record.createdAt ? 1 : -1))[0]
  const { versions, createdAt } = newest?.record ?? {}
  const first = found[0]
  const runsOf = (id: string) => found.filter(({ wanted }) => wanted.arm.id === id).map(({ run }) => run)
  const { from, to } = recording.minima ? { from: runsOf(recording.minima.from), to: runsOf(recording.minima.to) } : { from: [], to: [] }
  return resultSchema.parse({
    format: 1,
    experiment: experiment.name,
    recordedAt: createdAt,
    // Runs of two machines are not those of one.
    machine: [...new Set(found.map(({ run }) => machineText(run.record.machine)))].join('; ') || 'unknown',
    versions: Object.fromEntries(Object.entries(versions ?? {}).filter(([name]) => name === 'node' || name.startsWith('onnxruntime'))),
    arms,
    ...(from.length > 0 && to.length > 0 && { minima: await minimaOf({ from, to }, experiment) }),
    ...(recording.details === true && first && { details: await detailsOf(first.run, experiment) }),
  })
}
