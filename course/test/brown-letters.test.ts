// Vectors of words and of their letters on the Brown corpus: ours beside those of gensim and of fastText's own program.
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { resultSchema } from '@ddlf/lab'

type Answered = Readonly<Record<'semantic' | 'syntactic', readonly [right: number, asked: number]>>

const read = (path: string): unknown => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'))
const { gensim, fastText } = read('golden/brown-fasttext.json') as {
  readonly gensim: Answered
  readonly fastText: { readonly runs: readonly Answered[] }
}
const { arms } = resultSchema.parse(read('../topics/04-words-as-vectors/results/skip-gram-on-brown.json'))
const ours = arms.find(({ id }) => id === 'letters')!.runs

const shareOf = ({ semantic, syntactic }: Answered) => (semantic[0] + syntactic[0]) / (semantic[1] + syntactic[1])

it('answers as many analogies as its own program and gensim do, which spread more than our seeds', () => {
  const shares = ours.map(({ metrics }) => metrics['validation/analogies']!)
  const theirs = [gensim, ...fastText.runs].map(shareOf)
  expect(shares).toHaveLength(3)
  expect(Math.min(...shares)).toBeGreaterThan(Math.min(...theirs))
  expect(Math.max(...shares)).toBeLessThan(Math.max(...theirs))
  // What was published lies among theirs, too.
  expect(Math.min(...theirs)).toBeLessThan(0.506)
  expect(Math.max(...theirs)).toBeGreaterThan(0.506)
  // All are asked the same 5,086 questions.
  for (const { semantic, syntactic } of [gensim, ...fastText.runs])
    expect([semantic[1], syntactic[1]]).toEqual([182, 4904])
  for (const { metrics } of ours) {
    const [semantic, syntactic, all] = (['semantic', 'syntactic', 'analogies'] as const)
      .map((name, i) => metrics[`validation/${name}`]! * [182, 4904, 5086][i]!) as [number, number, number]
    expect(semantic).toBeCloseTo(Math.round(semantic), 2)
    expect(all - semantic).toBeCloseTo(syntactic, 0)
  }
})
