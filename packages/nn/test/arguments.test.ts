// Everything that @ddlf/tensor and @ddlf/nn export, called with arguments that are missing, too many, in the wrong
// order and of the wrong kind: it returns a value or throws the product's error, and nothing else. What is exported
// later joins by itself, with arguments that come from no table; an entry in VALID takes the search behind the first
// checks.
import * as tensorExports from '@ddlf/tensor'
import { add, graph, input, referenceRuntime, tensor, Tensor, UserError, zeros, type Graph } from '@ddlf/tensor'
import { randomKey } from '@ddlf/tensor/random'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as nnExports from '../src/index.ts'
import { Linear, sgd, stateDict } from '../src/index.ts'

type AnyFunction = (...given: unknown[]) => unknown

const x = tensor([[1, 2, 3], [4, 5, 6]])
const images = tensor(Float32Array.from({ length: 32 }, (_, i) => i), { shape: [1, 2, 4, 4] })
const kernel = tensor(Float32Array.from({ length: 36 }, (_, i) => i / 36), { shape: [2, 2, 3, 3] })
const channels = tensor([1, 2])
const indices = tensor(Int32Array.of(1, 0))
const mask = tensor([[true, false, true]])
const key = tensor(Int32Array.of(1, 2))
const fed = input('fed', { shape: [2, 3], dtype: 'float32' })
const small: Graph = graph('small', [fed], [fed.sum()])
const model = { layer: new Linear(3, 2) }
const words = new nnExports.Embedding(5, 5)
const step = { loss: (net: typeof model, { rows }: { rows: Tensor }) => ({ loss: net.layer.forward(rows).mean() }) }

const THINGS: readonly unknown[] = [
  undefined, null, '', 'no', 'float32', 'x\0', NaN, Infinity, -1, 0, 1, 2, 1.5, 1e10, true, false, 7n,
  [], [1], [3, 2], [1.5, -1], [1e10, 1e10], ['a', null], [[1], [2, 3]], {}, { axis: 1 }, { shape: [2], dtype: 'int64' },
  { length: 2 },
  () => 5, () => undefined, Float32Array.of(1, 2), Int32Array.of(5), new Float64Array(2), new Map(), new Date(0),
  x, tensor(1), indices, mask, images, fed, [x, x], small, model, sgd(), referenceRuntime,
]

/** One of each kind, for pairs. */
const FEW: readonly unknown[] = [
  undefined, null, 'no', NaN, -1, 1.5, 1e10, [3, 2], [x, x], {}, { axis: 1 }, () => 5, Float32Array.of(1, 2), x,
  indices, images, small,
]

