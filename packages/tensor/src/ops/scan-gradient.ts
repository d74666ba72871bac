// The gradient of a scan: a scan in the other direction. What it reads of the forward values is collected by the
// forward scan; contributions to what all steps share are summed after the loop where one larger op can do it, and
// carried along where not. Source: Werbos, "Backpropagation through time", 1990; Griewank and Walther, "Evaluating
// Derivatives", 2008, chapter 3.
import { pullback } from '../differentiate.ts'
import { dependents } from '../ir/dependents.ts'
import { topologicalOrder } from '../ir/graph.ts'
import type { InputGradient, OpDefinition } from '../ir/op.ts'
import type { Region } from '../ir/region.ts'
import { sameShape, sizeAt } from '../ir/shape.ts'
import { Tensor, zeros } from '../ir/tensor.ts'
import { substitute } from '../passes/substitute.ts'
import { placeholder } from './capture.ts'
import { add, neg } from './elementwise.ts'
import { sum } from './reduce.ts'
import { scan, scanOp, type ScanAttributes } from './scan.ts'
import { reshape, transpose } from './shape.ts'

type Given = Parameters<Extract<OpDefinition<ScanAttributes>['gradient'], (...given: never[]) => unknown>>[0]

const gradientLeaf = ({ shape, dtype }: Tensor): Tensor => placeholder('gradient', shape, dtype)

/** The body of a scan, its values over all steps, and the gradients that arrive at it. */
class ForwardScan {
  readonly body: Region
  readonly attributes: ScanAttributes
  readonly carried: readonly Tensor[]
  readonly elements: readonly Tensor[]
  readonly captured: readonly Tensor[]
  /** What changes from step to step. */
  readonly varying: ReadonlySet<Tensor>
  readonly #given: Given
  #collected: ReadonlyMap<Tensor, Tensor>

  constructor(given: Given) {
    const { carries, xs } = given.attributes
    this.#given = given
    this.attributes = given.attributes
    this.body = given.regions[0] as Region
    this.carried = this.body.inputs.slice(0, carries)
    this.elements = this.body.inputs.slice(carries, carries + xs)
    this.captured = this.body.inputs.slice(carries + xs)
    this.varying = dependents(topologicalOrder(this.body.outputs), new Set([...this.carried, ...this.elements]))
    this.#collected = this.#values(this.body.outputs, given.outputs)
  }

