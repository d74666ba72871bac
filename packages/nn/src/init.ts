// How parameters get their first values. Every initialiser is a pure function of a shape and a counter-based key.
import { allocate, formatShape, MOST_ELEMENTS, parameter, sizeOf, type Shape, type Tensor } from '@ddlf/tensor'
import { checkArgument, checkOptions, kinds, UserError, type Kind } from '@ddlf/tensor/errors'
import { normals, randomKey, threefry2x32, uniforms, type RandomKey } from '@ddlf/tensor/random'

/** Makes the first values of a parameter, in row-major order. */
export type Initializer = (shape: Shape, key: RandomKey) => Float32Array

/** What must be an initialiser. */
export const initializerKind: Kind = { ...kinds.callable, is: 'an initialiser, such as init.kaimingUniform()' }

const keyKind: Kind = {
  is: 'a key made by randomKey(seed, ...)',
  accepts: key => Array.isArray(key) && key.length === 2 && key.every(word => Number.isInteger(word)),
}

/** An initialiser that checks what it is asked to fill. */
const initializer = (owner: string, make: Initializer): Initializer => (shape, key) => {
  checkArgument(owner, 'the shape', shape, kinds.shape, 'Write the sizes in a list, for example [2, 3].')
  checkArgument(owner, 'the key', key, keyKind)
  checkArgument(owner, 'the number of elements', sizeOf(shape), kinds.whole(0, MOST_ELEMENTS))
  return make(shape, key)
}

interface Seeding {
  readonly seed: number
  made: number
  /** Numbers that the parameters have so far, where they are only counted. */
  counted?: number
}

const outside: Seeding = { seed: 0, made: 0 }
let current = outside

/**
 * Builds a model so that its parameters depend on the seed and on the order in which they are made, and on nothing
 * else. Outside of any call the seed is 0 and the order is that of the whole program.
 */
export function withSeed<T>(seed: number, build: () => T): T {
  checkArgument('withSeed', 'the seed', seed, kinds.whole())
  checkArgument('withSeed', 'what builds the model', build, kinds.callable, 'Write withSeed(1, () => new Model()).')
  const outer = current
  current = { seed, made: 0 }
  try {
    return build()
  } finally {
    current = outer
  }
}

/**
 * How many numbers the parameters of a model would have, without the time and the memory that their values take.
 * @example
 * countWeights(() => new Linear(784, 10)) // 7850
 */
export function countWeights(build: () => unknown): number {
  const next = 'Write countWeights(() => new Model()).'
  checkArgument('countWeights', 'what builds the model', build, kinds.callable, next)
  const outer = current
  const counting = { seed: 0, made: 0, counted: 0 }
  current = counting
  try {
    build()
    return counting.counted
  } finally {
    current = outer
  }
}

/** What an initialiser makes. @throws UserError where that is no Float32Array of the right length */
export function valuesOf(make: Initializer, shape: Shape, key: RandomKey): Float32Array {
  checkArgument('valuesOf', 'the initialiser', make, initializerKind)
  checkArgument('valuesOf', 'the shape', shape, kinds.shape, 'Write the sizes in a list, for example [2, 3].')
  checkArgument('valuesOf', 'the key', key, keyKind)
  const values = make(shape, key)
  const fits = values instanceof Float32Array && values.length === sizeOf(shape)
  checkArgument('valuesOf', 'what the initialiser returns', values, {
    is: `a Float32Array of length ${sizeOf(shape)}`, accepts: () => fits,
  })
  return values
}

/** A new parameter with first values from an initialiser and the next key of the present seed. */
export function newParameter(shape: Shape, initializer: Initializer): Tensor {
  checkArgument('newParameter', 'the initialiser', initializer, initializerKind)
  checkArgument('newParameter', 'the shape', shape, kinds.shape, 'Write the sizes in a list, for example [2, 3].')
  checkArgument('newParameter', 'the number of elements', sizeOf(shape), kinds.whole(0, MOST_ELEMENTS))
  if (current.counted !== undefined) {
    current.counted += sizeOf(shape)
    // Zeros that nobody reads take no memory.
    return parameter(allocate('float32', sizeOf(shape)) as Float32Array, shape)
  }
  return parameter(valuesOf(initializer, shape, randomKey(current.seed, 'parameter', current.made++)), shape)
}

/** Number of inputs and outputs of one unit of a weight [out, in, ...kernel]. */
export function fans(shape: Shape): { fanIn: number; fanOut: number } {
  checkArgument('fans', 'the shape', shape, kinds.shape)
  const [out, into] = shape
  if (out === undefined || into === undefined) {
    throw new UserError({
      rule: 'This initialiser needs a weight with at least two axes [out, in, ...].',
      received: formatShape(shape),
      next: 'Use uniform, normal or constant.',
    })
  }
  const receptiveField = sizeOf(shape.slice(2))
  return { fanIn: into * receptiveField, fanOut: out * receptiveField }
}

