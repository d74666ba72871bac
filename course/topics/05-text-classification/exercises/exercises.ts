// The exercises of Days 13-14 and how each is checked: every wrong answer that is typical is told what it did.
import { evaluate, max, relu, tensor, transpose, type Tensor } from '@ddlf/tensor'
import { Conv1d, EmbeddingBag, loadStateDict } from '@ddlf/nn'
import { about, field, isList, named, type Case, type Exercise } from '../../../exercise.ts'

const bagOfWords = about('bag-of-words', 'A text as a bag of words', 'bagOfWords', [
  'Bring every word of the text into small letters first: word.toLowerCase().',
  'For each word of the vocabulary: how many words of the text equal it?',
  'vocabulary.map(known => small.filter(word => word === known).length)',
], () => [{
  given: [['good', 'film', 'good', 'plot'], ['good', 'bad', 'film']],
  expected: [2, 0, 1],
  because: named([
    [[1, 0, 1], 'You say whether a word is there: "good" stands there twice and counts twice.'],
    [[1, 0, 1, 0], 'The counts follow the vocabulary, not the text.'],
  ], 'There is one count for each word of the vocabulary, in its order; "plot" counts nowhere.'),
}, {
  given: [['GOOD', 'Film'], ['good', 'bad', 'film']],
  expected: [1, 0, 1],
  because: () => 'A capital makes no other word: "GOOD" and "good" are the same.',
}, {
  given: [['filmed', 'film', 'badly'], ['good', 'bad', 'film']],
  expected: [0, 0, 1],
  because: () => 'A word counts where it is the whole word: "filmed" is not "film", and "badly" is not "bad".',
}])

/** Log-odds by shares of counts. */
const odds = (inside: readonly number[], outside: readonly number[], smoothing: number, below = smoothing) => {
  const total = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count + below, 0)
  return inside.map((count, i) =>
    Math.log((count + smoothing) / total(inside) / (((outside[i] ?? 0) + smoothing) / total(outside))),
  )
}

const oddsCase = (inside: readonly number[], outside: readonly number[], smoothing: number): Case => ({
  given: [inside, outside, smoothing],
  expected: odds(inside, outside, smoothing),
  because(received) {
    if (isList(received) && inside.some((_, i) => i < received.length && !Number.isFinite(received[i])))
      return 'A word that never stood in one class has the odds 0 or infinity: add the smoothing to every count.'
    return named([
      [inside.map((count, i) => Math.log((count + smoothing) / ((outside[i] ?? 0) + smoothing))),
        'Counts depend on the length of the class: divide each by all counts of its class first.'],
      [odds(inside, outside, smoothing, 0),
        'The shares of a class must add up to 1: below stands the smoothing of every word, too.'],
      [odds(outside, inside, smoothing), 'The sign is turned: a word of the class speaks for it, above 0.'],
    ], 'log-odds = log of p(word | class) / p(word | others), with the natural logarithm.')(received)
  },
})

const logOdds = about('log-odds', 'What a word says', 'logOdds', [
  'p = (count + smoothing) / (sum of the counts of the class + smoothing * number of words).',
  'The same for the other class gives q; the answer is log(p / q).',
  'Look at a word with the counts 0 and 3: its log-odds are finite and below 0.',
], () => [oddsCase([3, 0, 1], [1, 3, 4], 1), oddsCase([10, 2], [0, 1], 0.5)])

