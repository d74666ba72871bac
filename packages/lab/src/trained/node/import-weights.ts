// A safetensors state dict of another tool (PyTorch) becomes a run of ours.
import { checkOptions } from '@ddlf/tensor/errors'
import type { Runtime } from '@ddlf/tensor'
import type { Intake } from '@ddlf/data'
import { parameterCount, stateDict, withSeed } from '@ddlf/nn'
import type { Experiment, TrainingSettings } from '../../experiment/experiment.ts'
import { encodeSafetensors } from '../../runs/safetensors.ts'
import type { Metrics } from '../../tasks/task.ts'
import { startRun } from '../../runs/stored-run.ts'
import type { JudgedPart } from '../../data-source/data-source.ts'
import { evaluateModel, keptOutputs } from '../../train/evaluator.ts'
import { assertFiniteWeights } from '../../train/finite.ts'
import { decodeWeights, loadWeights, type Renaming } from '../weights-file.ts'
import { keepSplit } from '../../data-source/node/recorded-split.ts'
import { keepArtifacts } from '../../data-source/node/run-artifacts.ts'
import { judgedData, loadTrainingData } from '../../data-source/node/training-data.ts'

/** What to import. */
export interface WeightsImport {
  readonly experiment: Experiment
  /** The settings that give the model the shapes of the file. */
  readonly settings: TrainingSettings
  /** The file's content. */
  readonly bytes: Uint8Array
  /** The folder that holds all runs. */
  readonly root: string
  readonly command: readonly string[]
  /** The file's name, for messages. */
  readonly file?: string
  /** Beginnings of names in the file and what they are called in the model, for example `['fc1', 'hidden.0.0']`. */
  readonly rename?: Renaming
  readonly runtime: Runtime
}

/**
 * Loads the weights into the model of an experiment, judges it on the test part, and keeps it as a completed run that
 * can be evaluated, analysed and exported.
 * @returns the run's name and folder, the part that judged it, and the metrics on that part
 * @throws UserError naming what does not fit: a tensor that is missing, unexpected (with the nearest name) or of
 *   another shape
 */
export async function importWeights(
  options: WeightsImport,
): Promise<{ name: string; folder: string; part: JudgedPart; metrics: Metrics; intake?: Intake }> {
  checkOptions('importWeights', options, [
    'experiment',
    'settings',
    'bytes',
    'root',
    'command',
    'file',
    'rename',
    'runtime',
  ])
  const { experiment, settings: given, bytes, file, root, command, rename, runtime } = options
  // First of all: whoever brings a file of another kind should not wait for the data.
  const weights = decodeWeights(bytes, file)
  const earlier = 'save the weights of an earlier step of its training'
  const next = `${file} holds a model that diverged: ${earlier}.`
  const tooLarge = `The weights in ${file} are finite, but too large for this model and these data: look whether the ` +
    `data are scaled as in its training, or ${earlier}.`
  assertFiniteWeights(weights, next)
  const { settings, checksums, split, artifacts, ...parts } = await loadTrainingData(experiment, given)
  const { part, dataset: test } = judgedData(experiment, settings, parts)
  const model = withSeed(settings.seed, () => experiment.model(settings))
  loadWeights(model, weights, rename, experiment.foreignWeights, file)
  const { metrics, outputs } = await evaluateModel(experiment, settings, model, test, runtime, tooLarge)
  const store = startRun({
    root,
    experiment: experiment.name,
    config: { ...settings },
    seed: settings.seed,
    command,
    data: checksums,
    metrics: experiment.task.metrics,
  })
  try {
    keepSplit(store, split)
    keepArtifacts(store, artifacts)
    const values = Object.fromEntries(Object.entries(metrics).map(([name, value]) => [`${part}/${name}`, value]))
    store.appendMetrics({ step: 0, epoch: 0, values })
    const tensors = Object.fromEntries(Object.entries(stateDict(model)).map(([name, value]) => [name, value]))
    store.saveCheckpoint(
      { tensors, loop: { epoch: 0, stepInEpoch: 0, globalStep: 0, metrics: { [part]: metrics } } },
      { best: true },
    )
    const kept = keptOutputs({ outputs }, test, experiment.task.evaluate.answers)
    if (Object.keys(kept).length > 0) store.writeArtifact(`${part}-outputs.safetensors`, encodeSafetensors(kept))
    store.finish({
      status: 'completed',
      reason: 'imported weights',
      summary: {
        metrics: { [part]: metrics },
        best: null,
        chosenBy: part,
        steps: 0,
        seconds: 0,
        flop: 0,
        parameters: parameterCount(model),
      },
    })
  } catch (error) {
    store.fail(error)
    throw error
  }
  return { name: store.name, folder: store.folder, part, metrics, ...(test.intake && { intake: test.intake }) }
}
