// Units that do nothing: rectified ones that are never above zero, squashing ones that are always at the end of their
// range.
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import {
  abs,
  cast,
  compile,
  equal,
  greater,
  input as inputOf,
  max,
  mean,
  sub,
  topologicalOrder,
  type DType,
  type Runtime,
  type Tensor,
  type TypedArray,
} from '@ddlf/tensor'
import { labelState, withMode, type Module } from '@ddlf/nn'
import { learnedTensors } from '../attribution/feature-tensors.ts'

/** What the values behind one activation function are like over a set of items. */
export interface ActivationHealth {
  /** The layer whose result it is applied to: the path of its weight, without `.weight`. */
  readonly layer: string
  readonly kind: 'relu' | 'tanh' | 'sigmoid'
  /** Channels of feature maps, or units of a dense layer. */
  readonly units: number
  /** relu: share of the units that are 0 for every item, at every place. */
  readonly dead?: number
  /** relu: share of all values that are 0. */
  readonly zero?: number
  /** tanh and sigmoid: share of all values where the slope is below a hundredth of its largest. */
  readonly saturated?: number
}

/**
 * Distance from the middle of the range at which the slope is a hundredth of its largest: tanh' = 1 - y^2, sigmoid' =
 * 1/4 - (y - 1/2)^2.
 */
const SATURATED = {
  tanh: { middle: 0, distance: Math.sqrt(0.99) },
  sigmoid: { middle: 0.5, distance: Math.sqrt(0.99) / 2 },
} as const

const KINDS: readonly string[] = ['relu', 'tanh', 'sigmoid'] satisfies readonly ActivationHealth['kind'][]

/**
 * The results of activation functions between an input and the logits; those whose argument also goes another way are
 * left out.
 */
function activationsOf(logits: Tensor, input: Tensor): Tensor[] {
  const uses = new Map<Tensor, number>()
  for (const { inputs } of topologicalOrder([logits])) {
    for (const from of inputs) uses.set(from, (uses.get(from) ?? 0) + 1)
  }
  return learnedTensors(logits, input).filter(({ op, inputs: [from], rank }) =>
    rank > 1 && KINDS.includes(op?.name ?? '') && uses.get(from as Tensor) === 1)
}

/** The path of the weight nearest before a tensor. */
export function layerBefore(activation: Tensor): string {
  const weight = topologicalOrder([activation]).findLast(({ leaf, rank }) => leaf?.kind === 'parameter' && rank > 1)
  return (weight?.leaf?.name ?? '').replace(/\.?weight$/, '')
}

/** Items a run of the graph looks at. */
const BATCH = 250

/**
 * Looks at every relu, tanh and sigmoid between an input and the outputs of a model, in evaluation mode, over some
 * items. They are found in the graph, in the order of the forward pass; a model needs to say nothing about them. One
 * whose argument also goes another way, as in a leaky relu, is left out: gradients pass beside it. Source of the
 * notions: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010
 * (saturation); Maas, Hannun and Ng, "Rectifier nonlinearities improve neural network acoustic models", 2013 (dead
 * units).
 * @param data the items one after the other, as the model reads them through `prepare`
 * @param form shape and dtype of one item
 */
export async function activationHealth(
  model: Module,
  data: TypedArray,
  form: { readonly shape: readonly number[]; readonly dtype: DType },
  options: { readonly runtime: Runtime; readonly prepare?: ((x: Tensor) => Tensor) | undefined },
): Promise<ActivationHealth[]> {
  checkOptions('activationHealth', options, ['runtime', 'prepare'])
  const { shape, dtype } = form
  const { runtime, prepare = (x: Tensor) => x } = options
  const size = shape.reduce((product, extent) => product * extent, 1)
  const items = data.length / size
  if (!Number.isInteger(items) || items < 1)
    throw new UserError({ rule: `Items of ${size} numbers are needed.`, received: `${data.length} numbers` })
  labelState(model)
  const probe = prepare(inputOf('probe', { shape: [1, ...shape], dtype }))
  if (activationsOf(withMode({ training: false }, () => model.forward(probe)).output, probe).length === 0) return []
  const found: { layer: string; kind: ActivationHealth['kind']; units: number }[] = []
  const run = compile(x => withMode({ training: false }, () => {
    const input = prepare(x)
    found.length = 0
    return activationsOf(model.forward(input), input).flatMap(activation => {
      const kind = activation.op?.name as ActivationHealth['kind']
      found.push({ layer: layerBefore(activation), kind, units: activation.shape[1] as number })
      const share = (condition: Tensor) => mean(cast(condition, 'float32'))
      if (kind === 'relu')
        return [
          max(activation, { axes: activation.shape.map((_, axis) => axis).filter(axis => axis !== 1) }),
          share(equal(activation, 0)),
        ]
      const { middle, distance } = SATURATED[kind]
      return [share(greater(abs(sub(activation, middle)), distance))]
    })
  }).output, [{ shape: [null, ...shape], dtype }], { runtime, name: 'activations' })
  try {
    // The largest value of each unit so far, and sums of shares over items.
    const largest: Float32Array[] = []
    const shares: number[] = []
    for (let from = 0; from < items; from += BATCH) {
      const count = Math.min(BATCH, items - from)
      const values = (await run(data.slice(from * size, (from + count) * size))).map(
        value => value.data as Float32Array,
      )
      let next = 0
      for (const [i, { kind }] of found.entries()) {
        if (kind === 'relu') {
          const now = values[next++] ?? new Float32Array()
          largest[i] = largest[i]?.map((value, unit) => Math.max(value, now[unit] ?? 0)) ?? now.slice()
        }
        shares[i] = (shares[i] ?? 0) + ((values[next++]?.[0] ?? 0) * count) / items
      }
    }
    return found.map((one, i) => {
      const share = shares[i] ?? 0
      if (one.kind !== 'relu') return { ...one, saturated: share }
      return {
        ...one,
        dead: (largest[i] ?? new Float32Array()).reduce((dead, value) => dead + (value <= 0 ? 1 : 0), 0) / one.units,
        zero: share,
      }
    })
  } finally {
    await run.release()
  }
}
