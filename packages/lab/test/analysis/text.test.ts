// The measures of texts against outside authorities: sacreBLEU, rouge-score, jiwer, scikit-learn and PyTorch.
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  accuracyByPosition, bleu, characterErrorRate, chrf, editDistance, f1Score, likelihood, meanRouge, rouge,
  sentenceBleu, tokenErrorRate, wordErrorRate, type BleuOptions, type BleuScore, type ChrfOptions, type ChrfScore,
  type EditRate, type F1Options, type F1Score, type Likelihood, type References, type RougeScores, type TextLoss,
} from '../../src/index.ts'

type Kind = 'one' | 'two' | 'varying'
interface Golden {
  hypotheses: string[]
  references: Record<Kind, References[]>
  bleu: {
    cases: (BleuScore & { options: BleuOptions; references: Kind; sentences: number[] })[]
    poor: Pick<BleuScore, 'score' | 'brevityPenalty'>
  }
  chrf: (ChrfScore & { options: ChrfOptions; references: Kind })[]
  rouge: Record<'one' | 'varying', RougeScores[]>
  errors: Record<'word' | 'character' | 'phoneme', Pick<EditRate, 'rate' | 'edits'>> & {
    phonemes: [string[][], string[][]]
  }
  f1: { truths: string[]; predictions: string[]; cases: { options: F1Options<string>; scores: F1Score }[] }
  languageModel: Likelihood & {
    loss: TextLoss
    labels: number[]
    guesses: number[]
    accuracy: (number | null)[]
    count: number[]
  }
}
const golden = JSON.parse(readFileSync(new URL('golden/text.json', import.meta.url), 'utf8')) as Golden
const { hypotheses, references } = golden

function expectEqual(actual: number, expected: number, what: string): void {
  expect(Math.abs(actual - expected), `${what}: ${actual} for ${expected}`).toBeLessThanOrEqual(
    1e-9 * Math.max(1, Math.abs(expected)),
  )
}

describe('BLEU as sacreBLEU', () => {
  it.each(golden.bleu.cases.map(given => [`${JSON.stringify(given.options)}, ${given.references}`, given] as const))(
    '%s',
    (_name, given) => {
      const found = bleu(hypotheses, references[given.references], given.options)
      expectEqual(found.score, given.score, 'score')
      expectEqual(found.brevityPenalty, given.brevityPenalty, 'brevity penalty')
      given.precisions.forEach((precision, i) => expectEqual(found.precisions[i]!, precision, `precision ${i + 1}`))
      expect([found.hypothesisLength, found.referenceLength]).toEqual([given.hypothesisLength, given.referenceLength])
      expect(found.signature).toBe(given.signature)
      given.sentences.forEach((score, i) =>
        expectEqual(sentenceBleu(hypotheses[i]!, references.one[i]!, given.options).score, score, `sentence ${i}`),
      )
    },
  )

  it('is 0 where nothing fits', () => {
    const { score, brevityPenalty } = bleu(['nothing fits here'], ['all is different there now'])
    expect(score).toBe(golden.bleu.poor.score)
    expectEqual(brevityPenalty, golden.bleu.poor.brevityPenalty, 'brevity penalty')
  })

  it('is 100 for a text against itself', () =>
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z]{1,5}$/), { minLength: 4, maxLength: 12 }), words => {
        expectEqual(bleu([words.join(' ')], [words.join(' ')]).score, 100, words.join(' '))
      }),
    ))

  it('refuses what does not fit', () => {
    expect(() => bleu(['a'], ['a', 'b'])).toThrow(
      /references for each of the hypotheses[^]*1 hypotheses and 2 references/,
    )
    expect(() => bleu(['a'], [[]])).toThrow(/needs a reference[^]*number 0/)
    expect(() => bleu(['a'], ['a'], { tokenize: 'zh' as 'intl' })).toThrow(
      /tokenize is one of 13a, intl, char, none[^]*zh/,
    )
    expect(() => bleu(['a'], ['a'], { maxOrder: 0 })).toThrow(/maxOrder must be a whole number of at least 1/)
  })
})