/** Arguments that fit, for what takes several or particular ones. */
const VALID: Readonly<Record<string, readonly unknown[]>> = {
  // @ddlf/tensor
  checkOptions: ['f', { a: 1 }, ['a']], nearestName: ['ad', ['add', 'sub']],
  UserError: [{ rule: 'A rule.', received: 'this', next: 'That.' }],
  allocate: ['int32', 3], broadcastShapes: [[2, 1], [3]], formatShape: [[2, 3]], sizeOf: [[2, 3]],
  buffer: [Int32Array.of(1, 2), [2], 'int32'], parameter: [Float32Array.of(1, 2), [2]],
  input: ['x', { shape: [2], dtype: 'int32' }],
  full: [[2], 5, 'int32'], zeros: [[2], 'bool'], ones: [[2], 'uint8'], range: [3, 'float32'],
  tensor: [[[1, 2], [3, 4]], { dtype: 'int32', shape: [4] }],
  graph: ['g', [fed], [fed]], flopOf: [small], topologicalOrder: [[x]], printGraph: [small], checkGraph: [small],
  simplify: [small],
  cast: [x, 'int32'], clamp: [x, -1, 1], where: [mask, x, 0], unbroadcast: [x, [3]], gelu: [x, { approximate: 'tanh' }],
  matmul: [x, x, { transposeA: false, transposeB: true }], linear: [x, tensor([[1, 2, 3]]), tensor([1])],
  argmax: [x, { axis: 1, keepDims: true }], argmin: [x, { axis: 1, keepDims: true }],
  sum: [x, { axes: [0], keepDims: true }],
  mean: [x, { axes: 0, keepDims: true }], max: [x, { axes: 0, keepDims: true }], min: [x, { axes: 0, keepDims: true }],
  variance: [x, { axes: 0, keepDims: true, correction: 1 }], concat: [[x, x], 1], stack: [[x, x], 1],
  expand: [x, [2, 2, 3]], flatten: [images, 1],
  flip: [x, 1], pad: [x, [[1, 0], [0, 2]], 5], reshape: [x, [3, 2]], slice: [x, { axis: 0, start: 0, end: 2, step: 1 }],
  split: [x, [1, 1], 0],
  squeeze: [tensor([[1, 2]]), 0], unsqueeze: [x, 0], transpose: [x, [1, 0]], gather: [x, indices, 1],
  oneHot: [indices, 3],
  scatterAdd: [indices, x, 4], checkLabels: [[0, 1], { classes: 2, ignoreIndex: -100, shape: [2], source: 'test' }],
  classLabels: [indices, 2, -100],
  logSoftmax: [x, 1], softmax: [x, 1], logSumExp: [x, 1],
  conv2d: [images, kernel, channels, { stride: 1, padding: [1, 1], dilation: 1, groups: 1 }],
  convTranspose2d: [images, kernel, channels, { stride: 2, padding: 1, dilation: 1, groups: 1, outputPadding: 1 }],
  batchNorm: [images, channels, channels, { eps: 1e-5 }], channelAffine: [images, channels, channels, images],
  groupNorm: [images, 2, { eps: 1e-5 }],
  localResponseNorm: [images, 3, { alpha: 1, beta: 0.5, k: 2 }], adaptiveAveragePool2d: [images, 2],
  averagePool2d: [images, { kernel: 2, stride: 1, padding: 1, countPadding: true }],
  maxPool2d: [images, { kernel: [2, 2], stride: 1, padding: { top: 1 } }],
  padImages: [images, 1, 'reflect'], pixelShuffle: [zeros([1, 4, 2, 2]), 2], pixelUnshuffle: [images, 2],
  resizeBilinear2d: [images, 3, { alignCorners: true }],
  upsampleBilinear2d: [images, 2, { alignCorners: true }], upsampleNearest2d: [images, 2],
  bernoulli: [key, [3], 0.5, 1], normal: [key, [3], 1],
  uniform: [key, [3], 1], differentiate: [fed.sum(), [fed]],
  compile: [
    (a: Tensor) => a.neg(), [{ shape: [null, 2], dtype: 'float32', name: 'a' }],
    { runtime: referenceRuntime, name: 'f' },
  ],
  lowerGraph: [small, 'cpu', { channelBlock: 0, outputNames: ['y'], branches: false }],
  lowerSteps: [{ graph: small, stateCount: 0 }, 'cpu', { channelBlock: 0 }],
  lowerInference: [
    (batch: number) => graph('m', [], [zeros([batch])]), { outputs: ['y'], metadata: { a: 'b' }, batch: 2 },
  ],
  evaluate: [[fed], new Map([[fed, new Float32Array(6)]]), 'float32'], 'referenceRuntime.compile': [small],
  'referenceRuntime.compileSteps': [{ graph: small, stateCount: 0 }],
  all: [x, { axes: 0, keepDims: true }], any: [x, { axes: 0, keepDims: true }], prod: [x, { axes: 0, keepDims: true }],
  norm: [x, { p: 1, axes: 0, keepDims: true }], cumSum: [x, { axis: 0, exclusive: true, reverse: true }], tril: [x, 1],
  triu: [x, -1],
  einsum: ['ij,kj->ik', x, x], sort: [x, { axis: 0, descending: true }], topK: [x, 2, { axis: 1, largest: false }],
  takeAlongAxis: [x, tensor(Int32Array.of(0, 1), { shape: [2, 1] }), 1],
  layerNorm: [x, tensor([1, 2, 3]), tensor([1, 2, 3]), { axes: 1, eps: 1e-5 }],
  scatterAddAlongAxis: [tensor(Int32Array.of(0, 1), { shape: [2, 1] }), tensor([[1], [2]]), 4, 1],
  rmsNorm: [x, tensor([1, 2, 3]), { axes: 1, eps: 1e-5 }],
  labelCrossEntropy: [x, indices, { labelSmoothing: 0.1, weight: tensor([1, 2, 3]), ignoreIndex: -100 }],
  partsOf: [[x]], substitute: [[fed.sum()], new Map([[fed, x]])], inlineBodies: [small],
  scan: [
    (carry: Tensor[], [row]: Tensor[]) => ({ carry: carry.map(one => add(one, row ?? 0)), ys: carry }),
    [tensor([0, 0, 0])], [x], { reverse: true, length: 2 },
  ],
  cond: [tensor(true), () => [x], () => [tensor([[0, 0, 0], [1, 1, 1]])], { share: 0.5 }],
  // @ddlf/nn
  elu: [x, 1], ELU: [1], Conv1d: [
    2, 4, 3, { stride: 1, padding: 'same', dilation: 1, groups: 2, bias: true, init: nnExports.init.zeros },
  ],
  EmbeddingBag: [3, 2, { init: nnExports.init.zeros, paddingIndex: 0, mode: 'max' }],
  RmsNorm: [3, { eps: 1e-5, affine: true }],
  MultiHeadAttention: [4, 2, { dropout: 0, bias: true, kdim: 4, vdim: 4, keyValueHeads: 1, batchFirst: true }],
  AdaptiveAvgPool1d: [2],
  AdaptiveMaxPool1d: [2], AvgPool1d: [2, { stride: 1, padding: [1, 0], countPadding: true }],
  MaxPool1d: [2, { stride: 1, padding: 0 }], alibi: [2, 3, 4],
  LearnedPositions: [5, 4, { init: nnExports.init.zeros }],
  rotary: [images, { base: 100, positions: tensor(Int32Array.of(0, 1, 2, 3)), interleaved: true }],
  sinusoidalPositions: [5, 4, { base: 100 }], SinusoidalPositions: [5, 4, { base: 100 }], BahdanauAttention: [3, 4, 5],
  LuongAttention: [3, 3, { score: 'concat', hiddenSize: 2 }],
  attend: [images, images, images, { mask: tensor([[true]]), causal: true, dropout: 0, scale: 1 }],
  scaledDotProductAttention: [images, images, images, { mask: tensor([[0]]), causal: true, dropout: 0, scale: 1 }],
  lengthMask: [indices, 3],
  SwiGlu: [4, 8, { bias: true }],
  TransformerEncoderLayer: [
    4, 2,
    {
      dimFeedforward: 8, dropout: 0, activation: 'gelu', layerNormEps: 1e-5, batchFirst: true, normFirst: true,
      bias: true,
    },
  ],
  TransformerDecoderLayer: [
    4, 2,
    {
      dimFeedforward: 8, dropout: 0, activation: 'relu', layerNormEps: 1e-5, batchFirst: true, normFirst: true,
      bias: true,
    },
  ],
  isHiddenMatrix: ['layer.weight', x], orthogonalized: [x, { steps: 2, eps: 1e-7 }],
  muon: [{
    momentum: 0.9, nesterov: true, weightDecay: 0, steps: 2, eps: 1e-7, adjust: 'spectral', matrices: () => true,
    others: sgd(), othersRate: 1,
  }],
  'schedules.warmupCosine': [{ steps: 5, minimum: 0.1 }],
  'schedules.warmupStableDecay': [{ warmup: 1, decay: 2, minimum: 0, shape: '1-sqrt' }],
  RNN: [3, 4, { numLayers: 2, bias: true, batchFirst: true, dropout: 0, bidirectional: true, nonlinearity: 'relu' }],
  GRU: [3, 4, { numLayers: 2, bias: true, batchFirst: true, dropout: 0, bidirectional: true }],
  LSTM: [3, 4, { numLayers: 2, bias: true, batchFirst: true, dropout: 0, bidirectional: true }],
  RNNCell: [3, 4, { bias: true }], GRUCell: [3, 4, { bias: true }], LSTMCell: [3, 4, { bias: true }],
  decodingPositions: [{ positions: indices }, 3],
  withDecoding: [{ capacity: 3, positions: indices, lengths: indices }, () => 5],
  sampleTokens: [
    x, { greedy: false, topK: 2, nucleus: true },
    { random: tensor([0.2, 0.7]), inverseTemperature: tensor(1), topP: tensor(1) },
  ],
  generationProgram: [{
    model: words, logits: (_: unknown, ids: Tensor) => words.forward(ids), batch: 2, capacity: 4, greedy: false,
    topK: 2, nucleus: true,
  }],
  loadStateDict: [model, stateDict(model), { strict: true }], withMode: [{ training: true, randomKey: key }, () => 5],
  updateBuffer: [x, x],
  'init.constant': [3], 'init.uniform': [0, 1], 'init.normal': [0, 1],
  'init.truncatedNormal': [{ mean: 0, standardDeviation: 1, low: -1, high: 1 }],
  'init.kaimingUniform': [{ mode: 'fanIn', nonlinearity: 'relu', slope: 0 }],
  'init.kaimingNormal': [{ mode: 'fanOut', nonlinearity: 'tanh', slope: 0 }],
  'init.xavierUniform': [{ gain: 1 }], 'init.xavierNormal': [{ gain: 1 }], 'init.orthogonal': [{ gain: 1 }],
  'init.calculateGain': ['leaky_relu', 0.1],
  'init.withSeed': [1, () => 5], withSeed: [1, () => 5], 'init.newParameter': [[2], () => new Float32Array(2)],
  newParameter: [[2], () => new Float32Array(2)],
  'init.zeros': [[2], randomKey(1)], 'init.ones': [[2], randomKey(1)], leakyRelu: [x, 0.1], LeakyReLU: [0.1],
  GELU: [{ approximate: 'tanh' }], Dropout: [0.5], Maxout: [3],
  DropConnect: [3, 2, { p: 0.5, init: nnExports.init.ones }],
  BatchNorm1d: [3, { eps: 1e-5, momentum: 0.1, affine: true }],
  BatchNorm2d: [2, { eps: 1e-5, momentum: null, affine: true }],
  Conv2d: [2, 4, 3, { stride: 1, padding: 1, dilation: 1, groups: 2, bias: true, init: nnExports.init.zeros }],
  ConvTranspose2d: [2, 4, 3, {
    stride: 2, padding: 1, dilation: 1, groups: 2, bias: true, init: nnExports.init.zeros, outputPadding: 1,
  }],
  Embedding: [3, 2, { init: nnExports.init.zeros }], Flatten: [1], GroupNorm: [1, 2, { eps: 1e-5, affine: true }],
  LayerNorm: [3, { eps: 1e-5, affine: true, bias: true }],
  Linear: [3, 2, { bias: true, init: nnExports.init.ones }], LocalResponseNorm: [3, { alpha: 1, beta: 1, k: 1 }],
  AdaptiveAvgPool2d: [2],
  AvgPool2d: [2, { stride: 1, padding: 1, countPadding: true }], MaxPool2d: [2, { stride: 1, padding: 1 }],
  Sequential: [new Linear(3, 2), new Linear(2, 1)],
  Upsample: [2, { mode: 'bilinear', alignCorners: true }],
  binaryCrossEntropyWithLogits: [x, x, { positiveWeight: 2, reduction: 'sum' }],
  accuracy: [x, indices], correctCount: [x, indices], errorRate: [x, indices],
  meanSquaredError: [x, x, { reduction: 'none' }], l1Penalty: [[x]],
  sparsityPenalty: [x, { target: 0.1, units: 'bernoulli' }],
  crossEntropy: [x, indices, { labelSmoothing: 0.1, weight: [1, 2, 3], ignoreIndex: null, reduction: 'mean' }],
  adadelta: [{ rho: 0.9, eps: 1e-6, weightDecay: 0 }],
  adagrad: [{ learningRateDecay: 0, initialAccumulator: 0, eps: 1e-8, weightDecay: 0 }],
  adam: [{ beta1: 0.9, beta2: 0.9, eps: 1e-8, weightDecay: 0 }],
  adamW: [{ beta1: 0.9, beta2: 0.9, eps: 1e-8, weightDecay: 0 }],
  rmsProp: [{ alpha: 0.9, eps: 1e-8, momentum: 0.9, centered: true, weightDecay: 0 }],
  sgd: [{
    momentum: 0.9, momentumRise: { from: 0.5, steps: 10 }, nesterov: true, dampening: 0, weightDecay: 0,
  }],
  lookahead: [sgd(), { every: 5, share: 0.5, steps: 10 }],
  pruned: [sgd(), { every: 5, rounds: 2, share: 0.2 }],
  clipGlobalNorm: [[x], 1], maxNorm: [x, 1], exponentialMovingAverage: [x, x, 0.9], isBiasOrNorm: ['bias', x],
  'schedules.step': [{ every: 2, gamma: 0.1 }], 'schedules.multiStep': [{ milestones: [1, 2], gamma: 0.1 }],
  'schedules.exponential': [{ gamma: 0.9 }],
  'schedules.cosine': [{ minimum: 0.1 }],
  'schedules.oneCycle': [{ rising: 0.3, initialDivisor: 25, finalDivisor: 100, anneal: 'linear' }],
  'schedules.linearWarmup': [{ steps: 5, from: 0.1 }, () => 1],
  trainingStep: [{ model, batch: { rows: { shape: [2, 3], dtype: 'float32' } }, optimizer: sgd(), clipNorm: 1,
    maxNorm: 1, ema: 0.9, accumulate: 2,
    exclude: () => true, trainable: () => true, ...step }],
  evaluationStep: [{ model, batch: { rows: { shape: [null, 3], dtype: 'float32' } }, runtime: referenceRuntime,
    name: 'e',
    compute: (net: typeof model, { rows }: { rows: Tensor }) => net.layer.forward(rows) }],
}

