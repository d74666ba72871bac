// Muon: momentum whose matrices are made orthogonal before they are applied.
import {
  add, div, formatType, matmul, maximum, mul, requireTensors, reshape, sqrt, square, sub, sum, transpose, type Tensor,
} from '@ddlf/tensor'
import { checkArgument, checkOptions, kinds, UserError } from '@ddlf/tensor/errors'
import { adamW } from './adam.ts'
import { optimizerKind, slot, zeroSlots, type Optimizer } from './optimizer.ts'

/** Settings of Muon. */
export interface MuonOptions {
  /** Share of the earlier momentum that is kept, default 0.95. */
  readonly momentum?: number
  /** Whether to look ahead along the momentum; default true. */
  readonly nesterov?: boolean
  /** The share of a matrix removed at a learning rate of 1, default 0.1. */
  readonly weightDecay?: number
  /** Steps of the Newton-Schulz iteration, default 5. */
  readonly steps?: number
  /** Smallest norm that a matrix is divided by, default 1e-7. */
  readonly eps?: number
  /**
   * Factor of the learning rate of a matrix [A, B]: 'original' (default) sqrt(max(1, A / B)), 'matchAdamW'
   * 0.2 sqrt(max(A, B)), with which the rate of AdamW fits (Liu et al. 2025), 'spectral' sqrt(A / B) (Bernstein 2025).
   */
  readonly adjust?: 'original' | 'matchAdamW' | 'spectral'
  /** Which parameters are trained so; default `isHiddenMatrix`. The others go through `others`. */
  readonly matrices?: (name: string, parameter: Tensor) => boolean
  /** The optimizer of all other parameters, default `adamW()`. */
  readonly others?: Optimizer
  /** Factor of the learning rate of the other parameters, default 1. */
  readonly othersRate?: number
}

const ADJUSTMENTS = {
  original: (rows: number, columns: number) => Math.sqrt(Math.max(1, rows / columns)),
  matchAdamW: (rows: number, columns: number) => 0.2 * Math.sqrt(Math.max(rows, columns)),
  spectral: (rows: number, columns: number) => Math.sqrt(rows / columns),
}

const KINDS = {
  momentum: kinds.share, nesterov: kinds.flag, weightDecay: kinds.atLeast(0), steps: kinds.whole(1, 100),
  eps: kinds.atLeast(0),
  adjust: kinds.oneOf(...Object.keys(ADJUSTMENTS)), matrices: kinds.callable, others: optimizerKind,
  othersRate: kinds.atLeast(0),
}

/** Parts of names that tables of vectors and last layers go by. */
const OUTER = /^(embed|embedding|embeddings|tokens?|positions?|wte|wpe|head|lm_head|logits|output)/i

/**
 * Whether a parameter is a matrix within a model, neither a table of vectors nor the last layer by its name: Muon's
 * share.
 */
export function isHiddenMatrix(name: string, parameter: Tensor): boolean {
  checkArgument('isHiddenMatrix', 'the name', name, kinds.text)
  requireTensors('isHiddenMatrix', parameter)
  return parameter.rank >= 2 && !name.split('.').some(part => OUTER.test(part))
}

const [A, B, C] = [3.4445, -4.775, 2.0315]

/**
 * A matrix with nearly the same singular vectors and singular values near 1 (within about 0.7 to 1.2), by a quintic
 * Newton-Schulz iteration: X <- a X + (b G + c G^2) X with G = X X^T.
 * Source: Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024.
 */
export function orthogonalized(
  matrix: Tensor,
  options: { readonly steps?: number; readonly eps?: number } = {},
): Tensor {
  const { steps = 5, eps = 1e-7 } = checkOptions(
    'orthogonalized', options, { steps: kinds.whole(0, 100), eps: kinds.atLeast(0) },
  )
  requireTensors('orthogonalized', matrix)
  if (matrix.rank !== 2)
    throw new UserError({ rule: 'orthogonalized: a matrix has two axes.', received: formatType(matrix) })
  const [rows, columns] = matrix.shape as [number, number]
  const wide = rows > columns ? transpose(matrix) : matrix
  let x = div(wide, maximum(sqrt(sum(square(wide))), eps))
  for (let i = 0; i < steps; i++) {
    const gram = matmul(x, x, { transposeB: true })
    const polynomial = add(mul(gram, B), mul(matmul(gram, gram), C))
    x = add(mul(x, A), matmul(polynomial, x))
  }
  return rows > columns ? transpose(x) : x
}

/**
 * Muon for the matrices within a model, and another optimizer (AdamW) for its other parameters: biases, normalisations,
 * tables of vectors, the last layer. A weight with more than two axes counts as [out, all the others]. PyTorch: `Muon`,
 * here with float32 in the place of bfloat16. A weight decay that a group of parameters has of its own is that of both
 * optimizers there; its beta1 and beta2 are those of the other one.
 * Source: Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024.
 */
export function muon(options: MuonOptions = {}): Optimizer {
  const {
    momentum = 0.95,
    nesterov = true,
    weightDecay = 0.1,
    steps = 5,
    eps = 1e-7,
    adjust = 'original',
    matrices = isHiddenMatrix,
    others = adamW(),
    othersRate = 1,
  } = checkOptions('muon', options, KINDS)
  const isMatrix = (parameter: Tensor) => parameter.rank >= 2 && matrices(parameter.leaf?.name ?? '', parameter)
  return {
    name: 'muon',
    slots: [...new Set(['momentum', ...others.slots])],
    init: parameter => (isMatrix(parameter) ? zeroSlots(['momentum'], parameter) : others.init(parameter)),
    with(settings) {
      const { weightDecay: own } = settings
      if (!others.with) {
        throw new UserError({
          rule: `muon: the optimizer of the other parameters, '${others.name}', has no settings to change.`,
          received: Object.keys(settings).join(', '),
          next: 'Give others an optimizer with a function with(settings), such as adamW().',
        })
      }
      // Which of its parameters go to the other optimizer is not known here: weight decay is a setting of both.
      return muon({ ...options, ...(own !== undefined && { weightDecay: own }), others: others.with(settings) })
    },
    update(given) {
      const { parameter, gradient, slots, learningRate, decay = true } = given
      if (!isMatrix(parameter))
        return others.update(othersRate === 1 ? given : { ...given, learningRate: mul(learningRate, othersRate) })
      const kept = add(mul(slot(slots, 'momentum'), momentum), mul(gradient, 1 - momentum))
      const direction = nesterov ? add(mul(gradient, 1 - momentum), mul(kept, momentum)) : kept
      const rows = parameter.shape[0] as number
      const matrix = reshape(direction, [rows, parameter.size / rows])
      const change = mul(
        orthogonalized(matrix, { steps, eps }),
        mul(learningRate, ADJUSTMENTS[adjust](rows, parameter.size / rows)),
      )
      const left = weightDecay > 0 && decay ? mul(parameter, sub(1, mul(learningRate, weightDecay))) : parameter
      return { parameter: sub(left, reshape(change, parameter.shape)), slots: { momentum: kept } }
    },
  }
}
