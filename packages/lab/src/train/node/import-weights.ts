// A safetensors state dict of another tool (PyTorch) becomes a run of ours.
import { nearestName, UserError, type Runtime } from '@ddlf/tensor'
import { loadStateDict, parameterCount, stateDict, withSeed, type StateDict } from '@ddlf/nn'
import type { Experiment, Metrics, TrainingSettings } from '../../experiment.ts'
import { decodeSafetensors, encodeSafetensors } from '../../runs/safetensors.ts'
import { startRun } from '../../runs/stored-run.ts'
import { evaluateModel } from '../evaluator.ts'
import { keepSplit } from './recorded-split.ts'
import { loadTrainingData } from './training-data.ts'

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
  /** Beginnings of names in the file and what they are called in the model, for example `['fc1', 'hidden.0.0']`. */
  readonly rename?: readonly (readonly [from: string, to: string])[]
  readonly runtime: Runtime
}

// PyTorch counts batches in its normalisations; nothing here reads the count.
const IGNORED = /(^|\.)num_batches_tracked$/

/** The state in a file under the model's names. */
function stateIn(bytes: Uint8Array, rename: WeightsImport['rename'] = []): StateDict {
  const { tensors } = decodeSafetensors(bytes)
  const names = Object.keys(tensors)
  for (const [from] of rename) {
    if (names.some(name => name === from || name.startsWith(`${from}.`))) continue
    const near = nearestName(from, names)
    throw new UserError({ rule: 'The file has no part of this name.', received: from, next: near ? `Did you mean '${near}'?` : `The file holds ${names.join(', ')}.` })
  }
  const called = (name: string) => {
    const found = rename.find(([from]) => name === from || name.startsWith(`${from}.`))
    return found ? found[1] + name.slice(found[0].length) : name
  }
  return Object.fromEntries(Object.entries(tensors).filter(([name]) => !IGNORED.test(name)).map(([name, value]) => [called(name), value]))
}

/**
 * Loads the weights into the model of an experiment, judges it on the test set, and keeps it as a completed run that can be
 * evaluated, analysed and exported.
 * @returns the run's name and folder, and the metrics on the test set
 * @throws UserError naming what does not fit: a tensor that is missing, unexpected (with the nearest name) or of another shape
 */
export async function importWeights({ experiment, settings: given, bytes, root, command, rename, runtime }: WeightsImport): Promise<{ name: string; folder: string; metrics: Metrics }> {
  const state = stateIn(bytes, rename)
  const { test, settings, checksums, split } = await loadTrainingData(experiment, given)
  const model = withSeed(settings.seed, () => experiment.model(settings))
  loadStateDict(model, state)
  const { metrics, outputs } = await evaluateModel(experiment, settings, model, test, runtime)
  const store = startRun({ root, experiment: experiment.name, config: { ...settings }, seed: settings.seed, command, data: checksums })
  try {
    keepSplit(store, split)
    const values = Object.fromEntries(Object.entries(metrics).map(([name, value]) => [`test/${name}`, value]))
    store.appendMetrics({ step: 0, epoch: 0, values })
    const tensors = Object.fromEntries(Object.entries(stateDict(model)).map(([name, value]) => [name, value]))
    store.saveCheckpoint({ tensors, loop: { epoch: 0, stepInEpoch: 0, globalStep: 0, metrics: { test: metrics } } }, { best: true })
    const kept = Object.entries(outputs).map(([name, { data, shape }]) => [name, { dtype: 'float32', shape: [test.length, ...shape], data }] as const)
    store.writeArtifact('test-outputs.safetensors', encodeSafetensors(Object.fromEntries(kept)))
    store.finish({
      status: 'completed',
      reason: 'imported weights',
      summary: { metrics: { test: metrics }, best: null, chosenBy: 'test', steps: 0, seconds: 0, flop: 0, parameters: parameterCount(model) },
    })
  } catch (error) {
    store.fail(error)
    throw error
  }
  return { name: store.name, folder: store.folder, metrics }
}
