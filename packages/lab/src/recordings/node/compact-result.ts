// Makes the compact record of an experiment's runs that the memo reads.
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import type { Dataset } from '@ddlf/data'
import { judgedPart } from '../../data-source/data-source.ts'
import { loadSplit } from '../../data-source/node/training-data.ts'
import { recordedSettings, type Experiment } from '../../experiment/experiment.ts'
import { metricNames, metricSeries } from '../../runs/compare-runs.ts'
import { readRunMetrics, readRunOutputs, type RunListing } from '../../runs/run-folder.ts'
import { machineText } from '../../runs/provenance.ts'
import { nameOfRun } from '../../runs/run-place.ts'
import { flatMetrics } from '../../runs/run-summary.ts'
import { shownFigures } from '../../trained/node/shown-figures.ts'
import { RECORDING_FIELDS, type Recording, type WantedRun } from '../recording.ts'
import { resultSchema, type RecordedResult, type RecordedRun } from '../result.ts'
import { activationMetrics } from './activations.ts'
import { calibrationMetrics } from '../../analysis/classification/calibration-metrics.ts'
import { lengthMetrics } from './lengths.ts'
import { minimaOf } from './minima.ts'
import { modelOfRun } from './model-of-run.ts'
import { reachMetrics } from './reach.ts'

/** Five significant digits say more than the spread over seeds does. */
const rounded = (value: number) => Number(value.toPrecision(5))

function compactRun(run: RunListing, further: Readonly<Record<string, number>> = {}): RecordedRun {
  const { metrics: measuredAtEnd = {}, steps = 0, parameters = 0, seconds = 0, flop = 0 } = run.summary ?? {}
  const measured = readRunMetrics(run, ({ name }) => /^(epoch|validation|test)\//.test(name))
  const names = metricNames(measured)
  const epochs = [...new Set(measured.map(({ epoch }) => epoch))].sort((a, b) => a - b)
  const values = Object.fromEntries(
    names.map(name => {
      const byEpoch = new Map(
        measured.filter(metric => metric.name === name).map(metric => [metric.epoch, metric.value]),
      )
      return [
        name,
        epochs.map(epoch => {
          const value = byEpoch.get(epoch)
          return value === undefined || !Number.isFinite(value) ? null : rounded(value)
        }),
      ]
    }),
  )
  const kept = Object.entries({ ...flatMetrics(measuredAtEnd), ...further })
  const broken = kept.find(([, value]) => !Number.isFinite(value))
  if (broken) {
    throw new UserError({
      rule: 'Recorded results are made of finite numbers.',
      received: `${broken[0]} of ${broken[1]} in the run ${run.experiment}/${run.id}`,
      next: `The run diverged: remove it (npm run ddlf -- rm ${run.experiment}/${run.id}) and train it again with ` +
        `--train.`,
    })
  }
  return {
    id: run.id,
    seed: run.record.seed,
    commit: run.record.git?.commit ?? null,
    dirty: run.record.git?.dirty != null,
    ...(!(Number(run.record.config['steps']) > 0) && { epochs: Math.round(epochs.at(-1) ?? 0) }),
    steps,
    parameters,
    seconds: Number(seconds.toFixed(1)),
    flop,
    metrics: Object.fromEntries(kept.map(([name, value]) => [name, rounded(value)])),
    curve: { epoch: epochs, values },
  }
}

/** What the task shows of a run. */
async function figuresOf(
  run: RunListing, experiment: Experiment, judging: Dataset,
): Promise<Pick<NonNullable<RecordedResult['details']>, 'figures'>> {
  if (!experiment.task.views?.figures) return {}
  const trained = modelOfRun(run, experiment, 'What a model makes is shown with the weights of its run.')
  const of = { name: nameOfRun(run), run, record: run.record, experiment, ...trained }
  return { figures: await shownFigures(of, () => Promise.resolve(judging)) }
}

/** What the task has to say of a run, and how its training began. */
async function detailsOf(run: RunListing, experiment: Experiment): Promise<NonNullable<RecordedResult['details']>> {
  const settings = recordedSettings(experiment, run.record.config)
  const part = judgedPart(experiment.data, settings)
  const { dataset } = await loadSplit({ run, record: run.record, experiment, settings }, part)
  const kept = Object.entries(readRunOutputs(run) ?? {}).map(
    ([name, { data, shape }]) => [name, { data: data as Float32Array, shape: shape.slice(1) }] as const,
  )
  const start = metricSeries(
    readRunMetrics(run, ({ name, epoch }) => name === 'train/loss' && epoch <= 2),
    'train/loss',
  )
  return resultSchema.shape.details.unwrap().parse({
    run: run.id,
    ...experiment.task.views?.details?.(Object.fromEntries(kept), dataset),
    ...(await figuresOf(run, experiment, dataset)),
    start: { step: [...start.step], loss: [...start.value].map(rounded) },
  })
}

/** What computed the runs, each version that some of them had: those of two are not of one. */
function versionsOf(runs: readonly RunListing[]): Record<string, string> {
  const all = runs.flatMap(({ record }) => Object.entries(record.versions))
  const names = [...new Set(all.map(([name]) => name))]
    .filter(name => name === 'node' || name.startsWith('onnxruntime'))
  const of = (name: string) => [...new Set(all.filter(([one]) => one === name).map(([, version]) => version))].sort()
  return Object.fromEntries(names.map(name => [name, of(name).join(', ')]))
}

/** The compact record; arms without a run are left out. */
export async function compactResult(
  recording: Recording,
  experiment: Experiment,
  found: readonly { readonly wanted: WantedRun; readonly run: RunListing }[],
): Promise<RecordedResult> {
  checkOptions('compactResult', recording, RECORDING_FIELDS)
  const further = new Map<RunListing, Record<string, number>>()
  for (const { run } of found) {
    further.set(run, {
      ...(recording.activations && (await activationMetrics(run, experiment))),
      ...(recording.reach && (await reachMetrics(run, experiment))),
      ...(recording.lengths && (await lengthMetrics(run, experiment))),
      ...(recording.calibration && calibrationMetrics(run)),
    })
  }
  const arms = recording.arms
    .map(arm => ({
      id: arm.id,
      label: arm.label,
      settings: { ...arm.settings },
      runs: found.filter(({ wanted }) => wanted.arm.id === arm.id).map(({ run }) => compactRun(run, further.get(run))),
    }))
    .filter(({ runs }) => runs.length > 0)
  const newest = found.map(({ run }) => run).sort((a, b) => (a.record.createdAt < b.record.createdAt ? 1 : -1))[0]
  const { createdAt } = newest?.record ?? {}
  const first = found[0]
  const runsOf = (id: string) => found.filter(({ wanted }) => wanted.arm.id === id).map(({ run }) => run)
  const { from, to } = recording.minima
    ? { from: runsOf(recording.minima.from), to: runsOf(recording.minima.to) }
    : { from: [], to: [] }
  return resultSchema.parse({
    format: 1,
    experiment: experiment.name,
    recordedAt: createdAt,
    // Runs of two machines are not those of one.
    machine: [...new Set(found.map(({ run }) => machineText(run.record.machine)))].join('; ') || 'unknown',
    versions: versionsOf(found.map(({ run }) => run)),
    arms,
    ...(from.length > 0 && to.length > 0 && {
      minima: await minimaOf({ from, to }, experiment, recording.minima?.subspace),
    }),
    ...(recording.details === true && first && { details: await detailsOf(first.run, experiment) }),
  })
}
