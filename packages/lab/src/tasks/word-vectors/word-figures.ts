// What a report and a memo say of vectors of words beside their figures: how sure these are.
import { bootstrapInterval } from '../../analysis/statistics/bootstrap-interval.ts'
import { rankCorrelation } from '../../analysis/statistics/rank-correlation.ts'
import { wilsonInterval } from '../../analysis/statistics/wilson-interval.ts'
import { QUESTION_KINDS } from '../../data-source/question-kinds.ts'
import type { FigureSources, KeptOutputs, TaskFigure } from '../task.ts'

/** What people rated or asked, and of how many. */
const SETS = {
  wordsim353: { title: 'WordSim-353', of: 353 },
  simlex999: { title: 'SimLex-999', of: 999 },
  men: { title: 'MEN', of: 3000 },
  semantic: { title: 'Analogies of meaning', of: 8869 },
  syntactic: { title: 'Analogies of grammar', of: 10_675 },
} as const

/** How alike people and vectors order pairs, or how many analogies are answered; intervals are over the questions. */
export interface WordScore {
  readonly set: keyof typeof SETS
  readonly title: string
  readonly kind: 'rank correlation' | 'share'
  readonly estimate: number
  readonly low: number
  readonly high: number
  /** Questions of which every word is known, and those there are. */
  readonly asked: number
  readonly of: number
}

/** Spearman's correlation of two lists with a 95 % interval over pairs that are drawn again. */
export function correlationInterval(similarity: readonly number[], ratings: readonly number[], resamples = 1000) {
  const places = similarity.map((_, i) => i)
  const statistic = (drawn: Float64Array) =>
    rankCorrelation(Float64Array.from(drawn, i => similarity[i] as number), drawn.map(i => ratings[i] as number))
  return bootstrapInterval(places, statistic, { resamples })
}

/** The scores on published sets, from what an evaluation gives of each question; none where none was asked. */
export function wordScores({ kind, similarity, rating, right }: KeptOutputs): WordScore[] {
  return (Object.keys(SETS) as (keyof typeof SETS)[]).flatMap((set): WordScore[] => {
    const places = Array.from(kind?.data ?? []).flatMap((one, i) => (one === QUESTION_KINDS.indexOf(set) ? [i] : []))
    const isRated = set !== 'semantic' && set !== 'syntactic'
    if (places.length < (isRated ? 3 : 1)) return []
    const of = (output: KeptOutputs[string] | undefined) => places.map(i => output?.data[i] ?? Number.NaN)
    const { estimate, low, high } = isRated
      ? correlationInterval(of(similarity), of(rating))
      : wilsonInterval(of(right).reduce((sum, one) => sum + one, 0), places.length)
    const about = { set, ...SETS[set], kind: isRated ? ('rank correlation' as const) : ('share' as const) }
    return [{ ...about, estimate, low, high, asked: places.length }]
  })
}

/** One line of a score. */
export function scoreText({ title, kind, estimate, low, high, asked, of }: WordScore): string {
  const written = (value: number) => (kind === 'share' ? `${(100 * value).toFixed(1)} %` : value.toFixed(3))
  const counted = `${asked.toLocaleString('en-US')} of ${of.toLocaleString('en-US')}`
  const interval = `95 % interval ${written(low)} to ${written(high)}`
  const questions = kind === 'share' ? 'questions' : 'pairs'
  return `${title}: ${written(estimate)} (${interval}; ${counted} ${questions} have known words alone)`
}

/** The scores in words, for the report of a run and for memos. */
export async function wordFigures(
  { settings, evaluated }: FigureSources<{ readonly questions: string }>,
): Promise<readonly TaskFigure[]> {
  if (settings.questions !== 'published') return []
  const outputs = await evaluated(Number.MAX_SAFE_INTEGER, ['kind', 'similarity', 'rating', 'right'])
  return [{
    title: 'What people say, and what the vectors say',
    text: 'Rank correlation (Spearman) of cosines with the ratings of people, and analogies answered by the nearest ' +
      'vector. The intervals are over the questions: another list of words would give another figure.',
    texts: wordScores(outputs).map(scoreText),
  }]
}
