// The exercises of Days 3-6 and how each is checked. Expected values come from the course's own ops where they have
// them.
import {
  averagePool2d, conv2d, differentiate, evaluate, maxPool2d, mul, parameter, sum, type Tensor,
} from '@ddlf/tensor'
import { parameterCount, Conv2d } from '@ddlf/nn'
import { about, field, isList, named, type Case, type Exercise } from '../../../exercise.ts'

type Rows = readonly (readonly number[])[]

/** One map as the ops take it, [1, 1, height, width]. */
const image = (rows: Rows): Tensor =>
  parameter(Float32Array.from(rows.flat()), [1, 1, rows.length, rows[0]?.length ?? 0])

/** Values row by row again. */
function rowsOf(values: ArrayLike<number>, columns: number): number[][] {
  return Array.from({ length: values.length / columns }, (_, i) =>
    Array.from(values).slice(i * columns, (i + 1) * columns))
}

const computed = (x: Tensor): number[][] => rowsOf(evaluate([x])[0] ?? [], x.shape.at(-1) ?? 1)
const turned = (rows: Rows): number[][] => rows.map(row => [...row].reverse()).reverse()
const added = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)

/** The course's own convolution. */
const convolved = (picture: Rows, kernel: Rows, padding = 0): number[][] =>
  computed(conv2d(image(picture), image(kernel), undefined, { padding }))

const convolutionCase = (picture: Rows, kernel: Rows): Case => {
  const expected = convolved(picture, kernel)
  return {
    given: [picture, kernel],
    expected,
    because(received) {
      const rows = isList(received) ? received.length : 0
      if (rows === expected.length - 1)
        return 'That is one row and one column too few: the last place is where kernel and picture end together.'
      if (rows > expected.length)
        return 'Only places where the whole kernel fits count: there are size - kernel + 1 in each direction.'
      return named([
        [convolved(picture, turned(kernel)),
          'The kernel is turned round. In deep learning its first weight meets the first pixel of the window.'],
      ], 'At place (i, j) the weight (u, v) meets the pixel (i + u, j + v); add all products up.')(received)
    },
  }
}

const convolution = about('convolution', 'A convolution by hand', 'convolve', [
  'There are picture.length - kernel.length + 1 places downwards, and as many across from the widths.',
  'At place (i, j): the sum over u and v of kernel[u][v] * picture[i + u][j + v].',
  'Two loops for the place, two for the weights; every place begins its sum at 0.',
], () => [
  convolutionCase([[1, 2, 0], [0, 1, 3], [2, 0, 1]], [[1, 2], [3, 4]]),
  convolutionCase([[0, 1, 0, 2], [1, 0, 3, 0], [2, 1, 0, 1]], [[1, 0, -1], [2, 0, -1]]),
])

const sizeCase = (size: number, kernel: number, stride: number, padding: number): Case => {
  const out = (zeros: number) => Math.floor((size + zeros - kernel) / stride) + 1
  return {
    given: [size, kernel, stride, padding],
    expected: out(2 * padding),
    because: named([
      [out(2 * padding) - 1, 'There is one more than there are steps: the window also looks before its first step.'],
      [out(padding), 'The zeros stand at both ends: the row is size + 2 * padding wide.'],
      [(size + 2 * padding - kernel) / stride + 1, 'A last window that does not fit is left out: round down.'],
      [out(0), 'The zeros at the ends are missing.'],
      [size + 2 * padding - kernel + 1, 'The window moves by more than one pixel: divide by the stride.'],
    ], 'floor((size + 2 padding - kernel) / stride) + 1.'),
  }
}

const outputSize = about('output-size', 'How large is what comes out?', 'outputSize', [
  'The last place begins at size + 2 * padding - kernel.',
  'Divided by the stride and rounded down, that is the number of steps.',
  'One place more than steps.',
], () => [sizeCase(7, 3, 1, 0), sizeCase(28, 5, 1, 2), sizeCase(32, 3, 2, 1), sizeCase(24, 3, 2, 0)])

const costCase = (inputs: number, outputs: number, kernel: number, height: number, width: number): Case => {
  const weights = inputs * outputs * kernel * kernel
  const multiplications = weights * height * width
  return {
    given: [inputs, outputs, kernel, height, width],
    expected: { parameters: parameterCount(new Conv2d(inputs, outputs, kernel)), multiplications },
    because: named([
      [{ parameters: weights, multiplications }, 'Each output map has a bias: one number more a map.'],
      [{ parameters: weights + outputs * height * width, multiplications },
        'The bias is shared, too: one for each map, not for each place.'],
      [{ parameters: weights * height * width + outputs, multiplications },
        'The weights are shared: the same kernel looks at every place, so places add multiplications, not parameters.'],
      [{ parameters: weights / inputs + outputs, multiplications: multiplications / inputs },
        'A kernel looks at all input maps at once: it has inputs * kernel * kernel weights.'],
      [{ parameters: weights + outputs, multiplications: weights },
        'Every weight is used at each place: multiply by height * width.'],
    ], 'inputs * outputs * kernel * kernel weights, each used at every place; and a bias for each output map.'),
  }
}

