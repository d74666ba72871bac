// The exercises of Days 11-12 and how each is checked: every wrong answer that is typical is told what it did.
import { differentiate, mul, reshape, slice, sum, tensor } from '@ddlf/tensor'
import { keptShare, negativeSamplingLoss } from '@ddlf/lab/experiments'
import { about, named, type Case, type Exercise } from '../../../exercise.ts'

const mergePair = about('merge-pair', 'One merge of byte pairs', 'mergeOnce', [
  'Count pairs of neighbours with a Map, word by word; its order is that in which pairs were first seen.',
  'The most frequent pair is the first whose count equals Math.max(...counts.values()).',
  'Walk through each word; where token i and token i + 1 are the pair, push their sum and skip one place.',
], () => [{
  given: [[['l', 'o', 'w'], ['l', 'o', 'l', 'o'], ['s', 'l', 'o', 'w']]],
  expected: [['lo', 'w'], ['lo', 'lo'], ['s', 'lo', 'w']],
  because: named([
    [[['lo', 'w'], ['lo', 'l', 'o'], ['s', 'lo', 'w']],
      'The pair is merged wherever it stands, not only at the first place of a word.'],
    [[['l', 'o', 'w'], ['l', 'o', 'l', 'o'], ['s', 'l', 'o', 'w']], 'Nothing is merged yet.'],
  ], '"l" and "o" stand side by side four times, more often than any other pair.'),
}, {
  given: [[['a', 'x'], ['b', 'a'], ['b', 'c'], ['b', 'c'], ['a', 'b']]],
  expected: [['a', 'x'], ['b', 'a'], ['bc'], ['bc'], ['a', 'b']],
  because: () => 'Pairs are counted within words: "a", "b" over the border between two words is none.',
}, {
  given: [[['u', 'v'], ['p', 'q'], ['u', 'v'], ['p', 'q']]],
  expected: [['uv'], ['p', 'q'], ['uv'], ['p', 'q']],
  because: () => 'Both pairs stand there equally often: the one that was read first wins.',
}, {
  given: [[['ab', 'c'], ['a', 'bc'], ['d', 'e'], ['ab', 'c'], ['a', 'bc'], ['d', 'e'], ['d', 'e']]],
  expected: [['ab', 'c'], ['a', 'bc'], ['de'], ['ab', 'c'], ['a', 'bc'], ['de'], ['de']],
  because: () => 'Two pairs are one only where both of their halves are: "ab", "c" is another pair than "a", "bc".',
}])

const table = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
const oneHot = about('one-hot', 'One-hot times a table', 'oneHotTimesTable', [
  'The row: table.map((_, w) => (w === word ? 1 : 0)).',
  'Each number of the result is a sum over all words, of which one is not zero.',
  'The result has as many numbers as a row of the table.',
], () => [{
  given: [1, table],
  expected: [4, 5, 6],
  because: named([
    [[2, 5, 8], 'That is a column: the one-hot row stands to the left of the table and picks a row.'],
    [[1, 2, 3], 'Words are counted from 0: word 1 has the second row.'],
    [[12, 15, 18], 'That adds up the vectors of every word: all but one of the row are 0.'],
  ], 'The product of a one-hot row with a table is one row of the table.'),
}, {
  given: [0, [[1, -1], [2, -2], [3, -3]]],
  expected: [1, -1],
  because: () => 'The result is row 0 of the table: two numbers, whatever the number of words.',
}])

const near = (text: readonly number[], size: number, left: number, right: number, own = 0) => {
  const counts = Array.from({ length: size }, () => new Array<number>(size).fill(0))
  text.forEach((word, at) => {
    const row = counts[word] as number[]
    text.forEach((other, place) => {
      const isNear = place - at >= -left && place - at <= right && place !== at
      row[other] = (row[other] ?? 0) + (place === at ? own : Number(isNear))
    })
  })
  return counts
}
const nearCase = (text: number[], size: number, window: number): Case => ({
  given: [text, size, window],
  expected: near(text, size, window, window),
  because: named([
    [near(text, size, 0, window), 'Neighbours stand to the left, too: each pair counts for both of its words.'],
    [near(text, size, window, 0), 'Neighbours stand to the right, too.'],
    [near(text, size, window, window, 1), 'A word is no neighbour of itself: its own place does not count.'],
    [near(text, size, window - 1, window - 1),
      'Your window ends one place early: at most `window` places away counts.'],
  ], 'Row w, column v: how often v stands at most `window` places from w.'),
})
const coOccurrence = about('co-occurrence', 'Which words stand near which', 'coOccurrence', [
  'For each place, look from Math.max(0, at - window) to Math.min(text.length - 1, at + window).',
  'Leave out the place itself; the same word at another place counts.',
  'The table is symmetric: who is near me, to him I am near.',
], () => [nearCase([0, 1, 2, 0, 3], 4, 2), nearCase([1, 1, 0], 2, 1)])

