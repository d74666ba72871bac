// Measures how far back the gradient of a finished language model reaches, as metrics of its record.
import { columnOf, examplesOf } from '@ddlf/data'
import { UserError } from '@ddlf/tensor/errors'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { gradientReach } from '../../analysis/tokens/gradient-reach.ts'
import { judgedPart } from '../../data-source/data-source.ts'
import { loadSplit } from '../../data-source/node/training-data.ts'
import { recordedSettings, type Experiment } from '../../experiment/experiment.ts'
import { loadCheckpoint } from '../../runs/checkpoint.ts'
import { runPaths, type RunListing } from '../../runs/run-folder.ts'
import { trainedModel } from '../../trained/trained-model.ts'

/** Steps back that are recorded, as far as the windows are long. */
export const REACHES = [1, 2, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100] as const
/** Windows that the norms are means over. */
const WINDOWS = 64

/** A gradient of nothing counts as one of the smallest number. */
const LEAST = 1e-45

/**
 * `reach/<steps back>`: the norm of the gradient there, as a share of that by the last token; `vanished/<steps back>`:
 * how many powers of ten it has lost.
 */
export async function reachMetrics(run: RunListing, experiment: Experiment): Promise<Record<string, number>> {
  const view = experiment.task.views?.text
  if (!view) {
    throw new UserError({
      rule: 'How far back a gradient reaches is asked of language models.',
      received: `${experiment.name}, whose task is ${experiment.task.name}`,
      next: 'Leave reach out of the recording.',
    })
  }
  const checkpoint = loadCheckpoint(runPaths(run).checkpoints, 'last')
  if (!checkpoint) return {}
  const settings = recordedSettings(experiment, run.record.config)
  const model = trainedModel(experiment, settings, checkpoint)
  const part = judgedPart(experiment.data, settings)
  const { dataset } = await loadSplit({ run, record: run.record, experiment, settings }, part)
  const [tokens, targets] = (['tokens', 'targets'] as const).map(name => columnOf(dataset, name)) as [
    ReturnType<typeof columnOf>, ReturnType<typeof columnOf>,
  ]
  const time = tokens.shape[0] as number
  const windows = Math.min(WINDOWS, dataset.length)
  const next = examplesOf(targets, 0, windows)
  const last = Int32Array.from({ length: windows }, (_, i) => next[(i + 1) * time - 1] as number)
  const norms = await gradientReach(
    x => view.logits(model, x), Int32Array.from(examplesOf(tokens, 0, windows)), last, time, onnxNodeRuntime(),
  )
  const whole = norms?.[0]
  if (!norms || !whole) return {}
  const reached = REACHES.filter(back => back < time)
  return Object.fromEntries(
    reached.flatMap(back => {
      const share = (norms[back] as number) / whole
      return [[`reach/${back}`, share], [`vanished/${back}`, -Math.log10(Math.max(share, LEAST))]]
    }),
  )
}
