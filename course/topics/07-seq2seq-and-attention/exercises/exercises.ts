// The exercises of Days 17-18 and how each is checked. Expected values come from the course's own packages where they
// have them.
import { attend, BahdanauAttention } from '@ddlf/nn'
import { evaluate, tensor, type Tensor } from '@ddlf/tensor'
import { about, agrees, field, named, type Exercise } from '../../../exercise.ts'
import { written } from './written-exercises.ts'

const END = 2

const shiftedTarget = about(
  'shifted-target',
  'What a decoder reads',
  'shiftedTarget',
  ['What is read at a place is what should have been said one place before.', 'The end is said, but never read.'],
  () => [
    {
      given: [[7, 5, END], 1],
      expected: { reads: [1, 7, 5], says: [7, 5, END] },
      because: named([
        [{ reads: [7, 5, END], says: [7, 5, END] }, 'It reads the very token that it should say: copying is all it ' +
          'would learn. The start goes in front, and everything moves by one.'],
        [{ reads: [1, 7], says: [7, 5] }, 'It never has to say the end, so it never learns where to stop.'],
        [{ reads: [1, 7, 5, END], says: [7, 5, END] }, 'It reads one more than it says: behind the end nothing is ' +
          'written, so the end is not read.'],
      ], 'It reads start, 7, 5 and says 7, 5, end.'),
    },
    {
      given: [[END], 0],
      expected: { reads: [0], says: [END] },
      because: () => 'An empty target is its end alone, said after the start; and the start is given: here it is 0.',
    },
  ],
)

const paddedBatch = about(
  'padded-batch',
  'Padding and its mask',
  'paddedBatch',
  [
    'The longest sequence decides how long all rows are.',
    'A place is filling where its number is not below the length.',
  ],
  () => [
    {
      given: [[[3, 4, 5], [6]]],
      expected: { tokens: [[3, 4, 5], [6, 0, 0]], padding: [[false, false, false], [false, true, true]] },
      because: received => {
        if (agrees(field(received, 'tokens'), [[3, 4, 5], [0, 0, 6]]))
          return 'The filling stands in front: a net that reads from the left would read nothing first. It goes behind.'
        if (agrees(field(received, 'padding'), [[true, true, true], [true, false, false]]))
          return 'The mask is the other way round: true marks what is left out.'
        return 'The longest has three tokens, so the second row is 6, 0, 0, and its last two places are filling.'
      },
    },
    {
      given: [[[8, 0], [9]]],
      expected: { tokens: [[8, 0], [9, 0]], padding: [[false, false], [false, true]] },
      because: () => 'A 0 that stands in a sequence is no filling: the lengths say what is, not the numbers.',
    },
  ],
)

/** The weights that a softmax over what is seen gives. */
const shares = (scores: readonly number[], padding: readonly boolean[]) => {
  const seen = scores.map((score, i) => (padding[i] === true ? -Infinity : score))
  const most = Math.max(...seen)
  const powers = seen.map(score => Math.exp(score - most))
  return powers.map(power => power / powers.reduce((a, b) => a + b, 0))
}

const maskedSoftmax = about(
  'masked-softmax',
  'A softmax that leaves out padding',
  'maskedSoftmax',
  ['What must get no weight has the score minus infinity.', 'Take the largest score that is seen away from all.'],
  () => {
    const scores = [1, 3, 2]
    const padding = [false, false, true]
    const all = shares(scores, [])
    return [
      {
        given: [scores, padding],
        expected: shares(scores, padding),
        because: named([
          [all.map((share, i) => (padding[i] === true ? 0 : share)), 'The weights no longer add up to one: padding ' +
            'is to be left out before the shares are made, not after.'],
          [shares([1, 3, 0], []), 'A score of zero is a score like any other, and gets its share. The exponential is ' +
            'zero only at minus infinity.'],
        ], 'Of the scores 1 and 3 alone the shares are 1/(1+e²) and e²/(1+e²).'),
      },
      {
        given: [[800, 799, 900], padding],
        expected: shares([800, 799, 900], padding),
        because: () => 'e to the power of 800 is too large for a number. Only differences count: take the largest ' +
          'score that is seen away first.',
      },
      {
        given: [[100, 99, 950], padding],
        expected: shares([100, 99, 950], padding),
        because: () => 'The largest score is that of padding here. Taken away from those that are seen it leaves ' +
          'nothing of them, and 0 / 0: take the largest of those that are seen.',
      },
    ]
  },
)

