// Days 15-16: recurrent language models, and what they are compared with.
import type { Topic } from '../../topic.ts'
import { exercises } from './exercises/exercises.ts'
import { comparisons } from './comparisons.ts'
import { experiments } from './experiments.ts'
import { claims } from './published.ts'
import { recordings } from './recordings.ts'

export const recurrentLanguageModelsTopic: Topic = {
  slug: 'recurrent-language-models',
  title: 'Recurrent language models',
  days: [15, 16],
  permalink: '/30ddlf/recurrent-language-models',
  datasets: ['names', 'tiny Shakespeare'],
  models: 'bigram, n-gram with Kneser-Ney, MLP, WaveNet-like, RNN, GRU, LSTM',
  experiments,
  recordings,
  claims,
  comparisons,
  exercises,
}