const bayesRule = about('bayes-rule', 'From words to a probability', 'firstIsRight', [
  'Add logarithms instead of multiplying: log p(class) + the sum of log p(word | class).',
  'Of two scores a and b the first has the share exp(a) / (exp(a) + exp(b)).',
  'That is 1 / (1 + exp(b - a)), in which nothing large or tiny is left.',
], () => {
  const few: [number, number][] = [[0.2, 0.1], [0.1, 0.3]]
  const many = Array.from({ length: 400 }, (_, i): [number, number] => [1e-4, i < 399 ? 1e-4 : 2e-4])
  return [{
    given: [few, [0.5, 0.5]],
    expected: 0.4,
    because: named([[0.6, 'That is the probability of the second class.']],
      'p(first | words) = p(first) p(words | first), divided by the sum of that over both classes.'),
  }, {
    given: [few, [0.9, 0.1]],
    expected: 6 / 7,
    because: named([[0.4, 'What is known before it is read is left out: the priors belong into the product.']],
      'Each class has its prior, and each word its likelihood.'),
  }, {
    given: [many, [0.5, 0.5]],
    expected: 1 / 3,
    because: received => Number.isNaN(received)
      ? 'The product of 400 shares is too small for a number, and 0 / 0 is none: add logarithms.'
      : 'Only the last of the 400 words tells the classes apart, by a factor of two.',
  }]
})

/** A hash that tells order: the codes of the letters, weighed by their places. */
const hash = (text: string): number =>
  Array.from(text).reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7) % 9973

const pairsCase = (text: readonly string[], words: number, buckets: number): Case => {
  const numbers = (pair: (first: string, second: string) => string) =>
    text.slice(1).map((word, i) => words + 1 + (hash(pair(text[i] ?? '', word)) % buckets))
  const expected = numbers((first, second) => `${first} ${second}`)
  return {
    given: [text, words, buckets, hash],
    expected,
    because(received) {
      if (isList(received) && received.length === text.length)
        return 'There is one pair fewer than there are words: the last word has no neighbour behind it.'
      return named([
        [expected.map(number => number - words - 1), 'These are numbers of words: the buckets begin behind them.'],
        [expected.map(number => number - 1), 'Bucket 0 is the number words + 1: words itself is the last word.'],
        [numbers((first, second) => `${second} ${first}`),
          'The order of a pair counts: "not good" is hashed with "not" first.'],
        [[...new Set(expected)], 'A pair that stands there twice gives its number twice.'],
      ], 'One number for each pair of neighbours: words + 1 + hash of the pair, modulo buckets.')(received)
    },
  }
}

const hashedPairs = about('hashed-pairs', 'Pairs without a list of pairs', 'hashedPairs', [
  'A text of n words has n - 1 pairs of neighbours: text[0] with text[1], and on.',
  'The bucket of a pair is hash(`${first} ${second}`) % buckets.',
  'The numbers 1 to words are taken: add words + 1.',
], () => [
  pairsCase(['not', 'a', 'good', 'film'], 100, 50),
  pairsCase(['very', 'very', 'very', 'good', 'plot'], 7, 13),
  pairsCase(['film'], 7, 13),
])

/** What the course's own layer makes of tokens. */
function bagMean(tokens: readonly number[], vectors: readonly (readonly number[])[]): number[] {
  const bag = new EmbeddingBag(vectors.length, vectors[0]?.length ?? 0, { paddingIndex: 0 })
  const data = Float32Array.from(vectors.flat())
  loadStateDict(bag, { weight: { dtype: 'float32', shape: [vectors.length, vectors[0]?.length ?? 0], data } })
  const [mean] = evaluate([bag.forward(tensor(Int32Array.from(tokens), { shape: [1, tokens.length], dtype: 'int32' }))])
  return Array.from(mean ?? [])
}

const maskedMean = about('masked-mean', 'A mean without its padding', 'meanOfWords', [
  'Keep the tokens above 0 first: those alone are words.',
  'Add up their vectors, number by number, and divide by how many there are.',
  'Math.max(1, words.length) keeps a text without a word from dividing by 0.',
], () => {
  const vectors = [[8, 8], [1, 2], [3, -4]]
  const tokens = [1, 2, 2, 0, 0]
  const sum = [7, -6]
  return [{
    given: [tokens, vectors],
    expected: bagMean(tokens, vectors),
    because: named([
      [sum.map(value => value / 5), 'You divide by the length of the batch, 5, but there are 3 words.'],
      [sum.map(value => (value + 16) / 5), 'The vector of the padding is among those you add, and its places count.'],
      [sum, 'That is the sum: divide it by the number of words.'],
    ], 'Only tokens above 0 are words; the mean is over them.'),
  }, {
    given: [[0, 0], vectors],
    expected: bagMean([0, 0], vectors),
    because: () => 'A text without a word has the vector of zeros: do not divide by 0 words.',
  }]
})

