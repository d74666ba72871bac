// How models learn where a token stands: sinusoids, learned vectors, rotations, and biases of attention.
import {
  add, allocate, cast, concat, cos, formatShape, formatType, gather, MOST_ELEMENTS, mul, requireTensors, reshape, sin,
  slice, split, stack, sub,
  tensor, tensorKind, unsqueeze, type Tensor,
} from '@ddlf/tensor'
import { checkArgument, checkOptions, kinds, UserError } from '@ddlf/tensor/errors'
import { currentDecoding, decodingPositions } from '../generation/decoding.ts'
import { initializerKind, newParameter, normal, type Initializer } from '../init.ts'

/** Angular frequencies of the pairs of a vector of `size` elements: base^(-2 i / size). */
function frequencies(owner: string, size: number, base: number): Float64Array {
  checkArgument(owner, 'the size of a vector', size, kinds.whole(1))
  if (size % 2 !== 0) throw new UserError({ rule: `${owner}: vectors must have an even size.`, received: String(size) })
  return Float64Array.from({ length: size / 2 }, (_, i) => base ** ((-2 * i) / size))
}

/**
 * Sines at the even and cosines at the odd elements, of frequencies from 1 to 1 / base.
 * Source: Vaswani et al., "Attention is all you need", 2017, section 3.5.
 * @returns float32 [length, size]
 */
export function sinusoidalPositions(length: number, size: number, options: { readonly base?: number } = {}): Tensor {
  const { base = 10_000 } = checkOptions('sinusoidalPositions', options, { base: kinds.above(0) })
  checkArgument('sinusoidalPositions', 'length', length, kinds.whole(1))
  checkArgument('sinusoidalPositions', 'the size of a vector', size, kinds.whole(1))
  const values = allocate('float32', length * size)
  const rates = frequencies('sinusoidalPositions', size, base)
  const wave = (_: number, i: number) => {
    const angle = Math.floor(i / size) * (rates[Math.floor((i % size) / 2)] as number)
    return i % 2 === 0 ? Math.sin(angle) : Math.cos(angle)
  }
  return tensor(values.map(wave), { shape: [length, size] })
}

const tooLong = (owner: string, limit: number, received: number) =>
  new UserError({
    rule: `${owner}: a sequence may have up to ${limit} positions.`,
    received: String(received),
    next: 'Cut the sequence, or build the model with more positions.',
  })

/** x plus the vectors of a table for its positions: the first ones, or those where a text that is being made stands. */
function addPositions(owner: string, x: Tensor, table: Tensor, length: number): Tensor {
  const [limit] = table.shape as [number, number]
  const decoding = currentDecoding()
  const needed = Math.max(length, decoding?.capacity ?? 0)
  if (needed > limit) throw tooLong(owner, limit, needed)
  if (decoding && !decoding.lengths) return add(x, gather(table, decodingPositions(decoding, length)))
  return add(x, slice(table, { axis: 0, end: length }))
}

/** Adds sinusoids to a sequence [..., T, E]; nothing is learned. */
export class SinusoidalPositions {
  private readonly table: Tensor

  /** @param maxLength the longest sequence */
  constructor(
    readonly maxLength: number,
    readonly embedDim: number,
    options: { readonly base?: number } = {},
  ) {
    this.table = sinusoidalPositions(maxLength, embedDim, options)
  }

  forward(x: Tensor): Tensor {
    requireTensors('SinusoidalPositions', x)
    const length = x.shape.at(-2) ?? 0
    return addPositions('SinusoidalPositions', x, this.table, length)
  }
}

/** Adds a learned vector for each position to a sequence [..., T, E]. The state is that of an Embedding. */
export class LearnedPositions {
  readonly weight: Tensor

  /**
   * @param maxLength the longest sequence
   * @param options `init` defaults to an Embedding's, normal with mean 0 and standard deviation 1
   */
  constructor(
    readonly maxLength: number,
    readonly embedDim: number,
    options: { readonly init?: Initializer } = {},
  ) {
    const { init = normal() } = checkOptions('LearnedPositions', options, { init: initializerKind })
    checkArgument('LearnedPositions', 'maxLength', maxLength, kinds.whole(1))
    checkArgument('LearnedPositions', 'embedDim', embedDim, kinds.whole(1))
    this.weight = newParameter([maxLength, embedDim], init)
  }

  forward(x: Tensor): Tensor {
    requireTensors('LearnedPositions', x)
    const length = x.shape.at(-2) ?? 0
    return addPositions('LearnedPositions', x, this.weight, length)
  }
}

