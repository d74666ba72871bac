// A trained model in the formats that other tools read: an ONNX inference graph, or a safetensors state dict.
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import {
  allocate,
  graph,
  input,
  lowerInference,
  sizeOf,
  type OnnxModel,
  type Runtime,
  type TypedArray,
} from '@ddlf/tensor'
import { randomKey, uniformAt } from '@ddlf/tensor/random'
import { evaluationStep, labelState, stateDict, withMode, type Module } from '@ddlf/nn'
import type { Experiment, TrainingSettings } from '../experiment/experiment.ts'
import { encodeSafetensors } from '../runs/safetensors.ts'
import { encodedNames, type ColumnEncoding } from '../own-data/column-encoding.ts'
import { classesOf, columnReadBy, inputsOf, type ModelInput } from '../experiment/experiment-data.ts'

/** A model with what is needed to explain it. */
export interface ExportedModel {
  readonly experiment: Experiment
  readonly settings: TrainingSettings
  readonly model: Module
  /** Where it reads texts: how one becomes its numbers, for the metadata. */
  readonly reads?: string | undefined
  /** Further facts for the metadata: the run, the step. */
  readonly facts?: Readonly<Record<string, string>>
}

/** How an image or text becomes the model's input, in one sentence for the reader of a file. */
function preprocessing({ experiment, settings, reads }: ExportedModel): string {
  if (reads !== undefined) return reads
  if (experiment.data.own === 'tabular') {
    return 'features: as ddlf.columns says, for each column in order a number as (value - mean) / standardDeviation ' +
      '(a missing one 0), or a 1 in the place of its category, the last place for every other one; where missing is ' +
      'true one more place that is 1 for a missing value. ddlf.features names the places. A regression gives the ' +
      'number itself'
  }
  const { dtype, shape = [] } = columnReadBy(experiment, settings) ?? {}
  if (dtype === 'uint8' && shape.length === 3) {
    const [channels, height, width] = shape
    return `pixels 0..255 as uint8 ` +
      `[batch, ${channels}, ${height}, ${width}], ${channels === 1 ? 'grey' : 'red, green, blue'}; the graph itself ` +
      `scales them`
  }
  const told = inputsOf(experiment, settings).map(({ name, dtype: type, shape: form, isMade }) => {
    const source = isMade ? 'standard normal numbers' : `as the data set ${experiment.data.name} holds them`
    return `${name}: ${type} [${['batch', ...form].join(', ')}], ${source}`
  })
  return told.join('; ')
}

/** What goes along with an exported model, as text by name. */
export function exportMetadata(exported: ExportedModel): Record<string, string> {
  const { experiment, settings, facts = {} } = exported
  const classes = classesOf(experiment, settings)
  // A file that is handed on does not name folders of this machine.
  const told = Object.fromEntries(
    Object.entries(settings).filter(([name]) => !['data', 'testData', 'encoding'].includes(name)),
  )
  const { encoding } = settings as { readonly encoding?: readonly ColumnEncoding[] }
  return {
    'ddlf.experiment': experiment.name,
    'ddlf.settings': JSON.stringify(told),
    ...(classes.length > 0 && { 'ddlf.classes': JSON.stringify(classes) }),
    'ddlf.preprocessing': preprocessing(exported),
    ...(experiment.data.own === 'tabular' &&
      encoding && {
        'ddlf.columns': JSON.stringify(encoding),
        'ddlf.features': JSON.stringify(encodedNames(encoding)),
      }),
    ...facts,
  }
}

/**
 * The forward pass in evaluation mode as an ONNX model. Inputs keep their names (`images`), outputs theirs, as the
 * task calls them.
 * @param options.batch one fixed batch size; default: the batch axis is free
 * @throws UserError where the graph depends on the batch size in a way that has no free form
 */
