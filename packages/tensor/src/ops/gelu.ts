// Gaussian and sigmoid-weighted linear units, with gradients that share what the forward pass computes.
import { checkOptions, kinds } from '../errors.ts'
import { defineOp, type Attributes, type ReferenceValue, type TensorType } from '../ir/op.ts'
import { Tensor } from '../ir/tensor.ts'
import { requireDType, special, type None } from './define-elementwise.ts'
import { add, erf, exp, mul, sigmoid, square, sub, tanh } from './elementwise.ts'
import { errorFunction } from './error-function.ts'

interface GeluAttributes extends Attributes {
  readonly approximate: 'none' | 'tanh'
}

const SLOPE = Math.sqrt(2 / Math.PI)
const CUBE = 0.044715

/** The normal distribution function. */
const distribution = (x: Tensor): Tensor => add(mul(erf(mul(x, Math.SQRT1_2)), 0.5), 0.5)

/** (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2 */
const approximated = (x: Tensor): Tensor => add(mul(tanh(mul(x, add(mul(square(x), CUBE * SLOPE), SLOPE))), 0.5), 0.5)

function inferFloat(types: readonly TensorType[]): TensorType {
  requireDType(types, ['float32'])
  return types[0] as TensorType
}

const geluOp = defineOp<GeluAttributes>({
  name: 'gelu',
  infer: inferFloat,
  gradient({ inputs: [input], gradient: g, attributes: { approximate } }) {
    const x = input as Tensor
    if (approximate === 'none') {
      // Phi(x) + x phi(x), phi the normal density.
      const density = mul(exp(mul(square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI))
      return [mul(g, add(distribution(x), mul(x, density)))]
    }
    // With s = (1 + tanh(u)) / 2: s + x 2 s (1 - s) u'
    const s = approximated(x)
    const slope = add(mul(square(x), 6 * CUBE * SLOPE), 2 * SLOPE)
    return [mul(g, add(s, mul(mul(x, slope), mul(s, sub(1, s)))))]
  },
  decompose: ([x], { approximate }) =>
    mul(x as Tensor, approximate === 'none' ? distribution(x as Tensor) : approximated(x as Tensor)),
  onnx: () => {
    throw new Error('gelu is decomposed before it is lowered.')
  },
  reference({ inputs: [x], output, attributes: { approximate } }) {
    const { data } = x as ReferenceValue
    for (let i = 0; i < data.length; i++) {
      const value = data[i] as number
      const squash =
        approximate === 'none' ? errorFunction(value * Math.SQRT1_2) : Math.tanh(SLOPE * (value + CUBE * value ** 3))
      output.data[i] = 0.5 * value * (1 + squash)
    }
  },
  samples: (['none', 'tanh'] as const).flatMap(approximate => [
    { inputs: [{ shape: [3, 4], low: -4, high: 4 }], attributes: { approximate } },
    { ...special(NaN, 0, 30, -30), attributes: { approximate } },
  ]),
})

/**
 * Gaussian error linear unit, x times the normal distribution function of x.
 * Source: Hendrycks and Gimpel 2016; `approximate: 'tanh'` is their equation with tanh, as GPT-2 uses it.
 */
export function gelu(x: Tensor, options: { readonly approximate?: 'none' | 'tanh' } = {}): Tensor {
  const { approximate = 'none' } = checkOptions('gelu', options, { approximate: kinds.oneOf('none', 'tanh') })
  return Tensor.apply(geluOp, [x], { approximate })
}

const siluOp = defineOp<None>({
  name: 'silu',
  infer: inferFloat,
  // s + x s (1 - s) = s (1 + x - x s) = s + y (1 - s), with s = sigmoid(x) and y = x s
  gradient({ inputs: [input], gradient: g }) {
    const x = input as Tensor
    const s = sigmoid(x)
    return [mul(g, add(s, mul(mul(x, s), sub(1, s))))]
  },
  decompose: ([x]) => mul(x as Tensor, sigmoid(x as Tensor)),
  onnx: () => {
    throw new Error('silu is decomposed before it is lowered.')
  },
  reference({ inputs: [x], output }) {
    const { data } = x as ReferenceValue
    for (let i = 0; i < data.length; i++) output.data[i] = (data[i] as number) / (1 + Math.exp(-(data[i] as number)))
  },
  samples: [{ inputs: [{ shape: [3, 4], low: -6, high: 6 }], attributes: {} }, special(NaN, 0, 30, -30)],
})

/** x sigmoid(x), the sigmoid-weighted linear unit (swish). Source: Elfwing, Uchibe and Doya 2017. */
export const silu = (x: Tensor): Tensor => Tensor.apply(siluOp, [x], {})