/** Non-linearities whose gain is known; the gain keeps the variance of activations constant from layer to layer. */
export type Nonlinearity = 'linear' | 'sigmoid' | 'tanh' | 'relu' | 'leaky_relu' | 'selu'

const nonlinearityKind =
  kinds.oneOf(...(['linear', 'sigmoid', 'tanh', 'relu', 'leaky_relu', 'selu'] satisfies readonly Nonlinearity[]))

/** The recommended gain of a non-linearity, PyTorch's table; `slope` (default 0.01) is that of leaky ReLU. */
export function calculateGain(nonlinearity: Nonlinearity, slope = 0.01): number {
  checkArgument('calculateGain', 'the non-linearity', nonlinearity, nonlinearityKind)
  checkArgument('calculateGain', 'the slope', slope, kinds.finite)
  switch (nonlinearity) {
    case 'linear':
    case 'sigmoid': return 1
    case 'tanh': return 5 / 3
    case 'relu': return Math.SQRT2
    case 'leaky_relu': return Math.sqrt(2 / (1 + slope ** 2))
    case 'selu': return 3 / 4
  }
}

/** Every element the same value. */
export function constant(value: number): Initializer {
  checkArgument('constant', 'the value', value, kinds.number)
  return initializer('constant', shape => (allocate('float32', sizeOf(shape)) as Float32Array).fill(value))
}

/** Every element 0. */
export const zeros: Initializer = constant(0)

/** Every element 1. */
export const ones: Initializer = constant(1)

/** Uniform over [low, high); default [0, 1). */
export function uniform(low = 0, high = 1): Initializer {
  checkArgument('uniform', 'low', low, kinds.finite)
  checkArgument('uniform', 'high', high, kinds.atLeast(low))
  return initializer('uniform', (shape, key) => uniforms(key, sizeOf(shape), low, high))
}

/** Normal; default mean 0 and standard deviation 1. */
export function normal(mean = 0, standardDeviation = 1): Initializer {
  checkArgument('normal', 'the mean', mean, kinds.finite)
  checkArgument('normal', 'the standard deviation', standardDeviation, kinds.atLeast(0))
  return initializer('normal', (shape, key) => normals(key, sizeOf(shape), mean, standardDeviation))
}

/**
 * Normal, drawn again until it lies in [low, high] (absolute limits, as in PyTorch).
 * @param options mean 0, standardDeviation 1, low -2, high 2
 * @throws UserError when the mean lies more than two standard deviations outside the limits
 */
export function truncatedNormal(
  options: Partial<Readonly<Record<'mean' | 'standardDeviation' | 'low' | 'high', number>>> = {},
): Initializer {
  const { mean = 0, standardDeviation = 1, low = -2, high = 2 } = checkOptions('truncatedNormal', options, {
    mean: kinds.finite, standardDeviation: kinds.above(0), low: kinds.finite, high: kinds.finite,
  })
  if (low >= high || mean < low - 2 * standardDeviation || mean > high + 2 * standardDeviation) {
    throw new UserError({
      rule: 'truncatedNormal: low < high, a positive standard deviation, and a mean at most two standard deviations ' +
        'outside the limits.',
      received: `mean ${mean}, standardDeviation ${standardDeviation}, low ${low}, high ${high}`,
    })
  }
  // Limits closer than a standard deviation would be met too seldom: there, numbers between them are drawn, and kept as
  // often as their density says.
  const narrow = high - low < standardDeviation
  const peak = Math.min(Math.max(mean, low), high)
  const density = (value: number) =>
    Math.exp((((peak - mean) / standardDeviation) ** 2 - ((value - mean) / standardDeviation) ** 2) / 2)
  const draw = (key: RandomKey, length: number) => {
    if (!narrow) return normals(key, length, mean, standardDeviation)
    const chances = uniforms(threefry2x32(key, [0, 3]), length)
    return uniforms(key, length, low, high)
      .map((value, i) => (value >= low && value <= high && (chances[i] as number) <= density(value) ? value : NaN))
  }
  const kept = (value: number) => value >= low && value <= high
  return initializer('truncatedNormal', (shape, key) => {
    const values = draw(key, sizeOf(shape))
    for (let round = 1; !values.every(kept); round++) {
      const again = draw(threefry2x32(key, [round, 2]), values.length)
      for (let i = 0; i < values.length; i++) if (!kept(values[i] as number)) values[i] = again[i] as number
    }
    return values
  })
}

const GAIN_KINDS = { gain: kinds.finite }

