// The exercises of Days 19-20 and how each is checked. Expected values come from the course's own packages where they
// have them.
import { RmsNorm, rotary, scaledDotProductAttention, sinusoidalPositions } from '@ddlf/nn'
import { silu, softmax, tensor, type Tensor } from '@ddlf/tensor'
import { about, agrees, field, named, type Exercise } from '../../../exercise.ts'

type Rows = readonly (readonly number[])[]
const numbers = (value: Tensor) => value.toArray() as number[]
const rows = (value: Tensor) => value.toArray() as number[][]
const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0)

/** The course's own attention; `scale` default 1 / sqrt(width). */
const attended = (q: Rows, k: Rows, v: Rows, scale?: number): number[][] => {
  const [query, key, value] = [q, k, v].map(one => tensor([one as number[][]])) as [Tensor, Tensor, Tensor]
  const given = scale === undefined ? {} : { scale }
  return (scaledDotProductAttention(query, key, value, given).toArray() as number[][][])[0] ?? []
}

const [Q, K, V] = [[[2, 1, 0, 1], [0, 1, 3, 0]], [[1, 0, 1, 2], [0, 2, 1, 0], [1, 1, 0, 0]], [[1, 0], [0, 1], [5, 5]]]
const overQueries = () => {
  const shares = K.map(key => numbers(softmax(tensor(Q.map(query => dot(query, key) / 2)), -1)))
  const mixed = (i: number, axis: number) =>
    shares.reduce((sum, one, j) => sum + (one[i] ?? 0) * (V[j]?.[axis] ?? 0), 0)
  return Q.map((_, i) => [0, 1].map(axis => mixed(i, axis)))
}

const attention = about(
  'attention',
  'Attention',
  'attention',
  [
    'A score for each key: the sum of the products of its elements with those of the query.',
    'Divide by the root of how many elements a key has, take the softmax over the keys, and mix the values.',
  ],
  () => [
    {
      given: [Q, K, V],
      expected: attended(Q, K, V),
      because: named([
        [attended(Q, K, V, 1), 'The scores are too large: divide them by the root of the width, here 2.'],
        [attended(Q, K, V, 1 / 4), 'Divide by the root of the width, not by the width itself.'],
        [overQueries(), 'The softmax is over the keys of one query, so that its weights add up to 1.'],
      ], 'The first query has the scores 4, 2 and 3; divided by 2 their softmax is 0.51, 0.19, 0.31.'),
    },
    {
      given: [[[100]], [[9], [-9]], [[1], [2]]],
      expected: [[1]],
      because: () => 'exp(900) is infinite: subtract the largest score before the exponential.',
    },
  ],
)

const SCORES = [[1, 5, 2], [0, 1, 9], [2, 1, 0]]
const masked = (hides: (query: number, key: number) => boolean) =>
  SCORES.map((row, i) => numbers(softmax(tensor(row.map((score, j) => (hides(i, j) ? -1e30 : score))), -1)))

const causalMask = about(
  'causal-mask',
  'The causal mask',
  'causalWeights',
  ['The first position sees itself alone: its weight is 1.', 'e to the power of minus infinity is 0.'],
  () => [
    {
      given: [SCORES],
      expected: masked((i, j) => j > i),
      because: named([
        [masked(() => false).map((row, i) => row.map((weight, j) => (j > i ? 0 : weight))),
          'The rows do not add up to 1: hide later positions before the softmax, not after it.'],
        [masked((i, j) => j >= Math.max(i, 1)), 'A position sees itself as well: 0 to i.'],
        [masked((i, j) => j < i), 'That is the wrong half: what comes later is hidden, not what came before.'],
      ], 'The second position sees the scores 0 and 1, so its weights are 0.27, 0.73 and 0.'),
    },
  ],
)

const SIZE = 6
const waves = (position: number, rate: (k: number) => number) =>
  Array.from({ length: SIZE }, (_, k) => (k % 2 === 0 ? Math.sin : Math.cos)(position / 10_000 ** (rate(k) / SIZE)))
const sinusoids = about(
  'sinusoids',
  'Positions as waves',
  'sinusoid',
  ['Two neighbours share a rate: element 2 and element 3 both have i = 1.', 'Even elements are sines.'],
  () => {
    const right = rows(sinusoidalPositions(8, SIZE))[5] ?? []
    return [
      {
        given: [5, SIZE],
        expected: right,
        because: named([
          [waves(5, k => k), 'Sine and cosine of a pair have the same rate: 2i stands for 0, 0, 2, 2, 4, 4.'],
          [[0, 2, 4, 1, 3, 5].map(k => right[k]), 'Sines and cosines stand by turns, not all sines first.'],
        ], 'The first pair is the sine and the cosine of 5 itself; each further pair turns more slowly.'),
      },
      { given: [0, 4], expected: [0, 1, 0, 1], because: () => 'At position 0 all sines are 0 and all cosines 1.' },
    ]
  },
)

