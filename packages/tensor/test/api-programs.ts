// Random small programs in terms of exported functions, written as plain data, so that PyTorch can run them too: leaves
// with values at the edges of numbers, and calls whose arguments are constants, leaves or earlier results.
import * as ddlf from '../src/index.ts'
import { input, sizeOf, Tensor, UserError, type DType } from '../src/index.ts'
import { allocate } from '../src/ir/dtype.ts'
import { integerAt, randomKey } from '../src/random.ts'
import type { Leaf } from './programs.ts'

/** A constant, a list of arguments, options by name, or `{ at }`: the leaf or result of that number. */
export type Argument = number | boolean | string | readonly Argument[] | { readonly [name: string]: Argument }

/** One application of an exported function. */
export interface Call {
  readonly name: string
  readonly given: readonly Argument[]
}

/** Leaves, and calls that follow one another. */
export interface ApiProgram {
  readonly leaves: readonly Leaf[]
  readonly calls: readonly Call[]
}

const AWKWARD = [
  NaN, Infinity, -Infinity, 0, -0, 0, 1, 1, -1, 0.5, 2, 1e10, -3, 1e-20, 1e-40, -1e-40, 100, 134217728, -0.25, 3e38,
]
const WHOLE = [0, 1, -1, 2, 7, 2 ** 31 - 1, -(2 ** 31), 65536, -3]
const NUMBERS = [0, 1, -1, 0.5, 2, -0, 3, Infinity, -Infinity]

/** Draws below a bound, one after another. */
type Draw = (below: number) => number

const pick = <T>(draw: Draw, list: readonly T[]): T => list[draw(list.length)] as T

function leafOf(draw: Draw): Leaf {
  const shape = Array.from({ length: draw(5) }, () => pick(draw, [1, 2, 3, 1, 2, 3, 2, 3, 0]))
  const dtype = pick<DType>(draw, ['float32', 'float32', 'float32', 'float32', 'int32', 'bool', 'uint8'])
  const tame = draw(2) === 0
  const data = allocate(dtype, sizeOf(shape)).map(() => {
    if (dtype === 'bool') return draw(2)
    if (dtype === 'uint8') return draw(256)
    if (dtype === 'int32') return tame ? draw(7) - 3 : pick(draw, WHOLE)
    return tame ? (draw(17) - 8) / 4 : pick(draw, AWKWARD)
  })
  return { shape, dtype, data }
}

type Arguments = (draw: Draw, at: () => Argument, typeOf: (argument: Argument) => Tensor) => readonly Argument[]

const one: Arguments = (_, at) => [at()]
const operands: Arguments = (draw, at) =>
  pick(draw, [() => [at(), at()], () => [at(), pick(draw, NUMBERS)], () => [pick(draw, NUMBERS), at()]])()
const axisOf = (draw: Draw, { rank }: Tensor) => draw(Math.max(rank, 1)) - (draw(2) === 0 ? 0 : Math.max(rank, 1))
const reducing = (more: (draw: Draw) => Record<string, Argument> = () => ({})): Arguments => (draw, at, typeOf) => {
  const x = at()
  const axes = pick<Record<string,
  Argument>>(draw, [{}, { axes: axisOf(draw, typeOf(x)) }, { axes: typeOf(x).shape.map((_, i) => i).slice(0, 2) }])
  return [x, { ...axes, keepDims: draw(2) === 0, ...more(draw) }]
}
const along = (options: (draw: Draw) => Record<string, Argument>): Arguments => (draw, at, typeOf) => {
  const x = at()
  return [x, { axis: axisOf(draw, typeOf(x)), ...options(draw) }]
}
const byAxis: Arguments = (draw, at, typeOf) => {
  const x = at()
  return [x, axisOf(draw, typeOf(x))]
}
const vectorFor: Arguments = (draw, at, typeOf) => {
  const x = at()
  const size = typeOf(x).shape.at(-1) ?? 1
  return [x, { constant: Array.from({ length: size }, (_, i) => (draw(9) - 4) / 2 + i / 8) }]
}
/** As images [N, C, H, W]: the last four axes, and axes of size 1 before them. */
const images = (x: Argument, typeOf: (argument: Argument) => Tensor): Argument =>
  ({ images: x, shape: [1, 1, 1, 1, ...typeOf(x).shape].slice(-4) })