/** Functions and classes of a module, those in its namespaces and the methods of its objects included. */
function callables(module: object, path = ''): [string, AnyFunction][] {
  return Object.entries(module).flatMap(([name, value]: [string, unknown]): [string, AnyFunction][] => {
    if (typeof value === 'function') return [[path + name, value as AnyFunction]]
    return typeof value === 'object' && value !== null && path === '' ? callables(value, `${name}.`) : []
  })
}

const isClass = (f: AnyFunction) => /^class\s/.test(Function.prototype.toString.call(f))

const shown = (given: readonly unknown[]) => given.map(one => {
  if (typeof one === 'function') return one.toString().slice(0, 40)
  if (one instanceof Tensor) return one.toString()
  try {
    return JSON.stringify(one, (_, value: unknown) =>
      (value instanceof Tensor ? value.toString() : typeof value === 'bigint' ? `${value}n` : value))
  } catch {
    return Object.prototype.toString.call(one)
  }
}).join(', ')

/** Calls and looks at what comes of it; functions, layers and programs that come of it are tried as well. */
async function attempt(name: string, f: AnyFunction, given: readonly unknown[], depth = 0): Promise<void> {
  let value: unknown
  try {
    value = isClass(f) ? Reflect.construct(f, given) : f(...given)
    if (value instanceof Promise) value = await value
  } catch (error) {
    if (error instanceof UserError) return
    throw new Error(`${name}(${shown(given)})`, { cause: error })
  }
  if (depth > 0 || typeof value === 'number') return
  const parts = typeof value === 'function' ? { '()': value } : [
    'forward', 'run',
  ].map(method => [method, (value as Record<string, unknown> | null | undefined)?.[method]] as const)
  for (const [part, inner] of Array.isArray(parts) ? parts : Object.entries(parts)) {
    if (typeof inner !== 'function' || given.includes(inner) || given.includes(value)) continue
    for (const thing of THINGS) await attempt(
      `${name}(${shown(given)}).${part}`, inner.bind(value) as AnyFunction, [thing], depth + 1,
    )
  }
}