const surprise = (x: number) => (x > 0 ? Math.log1p(Math.exp(-x)) : -x + Math.log1p(Math.exp(x)))
const lossOf = (truth: number, drawn: readonly number[]) =>
  drawn.reduce((total, score) => total + surprise(-score), surprise(truth))
const pairLoss = about('negative-sampling-loss', 'The loss of one pair', 'pairLoss', [
  'sigmoid(x) = 1 / (1 + exp(-x)), and -log sigmoid(x) = log(1 + exp(-x)).',
  'For a drawn word the sign of the score is turned: its loss is log(1 + exp(score)).',
  'For a score of -800 exp(800) is no number: log(1 + exp(-x)) = -x + log(1 + exp(x)) for x below 0.',
], () => [{
  given: [1, [0.5, -2, 0]],
  expected: lossOf(1, [0.5, -2, 0]),
  because: named([
    [[0.5, -2, 0].reduce((total, score) => total + surprise(score), surprise(1)),
      'Drawn words are to be told no: their loss is -log sigmoid of minus the score.'],
    [surprise(1) + lossOf(0, [0.5, -2, 0]) / 3 - surprise(0) / 3,
      'It is the sum over the drawn words, not their mean.'],
  ], 'One loss for the word that stood there, plus one for each drawn word.'),
}, {
  given: [-800, [0]],
  expected: lossOf(-800, [0]),
  because: received => Number.isFinite(received)
    ? 'A score of -800 for a word that stood there costs 800 nats.'
    : 'The loss is infinite: sigmoid(-800) is 0 in the computer. Write log(1 + exp(-x)) another way.',
}])

/** By the engine, as the task's own loss gives it. */
function gradientOf(predicts: readonly number[], vectors: readonly (readonly number[])[]): number[] {
  const vector = tensor(Float32Array.from(predicts), { shape: [1, predicts.length] })
  const others = tensor(Float32Array.from(vectors.flat()), { shape: [vectors.length, predicts.length] })
  const scores = reshape(sum(mul(vector, others), { axes: 1 }), [1, vectors.length])
  const [truth, drawn] = [slice(scores, { axis: 1, end: 1 }), slice(scores, { axis: 1, start: 1 })]
  const [gradient] = differentiate(sum(negativeSamplingLoss(truth, drawn)), [vector])
  return (gradient?.toArray() as number[][] | undefined)?.[0] ?? []
}
const gradientCase = (predicts: number[], vectors: number[][]): Case => {
  const right = gradientOf(predicts, vectors)
  const score = (vector: number[]) => predicts.reduce((total, value, d) => total + value * (vector[d] ?? 0), 0)
  const steps = (truth: (k: number) => number) =>
    vectors.map((vector, k) => 1 / (1 + Math.exp(-score(vector))) - truth(k))
  const times = (all: number[], of: (k: number) => number[]) =>
    predicts.map((_, d) => all.reduce((total, step, k) => total + step * (of(k)[d] ?? 0), 0))
  const at = (k: number) => vectors[k] ?? []
  return {
    given: [predicts, vectors],
    expected: right,
    because: named([
      [right.map(value => -value), 'The sign is turned: that is the step downhill, not the gradient.'],
      [times(steps(() => 1), at), 'Only the first word is true: for the drawn words the truth is 0.'],
      [times(steps(k => Number(k === 0)), () => predicts),
        'The slope of a product by one vector is the vector on its other side.'],
    ], 'Each word adds (sigmoid(score) - truth) times its vector.'),
  }
}
const pairGradient = about('negative-sampling-gradient', 'Its gradient, by hand', 'pairGradient', [
  'The derivative of -log sigmoid(x) is sigmoid(x) - 1; that of -log sigmoid(-x) is sigmoid(x).',
  'A score is a product of two vectors: its slope by the one is the other.',
  'steps[k] = sigmoid(score) - (k === 0 ? 1 : 0), then add up steps[k] * vectors[k].',
], () => [gradientCase([0.5, -1, 2], [[1, 0.5, 0.25], [-1, 2, 0.5], [0.3, 0.3, -0.7]])])

const subsampling = about('subsampling', 'Leaving out what is everywhere', 'leftOut', [
  'share = count / words.',
  '1 - Math.sqrt(threshold / share)',
  'A word that is rarer than the threshold is never left out: Math.max(0, ...).',
], () => [{
  given: [4000, 100_000, 0.01],
  expected: 0.5,
  because: named([
    [1 - Math.sqrt(0.01 / 4000), 'The formula takes the share of the text, not the count.'],
  ], '4,000 of 100,000 words are a share of 0.04, and sqrt(0.01 / 0.04) is one half.'),
}, {
  given: [9000, 100_000, 0.01],
  expected: 2 / 3,
  because: named([[1 / 3, 'That is the chance that it stays.']], 'sqrt(0.01 / 0.09) is one third: so many stay.'),
}, {
  given: [10, 100_000, 0.01],
  expected: 0,
  because: received => typeof received === 'number' && received < 0
    ? 'A probability is never below 0: a rare word is always kept.'
    : `A rare word is always kept (so does word2vec's own program, which keeps ${keptShare(1e-4, 0.01)} of it).`,
}])

