// Vectors of words and of their letters on the Brown corpus: ours beside those of gensim and of fastText's own program.
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { resultSchema } from '@ddlf/lab'

type Answered = Readonly<Record<'semantic' | 'syntactic', readonly [right: number, asked: number]>>

const read = (path: string): unknown => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'))
const others = read('golden/brown-fasttext.json') as Readonly<Record<'gensim' | 'fastText', Answered>>
const { arms } = resultSchema.parse(read('../topics/04-words-as-vectors/results/skip-gram-on-brown.json'))
const ours = arms.find(({ id }) => id === 'letters')!.runs

const shareOf = ({ semantic, syntactic }: Answered) => (semantic[0] + syntactic[0]) / (semantic[1] + syntactic[1])

it('answers about as many analogies: between the two programs, which differ by more than its seeds', () => {
  const shares = ours.map(({ metrics }) => metrics['validation/analogies']!)
  expect(shares).toHaveLength(3)
  expect(Math.min(...shares)).toBeGreaterThan(shareOf(others.fastText))
  expect(Math.max(...shares)).toBeLessThan(shareOf(others.gensim))
  // All three are asked the same 5,086 questions.
  for (const { semantic, syntactic } of Object.values(others)) expect([semantic[1], syntactic[1]]).toEqual([182, 4904])
  for (const { metrics } of ours) {
    const [semantic, syntactic, all] = (['semantic', 'syntactic', 'analogies'] as const)
      .map((name, i) => metrics[`validation/${name}`]! * [182, 4904, 5086][i]!) as [number, number, number]
    expect(semantic).toBeCloseTo(Math.round(semantic), 2)
    expect(all - semantic).toBeCloseTo(syntactic, 0)
  }
})
