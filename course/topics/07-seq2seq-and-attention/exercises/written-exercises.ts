// The exercises of Days 17-18 on what is written: how it is searched for, and how it is judged.
import { about, named, type Exercise } from '../../../exercise.ts'

const [LIKELY, HALF, RARE] = [Math.log(0.6), Math.log(0.5), Math.log(0.1)]

const beamStep = about(
  'beam-step',
  'One step of a beam search',
  'beamStep',
  ['Make the list of all continuations of all beams first.', 'Sort by the sum, the largest first, and cut.'],
  () => {
    const beams = [{ tokens: [4], sum: LIKELY }, { tokens: [7], sum: RARE }]
    const next = [[HALF, Math.log(0.4), RARE], [Math.log(0.9), Math.log(0.05), Math.log(0.05)]]
    return [
      {
        given: [beams, next, 2],
        expected: [{ tokens: [4, 0], sum: LIKELY + HALF }, { tokens: [4, 1], sum: LIKELY + Math.log(0.4) }],
        because: named([
          [[{ tokens: [4, 0], sum: LIKELY + HALF }, { tokens: [7, 0], sum: RARE + Math.log(0.9) }],
            'Each beam went on with its own best token. All continuations compete: the second best of a good beam ' +
            'may beat the best of a poor one.'],
          [[{ tokens: [7, 0], sum: Math.log(0.9) }, { tokens: [4, 0], sum: HALF }],
            'Only the last token was compared. The sum of the whole sequence decides, so what stood in a beam is ' +
            'added to.'],
          [[{ tokens: [7, 1], sum: RARE + Math.log(0.05) }, { tokens: [7, 2], sum: RARE + Math.log(0.05) }],
            'The least likely went on: of two logarithms the larger, nearer to 0, is the likelier.'],
          [[{ tokens: [7, 1], sum: RARE * Math.log(0.05) }, { tokens: [7, 2], sum: RARE * Math.log(0.05) }],
            'Logarithms are added where probabilities are multiplied.'],
        ], '0.6 · 0.5 and 0.6 · 0.4 are both above 0.1 · 0.9: both beams that go on begin with 4.'),
      },
      {
        given: [[{ tokens: [], sum: 0 }], [[RARE, LIKELY, Math.log(0.3)]], 2],
        expected: [{ tokens: [1], sum: LIKELY }, { tokens: [2], sum: Math.log(0.3) }],
        because: () => 'At the beginning there is one beam, and its best continuations are all there is.',
      },
    ]
  },
)

const lengthPenalty = about(
  'length-penalty',
  'Short or long',
  'preferred',
  ['Every logarithm of a probability is below zero.', 'x ** 0 is 1, whatever x is.'],
  () => {
    const texts = [{ logProbability: -4, length: 2 }, { logProbability: -6, length: 6 }]
    return [
      {
        given: [texts, 1],
        expected: 1,
        because: received => (received === 0
          ? 'Of -4/2 and -6/6 the second is larger: the best score is the one closest to zero, and the logarithm is ' +
            'divided by the length, not multiplied.'
          : 'The result is the place of the preferred text in the list: 0 or 1.'),
      },
      {
        given: [texts, 0],
        expected: 0,
        because: () => 'With an alpha of 0 lengths count for nothing: -4 is above -6.',
      },
      {
        given: [[{ logProbability: -3, length: 1 }, { logProbability: -5, length: 4 }], 0.3],
        expected: 0,
        because: () =>
          'The length is taken to the power alpha: 4 to the power 0.3 is about 1.5, and -5/1.5 is below -3.',
      },
      {
        given: [[{ logProbability: -4, length: 2 }, { logProbability: -6, length: 4 }], 1],
        expected: 1,
        because: () => 'The length is taken as it is, without a number added to it: -4/2 is below -6/4.',
      },
    ]
  },
)

const words = (text: string) => text.split(' ')

const bleu = about(
  'bleu',
  'BLEU by hand',
  'bleu',
  ['Count runs in both; of each run, the smaller count is right.', 'Begin with precisions; the penalty comes last.'],
  () => [
    {
      given: [words('the cat the cat sat'), words('the cat sat down here')],
      // Of single words: the, cat, sat of five; of pairs: "the cat", "cat sat" of four.
      expected: Math.sqrt((3 / 5) * (2 / 4)),
      because: named([
        [Math.sqrt((5 / 5) * (3 / 4)), '"the cat" is said twice but stands in the reference once: a run is right ' +
          'only as often as it stands there.'],
        [(3 / 5 + 2 / 4) / 2, 'That is the arithmetic mean of the precisions; BLEU takes the geometric one, which is ' +
          'zero as soon as one of them is.'],
      ], 'Three of five words are right and two of four pairs: the root of 3/5 · 2/4.'),
    },
    {
      given: [words('a b'), words('a b c d')],
      expected: Math.exp(-1),
      because: named([[1, 'Every run is right, but half of the text is missing: where the hypothesis is shorter than ' +
        'the reference, exp(1 - 4/2) is taken off.']], 'Both precisions are 1; the penalty is exp(1 - 4/2).'),
    },
    {
      given: [words('a b c d'), words('a b c')],
      expected: Math.sqrt((3 / 4) * (2 / 3)),
      because: () => 'A hypothesis that is longer than its reference gets no bonus: the factor is at most 1.',
    },
  ],
)

const editDistance = about(
  'edit-distance',
  'How far off is a pronunciation?',
  'editDistance',
  [
    'The distance between beginnings leads to that between longer beginnings.',
    'Three ways lead to each: take the least.',
  ],
  () => [
    {
      given: [words('K AE T'), words('S K AE T')],
      expected: 1,
      because: named([
        [4, 'Sounds were compared place by place: one that is put in front moves all others. That is one edit.'],
      ], 'S is put in front, and nothing else changes.'),
    },
    {
      given: [words('K AH N'), words('K AE N')],
      expected: 1,
      because: named([
        [2, 'Replacing a sound is one edit, not a deletion and an insertion.'],
      ], 'One vowel is another.'),
    },
    { given: [Array.from('kitten'), Array.from('sitting')], expected: 3, because: () =>
      'kitten, sitten, sittin, sitting: two letters replaced, one put in.' },
    {
      given: [words('AE K S'), words('AE S K')],
      expected: 2,
      because: named([
        [1, 'Sounds that change places are two edits: no edit moves a sound.'],
        [0, 'The order counts: the same sounds in another order are another pronunciation.'],
      ], 'Both of the last two sounds are replaced, or one is left out and put in again.'),
    },
    { given: [[], words('AH')], expected: 1, because: () => 'From nothing to one sound is one insertion.' },
  ],
)

/** Those on what is written. */
export const written: readonly Exercise[] = [beamStep, lengthPenalty, bleu, editDistance]
