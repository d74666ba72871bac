// A choice between two computations, of which only the chosen one runs.
import { pullback } from '../differentiate.ts'
import { checkArgument, checkOptions, kinds, UserError } from '../errors.ts'
import type { Application } from '../ir/application.ts'
import { flopOf, topologicalOrder } from '../ir/graph.ts'
import {
  defineMultiOp,
  type Attributes,
  type InputGradient,
  type OpDefinition,
  type Pruned,
  type ReferenceValue,
} from '../ir/op.ts'
import type { Region } from '../ir/region.ts'
import { sameShape } from '../ir/shape.ts'
import { formatType, requireTensorList, requireTensors, Tensor, zeros } from '../ir/tensor.ts'
import { emitCond } from '../onnx/emit-cond.ts'
import { substitute } from '../passes/substitute.ts'
import { evaluate } from '../runtimes/reference/evaluate.ts'
import { captures, markBefore, type TensorsLike } from './capture.ts'

interface CondAttributes extends Attributes {
  /** How often the condition holds, as far as is known: what counts for the cost. */
  readonly share: number
}

type GradientArguments = Parameters<
  Extract<OpDefinition<CondAttributes>['gradient'], (...given: never[]) => unknown>
>[0]

/** The gradient of the chosen branch, chosen by the same condition. */
function condGradient({
  inputs: [condition, ...captured],
  gradients,
  wanted,
  attributes,
  regions,
}: GradientArguments): InputGradient[] {
  const [first] = regions as [Region]
  const asked = first.inputs.flatMap((_, i) => (wanted[i + 1] ? [i] : []))
  const found = regions.map(({ inputs, outputs }) => {
    const seeds = outputs.flatMap((output, i) => (gradients[i] ? [[output, gradients[i]] as const] : []))
    return pullback(
      seeds,
      asked.map(i => inputs[i] as Tensor),
    )
  })
  const inBranch = (branch: number) => () => {
    const { inputs } = regions[branch] as Region
    const parts = asked.map((i, k) => {
      const part = found[branch]?.[k]
      return part instanceof Tensor ? part : zeros((inputs[i] as Tensor).shape)
    })
    return substitute(parts, new Map(inputs.map((leaf, i) => [leaf, captured[i] as Tensor])))
  }
  const totals = cond(condition as Tensor, inBranch(0), inBranch(1), attributes)
  return [
    null,
    ...captured.map((_, i): InputGradient => {
      const k = asked.indexOf(i)
      if (k < 0) return null
      return found.some(parts => parts[k] instanceof Tensor)
        ? (totals[k] as Tensor)
        : found.some(parts => parts[k] !== 'zero')
          ? null
          : 'zero'
    }),
  ]
}

function pruneCond(application: Application, read: (index: number) => boolean): Pruned {
  const { op, inputs, attributes, regions } = application
  const [first] = regions as [Region]
  const indices = first.outputs.flatMap((_, i) => (read(i) ? [i] : []))
  const branches = regions.map(({ outputs }) => indices.map(i => outputs[i] as Tensor))
  const reached = new Set(topologicalOrder(branches.flat()))
  const kept = first.inputs.flatMap((_, i) =>
    regions.some(region => reached.has(region.inputs[i] as Tensor)) ? [i] : [],
  )
  if (indices.length === first.outputs.length && kept.length === first.inputs.length) return { application, indices }
  const [one] = Tensor.applyAll(
    op,
    [inputs[0] as Tensor, ...kept.map(i => inputs[i + 1] as Tensor)],
    attributes,
    regions.map((region, k) => ({
      inputs: kept.map(i => region.inputs[i] as Tensor),
      outputs: branches[k] as Tensor[],
    })),
  )
  return { application: (one?.origin as NonNullable<Tensor['origin']>).application, indices }
}