export function exportOnnx(exported: ExportedModel, options: { readonly batch?: number } = {}): OnnxModel {
  checkOptions('exportOnnx', options, ['batch'])
  const { batch } = options
  const { experiment, settings, model } = exported
  labelState(model)
  const at = (size: number) => {
    const inputs = inputsOf(experiment, settings).map(({ name, dtype, shape }) =>
      input(name, { dtype, shape: [size, ...shape] }))
    const fed = Object.fromEntries(inputs.map(one => [one.leaf?.name ?? '', one]))
    const run = () => experiment.task.outputs(model, fed, settings)
    return { inputs, outputs: withMode({ training: false }, run).output }
  }
  return lowerInference(
    size => {
      const { inputs, outputs } = at(size)
      return graph(experiment.name, inputs, Object.values(outputs))
    },
    { outputs: Object.keys(at(1).outputs), metadata: exportMetadata(exported), ...(batch !== undefined && { batch }) },
  )
}

/** The model's parameters and buffers by their PyTorch names as a safetensors file. */
export function exportSafetensors(exported: ExportedModel): Uint8Array {
  const tensors = Object.fromEntries(
    Object.entries(stateDict(exported.model)).map(([name, { dtype, shape, data }]) => [name, { dtype, shape, data }]),
  )
  // The one entry that PyTorch's loaders look for.
  return encodeSafetensors(tensors, { format: 'pt', ...exportMetadata(exported) })
}

/** Runs a model file as another program would. */
export type ModelRunner = (
  bytes: Uint8Array,
  feeds: readonly Readonly<
    Record<
      string,
      {
        readonly dtype: 'float32' | 'int32' | 'uint8' | 'bool'
        readonly shape: readonly number[]
        readonly data: TypedArray
      }
    >
  >[],
) => Promise<readonly Readonly<Record<string, { readonly data: TypedArray }>>[]>

/** Batch sizes at which a free batch axis is tried. */
const TRIED = [1, 2, 7]

/** Made-up values of an input. */
function madeUp({ dtype, shape }: ModelInput, size: number) {
  const whole = [size, ...shape]
  const data = allocate(dtype, sizeOf(whole))
  // Token 0 or 1 exists in every vocabulary.
  const span = dtype === 'uint8' ? 256 : dtype === 'int32' ? 2 : 1
  for (let i = 0; i < data.length; i++) {
    const value = uniformAt(randomKey(0, 'export check', size), i) * span
    data[i] = dtype === 'float32' ? value : Math.floor(value)
  }
  return { dtype, shape: whole, data }
}

/**
 * Runs an exported model beside the engine on made-up inputs, at several batch sizes where they are free.
 * @returns the largest difference of an output, relative to the largest output where that is above 1
 * @throws UserError where it is above 1e-4: such a file must not be handed on
 */
export async function checkExport(
  exported: ExportedModel,
  onnx: OnnxModel,
  options: { readonly batch?: number; readonly runtime: Runtime; readonly run: ModelRunner },
): Promise<number> {
  checkOptions('checkExport', options, ['batch', 'runtime', 'run'])
  const { experiment, settings, model } = exported
  const { batch, runtime, run } = options
  const inputs = inputsOf(experiment, settings)
  const feeds = (batch === undefined ? TRIED : [batch]).map(size =>
    Object.fromEntries(inputs.map(one => [one.name, madeUp(one, size)])))
  const expected = evaluationStep({
    model,
    compute: (_, fed) => experiment.task.outputs(model, fed, settings),
    batch: Object.fromEntries(inputs.map(({ name, dtype, shape }) => [name, { shape: [null, ...shape], dtype }])),
    runtime,
    name: 'evaluation',
  })
  let worst = 0
  try {
    const results = await run(onnx.bytes, feeds)
    for (const [i, feed] of feeds.entries()) {
      const own = await expected(...inputs.map(({ name }) => feed[name]?.data as TypedArray))
      for (const [name, { data }] of Object.entries(own)) {
        const other = results[i]?.[name]?.data ?? new Float32Array()
        const values = Float64Array.from(data)
        const scale = values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1)
        const differences = values.map((value, k) => Math.abs(value - (other[k] ?? NaN)) / scale)
        // A number that is missing or not finite is as wrong as can be.
        worst = differences.reduce((most, value) => Math.max(most, Number.isNaN(value) ? Infinity : value), worst)
      }
    }
  } finally {
    await expected.release()
  }
  if (worst <= 1e-4) return worst
  throw new UserError({
    rule: 'The exported model does not give what the trained one gives.',
    received: `outputs that differ by ${worst}`,
    next: 'Please report this with the run.json of the run; --batch may give a sound file.',
  })
}
