// The exercises of Days 15-16 and how each is checked. Expected values come from the course's own packages where they
// have them.
import { clipGlobalNorm, LSTMCell, RNN } from '@ddlf/nn'
import { differentiate, evaluate, mul, parameter, softmax, tanh, add, tensor, type Tensor } from '@ddlf/tensor'
import { about, agrees, field, named, type Case, type Exercise } from '../../../exercise.ts'

const tabled = (counts: readonly (readonly number[])[], total: (row: readonly number[]) => number) =>
  counts.map(row => row.map(count => count / total(row)))
const added = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)

const bigramProbabilities = about(
  'bigram-probabilities',
  'Pairs of letters',
  'bigramProbabilities',
  [
    'Begin with a table whose every entry is the smoothing, and add one for each pair.',
    'The row is the letter before; divide each row by its own sum.',
  ],
  () => {
    const counts = [[0, 2, 0], [1, 0, 1], [1, 0, 0]].map(row => row.map(count => count + 1))
    return [
      {
        given: [[[0, 1], [1, 2], [2, 0], [0, 1], [1, 0]], 3, 1],
        expected: tabled(counts, added),
        because: named([
          [tabled(counts, () => added(counts.flat())), 'These are joint shares of all pairs; what is wanted is how ' +
            'likely a letter is after a given one: divide each row by its own sum.'],
          [tabled([0, 1, 2].map(k => counts.map(row => row[k] ?? 0)), added),
            'The table is the other way round: the row is the letter before, the column the one that follows.'],
        ], 'After letter 0 came letter 1 twice and nothing else: with 1 added to each its row is 1/5, 3/5, 1/5.'),
      },
      {
        given: [[[0, 0], [1, 0]], 2, 0],
        expected: [[1, 0], [1, 0]],
        because: () => 'Without smoothing, what was never seen has the probability 0.',
      },
      {
        given: [[[0, 1]], 2, 0.5],
        expected: [[0.25, 0.75], [0.5, 0.5]],
        because: () =>
          'Nothing ever followed letter 1, so only the smoothing is in its row: all letters are equally likely there.',
      },
    ]
  },
)

const bits = (nats: number) => ({ nats, bits: nats / Math.LN2, perplexity: Math.exp(nats) })

const bitsPerLetter = about(
  'bits-per-letter',
  'Nats, bits, perplexity',
  'bitsPerLetter',
  ['The surprise at a letter is -log of its probability; take the mean.', 'One bit is log 2 nats.'],
  () => [
    {
      given: [[0.5, 0.125]],
      expected: bits((Math.log(2) + Math.log(8)) / 2),
      because: received =>
        named([[-Math.log(0.3125), 'That is the logarithm of the mean probability; it should be the mean of the ' +
          'logarithms, as a text is as likely as all its letters multiplied.']],
        named([[Math.log(4) * Math.LN2, 'A bit is smaller than a nat, so there are more of them: nats are divided ' +
          'by log 2.']],
        'A probability of 1/2 is one bit of surprise, 1/8 is three: two bits in the mean, and a perplexity of 4.')(
          field(received, 'bits')))(field(received, 'nats')),
    },
    {
      given: [[0.25, 0.25, 1]],
      expected: bits((4 * Math.LN2) / 3),
      because: () => 'The mean is over all letters, here three; one with probability 1 costs nothing.',
    },
  ],
)

