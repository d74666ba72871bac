// The exercises of Days 7-10 and how each is checked. Expected values come from the course's own ops and models where
// they have them.
import {
  add, conv2d, differentiate, div, evaluate, globalAveragePool2d, mean, mul, parameter, sqrt, square, sub, sum,
  type Tensor,
} from '@ddlf/tensor'
import { parameterCount } from '@ddlf/nn'
import { about, named, type Case, type Exercise } from '../../../exercise.ts'
import { CifarResNet } from '../resnet-cifar.ts'

type Rows = readonly (readonly number[])[]
type Maps = readonly Rows[]

const listOf = (x: Tensor): number[] => Array.from(evaluate([x])[0] ?? [])
const relu = (value: number) => Math.max(0, value)
const meanOf = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length
const times = (matrix: Rows, vector: readonly number[]) =>
  matrix.map(row => row.reduce((all, weight, i) => all + weight * (vector[i] ?? 0), 0))
const plus = (a: readonly number[], b: readonly number[]) => a.map((value, i) => value + (b[i] ?? 0))

const blockCase = (x: readonly number[], w1: Rows, w2: Rows): Case => {
  const f = times(w2, times(w1, x).map(relu))
  return {
    given: [x, w1, w2],
    expected: plus(x, f).map(relu),
    because: named([
      [f.map(relu), 'That is the plain net: the shortcut adds x to what the layers compute.'],
      [plus(x, f.map(relu)), 'The last ReLU comes after the sum; before it, the block could only add.'],
      [plus(x, f), 'The last ReLU is missing: it comes after the sum.'],
      [plus(x, times(w2, times(w1, x))).map(relu),
        'There is a ReLU between the layers, too: without it both are one linear layer.'],
    ], 'First h = max(0, W1 x), then f = W2 h, then max(0, x + f).'),
  }
}

const residualBlock = about('residual-block', 'A residual block', 'residualBlock', [
  'A row of a matrix times the vector is one number of the result.',
  'h = max(0, W1 x), f = W2 h: without a ReLU of its own.',
  'y = max(0, x + f), number by number.',
], () => [
  blockCase([1, -2, 3], [[1, 0, 1], [0, 1, 0], [-1, 0, 0]], [[0, 1, 0], [1, 0, 1], [-1, 2, 0]]),
  blockCase([0.5, 1], [[1, -1], [2, 1]], [[-1, 1], [1, -2]]),
])

const smaller = (maps: Maps, from = 0): number[][][] =>
  maps.map(map => map.filter((_, i) => i % 2 === from).map(row => row.filter((_, j) => j % 2 === from)))
const zeroMaps = (count: number, like: Rows): number[][][] =>
  Array.from({ length: count }, () => like.map(row => row.map(() => 0)))

const shortcutCase = (maps: Maps, channels: number): Case => {
  const around = (all: Maps) => {
    const zeros = zeroMaps((channels - maps.length) / 2, all[0] ?? [])
    return [...zeros, ...all, ...zeros]
  }
  const every = smaller(maps)
  return {
    given: [maps, channels],
    expected: around(every),
    because: named([
      [[...every, ...zeroMaps(channels - maps.length, every[0] ?? [])],
        'Half of the zeros stand before the maps, half behind.'],
      [around(smaller(maps, 1)), 'Row 0 and column 0 are kept, then every second one.'],
      [around(maps), 'The pictures must be half as high and half as wide: every second pixel.'],
      [every, 'The new channels are missing: maps of zeros.'],
    ], 'Rows and columns 0, 2, 4, ... of each map, and (channels - maps.length) / 2 maps of zeros at either end.'),
  }
}

const shortcut = about('shortcut-with-stride', 'A shortcut where the shape changes', 'shortcut', [
  'filter((_, i) => i % 2 === 0) keeps every second of a list, the first one among them.',
  'A map of zeros is as large as the smaller maps.',
  'As many zero maps before as behind: (channels - maps.length) / 2.',
], () => [
  shortcutCase([[[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12], [13, 14, 15, 16]]], 3),
  shortcutCase([[[1, 2], [3, 4]], [[5, 6], [7, 8]]], 4),
])