  /** Which tensor holds the values of all steps for what the body makes. */
  #values(made: readonly Tensor[], outputs: readonly Tensor[]): Map<Tensor, Tensor> {
    const { carries } = this.attributes
    const read = this.elements.map((leaf, i): [Tensor, Tensor] => [leaf, this.#given.inputs[carries + i] as Tensor])
    return new Map([
      ...made.slice(carries).map((tensor, i): [Tensor, Tensor] => [tensor, outputs[carries + i] as Tensor]),
      ...read,
    ])
  }

  /** What stands around the scan for what the body captures. */
  around(): Map<Tensor, Tensor> {
    const first = this.attributes.carries + this.attributes.xs
    return new Map(this.captured.map((leaf, i) => [leaf, this.#given.inputs[first + i] as Tensor]))
  }

  /**
   * Makes sure that the values of all steps are at hand: a scan that a pass has pruned collects them in another run.
   */
  collect(tensors: readonly Tensor[]): void {
    const missing = tensors.filter(tensor => !this.#collected.has(tensor))
    if (missing.length === 0) return
    const made = [...this.body.outputs, ...missing]
    this.#collected = this.#values(
      made,
      Tensor.applyAll(scanOp, this.#given.inputs, this.attributes, [{ inputs: this.body.inputs, outputs: made }]),
    )
  }

  /** The values of all steps, [steps, ...]. */
  collected(tensor: Tensor): Tensor {
    return this.#collected.get(tensor) as Tensor
  }
}

/** What is added up over the steps, as an expression on the results of the backward scan. */
type AfterLoop = (results: { readonly carry: readonly Tensor[]; readonly ys: readonly Tensor[] }) => Tensor

/** Joins the first two axes. */
const joined = (x: Tensor): Tensor => reshape(x, [sizeAt(x.shape, 0) * sizeAt(x.shape, 1), ...x.shape.slice(2)])

/** Plans the sums over all steps: of factors that are collected, or carried along. */
class SumsOverSteps {
  /** What the backward scan collects. */
  readonly factors: Tensor[] = []
  /** What the forward scan has to collect. */
  readonly forwardFactors: Tensor[] = []
  /** What the backward scan adds up as it goes. */
  readonly accumulated: Tensor[] = []
  readonly #forward: ForwardScan
  readonly #firstSum: number

  constructor(forward: ForwardScan, firstSum: number) {
    this.#forward = forward
    this.#firstSum = firstSum
  }

  /** The values of all steps of a factor: the forward scan's where it has them. */
  #stacked(factor: Tensor): AfterLoop {
    const forward = this.#forward
    if (forward.varying.has(factor)) {
      this.forwardFactors.push(factor)
      return () => forward.collected(factor)
    }
    const known = this.factors.indexOf(factor)
    const place = known >= 0 ? known : this.factors.push(factor) - 1
    return ({ ys }) => ys[place] as Tensor
  }

  /** The sum over all steps of a part. */
  plan(part: Tensor): AfterLoop {
    return this.#hoisted(part) ?? this.#carriedAlong(part)
  }

  #carriedAlong(part: Tensor): AfterLoop {
    const place = this.#firstSum + this.accumulated.push(part) - 1
    return ({ carry }) => carry[place] as Tensor
  }

  /** The sum by one op over the values of all steps, where the part's op is linear in a way that allows it. */
  #hoisted(part: Tensor): AfterLoop | undefined {
    const application = part.origin?.application
    if (!application) return undefined
    const {
      op,
      inputs: [a, b],
      attributes,
    } = application as typeof application & { inputs: readonly [Tensor, Tensor] }
    switch (op.name) {
      case 'add': {
        if (!sameShape(a.shape, b.shape)) return undefined
        const [left, right] = [this.plan(a), this.plan(b)]
        return results => add(left(results), right(results))
      }
      case 'neg':
        return after(this.plan(a), neg)
      case 'reshape':
        return after(this.plan(a), x => reshape(x, part.shape))
      case 'transpose':
        return after(this.plan(a), x => transpose(x, attributes['axes'] as number[]))
      case 'sum': {
        const axes = [0, ...(attributes['axes'] as number[]).map(axis => axis + 1)]
        return after(this.#stacked(a), x => reshape(sum(x, { axes }), part.shape))
      }
      case 'matmul':
        // The axis that is summed over comes first in both: [steps, rows, ...] is [steps rows, ...].
        if (a.rank !== 2 || b.rank !== 2 || attributes['transposeA'] !== true || attributes['transposeB'] === true)
          return undefined
        break
      // One entry of the table, or one sample, more or less: the steps are further ones.
      case 'scatterAdd':
      case 'conv2dWeightGradient':
        break
      default:
        return undefined
    }
    const [left, right] = [this.#stacked(a), this.#stacked(b)]
    return results => Tensor.apply(op, [joined(left(results)), joined(right(results))], attributes)
  }
}

const after =
  (value: AfterLoop, f: (x: Tensor) => Tensor): AfterLoop =>
  results =>
    f(value(results))

/** The forward values that expressions read. */
function savedFor(expressions: readonly Tensor[], varying: ReadonlySet<Tensor>): Tensor[] {
  const saved = new Set<Tensor>()
  // An order that stops at forward values, and so does not look into what they are made of.
  const stop = { has: (tensor: Tensor) => varying.has(tensor) }
  for (const expression of expressions) if (varying.has(expression)) saved.add(expression)
  for (const { inputs } of topologicalOrder(expressions, stop))
    for (const input of inputs) if (varying.has(input)) saved.add(input)
  return [...saved]
}

/** What a gradient is found to be: a tensor, zero, or not defined. */
type Found = Tensor | 'zero' | undefined

const tensorOf = (part: Found): Tensor | undefined => (part === 'zero' ? undefined : part)

/** The gradient that flows into what is carried, with its place in the body and what the body makes of it. */
interface CarriedGradient {
  readonly index: number
  readonly leaf: Tensor
  readonly part: Found
}

/** What the steps of the backward scan are made of. */
interface BackwardBody {
  readonly carried: readonly CarriedGradient[]
  /** The gradients of what was collected: what stands for one step's, and all of them. */
  readonly seeds: readonly { readonly leaf: Tensor; readonly gradient: Tensor }[]
  /** The gradient of each further input of the body. */
  readonly parts: readonly Found[]
}

/** Carries gradients back through the body once. */
function backwardBody(
  { gradients, wanted, attributes: { carries } }: Given,
  { body: { inputs, outputs } }: ForwardScan,
): BackwardBody {
  const floats = inputs
    .slice(0, carries)
    .flatMap((leaf, index) => (leaf.dtype === 'float32' ? [{ index, leaf: gradientLeaf(leaf) }] : []))
  const seeds = gradients
    .slice(carries)
    .flatMap((gradient, i) =>
      gradient
        ? [{ tensor: outputs[carries + i] as Tensor, leaf: gradientLeaf(outputs[carries + i] as Tensor), gradient }]
        : [],
    )
  const arriving = [
    ...floats.map(({ index, leaf }) => [outputs[index] as Tensor, leaf] as const),
    ...seeds.map(({ tensor, leaf }) => [tensor, leaf] as const),
  ]
  const asked = inputs.filter((_, i) => i < carries || wanted[i])
  const found = pullback(arriving, asked)
  const partOf = (leaf: Tensor): Found => {
    const part = found[asked.indexOf(leaf)]
    return part instanceof Tensor || part === 'zero' ? part : undefined
  }
  return {
    carried: floats.map(({ index, leaf }) => ({ index, leaf, part: partOf(inputs[index] as Tensor) })),
    seeds,
    parts: inputs.slice(carries).map((leaf, i) => (wanted[carries + i] ? partOf(leaf) : undefined)),
  }
}

/** Runs the backward body over the steps in the other direction. */
function backwardScan(
  { gradients }: Given,
  forward: ForwardScan,
  { carried, seeds }: BackwardBody,
  sums: SumsOverSteps,
  collected: readonly Tensor[],
) {
  const expressions = [...carried.flatMap(({ part }) => tensorOf(part) ?? []), ...sums.accumulated, ...collected]
  const saved = savedFor(expressions, forward.varying)
  forward.collect([...saved, ...sums.forwardFactors])
  const { length, reverse } = forward.attributes
  const init = carried.map(({ index, leaf }) => gradients[index] ?? zeros(leaf.shape))
  return scan(
    (carry, xs) => {
      const given = new Map<Tensor, Tensor>([
        ...carried.map(({ leaf }, i): [Tensor, Tensor] => [leaf, carry[i] as Tensor]),
        ...[...seeds.map(({ leaf }) => leaf), ...saved].map((leaf, i): [Tensor, Tensor] => [leaf, xs[i] as Tensor]),
        ...forward.around(),
      ])
      const parts = carried.map(({ part, leaf }) => tensorOf(part) ?? zeros(leaf.shape))
      const results = substitute([...parts, ...sums.accumulated, ...collected], given)
      const totals = sums.accumulated.map((_, i) =>
        add(carry[carried.length + i] as Tensor, results[carried.length + i] as Tensor),
      )
      return {
        carry: [...results.slice(0, carried.length), ...totals],
        ys: results.slice(carried.length + totals.length),
      }
    },
    [...init, ...sums.accumulated.map(({ shape }) => zeros(shape))],
    [...seeds.map(({ gradient }) => gradient), ...saved.map(tensor => forward.collected(tensor))],
    {
      reverse: !reverse,
      length,
    },
  )
}

/** The gradients of all inputs of a scan. */
export function scanGradient(given: Given): readonly InputGradient[] {
  const { xs } = given.attributes
  const forward = new ForwardScan(given)
  const backward = backwardBody(given, forward)
  const sums = new SumsOverSteps(forward, backward.carried.length)
  const shared = backward.parts.slice(xs).map(part => (part instanceof Tensor ? sums.plan(part) : part))
  const perStep = backward.parts.slice(0, xs)
  const collected = [...new Set([...sums.factors, ...perStep.flatMap(part => tensorOf(part) ?? [])])]
  const results = backwardScan(given, forward, backward, sums, collected)
  return [
    ...forward.carried.map((_, i): InputGradient => {
      const place = backward.carried.findIndex(({ index }) => index === i)
      const part = backward.carried[place]?.part ?? null
      return part instanceof Tensor ? (results.carry[place] as Tensor) : part
    }),
    ...perStep.map((part): InputGradient =>
      (part instanceof Tensor ? (results.ys[collected.indexOf(part)] as Tensor) : (part ?? null))),
    ...shared.map((total): InputGradient => (typeof total === 'function' ? total(results) : (total ?? null))),
  ]
}