const windows = (more: (draw: Draw) => Record<string, Argument>): Arguments => (draw, at, typeOf) =>
  [images(at(), typeOf), {
    kernel: pick(draw, [[2, 2], [1, 2], [3, 3]]), stride: pick(draw, [1, 2]), padding: pick(draw, [0, 1]), ...more(draw)
  }]

/** How each function is called. */
const CALLS: Readonly<Record<string, Arguments>> = {
  ...Object.fromEntries(['neg', 'abs', 'sign', 'exp', 'log', 'sqrt', 'sin', 'cos', 'tanh', 'sigmoid', 'softplus', 'erf',
    'relu', 'floor', 'ceil', 'round', 'log1p', 'expm1', 'silu',
    'square', 'isNaN', 'detach'].map(name => [name, one])),
  ...Object.fromEntries([
    'add', 'sub', 'mul', 'div', 'pow', 'maximum', 'minimum', 'equal', 'less', 'lessEqual', 'greater', 'greaterEqual',
  ].map(name => [name, operands])),
  ...Object.fromEntries(['sum', 'mean', 'max', 'min', 'prod', 'any', 'all'].map(name => [name, reducing()])),
  variance: reducing(draw => ({ correction: draw(2) })),
  norm: reducing(draw => ({ p: pick(draw, [0, 1, 2, 3, Infinity, -Infinity, 0.5]) })),
  gelu: (draw, at) => [at(), { approximate: pick(draw, ['none', 'tanh']) }],
  clamp: (draw, at) => [at(), pick(draw, [-1, 0, -Infinity]), pick(draw, [1, 0.5, 0, Infinity])],
  where: (draw, at) => [{ cast: at(), to: 'bool' }, at(), pick(draw, [() => at(), () => pick(draw, NUMBERS)])()],
  cast: (draw, at) => [at(), pick(draw, ['float32', 'bool', 'float32'])],
  argmax: along(draw => ({ keepDims: draw(2) === 0 })), argmin: along(draw => ({ keepDims: draw(2) === 0 })),
  softmax: byAxis, logSoftmax: byAxis, logSumExp: byAxis, flip: byAxis, unsqueeze: byAxis, squeeze: byAxis,
  cumSum: along(draw => ({ exclusive: draw(2) === 0, reverse: draw(2) === 0 })),
  sort: along(draw => ({ descending: draw(2) === 0 })),
  topK: (draw, at, typeOf) => {
    const x = at()
    const axis = axisOf(draw, typeOf(x))
    return [x, draw(1 + (typeOf(x).shape.at(axis) ?? 0)), { axis, largest: draw(2) === 0 }]
  },
  tril: (draw, at) => [at(), draw(3) - 1], triu: (draw, at) => [at(), draw(3) - 1],
  reshape: (_, at, typeOf) => {
    const x = at()
    return [x, [typeOf(x).size]]
  },
  transpose: one, flatten: one,
  slice: along(draw => ({ start: draw(5) - 2, step: pick(draw, [1, 2, -1, -2]) })),
  pad: (draw, at, typeOf) => {
    const x = at()
    const { shape, dtype } = typeOf(x)
    return [x, shape.map(() => [draw(2), draw(3)]), dtype === 'float32' ? pick(draw, NUMBERS) : draw(2)]
  },
  concat: (draw, at, typeOf) => {
    const x = at()
    return [[x, x, x], axisOf(draw, typeOf(x))]
  },
  stack: (draw, at, typeOf) => {
    const x = at()
    return [[x, x], axisOf(draw, typeOf(x))]
  },
  expand: (draw, at, typeOf) => {
    const x = at()
    return [x, [draw(3), ...typeOf(x).shape]]
  },
  gather: (draw, at, typeOf) => {
    const x = at()
    const axis = axisOf(draw, typeOf(x))
    const size = typeOf(x).shape.at(axis) ?? 0
    return [x, { indices: Array.from({ length: 3 }, () => draw(2 * Math.max(size, 1)) - size) }, axis]
  },
  scatterAdd: (draw, at) => [{ indices: [0, 1, 2].map(() => draw(8) - 4) }, { repeated: at(), times: 3 }, 4],
  matmul: (draw, at) => pick(draw, [
    () => { const x = at(); return [x, x, pick(draw, [{ transposeA: true }, { transposeB: true }])] },
    () => [at(), at(), {}],
  ])(),
  linear: vectorFor, layerNorm: (draw, at) => [at(), { eps: pick(draw, [1e-5, 0.1]) }],
  rmsNorm: (draw, at) => [at(), { eps: pick(draw, [1e-5, 0.1]) }],
  maxPool2d: windows(() => ({})), averagePool2d: windows(draw => ({ countPadding: draw(2) === 0 })),
  upsampleNearest2d: (draw, at, typeOf) => [images(at(), typeOf), pick(draw, [[2, 2], [1, 2], [3, 1]])],
  labelCrossEntropy: (draw, at, typeOf) => {
    const x = at()
    const { shape } = typeOf(x)
    const [rows, classes] = [shape[0] ?? 0, shape[1] ?? 1]
    return [
      x, { indices: Array.from({ length: rows }, () => draw(4) === 0 ? -100 : draw(Math.max(classes, 1))) },
      { labelSmoothing: pick(draw, [0, 0.1]), ignoreIndex: -100 },
    ]
  },
}