/** Values of one unit, by what they are divided by. */
function normed(values: readonly number[], epsilon: number, parts = values.length, outside = false): number[] {
  const middle = meanOf(values)
  const variance = values.reduce((all, value) => all + (value - middle) ** 2, 0) / parts
  const by = outside ? Math.sqrt(variance) + epsilon : Math.sqrt(variance + epsilon)
  return values.map(value => (value - middle) / by)
}
const columnsOf = (rows: Rows): number[][] => (rows[0] ?? []).map((_, j) => rows.map(row => row[j] ?? 0))

const normCase = (batch: Rows, gamma: readonly number[], beta: readonly number[], epsilon: number): Case => {
  const scaled = (columns: Rows) =>
    columnsOf(columns.map((column, j) => column.map(value => (gamma[j] ?? 1) * value + (beta[j] ?? 0))))
  const by = (parts?: number, outside?: boolean) => columnsOf(batch).map(one => normed(one, epsilon, parts, outside))
  return {
    given: [batch, gamma, beta, epsilon],
    expected: scaled(by()),
    because: named([
      [scaled(columnsOf(batch.map(row => normed(row, epsilon)))),
        'That is layer norm. Batch norm takes each unit over the examples, column by column.'],
      [scaled(by(batch.length - 1)),
        'In training the variance is divided by the number of examples; the running one by one less.'],
      [columnsOf(by()), 'Times gamma and plus beta, so that the layer can also undo what it has done.'],
      [scaled(by(batch.length, true)), 'Epsilon stands under the root, beside the variance.'],
    ], 'For each unit: (value - mean) / sqrt(variance + epsilon) over the batch, times gamma, plus beta.'),
  }
}

const normForward = about('batch-norm-forward', 'Batch norm, forwards', 'batchNorm', [
  'A unit is a column: batch.map(row => row[j]).',
  'variance: the mean of (value - mean) squared over the examples.',
  'gamma[j] * (value - mean) / Math.sqrt(variance + epsilon) + beta[j].',
], () => [
  normCase([[1, 10], [3, 30], [8, 20]], [2, 1], [0.5, -1], 0.5), normCase([[0, 2], [4, 4]], [1, 3], [1, 0], 0.1),
])

const statisticsCase = (
  running: { readonly mean: number; readonly variance: number }, batch: readonly number[], momentum: number,
): Case => {
  const of = (kept: number, parts: number) => {
    const middle = meanOf(batch)
    const variance = batch.reduce((all, value) => all + (value - middle) ** 2, 0) / parts
    return {
      mean: kept * running.mean + (1 - kept) * middle, variance: kept * running.variance + (1 - kept) * variance,
    }
  }
  const unbiased = batch.length - 1
  return {
    given: [running, batch, momentum],
    expected: of(1 - momentum, unbiased),
    because: named([
      [of(1 - momentum, batch.length),
        'A few examples lie closer to their own mean: divide by one less than there are.'],
      [of(momentum, unbiased), 'Here momentum is the share of the new batch, not of the old average.'],
      [of(0, unbiased), 'The old averages count, too: (1 - momentum) of them is kept.'],
    ], '(1 - momentum) times the old average plus momentum times the mean, and the unbiased variance, of the batch.'),
  }
}

const statistics = about('running-statistics', 'What batch norm keeps for use', 'runningStatistics', [
  'The variance of the batch: the sum of (value - mean) squared, divided by batch.length - 1.',
  'New average = (1 - momentum) * old + momentum * that of the batch.',
], () => [
  statisticsCase({ mean: 0, variance: 1 }, [1, 2, 6], 0.1), statisticsCase({ mean: 2, variance: 4 }, [5, 7], 0.4),
])