const contexts = about(
  'contexts',
  'Contexts of a name',
  'contexts',
  ["Write the dots before the name and the one behind it first.", 'There is one example more than letters.'],
  () => [
    {
      given: ['emma', 3],
      expected: [['...', 'e'], ['..e', 'm'], ['.em', 'm'], ['emm', 'a'], ['mma', '.']],
      because: received => {
        const rows = Array.isArray(received) ? (received as unknown[]) : []
        if (agrees(rows, [['...', 'e'], ['..e', 'm'], ['.em', 'm'], ['emm', 'a']]))
          return 'The dot that ends the name is missing: a net that is never shown one never learns where to stop.'
        if (agrees(rows, [['emm', 'a'], ['mma', '.']]))
          return 'Only whole contexts are there: the net would see no beginnings of names, and could not begin one.'
        if (agrees(rows, [['...', 'e'], ['e..', 'm'], ['em.', 'm'], ['emm', 'a'], ['mma', '.']]))
          return 'The dots stand in front, where the name has not begun: the last letter read is always the last.'
        if (agrees(rows, [['', 'e'], ['e', 'm'], ['em', 'm'], ['emm', 'a'], ['mma', '.']]))
          return 'A net takes contexts of one size: the first ones are filled up with dots, in front.'
        return 'Of four letters there are five examples, each with three letters or dots before it.'
      },
    },
    { given: ['al', 1], expected: [['.', 'a'], ['a', 'l'], ['l', '.']], because: () => 'The size is given: it is 1.' },
  ],
)

const shares = (logits: readonly number[]) =>
  Array.from(softmax(tensor(Float32Array.from(logits)), -1).toArray() as number[])

const temperature = about(
  'temperature',
  'Temperature',
  'atTemperature',
  [
    'Divide the logits first, then take the softmax.',
    'Make every logit smaller by the largest one before the exponential.',
  ],
  () => [
    {
      given: [[2, 1, 0], 0.5],
      expected: shares([4, 2, 0]),
      because: named([
        [shares([1, 0.5, 0]), 'The likely became less likely: logits are divided by the temperature, not multiplied.'],
        [shares([2, 1, 0]), 'The temperature changed nothing: it must be applied to the logits, before the ' +
          'exponential.'],
      ], 'At a temperature of a half the logits count double: softmax of 4, 2, 0.'),
    },
    {
      given: [[5000, 4999], 1],
      expected: shares([1, 0]),
      because: () => 'exp(5000) is infinite: subtract the largest logit first.',
    },
  ],
)

const pairs = [['san', 'francisco'], ['san', 'francisco'], ['san', 'francisco'], ['a', 'dog'], ['the', 'dog']]

const kneserNey = about(
  'kneser-ney',
  'Counted by company',
  'continuations',
  ['First leave out pairs that were there already.', 'Divide by the number of different pairs.'],
  () => [
    {
      given: [pairs],
      expected: { francisco: 1 / 3, dog: 2 / 3 },
      because: named([
        [{ francisco: 3 / 5, dog: 2 / 5 },
          'That is how often each word was seen. Francisco was seen three times, but only ever after San.'],
        [{ francisco: 1 / 5, dog: 2 / 5 },
          'The shares do not add up to one: divide by the number of different pairs, not by all.'],
      ], 'There are three different pairs; one of them ends in francisco.'),
    },
    {
      given: [[['a', 'cat'], ['b', 'cat'], ['c', 'cat'], ['a', 'b'], ['a', 'b'], ['a', 'end']]],
      expected: { cat: 3 / 5, b: 1 / 5, end: 1 / 5 },
      because: () => 'Of five different pairs three end in cat. Pairs are alike only where both of their words are.',
    },
    {
      given: [[['ab', 'c'], ['a', 'bc']]],
      expected: { c: 1 / 2, bc: 1 / 2 },
      because: () => 'These are two pairs, though the letters are the same: keep a border between the two words.',
    },
  ],
)

const [W, U, B] = [[[0.5, -1], [0.3, 0.8]], [[0.2, 0.7], [-0.4, 0.1]], [0.1, -0.2]]
const XS = [[1, 0], [0, 1], [1, 1]]

