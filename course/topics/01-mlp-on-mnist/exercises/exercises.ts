// The exercises of Days 1-2 and how each is checked. Expected values come from the course's own packages where they
// have them.
import { differentiate, evaluate, matmul, mul, parameter, sum, tensor, transpose, add, type Tensor } from '@ddlf/tensor'
import { normals, randomKey, uniforms } from '@ddlf/tensor/random'
import { crossEntropy } from '@ddlf/nn'
import { about, agrees, field, type Case, type Exercise } from '../../../exercise.ts'

/** Values of tensors as nested lists of one or two axes. */
const listsOf = (tensors: readonly Tensor[]): unknown[] => {
  const values = evaluate(tensors, new Map())
  return tensors.map(({ shape }, i) => {
    const flat = Array.from(values[i] ?? [])
    const [rows = 0, columns] = shape
    return columns === undefined
      ? flat
      : Array.from({ length: rows }, (_, row) => flat.slice(row * columns, (row + 1) * columns))
  })
}

const softmaxCase = (logits: readonly number[], label: number, because: Case['because']): Case => {
  const z = parameter(Float32Array.from(logits), [1, logits.length])
  const loss = crossEntropy(z, tensor(Int32Array.of(label), { shape: [1], dtype: 'int32' }))
  const [[value], [gradient]] = listsOf([add(loss.reshape([1]), 0), ...differentiate(loss, [z])]) as [
    number[],
    number[][],
  ]
  return { given: [logits, label], expected: { loss: value, gradient }, because }
}

const softmaxCrossEntropy = about(
  'softmax-cross-entropy',
  'Softmax and cross-entropy',
  'softmaxCrossEntropy',
  [
    'First make every logit smaller by the largest one: then the largest power is exp(0) = 1.',
    'loss = log(sum of the powers) - (shifted logit of the label).',
    'gradient[k] = power[k] / sum - (k === label ? 1 : 0).',
  ],
  () => [
    softmaxCase([1, 2, 3], 2, received => {
      const gradient = field(received, 'gradient')
      if (agrees(gradient, [0.0900306, 0.2447285, 0.6652409], 1e-4))
        return 'The gradient holds the probabilities: 1 is still to be subtracted at the label.'
      if (agrees(field(received, 'loss'), -0.407606, 1e-4))
        return 'The loss is log p, but it should be -log p: small when the label is likely.'
      return 'The probabilities are the powers divided by their sum; the loss looks at the one of the label only.'
    }),
    softmaxCase([1000, 1001, 999], 0, received =>
      Number.isNaN(field(received, 'loss')) || field(received, 'loss') === Infinity
        ? 'exp(1000) is infinite, and infinity over infinity is not a number: subtract the largest logit first.'
        : 'Large logits give another result than they should.',
    ),
  ],
)

const denseBackward = about('dense-backward', 'Backwards through a dense layer', 'denseBackward', [
  'The gradient by something has the shape of that something: check the three shapes first.',
  'byBias[o] is the sum of g[n][o] over the batch.',
  'byWeight[o][i] = sum over n of g[n][o] * x[n][i];  byInput[n][i] = sum over o of g[n][o] * w[o][i].',
], () => {
  const [x, w, g] = [[[1, -2, 0.5], [0, 3, 1]], [[0.2, -0.1, 0.4], [1, 0.5, -1]], [[1, 2], [-0.5, 0.25]]]
  const leaf = (rows: readonly (readonly number[])[]) =>
    parameter(Float32Array.from(rows.flat()), [rows.length, rows[0]?.length ?? 0])
  const [tx, tw, tg] = [leaf(x), leaf(w), leaf(g)]
  const bias = parameter(new Float32Array(2), [2])
  const score = sum(mul(add(matmul(tx, transpose(tw)), bias), tg))
  const [byInput, byWeight, byBias] = listsOf(differentiate(score, [tx, tw, bias]))
  return [
    {
      given: [x, w, g],
      expected: { byInput, byWeight, byBias },
      because: received =>
        !agrees(field(received, 'byBias'), byBias)
          ? 'byBias: each output has one bias that every example uses, so its gradients add up over the batch.'
          : !agrees(field(received, 'byWeight'), byWeight)
            ? 'byWeight: one number for each output and input, summed over the batch (not averaged).'
            : 'byInput: every output sends its gradient back along the weight it used.',
    },
  ]
})

const momentum = about(
  'momentum',
  'Momentum',
  'momentumStep',
  [
    'Make the new velocity first; the parameter moves along the new one, not the old one.',
    'velocity = momentum * velocity + gradient, with no learning rate in it.',
  ],
  () => [
    {
      given: [[1, -1], [0.5, 0], [0.2, -0.4], { learningRate: 0.1, momentum: 0.9 }],
      expected: { parameter: [1 - 0.1 * 0.65, -1 + 0.1 * 0.4], velocity: [0.65, -0.4] },
      because: received =>
        agrees(field(received, 'parameter'), [1 - 0.1 * 0.2, -1 + 0.1 * 0.4])
          ? 'The parameter moved along the gradient alone: it should move along the new velocity.'
          : agrees(field(received, 'parameter'), [1 - 0.1 * 0.5, -1])
            ? 'The parameter moved along the old velocity: update the velocity first.'
            : 'Work one number through by hand: the velocity becomes 0.9 * 0.5 + 0.2.',
    },
  ],
)