type Rows = readonly (readonly number[])[]

/** Vectors one after another as a convolution takes them, [1, size of a vector, number of vectors]. */
const sequenceOf = (rows: Rows): Tensor => {
  const data = Float32Array.from(rows.flat())
  return transpose(tensor(data, { shape: [1, rows.length, rows[0]?.length ?? 0] }), [0, 2, 1])
}

/** What the course's own convolution finds. */
function convolved(words: Rows, filter: Rows, bias: number): number {
  const size = words[0]?.length ?? 0
  const conv = new Conv1d(size, 1, filter.length)
  const kernel = Float32Array.from(evaluate([sequenceOf(filter)])[0] ?? [])
  loadStateDict(conv, {
    weight: { dtype: 'float32', shape: [1, size, filter.length], data: kernel },
    bias: { dtype: 'float32', shape: [1], data: Float32Array.of(bias) },
  })
  const [found] = evaluate([max(relu(conv.forward(sequenceOf(words))), { axes: 2 })])
  return found?.[0] ?? Number.NaN
}

/** @param sums of products at each window, which the explanations of mistakes need */
const windowsCase = (words: Rows, filter: Rows, bias: number, sums: readonly number[]): Case => {
  const answers = sums.map(sum => Math.max(0, sum + bias))
  return {
    given: [words, filter, bias],
    expected: convolved(words, filter, bias),
    because: named([
      [answers.reduce((sum, value) => sum + value, 0) / answers.length,
        'That is the mean over the windows. The maximum asks whether the pattern stands anywhere, not how often.'],
      [Math.max(0, ...sums), 'The bias is missing.'],
      [Math.max(...answers.slice(0, -1)),
        'The last window is missing: it begins at word words.length - filter.length.'],
      [answers.at(-1), 'That is only the last window: keep the largest answer of all of them.'],
      [answers[0], 'That is only the first window: keep the largest answer of all of them.'],
    ], 'For each window: the sum of all products, plus the bias; then the largest.'),
  }
}

const maxOverTime = about('max-over-time', 'One filter over a text', 'strongest', [
  'There are words.length - filter.length + 1 windows: the last one ends at the last word.',
  'At window t, word t + k meets filter[k]: multiply number by number and add everything up.',
  'Add the bias, take 0 where it is below 0, and keep the largest: Math.max(0, ...answers).',
], () => {
  const filter = [[1, 0], [0, 2]]
  const unlike = [[-1, 0], [0, -1], [-1, -1]]
  return [
    windowsCase([[1, 0], [2, 1], [0, 3], [1, 2]], filter, -0.5, [3, 8, 4]),
    windowsCase([[1], [0], [2], [1], [3]], [[1], [-1], [2]], 1, [5, 0, 7]),
    {
      given: [[[1], [3]], [[1], [-5]], 0],
      expected: 0,
      because: received => received === 3
        ? 'A window that reaches over the end is none: the last one ends at the last word.'
        : 'There is one window, 1 x 1 - 5 x 3, and below 0 the ReLU gives 0.',
    },
    {
      given: [unlike, filter, -0.5],
      expected: convolved(unlike, filter, -0.5),
      because: () => 'What is not found says nothing: below 0 the ReLU gives 0.',
    },
  ]
})

