// The loss along one or two directions in weight space, with directions scaled like the filters they change.
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { normals, randomKey } from '@ddlf/tensor/random'

/** Losses along a line: `losses[i]` at weights + `alphas[i]` * direction. */
export interface LossSlice {
  readonly alphas: Float64Array
  readonly losses: Float64Array
}

/** Losses on a plane, row-major, shape [betas, alphas]. */
export interface LossSurface {
  readonly alphas: Float64Array
  readonly betas: Float64Array
  readonly losses: Float64Array
}

/** A run of the flat parameter vector that is normalised together or not at all. */
export interface ParameterBlock {
  /** Shape of the parameter, the first axis being output units (a filter or neuron each); biases have one axis. */
  readonly shape: readonly number[]
}

/** The loss (and nothing else) at a flat parameter vector. */
export type LossAt = (parameters: Float32Array) => Promise<number>

const evenly = (low: number, high: number, points: number) =>
  Float64Array.from({ length: points }, (_, i) => (points === 1 ? low : low + ((high - low) * i) / (points - 1)))

/**
 * A random direction whose every filter has the norm of the model's filter: d_ij <- d_ij * |w_ij| / |d_ij|. Parameters
 * of one axis (biases, batch norm) do not move, as in the authors' default.
 * Source: Li et al., "Visualizing the loss landscape of neural nets", NeurIPS 2018, section 4.
 * @param parameters all parameters, flattened in the order of `blocks`
 * @param blocks shape of each parameter
 * @param options.seed of the random direction, default 0
 * @param options.index which of several directions, default 0
 * @throws UserError when the blocks do not add up to the parameters
 */
export function filterNormalisedDirection(
  parameters: Float32Array,
  blocks: readonly ParameterBlock[],
  options: { seed?: number; index?: number } = {},
): Float32Array {
  checkOptions('filterNormalisedDirection', options, ['seed', 'index'])
  const { seed = 0, index = 0 } = options
  const sizes = blocks.map(({ shape }) => shape.reduce((product, size) => product * size, 1))
  const total = sizes.reduce((sum, size) => sum + size, 0)
  if (total !== parameters.length) {
    throw new UserError({
      rule: 'The shapes of the parameters must account for every number.',
      received: `${parameters.length} numbers for shapes of ${total}`,
      next: 'List the shapes in the order in which the parameters were flattened.',
    })
  }
  const direction = normals(randomKey(seed, 'loss slice direction', index), total)
  let start = 0
  blocks.forEach(({ shape }, block) => {
    const size = sizes[block] ?? 0
    const filters = shape.length > 1 ? (shape[0] ?? 1) : 0
    if (filters === 0) direction.fill(0, start, start + size)
    for (let f = 0; f < filters; f++) {
      const length = size / filters
      const drawn = direction.subarray(start + f * length, start + (f + 1) * length)
      const scale = norm(parameters.subarray(start + f * length, start + (f + 1) * length)) / (norm(drawn) || 1)
      drawn.forEach((value, i) => (drawn[i] = value * scale))
    }
    start += size
  })
  return direction
}

const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0))

/**
 * The loss along one direction.
 * @param loss evaluated once a point, one after the other; the array it is given is reused
 * @param options.range farthest position to both sides, default 1 (with a filter-normalised direction: 100 % of the
 *   weights)
 * @param options.points number of positions, default 41
 */
export async function lossSlice(
  loss: LossAt,
  parameters: Float32Array,
  direction: Float32Array,
  options: { range?: number; points?: number } = {},
): Promise<LossSlice> {
  checkOptions('lossSlice', options, ['range', 'points'])
  const { range = 1, points = 41 } = options
  checkSameLength(parameters, direction)
  return walk(loss, parameters, direction, evenly(-range, range, points))
}

/**
 * The loss on the plane of two directions.
 * @param options.range farthest position along both, default 1
 * @param options.points positions along each, default 25
 */
export async function lossSurface(
  loss: LossAt,
  parameters: Float32Array,
  directions: readonly [Float32Array, Float32Array],
  options: { range?: number; points?: number } = {},
): Promise<LossSurface> {
  checkOptions('lossSurface', options, ['range', 'points'])
  const { range = 1, points = 25 } = options
  const [first, second] = directions
  checkSameLength(parameters, first)
  checkSameLength(parameters, second)
  const alphas = evenly(-range, range, points)
  const betas = evenly(-range, range, points)
  const losses = new Float64Array(points * points)
  const shifted = new Float32Array(parameters.length)
  for (const [row, beta] of betas.entries()) {
    for (let i = 0; i < shifted.length; i++) shifted[i] = (parameters[i] ?? 0) + beta * (second[i] ?? 0)
    losses.set((await walk(loss, shifted, first, alphas)).losses, row * points)
  }
  return { alphas, betas, losses }
}

/**
 * The loss on the straight line from one solution (position 0) to another (position 1), and a little beyond.
 * Source: Goodfellow, Vinyals and Saxe, "Qualitatively characterizing neural network optimization problems", ICLR 2015.
 * @param options.low first position, default -0.5
 * @param options.high last position, default 1.5
 * @param options.points number of positions, default 41
 */
export async function lossInterpolation(
  loss: LossAt,
  from: Float32Array,
  to: Float32Array,
  options: { low?: number; high?: number; points?: number } = {},
): Promise<LossSlice> {
  checkOptions('lossInterpolation', options, ['low', 'high', 'points'])
  const { low = -0.5, high = 1.5, points = 41 } = options
  checkSameLength(from, to)
  return walk(loss, from, from.map((value, i) => (to[i] ?? 0) - value), evenly(low, high, points))
}

async function walk(
  loss: LossAt,
  parameters: Float32Array,
  direction: Float32Array,
  alphas: Float64Array,
): Promise<LossSlice> {
  const moved = new Float32Array(parameters.length)
  const losses = new Float64Array(alphas.length)
  for (const [step, alpha] of alphas.entries()) {
    for (let i = 0; i < moved.length; i++) moved[i] = (parameters[i] ?? 0) + alpha * (direction[i] ?? 0)
    losses[step] = await loss(moved)
  }
  return { alphas, losses }
}

function checkSameLength(parameters: Float32Array, direction: Float32Array): void {
  if (parameters.length !== direction.length) {
    throw new UserError({
      rule: 'A direction must have one number for every parameter.',
      received: `${direction.length} numbers for ${parameters.length} parameters`,
      next: 'Both must come from the same model, flattened in the same order.',
    })
  }
}
