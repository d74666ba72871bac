// Which expressions are finite numbers wherever their leaves are, so that a product may stand for a choice.
import { checkArgument, kinds } from '../errors.ts'
import type { Tensor } from '../ir/tensor.ts'

/** What is known of all elements of a tensor, given finite leaves and no overflow. */
interface Knowledge {
  readonly finite: boolean
  /** 2: greater than 0; 1: not less than 0; 0: anything. */
  readonly sign: 0 | 1 | 2
}

const known = new WeakMap<Tensor, Knowledge>()

const NOTHING: Knowledge = { finite: true, sign: 0 }

/** Ops whose elements are elements, sums or weighted means of their operands' elements. */
const KEEPING = new Set([
  'reshape', 'transpose', 'expand', 'slice', 'concat', 'detach', 'cast', 'sum', 'max', 'min', 'gather',
  'upsampleNearest2d', 'averagePool2d', 'maxPool2d',
  'cumSum', 'takeAlongAxis', 'scatterAddAlongAxis', 'tril', 'triu',
])
const NEVER_NEGATIVE = new Set(['relu', 'positive', 'abs', 'exp', 'sigmoid', 'softplus', 'softmax', 'sqrt', 'uniform'])

/** Where the result of an op is not finite although its operands are: not by overflow, but at a singular point. */
function regular(name: string, inputs: readonly Knowledge[]): boolean {
  switch (name) {
    case 'div': return inputs[1]?.sign === 2
    case 'log': case 'pow': case 'powConstant': return inputs[0]?.sign === 2
    case 'sqrt': case 'log1p': return (inputs[0]?.sign ?? 0) > 0
    case 'mod': return inputs[1]?.sign === 2
    default: return true
  }
}

function signOf(tensor: Tensor, inputs: readonly Knowledge[]): Knowledge['sign'] {
  const name = tensor.op?.name ?? ''
  const signs = inputs.map(({ sign }) => sign)
  const least = Math.min(...signs) as Knowledge['sign']
  const [a, b] = tensor.inputs
  switch (name) {
    case 'mul': return a === b ? (Math.max(least, 1) as 1 | 2) : least
    case 'div': return least
    case 'add': return least > 0 ? (Math.max(...signs) as 1 | 2) : 0
    case 'maximum': return Math.max(...signs) as Knowledge['sign']
    case 'minimum': return least
    case 'where': return Math.min(...signs.slice(1)) as Knowledge['sign']
    case 'sqrt': case 'powConstant': return least
    // Products of what is not negative; a bias that is positive makes the sum so.
    case 'conv2d': case 'linear': return least > 0 ? (signs[2] ?? 1) : 0
    case 'matmul': return least > 0 ? 1 : 0
    // Some elements may be 0.
    case 'cumSum': case 'scatterAddAlongAxis': case 'tril': case 'triu': return (signs.at(-1) ?? 0) > 0 ? 1 : 0
    default:
      if (KEEPING.has(name)) return tensor.size > 0 ? least : 1
      return NEVER_NEGATIVE.has(name) ? 1 : 0
  }
}

function learn(tensor: Tensor): Knowledge {
  const { origin, leaf } = tensor
  if (!origin) {
    // What a body is given may be anything.
    if (leaf?.kind === 'placeholder') return { finite: false, sign: 0 }
    if (leaf?.kind !== 'constant' || !leaf.data) return NOTHING
    let smallest = Infinity
    let finite = true
    for (const value of leaf.data) {
      finite &&= Number.isFinite(value)
      smallest = Math.min(smallest, value)
    }
    return { finite, sign: smallest > 0 ? 2 : smallest === 0 ? 1 : 0 }
  }
  const { op, attributes, regions } = origin.application
  const inputs = tensor.inputs.map(input => known.get(input) ?? NOTHING)
  const filling = op.name !== 'pad' || Number.isFinite(attributes['value'])
  // What a body computes is not looked into.
  const plain = filling && regions.length === 0 && inputs.every(({ finite }) => finite)
  return { finite: plain && regular(op.name, inputs), sign: signOf(tensor, inputs) }
}

let assumed = false

/**
 * Builds gradients for values that are finite: weights and data of a training, whose loss would be no number otherwise.
 * A product may then stand for a choice between a gradient and 0, in two thirds of its time. Elsewhere the choice is
 * made, so that an infinite gradient never becomes NaN where it is not wanted.
 */
export function assumeFinite<T>(build: () => T): T {
  checkArgument(
    'assumeFinite', 'what builds the gradients', build, kinds.callable,
    'Write assumeFinite(() => differentiate(loss, [x])).',
  )
  const before = assumed
  assumed = true
  try {
    return build()
  } finally {
    assumed = before
  }
}

/**
 * Whether finite values are assumed and all elements of a tensor are finite where its leaves are and nothing overflows:
 * no division by what might be 0, no root or logarithm of what might be negative. What is learnt of a tensor is kept
 * for those that are built from it.
 */
export function staysFinite(tensor: Tensor): boolean {
  if (!assumed) return false
  const stack: { readonly tensor: Tensor; next: number }[] = [{ tensor, next: 0 }]
  for (let top = stack.at(-1); top; top = stack.at(-1)) {
    const child = known.has(top.tensor) ? undefined : top.tensor.inputs[top.next++]
    if (child) {
      stack.push({ tensor: child, next: 0 })
    } else {
      if (!known.has(top.tensor)) known.set(top.tensor, learn(top.tensor))
      stack.pop()
    }
  }
  return known.get(tensor)?.finite ?? false
}
