// Counts dead and saturated units of a finished run, as metrics of its record.
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { activationHealth, type ActivationHealth } from '../../analysis/model/activation-health.ts'
import { itemsOf } from '../../analysis/model/model-items.ts'
import { judgedPart } from '../../data-source/data-source.ts'
import { loadSplit } from '../../data-source/node/training-data.ts'
import { inputOf } from '../../experiment/experiment-data.ts'
import { recordedSettings, type Experiment } from '../../experiment/experiment.ts'
import { loadCheckpoint } from '../../runs/checkpoint.ts'
import { runPaths, type RunListing } from '../../runs/run-folder.ts'
import { trainedModel } from '../../trained/trained-model.ts'

/** Test examples that are looked at. */
const EXAMPLES = 1000

/** The share of a kind over all layers that have it; undefined where none has. */
function overall(layers: readonly ActivationHealth[], kind: 'dead' | 'saturated'): number | undefined {
  const known = layers.filter(layer => layer[kind] !== undefined)
  const units = known.reduce((sum, layer) => sum + layer.units, 0)
  return known.length === 0
    ? undefined
    : known.reduce((sum, layer) => sum + (layer[kind] ?? 0) * layer.units, 0) / units
}

/**
 * `activations/dead` and `activations/saturated` over all units, and `activations/dead/<layer>`,
 * `activations/saturated/<layer>`.
 */
export async function activationMetrics(run: RunListing, experiment: Experiment): Promise<Record<string, number>> {
  const checkpoint = loadCheckpoint(runPaths(run).checkpoints, 'last')
  if (!checkpoint) return {}
  const settings = recordedSettings(experiment, run.record.config)
  const model = trainedModel(experiment, settings, checkpoint)
  const part = judgedPart(experiment.data, settings)
  const { dataset } = await loadSplit({ run, record: run.record, experiment, settings }, part)
  const { name, ...form } = inputOf(experiment, settings)
  const data = itemsOf(dataset, name, form.shape, EXAMPLES)
  const how = { runtime: onnxNodeRuntime(), prepare: experiment.task.prepare }
  const layers = await activationHealth(model, data, form, how)
  const metrics: Record<string, number> = {}
  const note = (name: string, value: number | undefined) => {
    if (value !== undefined) metrics[name] = value
  }
  for (const kind of ['dead', 'saturated'] as const) {
    note(`activations/${kind}`, overall(layers, kind))
    for (const layer of layers) note(`activations/${kind}/${layer.layer}`, layer[kind])
  }
  return metrics
}