/** Inputs: the condition, then what both branches capture. Regions: where it holds, and elsewhere. */
export const condOp: OpDefinition<CondAttributes> = defineMultiOp<CondAttributes>({
  name: 'cond',
  infer([condition], _attributes, regions) {
    const [chosen, other] = regions as [Region, Region]
    if (condition?.dtype !== 'bool' || condition.shape.length > 0)
      throw new UserError({ rule: 'the condition must be one bool, of shape [].' })
    const same =
      chosen.outputs.length === other.outputs.length &&
      chosen.outputs.every(
        ({ shape, dtype }, i) => dtype === other.outputs[i]?.dtype && sameShape(shape, other.outputs[i].shape),
      )
    if (!same) {
      const types = ({ outputs }: Region) => outputs.map(formatType).join(', ') || 'nothing'
      throw new UserError({
        rule: 'both branches must return tensors of the same types.',
        received: `${types(chosen)} and ${types(other)}`,
      })
    }
    return chosen.outputs.map(({ shape, dtype }) => ({ shape, dtype }))
  },
  gradient: application => condGradient(application),
  onnx: (emitter, { names: [condition, ...captured], regions }) =>
    emitCond(emitter, condition as string, captured, regions as [Region, Region]),
  reference({ inputs: [condition, ...captured], outputs, regions }) {
    const { inputs, outputs: made } = regions[(condition as ReferenceValue).data[0] === 0 ? 1 : 0] as Region
    const precision = [...captured, ...outputs].some(value => value?.data instanceof Float64Array)
      ? 'float64'
      : 'float32'
    const fed = new Map(inputs.map((leaf, i) => [leaf, (captured[i] as ReferenceValue).data]))
    evaluate(made, fed, precision).forEach((value, i) => outputs[i]?.data.set(value))
  },
  flop({ attributes: { share }, regions }) {
    const [chosen, other] = regions.map(flopOf) as [number, number]
    return share * chosen + (1 - share) * other
  },
  prune: pruneCond,
  firstCaptured: () => 1,
  // Branches cannot be written as a sample: cond has a suite of its own.
  samples: [],
})

/**
 * One of two lists of tensors, by a condition that is known when the graph runs: only the chosen one is computed (on
 * WebGPU, which has no branches, both). What a branch builds belongs to it; what was built before is read by it. As
 * PyTorch's
 * `torch.cond`.
 * @param condition bool, of shape []
 * @param whenTrue builds the tensors where the condition holds
 * @param whenFalse builds as many tensors, of the same types, for where it does not
 * @param options `share`: how often the condition holds, for counting operations; default 1
 * @throws UserError when the types of the two lists differ
 */
export function cond<const Y extends readonly Tensor[]>(
  condition: Tensor,
  whenTrue: () => Y,
  whenFalse: () => TensorsLike<Y>,
  options: { readonly share?: number } = {},
): TensorsLike<Y> {
  const { share = 1 } = checkOptions('cond', options, { share: kinds.between(0, 1) })
  requireTensors('cond', condition)
  const form = 'Write cond(condition, () => [a], () => [b]).'
  checkArgument('cond', 'what holds where the condition does', whenTrue, kinds.callable, form)
  checkArgument('cond', 'what holds elsewhere', whenFalse, kinds.callable, form)
  // What is made from here on is made by a branch.
  const mark = markBefore()
  const branches: readonly (readonly Tensor[])[] = [whenTrue(), whenFalse()]
  for (const branch of branches) requireTensorList('cond', branch)
  // Labels stand outside, where they are checked before a run.
  const isInside = ({ id, op }: Tensor) => id > mark && op !== undefined && op.name !== 'classLabels'
  const { captured } = captures(branches.flat(), mark, isInside)
  const leaves = [...captured.values()]
  const regions = branches.map((branch): Region => ({ inputs: leaves, outputs: substitute(branch, captured) }))
  const outputs = Tensor.applyAll(condOp, [condition, ...captured.keys()], { share }, regions)
  return outputs as TensorsLike<Y>
}