const functions = ddlf as unknown as Readonly<Record<string, (...given: unknown[]) => unknown>>

/** What an argument stands for, given what was made so far. */
function valueOf(argument: Argument, made: readonly Tensor[]): unknown {
  if (Array.isArray(argument)) return (argument as readonly Argument[]).map(each => valueOf(each, made))
  if (typeof argument !== 'object') return argument
  const {
    at, constant, indices, cast: source, to, images: x, shape, repeated, times, ...options
  } = argument as Readonly<Record<string, Argument>>
  if (at !== undefined) return made[at as number]
  if (constant !== undefined) return ddlf.tensor([constant as number[]])
  if (indices !== undefined) return ddlf.tensor(Int32Array.from(indices as number[]))
  if (source !== undefined) return ddlf.cast(valueOf(source, made) as Tensor, to as DType)
  if (x !== undefined) return ddlf.reshape(valueOf(x, made) as Tensor, shape as number[])
  if (repeated !== undefined) {
    const row = valueOf(repeated, made) as Tensor
    return ddlf.expand(row, [times as number, ...row.shape])
  }
  return options
}

/** The result of a call; of a pair of values and indices, the values. */
function apply({ name, given }: Call, made: readonly Tensor[]): Tensor {
  const values = given.map(argument => valueOf(argument, made))
  // A weight stands where the bias and the options follow.
  if (name === 'layerNorm') values.splice(1, 0, undefined, undefined)
  if (name === 'rmsNorm') values.splice(1, 0, undefined)
  const result = functions[name]?.(...values)
  return result instanceof Tensor ? result : (result as { values: Tensor }).values
}

/** The program as a graph: its leaves as inputs, and what its calls make. */
export function trace({ leaves, calls }: ApiProgram): { readonly inputs: Tensor[]; readonly made: Tensor[] } {
  const inputs = leaves.map(({ shape, dtype }, i) => input(`x${i}`, { shape, dtype }))
  const all = [...inputs]
  for (const call of calls) all.push(apply(call, all))
  return { inputs, made: all.slice(inputs.length) }
}

const LARGEST = 400

/** The program of a number: up to four leaves and up to five calls, those that do not fit left out. */
export function apiProgram(seed: number, number: number): ApiProgram {
  const key = randomKey(seed, 'program', number)
  let drawn = 0
  const draw: Draw = below => integerAt(key, drawn++, below)
  const leaves = Array.from({ length: 1 + draw(3) }, () => leafOf(draw))
  const inputs = leaves.map(({ shape, dtype }, i) => input(`x${i}`, { shape, dtype }))
  const all: Tensor[] = [...inputs]
  const calls: Call[] = []
  const names = Object.keys(CALLS)
  for (let tries = 0; tries < 12 && calls.length < 5; tries++) {
    const name = pick(draw, names)
    // The newest values more often than others.
    const at = (): Argument => ({ at: Math.max(0, all.length - 1 - Math.min(draw(all.length), draw(all.length))) })
    try {
      const call = { name, given: (CALLS[name] as Arguments)(draw, at, argument => valueOf(argument, all) as Tensor) }
      const result = apply(call, all)
      if (result.size > LARGEST) continue
      all.push(result)
      calls.push(call)
    } catch (error) {
      if (!(error instanceof UserError)) throw error
    }
  }
  return { leaves, calls }
}