/**
 * Glorot's uniform initialisation: limit gain * sqrt(6 / (fanIn + fanOut)).
 * Source: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010, eq. 16.
 */
export const xavierUniform = (options: { readonly gain?: number } = {}): Initializer => {
  const { gain = 1 } = checkOptions('xavierUniform', options, GAIN_KINDS)
  return initializer('xavierUniform', (shape, key) => {
    const { fanIn, fanOut } = fans(shape)
    const limit = gain * Math.sqrt(6 / (fanIn + fanOut))
    return uniforms(key, sizeOf(shape), -limit, limit)
  })
}

/**
 * Glorot's normal initialisation: standard deviation gain * sqrt(2 / (fanIn + fanOut)). Source: Glorot and Bengio 2010.
 */
export const xavierNormal = (options: { readonly gain?: number } = {}): Initializer => {
  const { gain = 1 } = checkOptions('xavierNormal', options, GAIN_KINDS)
  return initializer('xavierNormal', (shape, key) => {
    const { fanIn, fanOut } = fans(shape)
    return normals(key, sizeOf(shape), 0, gain * Math.sqrt(2 / (fanIn + fanOut)))
  })
}

/** Settings of He's initialisations. */
export interface KaimingOptions {
  /** Keep the variance in the forward pass ('fanIn', default) or in the backward pass ('fanOut'). */
  readonly mode?: 'fanIn' | 'fanOut'
  /** Default 'leaky_relu', as in PyTorch. */
  readonly nonlinearity?: Nonlinearity
  /** Negative slope of the leaky ReLU; default 0, which makes its gain that of ReLU. */
  readonly slope?: number
}

const KAIMING_KINDS = { mode: kinds.oneOf('fanIn', 'fanOut'), nonlinearity: nonlinearityKind, slope: kinds.finite }

function kaimingDeviation(
  shape: Shape, { mode = 'fanIn', nonlinearity = 'leaky_relu', slope = 0 }: KaimingOptions,
): number {
  return calculateGain(nonlinearity, slope) / Math.sqrt(fans(shape)[mode])
}

/**
 * He's uniform initialisation: limit gain * sqrt(3 / fan).
 * Source: He et al., "Delving deep into rectifiers", 2015, eq. 10 and 14.
 */
export const kaimingUniform = (options: KaimingOptions = {}): Initializer => {
  checkOptions('kaimingUniform', options, KAIMING_KINDS)
  return initializer('kaimingUniform', (shape, key) => {
    const limit = Math.sqrt(3) * kaimingDeviation(shape, options)
    return uniforms(key, sizeOf(shape), -limit, limit)
  })
}

/** He's normal initialisation: standard deviation gain / sqrt(fan). Source: He et al. 2015. */
export const kaimingNormal = (options: KaimingOptions = {}): Initializer => {
  checkOptions('kaimingNormal', options, KAIMING_KINDS)
  return initializer('kaimingNormal', (shape, key) => normals(key, sizeOf(shape), 0, kaimingDeviation(shape, options)))
}

/**
 * Orthonormal rows (or columns, where there are fewer of them) times a gain, from a normal matrix by Gram-Schmidt, done
 * twice for precision.
 * Source: Saxe, McClelland and Ganguli, "Exact solutions to the nonlinear dynamics of learning", 2013.
 */
export const orthogonal = (options: { readonly gain?: number } = {}): Initializer => {
  const { gain = 1 } = checkOptions('orthogonal', options, GAIN_KINDS)
  return initializer('orthogonal', (shape, key) => {
    const rows = shape[0] ?? 1
    const columns = sizeOf(shape.slice(1))
    fans(shape)
    const [vectors, length] = rows <= columns ? [rows, columns] : [columns, rows]
    const drawn = normals(key, vectors * length)
    const basis: Float64Array[] = []
    for (let i = 0; i < vectors; i++) {
      const vector = Float64Array.from(drawn.subarray(i * length, (i + 1) * length))
      for (let pass = 0; pass < 2; pass++) {
        for (const earlier of basis) {
          const along = vector.reduce((total, value, k) => total + value * (earlier[k] as number), 0)
          for (let k = 0; k < length; k++) vector[k] = (vector[k] as number) - along * (earlier[k] as number)
        }
        const norm = Math.sqrt(vector.reduce((total, value) => total + value * value, 0))
        for (let k = 0; k < length; k++) vector[k] = (vector[k] as number) / norm
      }
      basis.push(vector)
    }
    return Float32Array.from({ length: rows * columns }, (_, i) => {
      const [row, column] = [Math.floor(i / columns), i % columns]
      const [vector, position] = rows <= columns ? [row, column] : [column, row]
      return gain * ((basis[vector] as Float64Array)[position] as number)
    })
  })
}
