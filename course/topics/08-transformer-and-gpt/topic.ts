// Days 19-20: the transformer and GPT.
import type { Topic } from '../../topic.ts'
import { comparisons } from './comparisons.ts'
import { exercises } from './exercises/exercises.ts'
import { experiments } from './experiments.ts'
import { recordings } from './recordings.ts'

export const transformerAndGptTopic: Topic = {
  slug: 'transformer-and-gpt',
  title: 'Transformer and GPT',
  days: [19, 20],
  permalink: '/30ddlf/transformer-and-gpt',
  datasets: ['tiny Shakespeare'],
  models: 'attention from scratch, nanoGPT, RMSNorm, SwiGLU, rotary positions, QK-norm, Muon',
  experiments,
  recordings,
  comparisons,
  exercises,
}