/** Settings of a rotation by positions. */
export interface RotaryOptions {
  /** Default 10,000. */
  readonly base?: number
  /** int32 [T], or [B, T] for each sequence of [B, heads, T, E]: where the vectors stand; default 0, 1, 2 ... */
  readonly positions?: Tensor
  /**
   * Which elements make a pair: i and i + E / 2 (default, as in GPT-NeoX and Hugging Face's Llama), or neighbours
   * (true, as in the paper).
   */
  readonly interleaved?: boolean
}

/** Cosine and sine of the angle of each pair at each position, [T, E / 2] or [B, 1, T, E / 2]. */
function rotation(
  length: number,
  size: number,
  { base = 10_000, positions }: RotaryOptions,
): { cosine: Tensor; sine: Tensor } {
  const rates = frequencies('rotary', size, base)
  if (!positions) {
    const table = (f: (angle: number) => number) =>
      tensor(
        Float32Array.from({ length: length * rates.length }, (_, i) =>
          f(Math.floor(i / rates.length) * (rates[i % rates.length] as number)),
        ),
        { shape: [length, rates.length] },
      )
    return { cosine: table(Math.cos), sine: table(Math.sin) }
  }
  if (positions.dtype !== 'int32' || positions.shape.at(-1) !== length || positions.rank > 2) {
    throw new UserError({
      rule: `rotary: positions are int32 [${length}], or [B, ${length}].`,
      received: formatType(positions),
    })
  }
  const angles = mul(unsqueeze(cast(positions, 'float32'), -1), tensor(Float32Array.from(rates)))
  const aligned = positions.rank === 2 ? unsqueeze(angles, 1) : angles
  return { cosine: cos(aligned), sine: sin(aligned) }
}

/**
 * Turns each pair of elements of a query or key by an angle that grows with its position, so that scores depend on the
 * distance alone. Source: Su et al., "RoFormer", 2021, eq. 34.
 * @param x [..., T, E], E even
 */
export function rotary(x: Tensor, options: RotaryOptions = {}): Tensor {
  const { interleaved = false } = checkOptions('rotary', options, {
    base: kinds.above(0), positions: tensorKind, interleaved: kinds.flag,
  })
  requireTensors('rotary', x)
  const [length, size] = x.shape.slice(-2) as [number, number]
  if (x.rank < 2) throw new UserError({ rule: 'rotary: vectors are [..., T, E].', received: formatShape(x.shape) })
  const decoding = currentDecoding()
  const positions =
    options.positions ?? (decoding && !decoding.lengths ? decodingPositions(decoding, length) : undefined)
  const { cosine, sine } = rotation(length, size, positions ? { ...options, positions } : options)
  const half = size / 2
  const [a, b] = interleaved
    ? split(reshape(x, [...x.shape.slice(0, -1), half, 2]), [1, 1], -1).map(part =>
        reshape(part, [...x.shape.slice(0, -1), half]),
      )
    : split(x, [half, half], -1)
  const turned = [
    sub(mul(a as Tensor, cosine), mul(b as Tensor, sine)),
    add(mul(b as Tensor, cosine), mul(a as Tensor, sine)),
  ]
  return interleaved ? reshape(stack(turned, -1), x.shape) : concat(turned, -1)
}

/** The slopes of ALiBi's heads: a geometric sequence, as its authors' code has it for any number of heads. */
export function alibiSlopes(heads: number): number[] {
  const ofPower = (count: number) => Array.from({ length: count }, (_, i) => 2 ** ((-8 * (i + 1)) / count))
  const power = 2 ** Math.floor(Math.log2(heads))
  return [...ofPower(power), ...ofPower(2 * power).filter((_, i) => i % 2 === 0)].slice(0, heads)
}

/**
 * What ALiBi adds to the scores of each head: -slope * distance of query and key. As a `mask` beside `causal: true`;
 * a `MultiHeadAttention` does it itself with `alibi: true`, and then makes texts too.
 * Source: Press, Smith and Lewis, "Train short, test long", 2022.
 * @returns float32 [heads, queries, keys]
 */
export function alibi(heads: number, queries: number, keys: number = queries): Tensor {
  for (const [name, value] of Object.entries({ heads, queries, keys })) checkArgument(
    'alibi', name, value, kinds.whole(1),
  )
  const area = queries * keys
  checkArgument('alibi', 'the number of elements', heads * area, kinds.whole(1, MOST_ELEMENTS))
  const slopes = alibiSlopes(heads)
  const biases = allocate('float32', heads * area).map((_, i) => {
    const [query, key] = [Math.floor((i % area) / keys), i % keys]
    return -(slopes[Math.floor(i / area)] as number) * Math.abs(query + keys - queries - key)
  })
  return tensor(biases, { shape: [heads, queries, keys] })
}