const backwardCase = (x: readonly number[], gradient: readonly number[], gamma: number, epsilon: number): Case => {
  const input = parameter(Float32Array.from(x), [x.length])
  const away = sub(input, mean(input))
  const hat = div(away, sqrt(add(mean(square(away)), epsilon)))
  const loss = sum(mul(mul(hat, gamma), parameter(Float32Array.from(gradient), [x.length])))
  const hats = normed(x, epsilon)
  const scale = gamma / Math.sqrt(meanOf(x.map(value => (value - meanOf(x)) ** 2)) + epsilon)
  const along = meanOf(gradient.map((value, i) => value * (hats[i] ?? 0)))
  const by = (less: number, turned: number) =>
    gradient.map((value, i) => scale * (value - less * meanOf(gradient) - turned * along * (hats[i] ?? 0)))
  return {
    given: [x, gradient, gamma, epsilon],
    expected: listOf(differentiate(loss, [input])[0] as Tensor),
    because: named([
      [by(0, 0), 'Mean and deviation are no constants: every input moves them, and so all outputs.'],
      [by(1, 0), 'The way through the deviation is missing: a share of hat is taken away, too.'],
      [by(0, 1), 'The way through the mean is missing: the mean of the gradient is taken away.'],
    ], 'gamma / deviation * (gradient - its mean - hat * mean(gradient * hat)).'),
  }
}

const normBackward = about('batch-norm-backward', 'Batch norm, backwards', 'batchNormBackward', [
  'If all inputs rise alike, no output changes: so the gradients by x sum to 0.',
  'If all are stretched alike, hardly any output changes: so a share of hat is taken away.',
  'gamma / deviation * (gradient[i] - mean(gradient) - hat[i] * mean(gradient * hat)).',
], () => [backwardCase([1, 3, 8], [1, 0, 0], 2, 0.5), backwardCase([0, 2, 4, -2], [0.5, -1, 2, 1], 1, 0.1)])

const countCase = (depth: 20 | 32, classes: number): Case => {
  const expected = parameterCount(new CifarResNet(classes, { depth }))
  const maps = 16 + ((depth - 2) / 3) * (16 + 32 + 64)
  return {
    given: [depth, classes],
    expected,
    because: named([
      [expected + maps, 'These convolutions have no bias: the mean that batch norm subtracts would take it away.'],
      [expected - 2 * maps, 'Each convolution is followed by batch norm, with a gamma and a beta for each map.'],
      [expected + 16 * 32 + 32 * 64,
        'Shortcuts cost nothing here: zeros fill the new channels, no convolution of 1x1.'],
      [expected - classes, 'The linear layer has a bias for each class.'],
    ], 'A 3x3 convolution has 9 * from * to weights and 2 * to numbers of batch norm; the last layer a bias as well.'),
  }
}

const parametersOfResNet = about('parameters-of-resnet', 'How many numbers are a ResNet?', 'parametersOfResNet', [
  'A 3x3 convolution from a to b maps with its batch norm: 9 * a * b + 2 * b.',
  'A stage of n blocks has 2 n convolutions; only its first one changes the number of maps.',
  'Add the first convolution (3 to 16 maps) and the linear layer (64 * classes + classes).',
], () => [countCase(20, 10), countCase(32, 100)])

/** Maps as the ops take them, [1, channels, height, width]. */
const tensorOf = (maps: Maps): Tensor =>
  parameter(Float32Array.from(maps.flat(2)), [1, maps.length, maps[0]?.length ?? 0, maps[0]?.[0]?.length ?? 0])
const shaped = (values: readonly number[], like: Rows): number[][] =>
  like.map((row, i) => values.slice(i * row.length, (i + 1) * row.length))

const pointwiseCase = (maps: Maps, weights: Rows): Case => {
  const [first = []] = maps
  const area = first.flat().length
  const by = (kernel: Rows) => {
    const shape = [kernel.length, maps.length, 1, 1]
    const values = listOf(conv2d(tensorOf(maps), parameter(Float32Array.from(kernel.flat()), shape)))
    return kernel.map((_, o) => shaped(values.slice(o * area, (o + 1) * area), first))
  }
  return {
    given: [maps, weights],
    expected: by(weights),
    because: named([
      [by(columnsOf(weights)), 'A row of the weights belongs to an output map, a column to an input map.'],
      [by(weights.map((row, o) => row.map((weight, c) => (o === c ? weight : 0)))),
        'Each output map looks at all input maps.'],
    ], 'out[o][y][x] is the sum over c of weights[o][c] * maps[c][y][x].'),
  }
}

