// Words that are taken out of a text, one at a time.
import { UserError } from '@ddlf/tensor/errors'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { leftOutWords, type Answer } from '../../src/index.ts'

const VOTES: Readonly<Record<string, number>> = { good: 1.5, bad: -2, film: 0.25, dull: -30 }
const PRIOR = -0.5
const known = Object.keys(VOTES)

const prepare = (text: string) => {
  const tokens = text.split(' ').map(word => known.indexOf(word) + 1).filter(token => token > 0)
  if (tokens.length === 0) throw new UserError({ rule: 'The text has no word.', received: text })
  return { data: Int32Array.from(tokens), steps: [] }
}
/** A model that adds up votes. */
const askAll = (inputs: readonly { readonly data: ArrayLike<number> }[]) =>
  Promise.resolve(inputs.map(({ data }): Answer => {
    const sum = Array.from(data).reduce((all, token) => all + (VOTES[known[token - 1] ?? ''] ?? 0), PRIOR)
    const classes = [
      { name: 'wanted', probability: 1 / (1 + Math.exp(-sum)) },
      { name: 'other', probability: 1 / (1 + Math.exp(sum)) },
    ]
    return { kind: 'classes', classes: classes.toSorted((a, b) => b.probability - a.probability) }
  }))

it('finds the votes of a model that adds them up, of however many words and however sure it is', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...known), { minLength: 2, maxLength: 80 }), async words => {
      // More than 15 of the strongest vote may be more than numbers hold.
      fc.pre(words.filter(word => word === 'dull').length <= 15)
      const told = await leftOutWords({ askAll }, { prepare }, words.join('  '), 'wanted')
      expect(told.words.map(({ word }) => word)).toEqual(words)
      for (const { word, effect } of told.words) expect(effect).toBeCloseTo(VOTES[word] ?? NaN, 6)
    }),
    { numRuns: 50 },
  )
})

it('speaks of the likeliest class, and says nothing where nothing known is left', async () => {
  const told = await leftOutWords({ askAll }, { prepare }, 'unheard bad')
  expect(told.of).toBe('other')
  expect(told.words).toEqual([
    { word: 'unheard', effect: 0 }, { word: 'bad', effect: undefined, untold: 'nothing left' },
  ])
})

it('says that it cannot tell where a probability is 0, as it is soon in single precision', async () => {
  const single: typeof askAll = async inputs => (await askAll(inputs)).map(answer => (
    answer.kind === 'classes'
      ? {
          ...answer,
          classes: answer.classes.map(one => ({ ...one, probability: Math.fround(one.probability) })),
        }
      : answer
  ))
  const text = 'good dull dull dull dull'
  const told = await leftOutWords({ askAll: single }, { prepare }, text)
  expect(told.words).toEqual(text.split(' ').map(word => ({ word, effect: undefined, untold: 'too sure' })))
})

it('refuses a lone word, a class that is not there, and a model without classes', async () => {
  await expect(leftOutWords({ askAll }, { prepare }, ' good ')).rejects.toThrow(/two or more[^]*" good "/)
  await expect(leftOutWords({ askAll }, { prepare }, 'good film', 'spam')).rejects.toThrow(/no class[^]*spam[^]*other/)
  const number = () => Promise.resolve([{ kind: 'number', value: 1 } as const])
  await expect(leftOutWords({ askAll: number }, { prepare }, 'good film')).rejects.toThrow(/answers with a number/)
})
