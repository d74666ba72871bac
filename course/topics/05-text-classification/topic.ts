// Days 13-14: telling texts apart, from counting words to nets that read their order.
import type { Topic } from '../../topic.ts'
import { exercises } from './exercises/exercises.ts'
import { comparisons } from './comparisons.ts'
import { experiments } from './experiments.ts'
import { claims } from './published.ts'
import { recordings } from './recordings.ts'

export const textClassificationTopic: Topic = {
  slug: 'text-classification',
  title: 'Text classification',
  days: [13, 14],
  permalink: '/30ddlf/text-classification',
  datasets: ['SpamAssassin', 'MR', 'SST-2', 'TREC', 'IMDB'],
  models: 'naive Bayes, NB-SVM, fastText, Kim CNN, LSTM, transformer',
  experiments,
  recordings,
  claims,
  comparisons,
  exercises,
}