const dropout = about('dropout', 'Dropout', 'dropout', [
  'With a rate of a half, those that stay must count double.',
  'Divide what stays by 1 - rate, in training only.',
], () => {
  const x = [...uniforms(randomKey(1, 'dropout', 'x'), 6, 1, 2)]
  const random = [0.1, 0.9, 0.3, 0.6, 0.05, 0.99]
  const kept = random.map(value => value >= 0.4)
  return [
    {
      given: [x, random, 0.4, true],
      expected: x.map((value, i) => (kept[i] ? value / 0.6 : 0)),
      because: received =>
        agrees(received, x.map((value, i) => (kept[i] ? value : 0)))
          ? 'The right units are dropped, but those that stay are not scaled up: ' +
            'the next layer would see less in training than in use.'
          : 'A unit is dropped where its random number is below the rate.',
    },
    { given: [x, random, 0.4, false], expected: x, because: () => 'In use (training is false) nothing changes.' },
  ]
})

const heInitialisation = about('he-initialisation', 'He initialisation', 'heInitialisation', [
  'The variance of the weights times the number of inputs should be two.',
  'Multiplying normal numbers by s gives them variance s * s.',
], () => {
  const given = [...normals(randomKey(1, 'he'), 8)]
  const because = (received: unknown) =>
    agrees(received, given.map(value => value / Math.sqrt(50)))
      ? 'That is one over the inputs, which suits tanh; ' +
        'ReLU drops half of the signal, so it needs twice the variance.'
      : agrees(received, given.map(value => (value * 2) / 50))
        ? 'That scale is the variance; multiply by its square root.'
        : 'With 50 inputs every number should be multiplied by 0.2.'
  return [{ given: [50, given], expected: given.map(value => value * 0.2), because }]
})

const maxNorm = about(
  'max-norm',
  'Max-norm',
  'maxNorm',
  [
    'The length of a list of weights is the root of the sum of their squares.',
    'Scale all weights by the same factor, limit / length, and only where the length is above the limit.',
  ],
  () => [
    {
      given: [[3, 4], 2.5],
      expected: [1.5, 2],
      because: received =>
        agrees(received, [2.5, 2.5]) || agrees(received, [2.5, 4])
          ? 'Each weight was cut by itself, which changes the direction. The whole list keeps its direction and gets ' +
            'shorter.'
          : 'The length of [3, 4] is 5; after the step it should be 2.5.',
    },
    {
      given: [[0.3, -0.4], 2.5],
      expected: [0.3, -0.4],
      because: () => 'This list is short enough: it must stay as it is, and not be stretched to the limit.',
    },
  ],
)

const earlyStopping = about(
  'early-stopping',
  'Early stopping',
  'earlyStopping',
  [
    'Walk through the epochs and remember the best one so far.',
    'Stop as soon as the present epoch lies `patience` epochs behind the best one.',
  ],
  () => [
    {
      given: [[0.5, 0.3, 0.35, 0.31, 0.2, 0.1], 2],
      expected: { stoppedAfter: 4, best: 2 },
      because: received =>
        agrees(field(received, 'best'), 6) || agrees(field(received, 'stoppedAfter'), 6)
          ? 'The rule cannot see the future: after epoch 4 it has waited two epochs for something better than epoch 2.'
          : 'The best is epoch 2; epochs 3 and 4 are not better; with patience for two the run stops after 4.',
    },
    {
      given: [[0.5, 0.4, 0.3], 2],
      expected: { stoppedAfter: 3, best: 3 },
      because: () => 'It got better in every epoch: the run goes to its end, and the last epoch is the best.',
    },
    {
      given: [[0.3, 0.3, 0.3, 0.2], 2],
      expected: { stoppedAfter: 3, best: 1 },
      because: () => 'An equal error is no improvement.',
    },
  ],
)

const leftoverBatch = about(
  'leftover-batch',
  'The leftover batch',
  'batches',
  ['Round the number of batches up, not down.', 'The end of a batch is never beyond the number of examples.'],
  () => [
    {
      given: [10, 4],
      expected: [
        [0, 4],
        [4, 8],
        [8, 10],
      ],
      because: received =>
        agrees(received, [
          [0, 4],
          [4, 8],
        ])
          ? 'The last two examples are never seen.'
          : agrees(received, [
                [0, 4],
                [4, 8],
                [8, 12],
              ])
            ? 'The last batch reaches beyond the data.'
            : 'Ten examples in batches of four are two full batches and one of two.',
    },
    {
      given: [8, 4],
      expected: [
        [0, 4],
        [4, 8],
      ],
      because: () => 'Eight divides into two full batches; there is no empty third one.',
    },
  ],
)

const confusionMatrix = about('confusion-matrix', 'The confusion matrix', 'confusion', [
  'Each example adds one to one cell: the row of its truth, the column of its prediction.',
  'The recall of class k is its diagonal cell divided by the sum of its row.',
], () => [{
  given: [[0, 0, 1, 1, 1, 2], [0, 1, 1, 1, 0, 2], 3],
  expected: { counts: [[1, 1, 0], [1, 2, 0], [0, 0, 1]], recall: [0.5, 2 / 3, 1] },
  because: received =>
    agrees(field(received, 'counts'), [[1, 1, 0], [1, 2, 0], [0, 0, 1]])
      ? 'The counts are right. ' +
        'Recall divides by the row (how many there were); dividing by the column would be precision.'
      : 'Rows are truths, columns are predictions; every example is counted once.',
}])

/** In the order in which the memo meets them. */
export const exercises: readonly Exercise[] = [
  softmaxCrossEntropy,
  denseBackward,
  leftoverBatch,
  heInitialisation,
  momentum,
  dropout,
  maxNorm,
  earlyStopping,
  confusionMatrix,
]
