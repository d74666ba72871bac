// Looks at the minima that two runs ended in: how sharp each is, and what lies on the straight line between them.
import { take, type Dataset } from '@ddlf/data'
import { loadStateDict, namedBuffers, stateDict, type StateDict } from '@ddlf/nn'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { sharpness } from '../../analysis/landscape/sharpness.ts'
import { recordedSettings, type Experiment, type TrainingSettings } from '../../experiment/experiment.ts'
import { loadSplit } from '../../data-source/node/training-data.ts'
import type { RunListing } from '../../runs/run-folder.ts'
import { trainingObjective } from '../../trained/training-objective.ts'
import { evaluateModel } from '../../train/evaluator.ts'
import type { RecordedResult } from '../result.ts'
import { modelOfRun } from './model-of-run.ts'

const EPSILONS = [1e-3, 5e-4]
/** Training examples the loss is measured on, and test examples. */
const EXAMPLES = { train: 5000, test: 5000 }
const BATCH = 1000
/** From half a step before the first minimum to half a step behind the second. */
const ALPHAS = Array.from({ length: 25 }, (_, i) => Number((-0.5 + i / 12).toFixed(4)))

const rounded = (value: number) => Number(value.toPrecision(5))

const modelOf = (run: RunListing, experiment: Experiment) =>
  modelOfRun(run, experiment, 'A minimum is looked at through the weights of the run that ended in it.')

async function sharpnessOf(run: RunListing, experiment: Experiment, train: Dataset, subspace: number | 'full') {
  const runtime = onnxNodeRuntime()
  const { settings, model } = modelOf(run, experiment)
  const measured = { examples: EXAMPLES.train, batchSize: BATCH }
  const objective = trainingObjective({ experiment, settings, model, train, runtime }, measured)
  const found = []
  for (const epsilon of EPSILONS) {
    const { lossAndGradient, parameters } = objective
    const { sharpness: value, loss } = await sharpness(lossAndGradient, parameters, { epsilon, subspace })
    found.push({ run: run.id, epsilon, sharpness: rounded(value), loss: rounded(loss) })
  }
  await objective.release()
  return found
}

/**
 * State on the line through two states: (1 - alpha) a + alpha b. Running statistics stay between the two: a variance is
 * never negative.
 */
const onLine = (a: StateDict, b: StateDict, alpha: number, statistics: ReadonlyMap<string, unknown>): StateDict =>
  Object.fromEntries(
    Object.entries(a).map(([name, value]) => {
      const other = b[name]?.data ?? value.data
      const share = statistics.has(name) ? Math.min(1, Math.max(0, alpha)) : alpha
      return [
        name,
        {
          ...value,
          data:
            value.dtype === 'float32'
              ? Float32Array.from(value.data, (x, i) => (1 - share) * x + share * (other[i] ?? x))
              : value.data,
        },
      ]
    }),
  )

async function interpolation(from: RunListing, to: RunListing, experiment: Experiment, train: Dataset, test: Dataset) {
  const runtime = onnxNodeRuntime()
  const { model, settings } = modelOf(from, experiment)
  const copy = (state: StateDict): StateDict =>
    Object.fromEntries(Object.entries(state).map(([name, value]) => [name, { ...value, data: value.data.slice() }]))
  const [a, b] = [copy(stateDict(model)), copy(stateDict(modelOf(to, experiment).model))]
  const line = { alpha: [] as number[], trainLoss: [] as number[], testLoss: [] as number[], testError: [] as number[] }
  const statistics = namedBuffers(model)
  for (const alpha of ALPHAS) {
    loadStateDict(model, onLine(a, b, alpha, statistics))
    const metrics = async (data: Dataset) =>
      (await evaluateModel(experiment, settings satisfies TrainingSettings, model, data, runtime)).metrics
    const [onTrain, onTest] = [await metrics(train), await metrics(test)]
    line.alpha.push(alpha)
    line.trainLoss.push(rounded(onTrain['loss'] ?? Number.NaN))
    line.testLoss.push(rounded(onTest['loss'] ?? Number.NaN))
    line.testError.push(rounded(onTest['error'] ?? Number.NaN))
  }
  return line
}

/**
 * Sharpness of every run given, and the line between the first run of each of the two arms.
 * @param subspace dimensions of a random subspace in which sharpness is measured too
 */
export async function minimaOf(
  arms: { readonly from: readonly RunListing[]; readonly to: readonly RunListing[] },
  experiment: Experiment,
  subspace?: number,
): Promise<NonNullable<RecordedResult['minima']>> {
  const [firstRun] = arms.from
  if (!firstRun) throw new Error('Each arm has a run.')
  const { record } = firstRun
  const of = { run: firstRun, record, experiment, settings: recordedSettings(experiment, record.config) }
  const [learned, test] = [
    (await loadSplit(of, 'train')).dataset,
    take((await loadSplit(of, 'test')).dataset, EXAMPLES.test),
  ]
  const train = take(learned, EXAMPLES.train)
  const sharpnessOfAll = async (runs: readonly RunListing[], within: number | 'full') => {
    const found = []
    for (const run of runs) found.push(...(await sharpnessOf(run, experiment, learned, within)))
    return found
  }
  const sharpnessIn = async (within: number | 'full') => ({
    from: await sharpnessOfAll(arms.from, within), to: await sharpnessOfAll(arms.to, within),
  })
  const sharpnesses = await sharpnessIn('full')
  const [first, second] = [arms.from[0], arms.to[0]]
  if (!first || !second) throw new Error('Each arm has a run.')
  return {
    examples: EXAMPLES,
    sharpness: sharpnesses,
    ...(subspace !== undefined && { subspace: { dimensions: subspace, ...(await sharpnessIn(subspace)) } }),
    line: await interpolation(first, second, experiment, train, test),
  }
}