/** What fits, spoilt: one argument or option replaced, arguments left out, added and exchanged. */
function* spoilt(valid: readonly unknown[]): Generator<unknown[]> {
  for (let count = 0; count <= valid.length; count++) yield valid.slice(0, count)
  for (let i = 0; i + 1 < valid.length; i++) yield valid.toSpliced(i, 2, valid[i + 1], valid[i])
  for (const thing of THINGS) {
    yield [...valid, thing]
    for (const [i, argument] of valid.entries()) {
      yield valid.with(i, thing)
      if (typeof argument !== 'object' ||
        argument === null || Object.getPrototypeOf(argument) !== Object.prototype) continue
      for (const name of Object.keys(argument)) yield valid.with(i, { ...argument, [name]: thing })
    }
  }
}

const exported = [...callables(tensorExports), ...callables(nnExports)]

describe.each(exported)('%s', (name, f) => {
  const valid = VALID[name]

  it('with arguments from no table', { timeout: 120_000 }, async () => {
    await attempt(name, f, [])
    for (const thing of THINGS) await attempt(name, f, [thing])
    for (const first of FEW) for (const second of FEW) await attempt(name, f, [first, second], 1)
    await fc.assert(fc.asyncProperty(
      fc.array(fc.constantFrom(...THINGS), { minLength: 3, maxLength: 5 }), given => attempt(name, f, given, 1),
    ), { seed: 1, numRuns: 200 })
  })

  if (valid) it('with arguments that fit, one of them spoilt', { timeout: 120_000 }, async () => {
    // That it fits: nothing is thrown.
    await (isClass(f) ? Reflect.construct(f, valid) : f(...valid))
    for (const given of spoilt(valid)) await attempt(name, f, given, 1)
  })
})

describe('the methods of tensors', () => {
  const methods = Object.getOwnPropertyNames(Tensor.prototype).filter(name => {
    const { value } = Object.getOwnPropertyDescriptor(Tensor.prototype, name) as { value?: unknown }
    return name !== 'constructor' && typeof value === 'function'
  })
  it.each(methods)('%s', { timeout: 120_000 }, async name => {
    for (const self of [x, tensor(1), indices, mask, images, fed]) {
      const method =
        ((...given: unknown[]) => (self as unknown as Record<string, AnyFunction>)[name]!(...given)) as AnyFunction
      await attempt(name, method, [])
      for (const first of THINGS) {
        await attempt(name, method, [first])
        for (const second of FEW) await attempt(name, method, [first, second], 1)
      }
    }
  })
})

it('every table entry names something exported', () => {
  expect(Object.keys(VALID).filter(name => !exported.some(([other]) => other === name))).toEqual([])
})