const cost = about('cost-of-a-convolution', 'What does a convolution cost?', 'costOfConvolution', [
  'One output map needs a kernel for each input map: inputs * kernel * kernel weights, and a bias.',
  'At every place of every output map each of its weights is multiplied once.',
  'weights = inputs * outputs * kernel * kernel; weights + outputs; weights * height * width.',
], () => [costCase(3, 6, 5, 4, 7), costCase(1, 6, 5, 28, 28)])

const poolCase = (picture: Rows, size: number, stride: number): Case => {
  const expected = computed(maxPool2d(image(picture), { kernel: size, stride }))
  return {
    given: [picture, size, stride],
    expected,
    because: named([
      [expected.map(row => row.map(value => Math.max(0, value))),
        'The largest of values that all lie below 0 lies below 0: begin the search at -Infinity.'],
      [computed(averagePool2d(image(picture), { kernel: size, stride })), 'These are averages of the windows.'],
      [computed(maxPool2d(image(picture), { kernel: size })), 'Windows move by the stride, so they may overlap.'],
    ], 'Window (i, j) begins at row i * stride and column j * stride; keep its largest value.'),
  }
}

const maxPooling = about('max-pooling', 'Max pooling, forwards', 'maxPool', [
  'There are floor((length - size) / stride) + 1 windows in each direction.',
  'Window (i, j): rows i * stride to i * stride + size, columns likewise.',
  'Math.max(...values) of all its values.',
], () => [
  poolCase([[1, 3, 2, 0], [4, 0, 1, 5], [-1, -2, 0, 1], [-3, -4, 2, 1]], 2, 2),
  poolCase([[1, 9, 2, 0, 3], [4, 0, 1, 5, 0], [7, 2, 8, 1, 6], [0, 3, 2, 4, 1], [5, 1, 0, 2, 9]], 3, 2),
])

const backwardCase = (picture: Rows, gradient: Rows, size: number, stride: number): Case => {
  const pixels = image(picture)
  const [byPixel] = differentiate(sum(mul(maxPool2d(pixels, { kernel: size, stride }), image(gradient))), [pixels])
  const even = differentiate(sum(mul(averagePool2d(pixels, { kernel: size, stride }), image(gradient))), [pixels])[0]
  const expected = byPixel ? computed(byPixel) : []
  return {
    given: [picture, gradient, size, stride],
    expected,
    because(received) {
      const at = (i: number, j: number) => (received as Partial<Rows> | null | undefined)?.[i]?.[j] ?? 0
      const total = isList(received) ? added(expected.flatMap((row, i) => row.map((_, j) => at(i, j)))) : NaN
      if (even && named([[computed(even), 'even']], '')(received) === 'even')
        return 'That is how average pooling goes backwards. Of a maximum only the largest pixel had a say.'
      if (total > added(gradient.flat()) + 1e-6)
        return 'Where several pixels are the largest, the first of them alone has the gradient.'
      if (total < added(gradient.flat()) - 1e-6)
        return 'A pixel may be the largest of two windows that overlap: its shares add up.'
      return 'Find the largest pixel of each window, and add the gradient of that window to it; all others get 0.'
    },
  }
}

const maxPoolingBackwards = about('max-pooling-backwards', 'Max pooling, backwards', 'maxPoolBackward', [
  'Begin with zeros, as large as the picture.',
  'For each window find where its largest value stands; > instead of >= keeps the first.',
  'Add the window\'s gradient at that place: += , as windows may share it.',
], () => [
  backwardCase([[1, 3, 2, 0], [4, 0, 1, 5], [0, 2, 7, 1], [3, 1, 2, 6]], [[1, 2], [3, 4]], 2, 2),
  backwardCase([[1, 0, 2], [0, 9, 0], [3, 0, 4]], [[1, 2], [3, 4]], 2, 1),
  backwardCase([[0, 0, 1, 0], [0, 0, 0, 2]], [[5, 1]], 2, 2),
])