describe('chrF as sacreBLEU', () => {
  it.each(golden.chrf.map(given => [`${JSON.stringify(given.options)}, ${given.references}`, given] as const))(
    '%s',
    (_name, given) => {
      const found = chrf(hypotheses, references[given.references], given.options)
      expectEqual(found.score, given.score, 'score')
      expect([found.name, found.signature]).toEqual([given.name, given.signature])
    },
  )
  it('refuses orders that are none', () =>
    expect(() => chrf(['a'], ['a'], { charOrder: 0 })).toThrow(/charOrder is a whole number/))
})

describe('ROUGE as rouge-score', () => {
  it.each(['one', 'varying'] as const)('%s', kind => {
    rouge(hypotheses, references[kind]).forEach((scores, i) => {
      for (const [name, { precision, recall, f1 }] of Object.entries(golden.rouge[kind][i]!) as [
        keyof RougeScores,
        F1Score,
      ][]) {
        expectEqual(scores[name].f1, f1, `F1 of ${name} ${i}`)
        expectEqual(scores[name].precision, precision, `precision of ${name} ${i}`)
        expectEqual(scores[name].recall, recall, `recall of ${name} ${i}`)
      }
    })
  })
  it('has a mean', () => {
    const mean = golden.rouge.one.reduce((sum, { rougeL }) => sum + rougeL.f1, 0) / hypotheses.length
    expectEqual(meanRouge(rouge(hypotheses, references.one)).rougeL.f1, mean, 'mean')
  })
})

describe('error rates as jiwer', () => {
  const one = references.one as string[]
  it.each([
    ['word', () => wordErrorRate(hypotheses, one)],
    ['character', () => characterErrorRate(hypotheses, one)],
    ['phoneme', () => tokenErrorRate(golden.errors.phonemes[1], golden.errors.phonemes[0])],
  ] as const)('%s', (name, compute) => {
    const { rate, edits } = compute()
    expectEqual(rate, golden.errors[name].rate, 'rate')
    expect(edits).toBe(golden.errors[name].edits)
  })

  it('obey the triangle', () => {
    const words = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 8 })
    fc.assert(
      fc.property(words, words, words, (a, b, c) => {
        expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c))
        expect(editDistance(a, b)).toBe(editDistance(b, a))
        expect(editDistance(a, b) === 0).toBe(a.join() === b.join())
      }),
    )
  })

  it('refuse references that hold nothing', () => {
    expect(() => wordErrorRate(['a'], [' '])).toThrow(/share of the references, which hold nothing/)
    expect(() => wordErrorRate(['a'], [])).toThrow(/one reference for each hypothesis[^]*1 hypotheses and 0 references/)
  })
})

describe('F1 as scikit-learn', () => {
  const { truths, predictions, cases } = golden.f1
  it.each(cases.map(given => [JSON.stringify(given.options), given] as const))('%s', (_name, { options, scores }) => {
    const found = f1Score(predictions, truths, options)
    for (const key of ['precision', 'recall', 'f1'] as const) expectEqual(found[key], scores[key], key)
  })
  it('refuses what does not fit', () => {
    expect(() => f1Score(['a'], [])).toThrow(/one prediction for each label/)
    expect(() => f1Score(['a'], ['a'], { average: 'binary' })).toThrow(/needs the class that is positive/)
    expect(() => f1Score(['a'], ['a'], { average: 'none' as 'micro' })).toThrow(/average is 'micro'/)
  })
})

describe('models of language', () => {
  const { loss, labels, guesses, accuracy, count, ...expected } = golden.languageModel
  it('are undecided among so many tokens, and cost so many bits', () => {
    const found = likelihood(loss)
    for (const key of ['perplexity', 'bitsPerToken', 'bitsPerCharacter', 'bitsPerByte'] as const)
      expectEqual(found[key]!, expected[key]!, key)
    expect(likelihood({ nats: 1, tokens: 1 }).bitsPerByte).toBeUndefined()
    expect(() => likelihood({ nats: 0, tokens: 0 })).toThrow(/tokens must be a number above 0/)
  })

  it('are right so often at each position', () => {
    const found = accuracyByPosition(guesses, labels, 5)
    expect(found.count).toEqual(count)
    accuracy.forEach((share, i) =>
      share === null ? expect(found.accuracy[i]).toBeNaN() : expectEqual(found.accuracy[i]!, share, `position ${i}`),
    )
    expect(() => accuracyByPosition([1, 2, 3], [1, 2, 3], 2)).toThrow(/whole sequences of one length[^]*3 predictions/)
  })
})
