// Days 11-12: a vector for each word, from the company that it keeps.
import type { Topic } from '../../topic.ts'
import { comparisons } from './comparisons.ts'
import { exercises } from './exercises/exercises.ts'
import { experiments } from './experiments.ts'
import { claims } from './published.ts'
import { recordings } from './recordings.ts'

export const wordsAsVectorsTopic: Topic = {
  slug: 'words-as-vectors',
  title: 'Words as vectors',
  days: [11, 12],
  permalink: '/30ddlf/words-as-vectors',
  datasets: ['SOTU', 'IMDB', 'Brown', 'text8'],
  models: 'byte-pair encoding, CBOW, skip-gram with negative sampling',
  experiments,
  recordings,
  claims,
  comparisons,
  exercises,
}