/** The states of the course's own layer with some weights. @param w [units, inputs] @param u [units, units] */
function statesOf(
  xs: readonly (readonly number[])[], w: readonly (readonly number[])[], u: readonly (readonly number[])[],
  b: readonly number[],
): number[][] {
  const layer = new RNN(w[0]?.length ?? 0, w.length, { batchFirst: true })
  const set = (name: string, values: readonly number[]) =>
    ((layer as unknown as Record<string, Tensor>)[name]?.leaf?.data as Float32Array).set(values)
  set('weight_ih_l0', w.flat())
  set('weight_hh_l0', u.flat())
  set('bias_ih_l0', b)
  set('bias_hh_l0', b.map(() => 0))
  return (layer.forward(tensor([xs])).output.toArray() as number[][][])[0] ?? []
}

/** The same where the second unit already reads what the first has become. */
function halfNew(): number[][] {
  const h = [0, 0]
  return XS.map(x => {
    for (const k of [0, 1]) {
      const weighed = (row: readonly number[] | undefined, values: readonly number[]) =>
        values.reduce((sum, value, i) => sum + value * (row?.[i] ?? 0), 0)
      h[k] = Math.tanh(weighed(W[k], x) + weighed(U[k], h) + (B[k] ?? 0))
    }
    return [...h]
  })
}

const recurrence = about(
  'recurrence',
  'One state after another',
  'recurrence',
  [
    'Keep the state in a variable outside the loop, zeros at first.',
    'Compute the whole new state before you replace it.',
  ],
  () => {
    const longer = { xs: [[1], [-0.5], [0.25], [2]], w: [[0.5], [-1], [0.2]], b: [0, 0.1, -0.3] }
    const recurrent = [[0.1, 0.6, -0.2], [-0.7, 0.3, 0.4], [0.5, -0.1, 0.8]]
    return [
      {
        given: [XS, W, U, B],
        expected: statesOf(XS, W, U, B),
        because: named([
          [XS.map(x => statesOf([x], W, U, B)[0]),
            'The state is not handed on: the second step must read what the first one left.'],
          [halfNew(), 'The second unit read a state that was already new in part: all units read the same old one.'],
        ], 'h = tanh(W x + U h + b); the first state is tanh(W x + b), as h is 0 before it.'),
      },
      {
        given: [longer.xs, longer.w, recurrent, longer.b],
        expected: statesOf(longer.xs, longer.w, recurrent, longer.b),
        because: () => 'The sizes are given: here three units read one input each at four steps.',
      },
    ]
  },
)

const INPUTS = [0.5, -0.2, 0.8, 0.1]

/** By the course's own derivative. */
function throughTime(w: number, xs: readonly number[]): number {
  const first = parameter(Float32Array.of(Math.tanh(xs[0] ?? 0)), [1])
  const last = xs.slice(1).reduce<Tensor>((h, x) => tanh(add(mul(h, w), x)), first)
  const [gradient] = evaluate(differentiate(last.reshape([]), [first]), new Map())
  return gradient?.[0] ?? NaN
}

const gradientThroughTime = about(
  'gradient-through-time',
  'What is left of a gradient',
  'gradientThroughTime',
  [
    'Each step multiplies the gradient by its own derivative, w (1 - h²).',
    'The first step is where it is to arrive: it gives no factor.',
  ],
  () => {
    const expected = throughTime(0.9, INPUTS)
    return [
      {
        given: [0.9, INPUTS],
        expected,
        because: named([
          [0.9 ** 3, 'That is the weight alone: the slope of tanh, 1 - h², takes its part at every step.'],
          [expected * 0.9 * (1 - Math.tanh(0.5) ** 2),
            'That is one factor too many: the derivative is by the state after the first step.'],
        ], 'Four inputs are three steps behind the first: three factors w (1 - h²), h the state after each.'),
      },
      { given: [2, [0.3]], expected: 1, because: () => 'After one step nothing lies between: the derivative is 1.' },
    ]
  },
)

const GRADIENTS = [[3, 4], [0, 12]]
const clipped = (): number[][] => {
  const given = GRADIENTS.map(row => tensor(Float32Array.from(row)))
  return clipGlobalNorm(given, 2.6).gradients.map(one => Array.from(one.toArray() as number[]))
}