const arrayOf = (one: Tensor): number[] => Array.from(evaluate([one])[0] as Float32Array)

/** The score by the layer of the course, whose weights are set. */
function scoreByLayer(query: number[], key: number[], W: number[][], U: number[][], v: number[]): number {
  const layer = new BahdanauAttention(query.length, key.length, v.length)
  layer.query.weight.leaf?.data?.set(W.flat())
  layer.key.weight.leaf?.data?.set(U.flat())
  layer.score.weight.leaf?.data?.set(v)
  // Of two keys, one of which scores 0, the weights say the difference of the scores.
  const nothing = key.map(() => 0)
  const [first = 0, second = 1] = arrayOf(layer.forward(tensor([query]), tensor([[key, nothing]])).weights)
  const atZero = v.reduce((sum, weight, i) => sum + weight * Math.tanh(dot(W[i] ?? [], query)), 0)
  return Math.log(first / second) + atZero
}
const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0)

const additiveScore = about(
  'additive-score',
  "Bahdanau's score",
  'additiveScore',
  ['Each unit of the small net weighs both the query and the key.', 'tanh of each unit, then one sum weighted by v.'],
  () => {
    const given = [[1, -1], [0.5, 2], [[0.3, 0.1], [-0.2, 0.4]], [[0.5, 0.2], [0.1, -0.3]], [1, -2]] as const
    const [query, key, W, U, v] = given.map(one => structuredClone(one)) as unknown as [
      number[], number[], number[][], number[][], number[],
    ]
    const sums = v.map((_, i) => dot(W[i] ?? [], query) + dot(U[i] ?? [], key))
    return [
      {
        given: [query, key, W, U, v],
        expected: scoreByLayer(query, key, W, U, v),
        because: named([
          [dot(v, sums), 'Without the tanh the two parts only add up: the query would raise all keys alike, and the ' +
            'softmax would not notice it.'],
          [Math.tanh(dot(v, sums)), 'The tanh is taken of each unit, before v weighs them.'],
        ], 'The units are tanh(0.2 + 0.65) and tanh(-0.6 - 0.55); v weighs them by 1 and -2.'),
      },
    ]
  },
)

const attended = (query: number[], keys: number[][], values: number[][]) => {
  const { output, weights } = attend(tensor([[query]]), tensor([keys]), tensor([values]))
  return { weights: arrayOf(weights), context: arrayOf(output) }
}

const dotProductAttention = about(
  'dot-product-attention',
  'Attention by hand',
  'dotProductAttention',
  ['Three lines: scores, softmax, weighted mean.', 'The root is that of the number of entries of the query.'],
  () => {
    const query = [2, 0, 0, 0]
    const keys = [[1, 0, 0, 0], [0, 1, 0, 0]]
    const values = [[10, 0], [0, 10]]
    return [
      {
        given: [query, keys, values],
        expected: attended(query, keys, values),
        because: received => {
          const right = attended(query, keys, values)
          if (agrees(field(received, 'weights'), shares([2, 0], []), 1e-4))
            return 'The scores are not divided by the root of 4: without it, scores grow with the size of the vectors.'
          if (agrees(field(received, 'weights'), right.weights, 1e-4)) {
            const context = field(received, 'context')
            if (agrees(context, [10, 0])) return 'The context is the mean of all values by their weights, not the ' +
              'value with the largest one: a choice has no gradient.'
            return 'The weights are right. The context is the mean of the values, not the keys.'
          }
          return 'The scores are 2/2 and 0; their shares e/(e+1) and 1/(e+1).'
        },
      },
      {
        given: [[1, 1], [[1, 2], [3, 0], [0, 0]], [[1, 0, 2], [0, 1, 0], [4, 4, 4]]],
        expected: attended([1, 1], [[1, 2], [3, 0], [0, 0]], [[1, 0, 2], [0, 1, 0], [4, 4, 4]]),
        because: () => 'Keys and values may have different sizes, and there may be more keys than entries.',
      },
    ]
  },
)

export const exercises: readonly Exercise[] = [
  shiftedTarget, paddedBatch, maskedSoftmax, additiveScore, dotProductAttention, ...written,
]