const precisionAndRecall = about('precision-and-recall', 'A threshold between two mistakes', 'precisionAndRecall', [
  'called[i] = probabilities[i] >= threshold.',
  'found: how many are called spam and are spam.',
  'precision = found / called, recall = found / spam; each 1 where it would be divided by 0.',
], () => {
  const [probabilities, spam] = [[0.9, 0.8, 0.5, 0.4, 0.1], [true, false, true, true, false]]
  const noSpam = () => 'There is no spam among these mails, so none was missed: the recall is 1, not 0 / 0.'
  return [{
    given: [probabilities, spam, 0.7],
    expected: { precision: 0.5, recall: 1 / 3 },
    because: named([[{ precision: 1 / 3, recall: 0.5 },
      'It is the other way round: precision looks at what is called spam, recall at what is spam.']],
    'At 0.7 two are called spam, one of them rightly, and there are three.'),
  }, {
    given: [probabilities, spam, 0.5],
    expected: { precision: 2 / 3, recall: 2 / 3 },
    because: () => 'A mail of exactly the threshold is called spam, too.',
  }, {
    given: [probabilities, spam, 0.95],
    expected: { precision: 1, recall: 0 },
    because: received => Number.isNaN(field(received, 'precision'))
      ? 'Where nothing is called spam nothing was called so wrongly: the precision is 1, not 0 / 0.'
      : 'Nothing is called spam at 0.95: precision 1, recall 0.',
  }, {
    given: [[0.9, 0.2], [false, false], 0.5],
    expected: { precision: 0, recall: 1 },
    because: received => field(received, 'recall') === 1
      ? 'One mail is called spam and is none: the precision is 0.'
      : noSpam(),
  }, {
    given: [[0.3, 0.2], [false, false], 0.5],
    expected: { precision: 1, recall: 1 },
    because: noSpam,
  }]
})

const calibrationError = about('calibration-error', 'How sure, and how right', 'calibrationError', [
  'The bin of a probability is Math.floor(p * bins), and the last one for 1.',
  'In a bin: |sum of the probabilities - number that are right|.',
  'Add that up over the bins, and divide by the number of all answers.',
], () => {
  const [probabilities, right] = [[0.95, 0.92, 0.91, 0.65, 0.62], [true, false, true, true, true]]
  const [high, low] = [0.78, 0.73]
  return [{
    given: [probabilities, right, 10],
    expected: (high + low) / 5,
    because: named([
      [(high / 3 + low / 2) / 10,
        'A bin counts as many answers as it holds: one of three weighs more than one of two.'],
      [(3 * Math.abs(0.95 - 2 / 3) + 2 * 0.35) / 5,
        'The middle of a bin is not where its answers are: take the mean of their probabilities.'],
      [probabilities.reduce((sum, p, i) => sum + (p - Number(right[i])) ** 2, 0) / 5,
        'That is the Brier score, a square for each answer: compare a mean with a share, bin by bin.'],
      [(high - low) / 5, 'Too sure and too unsure cancel where the difference is taken over all: take it bin by bin.'],
    ], 'In each bin the mean probability against the share that is right; bins weigh as their answers.'),
  }, {
    given: [[1, 1, 1, 1], [true, true, true, false], 10],
    expected: 0.25,
    because: () => 'Of a probability of 1 the bin would be the eleventh: it belongs into the last.',
  }, {
    // Four bins hold none, two, two and one of them; of ten, each would be alone in one.
    given: [[0.3, 0.45, 0.6, 0.7, 0.9], [false, true, true, true, false], 4],
    expected: (0.25 + 0.7 + 0.9) / 5,
    because: named([[(0.3 + 0.55 + 0.4 + 0.3 + 0.9) / 5, 'There are as many bins as the third argument says: here 4.']],
      'With 4 bins the second goes from 0.25 to 0.5, and two of these answers are in it.'),
  }]
})

export const exercises: readonly Exercise[] = [
  bagOfWords, logOdds, bayesRule, hashedPairs, maskedMean, maxOverTime, precisionAndRecall, calibrationError,
]