const fieldCase = (...pairs: readonly (readonly [kernel: number, stride: number])[]): Case => {
  const of = (work: (field: number, jump: number, kernel: number, stride: number) => readonly [number, number]) =>
    pairs.reduce<readonly [number, number]>(([width, jump], [kernel, stride]) => work(width, jump, kernel, stride),
      [1, 1])[0]
  return {
    given: [pairs.map(([kernel, stride]) => ({ kernel, stride }))],
    expected: of((width, jump, kernel, stride) => [width + (kernel - 1) * jump, jump * stride]),
    because: named([
      [of((width, jump, kernel) => [width + kernel - 1, jump]),
        'Behind a stride neighbours lie further apart: a window there spans (kernel - 1) * jump pixels more.'],
      [of((width, jump, kernel, stride) => [width + (kernel - 1) * jump * stride, jump * stride]),
        "A layer's stride moves its neighbours apart for the layers behind it, not for its own window."],
      [added(pairs.map(([kernel]) => kernel)),
        'Windows of neighbours share a pixel and more: a layer adds kernel - 1.'],
    ], 'Each layer adds (kernel - 1) times the distance of its inputs in the picture.'),
  }
}

const receptive = about('receptive-field', 'How far does an output see?', 'receptiveField', [
  'Keep two numbers: how wide the field is (1 at first), and how far apart neighbours lie in the picture (1 at first).',
  'A layer makes the field wider by (kernel - 1) times the distance.',
  'After that the distance is multiplied by the stride.',
], () => [
  fieldCase([3, 1], [3, 1]),
  fieldCase([5, 1], [2, 2], [5, 1], [2, 2]),
  fieldCase([3, 2], [3, 2], [3, 1]),
])

/** Windows of maps, each number chosen by what `order` says of map and place within the window. */
const windows = (maps: readonly Rows[], kernel: number): number[][] => {
  const [rows, columns] = [(maps[0]?.length ?? 0) - kernel + 1, (maps[0]?.[0]?.length ?? 0) - kernel + 1]
  return Array.from({ length: rows * columns }, (_, at) => {
    const [i, j] = [Math.floor(at / columns), at % columns]
    return maps.flatMap(map => map.slice(i, i + kernel).flatMap(row => row.slice(j, j + kernel)))
  })
}

const im2colCase = (maps: readonly Rows[], kernel: number): Case => {
  const expected = windows(maps, kernel)
  const size = kernel * kernel
  return {
    given: [maps, kernel],
    expected,
    because(received) {
      if (isList(received) && received.length < expected.length && received.length !== expected[0]?.length)
        return 'The windows overlap: each begins one pixel after the one before, not behind its end.'
      return named([
        [expected.map(row => row.map((_, k) => row[(k % maps.length) * size + Math.floor(k / maps.length)] ?? 0)),
          'A row goes map by map: first the whole window of the first map, then that of the second.'],
        [(expected[0] ?? []).map((_, k) => expected.map(row => row[k] ?? 0)),
          'It lies on its side: a window is a row, and there are as many rows as places.'],
      ], 'Row i * columns + j holds the window that begins at row i, column j: of each map, row by row.')(received)
    },
  }
}

const im2col = about('im2col', 'A convolution as a matrix product', 'windowsOf', [
  'There are (height - kernel + 1) * (width - kernel + 1) rows.',
  'A row has maps.length * kernel * kernel numbers.',
  'maps.flatMap(map => map.slice(i, i + kernel).flatMap(row => row.slice(j, j + kernel)))',
], () => [
  im2colCase([[[1, 2, 3], [4, 5, 6], [7, 8, 9]]], 2),
  im2colCase([[[1, 2, 3], [4, 5, 6]], [[10, 20, 30], [40, 50, 60]]], 2),
])

const gradientCase = (picture: Rows, kernel: Rows, gradient: Rows): Case => {
  const weights = image(kernel)
  const [byWeight] = differentiate(sum(mul(conv2d(image(picture), weights), image(gradient))), [weights])
  const expected = byWeight ? computed(byWeight) : []
  return {
    given: [picture, gradient],
    expected,
    because: named([
      [expected.map(row => row.map(value => value / gradient.flat().length)),
        'That is the mean over the places; the shares of a weight that is used many times add up.'],
      [convolved(picture, turned(gradient)),
        'The gradient is turned round. That is done on the way to the picture, not to the weights.'],
    ], 'Weight (u, v) met the pixel (i + u, j + v) at place (i, j): add gradient[i][j] times it over all places.'),
  }
}