const pointwise = about('convolution-of-one-pixel', 'A convolution of 1x1', 'pointwise', [
  'One output map for each row of the weights, as large as the input maps.',
  'out[o][y][x] = sum over c of weights[o][c] * maps[c][y][x].',
], () => [
  pointwiseCase([[[1, 2], [3, 4]], [[0, 1], [-1, 2]]], [[2, 1], [0, -1]]),
  pointwiseCase([[[1, 0, 2]], [[3, 1, 1]], [[0, 2, 1]]], [[1, -1, 2], [0, 2, 1], [3, 0, 1]]),
])

const rateCase = (step: number, first: number, drops: readonly number[]): Case => {
  const past = drops.filter(drop => step >= drop).length
  return {
    given: [step, first, drops],
    expected: first / 10 ** past,
    because: named([
      [first / 10 ** drops.filter(drop => step > drop).length,
        'The step of a drop itself has the smaller rate already.'],
      [past > 0 ? first / 10 : first, 'The rate is divided at each of the drops, so twice after two of them.'],
      [first * 0.9 ** past, 'It is divided by 10, not lowered by a tenth.'],
    ], 'first divided by 10 as often as there are drops at this step or before.'),
  }
}

const rate = about('learning-rate-steps', 'The learning rate in steps', 'learningRateAt', [
  'How many of the drops lie at this step or before it?',
  'drops.filter(drop => step >= drop).length of them; divide by 10 as often.',
], () => [
  rateCase(31_999, 0.1, [32_000, 48_000]), rateCase(32_000, 0.1, [32_000, 48_000]),
  rateCase(60_000, 0.1, [32_000, 48_000]),
])

const averageCase = (maps: Maps): Case => ({
  given: [maps],
  expected: listOf(globalAveragePool2d(tensorOf(maps))),
  because: named([
    [maps.map(map => Math.max(...map.flat())), 'These are the largest values; here it is the means.'],
    [maps.map(map => map.flat().reduce((a, b) => a + b, 0)), 'These are sums: divide by the number of pixels.'],
    [(maps[0] ?? []).flat().map((_, i) => meanOf(maps.map(map => map.flat()[i] ?? 0))),
      'One number for each map, not for each place.'],
  ], 'The sum of all values of a map, divided by how many they are.'),
})

const average = about('global-average-pooling', 'From maps to numbers', 'globalAverage', [
  'map.flat() is the list of all its values.',
  'Their sum, divided by how many they are, for each map.',
], () => [averageCase([[[1, 2], [3, 6]], [[0, 0], [0, 2]], [[-1, 1], [1, -1]]])])

const camCase = (maps: Maps, gradients: Maps): Case => {
  const picture = (weightOf: (c: number, at: number) => number) => {
    const values = (maps[0] ?? []).flat().map((_, at) =>
      maps.reduce((all, map, c) => all + weightOf(c, at) * (map.flat()[at] ?? 0), 0))
    return shaped(values, maps[0] ?? [])
  }
  const above = (rows: Rows) => rows.map(row => row.map(relu))
  const weighted = picture(c => meanOf((gradients[c] ?? []).flat()))
  return {
    given: [maps, gradients],
    expected: above(weighted),
    because: named([
      [weighted, 'What speaks against the class, below 0, is left out.'],
      [above(picture((c, at) => (gradients[c] ?? []).flat()[at] ?? 0)),
        'A map has one weight for all its places: the mean of its gradient.'],
      [above(picture(() => 1)), 'The maps do not count alike: the weight of each is the mean of its gradient.'],
    ], 'max(0, sum over c of mean(gradients[c]) * maps[c][y][x]).'),
  }
}

const gradCam = about('grad-cam', 'Where does it look?', 'gradCam', [
  'The weight of map c is the mean of all values of gradients[c].',
  'At each place: the sum over c of weight * maps[c][y][x].',
  'Math.max(0, sum).',
], () => [
  camCase([[[1, 0], [2, 1]], [[0, 3], [1, 1]]], [[[1, 1], [0, 2]], [[-1, 0], [-1, -1]]]),
  camCase([[[2, 1]], [[1, 4]]], [[[-2, 0]], [[1, 0]]]),
])

export const exercises: readonly Exercise[] = [
  residualBlock, shortcut, normForward, statistics, normBackward, parametersOfResNet, pointwise, rate, average, gradCam,
]