const VECTOR = [1, 2, 3, 4]
const turned = (vector: readonly number[], position: number) =>
  rows(rotary(tensor([vector]), { positions: tensor([position], { dtype: 'int32' }) }))[0] ?? []
const plainTurn = (a: number, b: number, angle: number) =>
  [a * Math.cos(angle) - b * Math.sin(angle), b * Math.cos(angle) + a * Math.sin(angle)] as const
const rotaryPositions = about(
  'rotary',
  'Rotary positions',
  'rotate',
  ['Element i is x and element i + size / 2 is y of a point.', 'x cos - y sin, and y cos + x sin.'],
  () => {
    const [[a, c], [b, d]] = [plainTurn(1, 3, 2), plainTurn(2, 4, 2)]
    return [
      {
        given: [VECTOR, 2],
        expected: turned(VECTOR, 2),
        because: named([
          [[a, b, c, d], 'Each pair has an angle of its own: the second turns a hundred times more slowly here.'],
          [[...plainTurn(1, 2, 2), ...plainTurn(3, 4, 0.02)],
            'Neighbours are turned: here the partner of element i is element i + size / 2.'],
          [turned(VECTOR, -2), 'The points are turned the other way: x becomes x cos - y sin.'],
        ], 'The first and the third element are turned by 2, the second and the fourth by 0.02.'),
      },
      { given: [VECTOR, 0], expected: VECTOR, because: () => 'At position 0 nothing is turned.' },
      {
        given: [[...VECTOR, 5, 6], 3],
        expected: turned([...VECTOR, 5, 6], 3),
        because: () => 'The size is given: of six elements the fourth is the partner of the first, and the rate ' +
          'falls from pair to pair by 10000^(2 / 6).',
      },
    ]
  },
)

const X = [1, 3, -2, 4]
const SCALE = [1, 2, 0.5, 1]
const centred = X.map(value => value - 1.5)
const square = (values: readonly number[]) => values.reduce((sum, value) => sum + value ** 2, 0)
const scaled = (values: readonly number[], by: number) => values.map((value, i) => (value / by) * (SCALE[i] ?? 1))
const rmsNorm = about(
  'rms-norm',
  'RMSNorm',
  'rmsNorm',
  ['Square, mean, root: in this order.', 'Each element has a scale of its own.'],
  () => {
    const size = Math.sqrt(square(X) / 4)
    const plain = numbers(new RmsNorm(4, { eps: 0 }).forward(tensor(X)))
    return [
      {
        given: [X, SCALE],
        expected: plain.map((value, i) => value * (SCALE[i] ?? 1)),
        because: named([
          [scaled(centred, Math.sqrt(square(centred) / 4)), 'The mean is not subtracted: that is a layer norm.'],
          [scaled(X, 2 * size), 'Divide by the root of the mean of the squares, not of their sum.'],
          [plain, 'Each element is to be taken times its scale.'],
        ], 'The squares are 1, 9, 4 and 16, their mean 7.5: divide by its root, 2.74.'),
      },
      {
        given: [[3, -4], [1, 2]],
        expected: numbers(new RmsNorm(2, { eps: 0 }).forward(tensor([3, -4]))).map((value, i) => value * (i + 1)),
        because: () => 'The mean is over as many squares as there are: here two, 9 and 16.',
      },
    ]
  },
)

const [GATE, UP] = [[-2, 0, 1, 3], [1, 5, -1, 2]]
const gated = (gate: readonly number[], up: readonly number[]) =>
  numbers(silu(tensor(gate as number[]))).map((value, i) => value * (up[i] ?? 0))
const swiGlu = about(
  'swiglu',
  'SwiGLU',
  'swiglu',
  ['sigmoid(z) = 1 / (1 + e^-z).', 'The activation goes to the gate alone.'],
  () => [
    {
      given: [GATE, UP],
      expected: gated(GATE, UP),
      because: named([
        [GATE.map((z, i) => (UP[i] ?? 0) / (1 + Math.exp(-z))),
          'That is the plain gate of 2017. SiLU is z times the sigmoid of z.'],
        [gated(UP, GATE), 'The activation is on the other projection: it belongs to the gate.'],
      ], 'For a gate of 1 and an up of -1: 1 times 0.731 times -1.'),
    },
  ],
)