const kernelGradient = about('kernel-gradient', 'Backwards through a convolution', 'kernelGradient', [
  'The kernel was picture.length - gradient.length + 1 high.',
  'Which pixels did the weight (u, v) meet? Those at (i + u, j + v), for every place (i, j).',
  'So the answer is a convolution of the picture, with the gradient as its kernel.',
], () => [
  gradientCase([[1, 2, 0], [0, 1, 3], [2, 0, 1]], [[1, 1], [1, 1]], [[1, 0], [2, -1]]),
  gradientCase([[1, 0, 2, 1], [3, 1, 0, 2]], [[1, 0]], [[1, 2, 3], [0, 1, 0]]),
])

/** What a unit gives over all choices of kept inputs, and what one net gives for all. */
function overChoices(products: readonly number[], keep: number, bend = (sum: number) => Math.max(0, sum)): number {
  return products.reduce<readonly (readonly [probability: number, total: number])[]>(
    (choices, product) => choices.flatMap(([probability, total]) =>
      [[probability * keep, total + product], [probability * (1 - keep), total]] as const),
    [[1, 0]],
  ).reduce((mean, [probability, total]) => mean + probability * bend(total), 0)
}

const dropoutCase = (inputs: readonly number[], weights: readonly number[], keep: number): Case => {
  const products = inputs.map((input, i) => input * (weights[i] ?? 0))
  const average = overChoices(products, keep)
  const single = Math.max(0, keep * added(products))
  return {
    given: [inputs, weights, keep],
    expected: { average, single },
    because(received) {
      const given = field(received, 'average')
      if (typeof given === 'number' && Math.abs(given - average) > 1e-6)
        return named([
          [overChoices(products, 0.5), 'The choices are not equally likely: keep for each input that is kept, and ' +
            '1 - keep for each that is not, multiplied.'],
          [single, 'The average is over what the unit gives: each choice bends its own sum at 0, before the mean.'],
        ], 'For each choice: its probability times max(0, the sum of the products that are kept).')(given)
      return named([[Math.max(0, added(products)), 'In use all inputs are there: without the factor `keep` the unit ' +
        'gets more than it was trained with.']],
      'The single net: max(0, the sum of keep * input * weight).')(field(received, 'single'))
    },
  }
}

const dropoutAndAverage = about('dropout-and-average', 'Dropout, and the average it stands for', 'averageAndSingle', [
  'Number the choices from 0: bit i of the number says whether input i is kept.',
  'The probability of a choice is the product of keep or 1 - keep over the inputs.',
  'If all products have the same sign, both numbers agree. The last case shows that this is no law.',
], () => [
  dropoutCase([1, 2], [3, 1], 0.8),
  dropoutCase([1, 2, 1], [2, -1, 0.5], 0.75),
])

const letterB = [[1, 0, 0], [1, 1, 0], [1, 1, 0]]
const letterF = [[1, 1, 1], [1, 1, 0], [1, 0, 0]]
const mirrored = { b: 'd', d: 'b', A: 'A' }

const letterCase = (picture: Rows, label: string, right: number, because: Case['because']): Case => {
  const other = (mirrored as Record<string, string>)[label]
  const flipped = other === undefined ? picture : picture.map(row => [...row].reverse())
  const expected = { picture: flipped.map(row => row.map((_, x) => row[x - right] ?? 0)), label: other ?? label }
  return { given: [picture, label, mirrored, right], expected, because }
}

const augmentation = about('augmentation-and-labels', 'Augmentation that keeps the label true', 'augment', [
  'Whether mirrored[label] is there decides whether the picture is mirrored, and what it is called then.',
  'Mirrored left for right: each row reversed.',
  'Moved: column x gets what stood at column x - right, or 0 where that lies outside.',
], () => [
  letterCase(letterB, 'b', 0, received => field(received, 'label') === 'b'
    ? 'The picture has changed its meaning: a mirrored b is a d.'
    : 'A b is mirrored, each row reversed, and its label becomes d.'),
  letterCase(letterF, 'F', 0, () => 'A mirrored F is no letter at all: leave it as it is.'),
  letterCase(letterF, 'F', 1, received =>
    named([[[[1, 1, 1], [0, 1, 1], [0, 1, 0]], 'around']], '')(field(received, 'picture')) === 'around'
      ? 'What leaves the picture is lost: it does not come in at the other side.'
      : 'Column x gets what stood at column x - right; what enters is 0.'),
  letterCase(letterB, 'd', -1, () => 'First mirrored, then moved; below 0 it moves to the left.'),
])

export const exercises: readonly Exercise[] = [
  convolution, outputSize, cost, maxPooling, maxPoolingBackwards, receptive, im2col, kernelGradient, dropoutAndAverage,
  augmentation,
]