const clipNorm = about(
  'clip-norm',
  'Clipping',
  'clipNorm',
  ['The norm is the root of the sum of all squares, over all lists.', 'The factor is limit / norm, and never above 1.'],
  (): readonly Case[] => [
    {
      given: [GRADIENTS, 2.6],
      expected: clipped(),
      because: named([
        [[[2.6, 2.6], [0, 2.6]],
          'Each value was cut by itself, which changes the direction of the step: one factor for all keeps it.'],
        [[[1.56, 2.08], [0, 2.6]],
          'Each list was clipped by its own norm. The norm is that of all gradients together, and so is the factor.'],
      ], 'The squares of 3, 4 and 12 add up to 169: the norm is 13, and every value becomes a fifth of it.'),
    },
    {
      given: [[[0.3], [0.4]], 1],
      expected: [[0.3], [0.4]],
      because: () => 'This gradient is short enough: it must stay as it is.',
    },
    {
      given: [[[0, 0], [0]], 1],
      expected: [[0, 0], [0]],
      because: () => 'All zeros have the norm 0: the factor must not be divided by it, and zeros stay zeros.',
    },
  ],
)

interface Gates { readonly i: number; readonly f: number; readonly g: number; readonly o: number }
const GATES: Gates = { i: 0.4, f: 1.2, g: -0.7, o: 0.3 }

/** By the course's own cell, whose biases are the gates. */
function lstmOf({ i, f, g, o }: Gates, cell: number): { readonly h: number; readonly c: number } {
  const one = new LSTMCell(1, 1)
  for (const weight of [one.weight_ih, one.weight_hh, one.bias_hh]) (weight?.leaf?.data as Float32Array).fill(0)
  ;(one.bias_ih?.leaf?.data as Float32Array).set([i, f, g, o])
  const { hidden, cell: next } = one.forward(tensor([[0]]), { hidden: tensor([[0]]), cell: tensor([[cell]]) })
  const of = (value: Tensor) => (value.toArray() as number[][])[0]?.[0] ?? NaN
  return { h: of(hidden), c: of(next) }
}

/** What a wrong cell, or a wrong state beside the right cell, suggests. */
function lstmMistake(received: unknown, expected: { readonly c: number }, cell: number): string {
  if (agrees(field(received, 'c'), expected.c, 1e-5))
    return 'The cell is right. What is shown is the tanh of the cell, as much of it as o lets through.'
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))
  return named(
    [[sigmoid(GATES.i) * cell + sigmoid(GATES.f) * Math.tanh(GATES.g),
      'The gates are swapped: f says how much of the old cell is kept, i how much of the new is let in.']],
    'The cell: what f keeps of the old one, plus what i lets in of tanh(g).',
  )(field(received, 'c'))
}

const lstmStep = about(
  'lstm-step',
  'One step of an LSTM',
  'lstmStep',
  ['c = sigmoid(f) c + sigmoid(i) tanh(g).', 'h = sigmoid(o) tanh(c), with the new cell.'],
  () => [
    {
      given: [GATES, 2],
      expected: lstmOf(GATES, 2),
      because: received => lstmMistake(received, lstmOf(GATES, 2), 2),
    },
    {
      given: [{ i: -2, f: 0, g: 3, o: -1 }, -1.5],
      expected: lstmOf({ i: -2, f: 0, g: 3, o: -1 }, -1.5),
      because: () => 'With f at 0 the gate is half open: half of the old cell stays. A cell may be below zero.',
    },
  ],
)

/** In the order in which the memo meets them. */
export const exercises: readonly Exercise[] = [
  bigramProbabilities,
  bitsPerLetter,
  contexts,
  temperature,
  kneserNey,
  recurrence,
  gradientThroughTime,
  clipNorm,
  lstmStep,
]