const SHARES = [0.1, 0.4, 0.05, 0.3, 0.15]
const keptOf = (indices: readonly number[], again = true) => {
  const sum = again ? indices.reduce((total, i) => total + (SHARES[i] ?? 0), 0) : 1
  return SHARES.map((share, i) => (indices.includes(i) ? share / sum : 0))
}
const nucleus = about(
  'nucleus',
  'Top-p',
  'nucleus',
  ['Go through the letters from the likeliest on, and add up.', 'Stop once the sum has reached the share.'],
  () => [
    {
      given: [SHARES, 0.8],
      expected: keptOf([1, 3, 4]),
      because: named([
        [keptOf([1, 3, 4], false), 'The right ones are left, but they must add up to 1 again.'],
        [keptOf([1, 3]), 'The letter with which the share is reached counts as well: 0.4 and 0.3 are not yet 0.8.'],
        [keptOf([1, 3, 4]).toSorted((x, y) => y - x),
          'The shares are right, but they have moved: each belongs to its own letter, in the order of the letters.'],
        [keptOf([1, 3, 4, 2]), 'One too many: 0.4, 0.3 and 0.15 have 0.85 together.'],
      ], 'There is no threshold for a single letter: 0.4, 0.3 and 0.15 together are the first to have 0.8.'),
    },
    {
      given: [SHARES, 0.5],
      expected: keptOf([1, 3]),
      because: () => 'The share is given: 0.4 and 0.3 are enough for 0.5.',
    },
    {
      given: [[0.9, 0.1], 0.5],
      expected: [1, 0],
      because: () => 'The likeliest letter always counts, and here it is enough by itself.',
    },
  ],
)

const KEPT = { keys: [[1, 0], [0, 2]], values: [[1, 0], [0, 1]] }
const NOW = { query: [2, 1], key: [1, 1], value: [4, 4] }
const keyValueCache = about(
  'key-value-cache',
  'The key-value cache',
  'step',
  ['First the new key and value join.', 'Only the newest letter needs a query.'],
  () => {
    const [keys, values] = [[...KEPT.keys, NOW.key], [...KEPT.values, NOW.value]]
    const output = attended([NOW.query], keys, values)[0]
    const alone = attended([NOW.query], KEPT.keys, KEPT.values)[0]
    return [
      {
        given: [KEPT, NOW],
        expected: { output, keys, values },
        because: received => {
          if (agrees(field(received, 'output'), alone, 1e-5))
            return 'The query attends to all letters, itself included: its key and value join first.'
          if (agrees(field(received, 'keys'), KEPT.keys))
            return 'The new key and value are not handed on: the next letter would not see this one.'
          return 'Three keys are there now; the query has the scores 2, 2 and 3, each divided by the root of 2.'
        },
      },
      {
        given: [{ keys: [], values: [] }, NOW],
        expected: { output: [4, 4], keys: [NOW.key], values: [NOW.value] },
        because: () => 'The first letter of a text has nothing before it: it attends to itself alone.',
      },
    ]
  },
)

const GPT2 = { layers: 12, width: 768, vocabulary: 50_257, context: 1024 }
/** nanoGPT's count for GPT-2 small without biases. */
const GPT2_COUNT = 124_337_664
const gpt2Parameters = about(
  'gpt2-parameters',
  'How large is GPT-2?',
  'parameters',
  ['Queries, keys and values: three matrices of width times width; one more joins the heads.',
    'The perceptron has two matrices of width times four widths. A norm has a scale for each element.'],
  () => [
    {
      given: [GPT2],
      expected: GPT2_COUNT,
      because: named([
        [GPT2_COUNT + GPT2.vocabulary * GPT2.width, 'The last layer is the table of tokens: it counts once.'],
        [GPT2_COUNT - GPT2.context * GPT2.width, 'The table of positions is missing: a vector for each of 1,024.'],
        [GPT2_COUNT - GPT2.layers * GPT2.width ** 2, 'The heads need a projection to queries, keys and values, and ' +
          'back: four matrices in all.'],
      ], 'A layer has twelve matrices of width times width in all, and two norms.'),
    },
    {
      given: [{ layers: 1, width: 2, vocabulary: 3, context: 4 }],
      expected: 68,
      because: () => 'Of width 2: tables of 3 and 4 rows, 48 weights in matrices, and three norms with 2 scales each.',
    },
  ],
)

/** In the order in which the memo meets them. */
export const exercises: readonly Exercise[] = [
  attention,
  causalMask,
  sinusoids,
  rotaryPositions,
  rmsNorm,
  swiGlu,
  nucleus,
  keyValueCache,
  gpt2Parameters,
]
