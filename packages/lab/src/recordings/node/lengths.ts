// Measures a finished language model on windows longer than those it was trained on, as metrics of its record.
import { columnOf, examplesOf } from '@ddlf/data'
import { UserError } from '@ddlf/tensor/errors'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { lossAtLength } from '../../analysis/tokens/loss-at-length.ts'
import { judgedPart } from '../../data-source/data-source.ts'
import { loadSplit } from '../../data-source/node/training-data.ts'
import { recordedSettings, type Experiment } from '../../experiment/experiment.ts'
import { loadCheckpoint } from '../../runs/checkpoint.ts'
import { runPaths, type RunListing } from '../../runs/run-folder.ts'
import { trainedModel } from '../../trained/trained-model.ts'

/** Windows that are measured, in units of those of the training. */
const TIMES = [1, 2, 4, 8] as const
/** Tokens of held-out text that are read at each length, half of them guessed, and how many at once. */
const TOKENS = 65_536
const AT_ONCE = 8192

/** The model for longer windows; undefined where its weights hold a vector for each place, and for no more. */
function stretched(...model: Parameters<typeof trainedModel>) {
  try {
    return trainedModel(...model)
  } catch (error) {
    if (error instanceof UserError) return undefined
    throw error
  }
}

/**
 * `length/<tokens>`: the loss over the later half of held-out windows of so many tokens, for the length that the model
 * was trained on and two, four and eight times as many, as far as its weights allow.
 */
export async function lengthMetrics(run: RunListing, experiment: Experiment): Promise<Record<string, number>> {
  const view = experiment.task.views?.text
  const { blockSize } = run.record.config as { readonly blockSize?: unknown }
  if (!view || typeof blockSize !== 'number') {
    throw new UserError({
      rule: 'How far a model reads on is asked of language models that learn from windows (blockSize).',
      received: `${experiment.name}, whose task is ${experiment.task.name}`,
      next: 'Leave lengths out of the recording.',
    })
  }
  const checkpoint = loadCheckpoint(runPaths(run).checkpoints, 'last')
  if (!checkpoint) return {}
  const measured: [string, number][] = []
  for (const times of TIMES) {
    const time = times * blockSize
    const settings = recordedSettings(experiment, { ...run.record.config, blockSize: time })
    const model = times === 1 ? trainedModel(experiment, settings, checkpoint)
      : stretched(experiment, settings, checkpoint)
    if (!model) break
    const part = judgedPart(experiment.data, settings)
    const { dataset } = await loadSplit({ run, record: run.record, experiment, settings }, part)
    const batch = Math.max(1, Math.floor(AT_ONCE / time))
    const windows = batch * Math.floor(Math.min(dataset.length, TOKENS / time) / batch)
    if (windows === 0) break
    const [tokens, targets] = ['tokens', 'targets'].map(name =>
      Int32Array.from(examplesOf(columnOf(dataset, name), 0, windows))) as [Int32Array, Int32Array]
    measured.push([`length/${time}`, await lossAtLength(
      x => view.logits(model, x), { tokens, targets, windows, time, batch }, onnxNodeRuntime(),
    )])
  }
  return Object.fromEntries(measured)
}
