// What the pages of Days 13-14 compute: votes of struck words, and models of a reader's own table of texts.
import { describe, expect, it } from 'vitest'
import record from '../packages/site/src/explain/review-words.json' with { type: 'json' }
import { reviewWordsSchema } from '../packages/site/src/explain/review-words-data.ts'
import {
  drawStrikeWords, probabilityOf, saidByNet, saidOfStrikeWords, strike, strikeStart, sumOfVotes,
} from '../packages/site/src/explain/strike-words.ts'
import { learnWords, readRows, type Way } from '../packages/site/src/workers/own-words.ts'

describe('the votes of words', () => {
  const words = reviewWordsSchema.parse(record)

  it('add up to what naive Bayes said of the whole sentence, and leave out what is struck or not read', () => {
    words.sentences.forEach(({ said, votes }, sentence) => {
      const whole = strikeStart(words, sentence)
      expect(probabilityOf(sumOfVotes(words, whole))).toBeCloseTo(said[0]!, 3)
      const without = sumOfVotes(words, { ...whole, struck: [1] })
      expect(sumOfVotes(words, whole) - without).toBeCloseTo(votes[1]!, 9)
      expect(sumOfVotes(words, { ...whole, step: 0 })).toBe(words.prior)
    })
  })
  it('are the same for two sentences of the same words: a bag has no order', () => {
    const [first, second] = words.sentences
    expect(second!.words.toSorted()).toEqual(first!.words.toSorted())
    expect(second!.words).not.toEqual(first!.words)
    expect(second!.said[0]).toBe(first!.said[0])
  })
  it('are drawn as buttons that say whether they are struck', () => {
    const state = { sentence: 0, struck: [1], step: 3, model: 0 }
    const drawn = drawStrikeWords(words, state)
    expect(drawn.match(/<button/g)).toHaveLength(words.sentences[0]!.words.length)
    expect(drawn.match(/aria-pressed="true"/g)).toHaveLength(1)
    expect(drawn.match(/unread/g)).toHaveLength(words.sentences[0]!.words.length - 3)
    expect(saidOfStrikeWords(words, state)).toMatch(/^3 of \d+ words read, 1 struck: the votes add up to [+−]\d\.\d\d/)
  })
  it('are what leaving each word out does to naive Bayes: where votes are added up, both kinds of bars agree', () => {
    for (const { effects, votes } of words.sentences)
      for (const [i, vote] of votes.entries()) expect(effects[0]![i]).toBeCloseTo(vote, 2)
  })
  it('of a net are known one at a time, of the whole sentence; its beginnings are known without', () => {
    words.models.forEach(({ name }, model) => {
      if (model === 0) return
      words.sentences.forEach(({ words: all, said, read }, sentence) => {
        const whole = strikeStart(words, sentence, model)
        expect(saidByNet(words, whole)).toBe(said[model])
        expect(read[model]!.at(-1)).toBeCloseTo(said[model]!, 3)
        expect(saidByNet(words, { ...whole, step: 2 })).toBe(read[model]![1])
        expect(saidByNet(words, { ...whole, step: 0 })).toBeUndefined()
        const first = strike(words, { ...whole, step: 2 }, 0)
        expect(first).toMatchObject({ struck: [0], step: all.length })
        expect(strike(words, first, 1).struck).toEqual([1])
        expect(strike(words, first, 0).struck).toEqual([])
        expect(saidOfStrikeWords(words, first)).toContain(`Without “${all[0]}” the ${name} says`)
      })
    })
    expect(strike(words, { ...strikeStart(words), struck: [3] }, 1).struck).toEqual([1, 3])
  })
})

describe('a table of own words', () => {
  const table = 'spam, win money now\nham; see you at lunch\nspam\tmoney for you\n\nham, "lunch, or tea?"'

  it('is read line by line, and a line without a label is named', () => {
    expect(readRows(table).map(({ label, text }) => `${label}|${text}`)).toEqual([
      'spam|win money now', 'ham|see you at lunch', 'spam|money for you', 'ham|lunch, or tea?',
    ])
    expect(() => readRows('spam, money\nnothing here')).toThrow('Line 2')
    expect(readRows(' "spam" ,"a, b"\n"ham";c').map(({ label, text }) => [label, text])).toEqual([
      ['spam', 'a, b'], ['ham', 'c'],
    ])
    for (const line of [', no label', ' "" , none', 'no text,  ', 'a "quoted" word, text'])
      expect(() => readRows(line)).toThrow('Line 1')
  })
  it('is refused at once where a line is nothing but blanks and a word, however long', () => {
    // Tried at every blank in three ways, it would take days.
    expect(() => readRows(`${' '.repeat(100_000)}word`)).toThrow(/^Line 1 .*: word$/)
  })
  it('may have more lines than a call takes arguments', async () => {
    const pair = [{ label: 'a', text: 'good wine' }, { label: 'b', text: 'bad wine' }]
    const rows = Array.from({ length: 80_000 }, () => pair).flat()
    const { held } = await learnWords(rows, 'train')
    expect(held).toEqual({ lines: 32_000, right: 32_000 })
  })
  it.each(['count', 'train'] as Way[])('is learned by %s, with a vote for every word that was met', async way => {
    const steps: number[] = []
    const model = await learnWords(readRows(table), way, ({ step }) => steps.push(step))
    expect(steps.length > 0).toBe(way === 'train')
    const { probabilities, words } = model.answer('money at tea-time')
    expect(model.answer('win money').probabilities[0]).toBeGreaterThan(0.6)
    expect(model.answer('lunch').probabilities[1]).toBeGreaterThan(0.6)
    expect(probabilities.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9)
    expect(words.map(({ word, votes }) => [word, votes !== undefined])).toEqual([
      ['money', true], ['at', true], ['tea-time', false],
    ])
  })
  it('counts as naive Bayes does: log shares with one more of each', async () => {
    const model = await learnWords(readRows('a, x x y\nb, y z'), 'count')
    // Vocabulary x, y, z: p(x|a) = 3/6, p(x|b) = 1/5.
    const [votes] = model.answer('x').words
    expect(votes!.votes![0]).toBeCloseTo(Math.log(3 / 6), 5)
    expect(votes!.votes![1]).toBeCloseTo(Math.log(1 / 5), 5)
  })
  it('holds out every fifth line where there are enough, and refuses one label alone', async () => {
    const lines = Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? 'up, high sky' : 'down, low ground')).join('\n')
    expect((await learnWords(readRows(lines), 'count')).held).toEqual({ lines: 4, right: 4 })
    await expect(learnWords(readRows('a, x\na, y'), 'count')).rejects.toThrow(/two labels/)
  })
})