const vectors = [[1, 0], [3, 4], [0.9, 0.1], [10, 10], [-1, 0.1]]
const nearest = about('nearest', 'Who is near?', 'nearest', [
  'cosine = a . b / (|a| |b|), where |a| is the square root of a . a.',
  'Leave out the word itself, sort by the cosine from large to small, cut.',
  'near.sort((a, b) => b.cosine - a.cosine).slice(0, count)',
], () => [{
  given: [0, vectors, 2],
  expected: [2, 3],
  because: named([
    [[3, 1], 'Long vectors win with a plain product: divide by the length of both.'],
    [[0, 2], 'The word itself is always nearest to itself: leave it out.'],
    [[4, 1], 'The smallest cosine comes first: sort the other way.'],
  ], 'Words 2 and 3 make the smallest angles with word 0.'),
}, {
  given: [1, vectors, 4],
  expected: [3, 2, 0, 4],
  because: () => 'Four others, from the smallest angle to the largest.',
}])

// man, king, woman, queen, and two words that are far from them; of length 1.
const half = Math.SQRT1_2
const royal = [[1, 0, 0], [half, 0, half], [0, 1, 0], [0, half, half], [0, -1, 0], [0, 0.6, -0.8]]
// Three that are close to one another, and two words apart; of length 1.
const close = [[1, 0], [0.96, 0.28], [0.96, -0.28], [0.6, 0.8], [0, 1]]
const analogy = about('analogy', 'King - man + woman', 'analogy', [
  'wanted[d] = vectors[b][d] - vectors[a][d] + vectors[c][d]',
  'The score of a word is the product of its vector with wanted.',
  'Leave out a, b and c before you look for the largest.',
], () => [{
  given: [0, 1, 2, royal],
  expected: 3,
  because: named([
    [2, 'That word was given: b - a + c is often nearest to c itself, so the three are left out.'],
    [1, 'That word was given: the three are left out.'],
    [5, 'The direction is turned: from a to b is b - a.'],
  ], 'king - man + woman is nearest to queen, word 3.'),
}, {
  given: [1, 0, 3, royal],
  expected: 2,
  because: named([
    [3, 'That word was given: it is no answer.'],
  ], 'man - king + queen is nearest to woman, word 2.'),
}, {
  given: [0, 0, 2, royal],
  expected: 3,
  because: () => 'Where a and b are one word, the nearest to c is c itself, which was given: it is no answer.',
}, {
  given: [0, 1, 2, close],
  expected: 3,
  because: named([0, 1, 2].map(word => [word, 'That word was given: none of the three is an answer.'] as const),
    'All three words that were given are nearer than any other; word 3 is the nearest of the others.'),
}])

const spearman = about('spearman', "Spearman's rank correlation", 'spearman', [
  'rank = how many are smaller + (how many are equal, itself among them, + 1) / 2.',
  'The mean of the ranks is (n + 1) / 2.',
  'sum of (x - mean)(y - mean), divided by the root of the product of both sums of squares.',
], () => [{
  given: [[1, 2, 3, 100], [1, 3, 2, 4]],
  expected: 0.8,
  because: received => received === 1
    ? 'Ranks 2 and 3 are exchanged: the lists do not order everything alike.'
    : 'Ranks count, not the values themselves: 100 is only the largest.',
}, {
  given: [[1, 2, 2, 3], [1, 2, 3, 4]],
  expected: 4.5 / Math.sqrt(4.5 * 5),
  because: named([
    [0.95, 'The short formula, 1 - 6 · sum of d² / (n³ - n), holds without ties only: correlate the ranks themselves.'],
  ], 'Equal values share the mean of their ranks: both 2s have rank 2.5.'),
}, {
  given: [[5, 5, 7, 20], [1, 30, 40, 2]],
  expected: 1 / Math.sqrt(4.5 * 5),
  because: named([
    [0.5 / Math.sqrt(2.75 * 5), 'Two equal values take up two ranks: after 5 and 5 the 7 has rank 3, not 2.'],
  ], 'Both lists become ranks: the second is 1, 3, 4, 2.'),
}])

export const exercises: readonly Exercise[] = [
  mergePair, oneHot, coOccurrence, pairLoss, pairGradient, subsampling, nearest, analogy, spearman,
]
